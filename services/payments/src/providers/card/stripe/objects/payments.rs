//! Payments: checkout sessions, intents and charges.

use kernel::{Money, PaymentId};
use serde::Deserialize;

use super::super::amounts::money;
use super::{Expandable, NamedTransaction, Unreadable, moment, unknown};
use crate::providers::card::{
    CardFailure, CardPayment, CardPaymentStatus, ChargeId, CheckoutSession, CheckoutSessionId,
    ClientSecret, IntentId, PaymentIntent,
};

/// What of ours we gave Stripe to keep.
#[derive(Default, Deserialize)]
pub(in super::super) struct Metadata {
    payment_id: Option<String>,
}

impl Metadata {
    fn payment(&self) -> Option<PaymentId> {
        self.payment_id.as_deref().and_then(|text| text.parse().ok())
    }
}

/// `checkout.session`.
#[derive(Deserialize)]
pub(in super::super) struct Session {
    id: CheckoutSessionId,
    url: Option<String>,
    status: Option<String>,
    expires_at: i64,
    amount_total: Option<i64>,
    currency: Option<String>,
    client_reference_id: Option<String>,
    metadata: Option<Metadata>,
    payment_intent: Option<Expandable<IntentId, Intent>>,
}

impl Session {
    pub(in super::super) fn into_created(self) -> Result<CheckoutSession, Unreadable> {
        Ok(CheckoutSession {
            expires_at: moment(self.expires_at)?,
            url: self.url.ok_or(Unreadable::Missing("url"))?,
            id: self.id,
        })
    }

    pub(in super::super) fn into_payment(self) -> Result<CardPayment, Unreadable> {
        let reference = self.client_reference_id.as_deref().and_then(|text| text.parse().ok());
        let ours = reference.or_else(|| self.metadata.as_ref().and_then(Metadata::payment));
        let expired = match self.status.as_deref() {
            Some("expired") => true,
            Some("open" | "complete") => false,
            other => return Err(unknown("checkout.session", other.unwrap_or_default())),
        };
        let mut payment = match self.payment_intent {
            Some(intent) => intent.whole("payment_intent")?.into_payment()?,
            None => {
                let units = self.amount_total.ok_or(Unreadable::Missing("amount_total"))?;
                let currency = self.currency.ok_or(Unreadable::Missing("currency"))?;
                unpaid(money(units, &currency)?)
            }
        };
        if expired && payment.status == CardPaymentStatus::Open {
            payment.status = CardPaymentStatus::Expired;
        }
        payment.payment = ours.or(payment.payment);
        payment.session = Some(self.id);
        Ok(payment)
    }
}

/// A page on which nobody tried to pay yet.
fn unpaid(amount: Money) -> CardPayment {
    CardPayment {
        payment: None,
        session: None,
        intent: None,
        charge: None,
        status: CardPaymentStatus::Open,
        amount,
        captured: Money::zero(amount.currency),
        refunded: Money::zero(amount.currency),
        balance_transaction: None,
        failure: None,
    }
}

/// `payment_intent`.
#[derive(Deserialize)]
pub(in super::super) struct Intent {
    id: IntentId,
    amount: i64,
    currency: String,
    status: String,
    client_secret: Option<String>,
    metadata: Option<Metadata>,
    last_payment_error: Option<Failure>,
    latest_charge: Option<Expandable<ChargeId, Charge>>,
}

impl Intent {
    pub(in super::super) fn into_created(self) -> Result<PaymentIntent, Unreadable> {
        let secret = self.client_secret.ok_or(Unreadable::Missing("client_secret"))?;
        Ok(PaymentIntent { id: self.id, client_secret: ClientSecret(secret) })
    }

    pub(in super::super) fn into_payment(self) -> Result<CardPayment, Unreadable> {
        let amount = money(self.amount, &self.currency)?;
        let status = intent_status(&self.status)?;
        let mut payment = unpaid(amount);
        payment.payment = self.metadata.as_ref().and_then(Metadata::payment);
        payment.intent = Some(self.id);
        payment.status = status;
        if status != CardPaymentStatus::Succeeded {
            payment.failure = self.last_payment_error.map(CardFailure::from);
        }
        if let Some(charge) = self.latest_charge {
            let charge = charge.whole("latest_charge")?;
            payment.captured = charge.captured()?;
            payment.refunded = money(charge.amount_refunded, &charge.currency)?;
            payment.balance_transaction = charge.balance_transaction.map(Expandable::id);
            payment.charge = Some(charge.id);
        }
        Ok(payment)
    }
}

fn intent_status(status: &str) -> Result<CardPaymentStatus, Unreadable> {
    Ok(match status {
        "requires_payment_method" | "requires_confirmation" | "requires_action" => {
            CardPaymentStatus::Open
        }
        "processing" => CardPaymentStatus::Processing,
        "requires_capture" => CardPaymentStatus::AwaitingCapture,
        "succeeded" => CardPaymentStatus::Succeeded,
        "canceled" => CardPaymentStatus::Cancelled,
        other => return Err(unknown("payment_intent", other)),
    })
}

/// Why a card did not pay.
#[derive(Deserialize)]
pub(in super::super) struct Failure {
    pub(in super::super) code: Option<String>,
    pub(in super::super) decline_code: Option<String>,
    pub(in super::super) message: Option<String>,
}

impl From<Failure> for CardFailure {
    fn from(failure: Failure) -> Self {
        let Failure { code, decline_code, message } = failure;
        Self { code, decline_code, message: message.unwrap_or_default() }
    }
}

/// `charge`.
#[derive(Deserialize)]
pub(in super::super) struct Charge {
    id: ChargeId,
    amount: i64,
    currency: String,
    status: String,
    captured: bool,
    amount_captured: Option<i64>,
    amount_refunded: i64,
    balance_transaction: Option<NamedTransaction>,
}

impl Charge {
    /// What was taken. `captured` alone does not tell: it is also set on charges that failed.
    fn captured(&self) -> Result<Money, Unreadable> {
        let taken = match (self.status.as_str(), self.amount_captured) {
            ("succeeded", Some(amount)) => amount,
            ("succeeded", None) if self.captured => self.amount,
            ("succeeded" | "pending" | "failed", _) => 0,
            (other, _) => return Err(unknown("charge", other)),
        };
        money(taken, &self.currency)
    }
}
