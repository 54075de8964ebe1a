//! Payments.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::card::{CardCheckout, PaymentAttempt};
use super::enums::{PaymentMethod, PaymentStanding, PaymentStatus};
use super::moment::Moment;
use super::money::Money;
use super::part_payment::PartPayment;
use super::qr::Qr;
use super::refund::PaymentRefund;
use crate::scope::Scope;

/// A payment of a checkout. Made only for who may see the checkout.
pub struct Payment {
    payment: Arc<proto::payments::Payment>,
    locale: Locale,
}

impl Payment {
    /// A payment of payments, in a language.
    pub const fn of(payment: Arc<proto::payments::Payment>, locale: Locale) -> Self {
        Self { payment, locale }
    }

    /// The payment with an id; nothing for an empty id.
    pub async fn find(scope: &Scope, id: &str) -> Result<Option<Self>, Error> {
        if id.is_empty() {
            return Ok(None);
        }
        let payment =
            scope.loaders.payments.get(id).await.map_err(|status| scope.failed(&status))?;
        Ok(payment.map(|payment| Self::of(payment, scope.locale)))
    }
}

/// A payment of a checkout.
#[Object]
impl Payment {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.payment.id.clone())
    }

    /// The checkout that it pays, if it pays one; a payment at a counter pays none.
    async fn checkout_id(&self) -> Option<ID> {
        let id = &self.payment.checkout_id;
        (!id.is_empty()).then(|| ID(id.clone()))
    }

    /// Where it stands.
    async fn status(&self) -> Result<PaymentStatus, Error> {
        PaymentStatus::of(self.payment.status)
    }

    /// How it looks: its status, and what happened to its money since.
    async fn standing(&self) -> Result<PaymentStanding, Error> {
        PaymentStanding::of(self.payment.standing)
    }

    /// Whether `payByCard` may be asked for it now.
    async fn takes_cards(&self) -> bool {
        self.payment.takes_cards
    }

    /// Where to type a card, if one is being paid by. A transfer pays it all the same.
    async fn card(&self) -> Option<CardCheckout> {
        self.payment.card.clone().map(CardCheckout)
    }

    /// Tries to pay by card, the oldest first.
    async fn attempts(&self) -> Vec<PaymentAttempt> {
        let attempts = self.payment.attempts.iter().cloned();
        attempts.map(|attempt| PaymentAttempt::of(attempt, self.locale)).collect()
    }

    /// How it was made, or is being made.
    async fn method(&self) -> Result<PaymentMethod, Error> {
        PaymentMethod::of(self.payment.method)
    }

    /// How much is asked for.
    async fn amount(&self) -> Money {
        Money::of(self.payment.amount.as_ref(), self.locale)
    }

    /// What came of it and does not pay it; nothing where nothing came, or where it is paid.
    async fn part_payment(&self) -> Option<PartPayment<'_>> {
        let part = self.payment.part_payment.as_ref();
        part.map(|part| PartPayment { part, locale: self.locale })
    }

    /// How much of it is given back, settled or on its way.
    async fn refunded(&self) -> Option<Money> {
        self.payment.refunded.as_ref().map(|refunded| Money::of(Some(refunded), self.locale))
    }

    /// What of it is given back, the oldest first.
    async fn refunds(&self) -> Vec<PaymentRefund> {
        let refunds = self.payment.refunds.iter().cloned();
        refunds.map(|refund| PaymentRefund::of(refund, self.locale)).collect()
    }

    /// The code in the transfer's message, by which the money is recognised.
    async fn reference(&self) -> &str {
        &self.payment.reference
    }

    /// Whether its QR names the shop's own account: the money never is the market's.
    async fn to_shop_account(&self) -> bool {
        self.payment.to_shop_account
    }

    /// What a banking app scans.
    async fn qr(&self, ctx: &Context<'_>) -> Option<Qr<'_>> {
        let locale = Scope::of(ctx).locale;
        self.payment.qr.as_ref().map(|qr| Qr { qr, locale })
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.payment.created_at)
    }

    /// Until when it waits for the money.
    async fn expires_at(&self) -> Moment {
        Moment::of(self.payment.expires_at)
    }

    /// When a person last took back what had paid it.
    async fn reopened_at(&self) -> Option<Moment> {
        Moment::maybe(self.payment.reopened_at)
    }

    /// When the money came.
    async fn succeeded_at(&self) -> Option<Moment> {
        Moment::maybe(self.payment.succeeded_at)
    }
}
