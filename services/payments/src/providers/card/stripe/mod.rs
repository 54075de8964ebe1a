//! Stripe, through a thin client of our own.
//!
//! It owns what is Stripe's: addresses, forms, fields, codes, signatures. None of that leaves this
//! folder: the rest of the market speaks [`CardProvider`].
//!
//! Why not `async-stripe`: 1.0.0-rc.10 was tried first. Its types read every one of Stripe's own
//! example objects; but they refuse most answers of `localstripe`, the stateful peer of our tests
//! (`amount_capturable`, `amount_captured`, `balance_type`, `reconciliation_status` are required,
//! though nothing here needs them), and say no more than "miniserde error" when they do. Its client
//! sends a caller's idempotency key once only: what it sends again has a random key, so a change
//! that may have happened could happen twice after a restart. It keeps no connection alive. And its
//! types cost 82 s of compiling, more than all of the rest of payments.

mod amounts;
mod failures;
mod forms;
mod objects;
#[cfg(test)]
mod tests;
mod transport;
pub mod webhook;

use async_trait::async_trait;
use kernel::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
pub use transport::{Limits, SecretKey, StripeMisconfigured};

use self::forms::Form;
use self::transport::Transport;
use super::{
    BalanceTransaction, BalanceTransactionId, CardError, CardPayment, CardPaymentReference,
    CardProvider, CardRefundId, CheckoutSession, CheckoutSessionId, CheckoutSessionRequest,
    Dispute, DisputeId, IdempotencyKey, IntentId, PaymentIntent, PaymentIntentRequest, Payout,
    ProviderPayoutId, Refund, RefundRequest,
};

/// Where Stripe listens.
pub const BASE_URL: &str = "https://api.stripe.com";
/// The version of Stripe's API whose fields are read here. Stripe answers in it until we change it.
pub const API_VERSION: &str = "2026-10-28.endive";
/// Objects on a page: the most that Stripe gives.
const PAGE_SIZE: usize = 100;
/// A payout nets what was earned since the one before; more pages than these are a fault.
const MAX_PAGES: usize = 1_000;

/// What a client of Stripe is made of.
#[derive(Clone, Debug)]
pub struct StripeParts {
    /// The secret or restricted key.
    pub secret_key: SecretKey,
    /// Where Stripe listens: [`BASE_URL`], or a stand-in on this machine.
    pub base_url: String,
    /// How long and how often it asks.
    pub limits: Limits,
}

/// Stripe, as a card provider.
#[derive(Debug)]
pub struct Stripe {
    transport: Transport,
}

impl Stripe {
    /// A client. It calls nobody yet.
    pub fn new(parts: &StripeParts) -> Result<Self, StripeMisconfigured> {
        Ok(Self { transport: Transport::new(parts)? })
    }
}

#[async_trait]
impl CardProvider for Stripe {
    fn name(&self) -> &'static str {
        webhook::FEED
    }

    async fn create_checkout_session(
        &self,
        request: &CheckoutSessionRequest,
        key: &IdempotencyKey,
    ) -> Result<CheckoutSession, CardError> {
        let form = forms::checkout_session(request).map_err(CardError::Refused)?;
        let session: objects::Session =
            self.transport.post("v1/checkout/sessions", &form, key).await?;
        session.into_created().map_err(unreadable)
    }

    async fn expire_checkout_session(
        &self,
        session: &CheckoutSessionId,
        key: &IdempotencyKey,
    ) -> Result<(), CardError> {
        let path = format!("v1/checkout/sessions/{session}/expire");
        self.transport.post::<objects::Session>(&path, &Form::new(), key).await.map(drop)
    }

    async fn create_payment_intent(
        &self,
        request: &PaymentIntentRequest,
        key: &IdempotencyKey,
    ) -> Result<PaymentIntent, CardError> {
        let form = forms::payment_intent(request).map_err(CardError::Refused)?;
        let intent: objects::Intent = self.transport.post("v1/payment_intents", &form, key).await?;
        intent.into_created().map_err(unreadable)
    }

    async fn cancel_payment_intent(
        &self,
        intent: &IntentId,
        key: &IdempotencyKey,
    ) -> Result<(), CardError> {
        let path = format!("v1/payment_intents/{intent}/cancel");
        self.transport.post::<objects::Intent>(&path, &Form::new(), key).await.map(drop)
    }

    async fn get_payment(&self, payment: &CardPaymentReference) -> Result<CardPayment, CardError> {
        match payment {
            CardPaymentReference::CheckoutSession(id) => {
                let expand = forms::expand(["payment_intent.latest_charge"]);
                let path = format!("v1/checkout/sessions/{id}");
                let session: objects::Session = self.transport.get(&path, &expand).await?;
                session.into_payment().map_err(unreadable)
            }
            CardPaymentReference::Intent(id) => {
                let expand = forms::expand(["latest_charge"]);
                let path = format!("v1/payment_intents/{id}");
                let intent: objects::Intent = self.transport.get(&path, &expand).await?;
                intent.into_payment().map_err(unreadable)
            }
        }
    }

    async fn refund(
        &self,
        request: &RefundRequest,
        key: &IdempotencyKey,
    ) -> Result<Refund, CardError> {
        let form = forms::refund(request).map_err(CardError::Refused)?;
        let refund: objects::Refund = self.transport.post("v1/refunds", &form, key).await?;
        refund.try_into().map_err(unreadable)
    }

    async fn get_refund(&self, refund: &CardRefundId) -> Result<Refund, CardError> {
        let path = format!("v1/refunds/{refund}");
        let refund: objects::Refund = self.transport.get(&path, &Form::new()).await?;
        refund.try_into().map_err(unreadable)
    }

    async fn refunds_of(&self, intent: &IntentId) -> Result<Vec<Refund>, CardError> {
        let filter = ("payment_intent", intent.to_string());
        self.all::<objects::Refund, Refund>("v1/refunds", filter, |refund| refund.id.as_str()).await
    }

    async fn get_dispute(&self, dispute: &DisputeId) -> Result<Dispute, CardError> {
        let path = format!("v1/disputes/{dispute}");
        let dispute: objects::Dispute = self.transport.get(&path, &Form::new()).await?;
        dispute.try_into().map_err(unreadable)
    }

    async fn balance_transaction(
        &self,
        transaction: &BalanceTransactionId,
    ) -> Result<BalanceTransaction, CardError> {
        let path = format!("v1/balance_transactions/{transaction}");
        let transaction: objects::BalanceTransaction =
            self.transport.get(&path, &Form::new()).await?;
        transaction.try_into().map_err(unreadable)
    }

    async fn balance_transactions_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<BalanceTransaction>, CardError> {
        let since = since.micros().div_euclid(1_000_000).to_string();
        self.all_movements(("created[gte]", since)).await
    }

    async fn payout(&self, payout: &ProviderPayoutId) -> Result<Payout, CardError> {
        let path = format!("v1/payouts/{payout}");
        let payout: objects::Payout = self.transport.get(&path, &Form::new()).await?;
        payout.try_into().map_err(unreadable)
    }

    async fn payout_balance_transactions(
        &self,
        payout: &ProviderPayoutId,
    ) -> Result<Vec<BalanceTransaction>, CardError> {
        self.all_movements(("payout", payout.to_string())).await
    }
}

impl Stripe {
    /// The movements of our balance that a filter lets through.
    async fn all_movements(
        &self,
        filter: (&'static str, String),
    ) -> Result<Vec<BalanceTransaction>, CardError> {
        let path = "v1/balance_transactions";
        self.all::<objects::BalanceTransaction, BalanceTransaction>(path, filter, |movement| {
            movement.id.as_str()
        })
        .await
    }

    /// The things of a list that a filter lets through, page by page.
    async fn all<Told, Thing>(
        &self,
        path: &str,
        filter: (&'static str, String),
        id: fn(&Thing) -> &str,
    ) -> Result<Vec<Thing>, CardError>
    where
        Told: DeserializeOwned,
        Thing: TryFrom<Told, Error = objects::Unreadable>,
    {
        let mut all: Vec<Thing> = Vec::new();
        for _ in 0..MAX_PAGES {
            let query = forms::page_of(filter.clone(), PAGE_SIZE, all.last().map(id));
            let page: Page<Told> = self.transport.get(path, &query).await?;
            if page.has_more && page.data.is_empty() {
                return Err(unreadable(objects::Unreadable::EndlessList));
            }
            for told in page.data {
                all.push(told.try_into().map_err(unreadable)?);
            }
            if !page.has_more {
                return Ok(all);
            }
        }
        Err(unreadable(objects::Unreadable::EndlessList))
    }
}

/// A page of a list.
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    has_more: bool,
}

fn unreadable(error: objects::Unreadable) -> CardError {
    CardError::Unreadable(Box::new(error))
}
