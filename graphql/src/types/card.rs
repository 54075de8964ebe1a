//! Paying by card.

use async_graphql::{Error, ID, Object};
use kernel::Locale;

use super::enums::AttemptStatus;
use super::moment::Moment;
use super::money::Money;
use super::text::given;

/// Where the shopper types the card: card data never touches the market.
pub struct CardCheckout(pub proto::payments::CardCheckout);

/// Where the shopper types the card: card data never touches the market.
#[Object]
impl CardCheckout {
    /// The card provider's page: send the shopper there. It leads back to the checkout.
    async fn redirect_url(&self) -> Option<&str> {
        given(&self.0.redirect_url)
    }

    /// What the card provider's form in a page of yours needs; only in the answer of `payByCard`. Do not
    /// keep it or log it.
    async fn client_secret(&self) -> Option<&str> {
        given(&self.0.client_secret)
    }

    /// The key by which that form names the market. No secret.
    async fn publishable_key(&self) -> Option<&str> {
        given(&self.0.publishable_key)
    }
}

/// A try to pay by card.
pub struct PaymentAttempt {
    attempt: proto::payments::PaymentAttempt,
    locale: Locale,
}

impl PaymentAttempt {
    /// A try of payments, in a language.
    pub const fn of(attempt: proto::payments::PaymentAttempt, locale: Locale) -> Self {
        Self { attempt, locale }
    }
}

/// A try to pay by card.
#[Object]
impl PaymentAttempt {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.attempt.id.clone())
    }

    /// Where it stands.
    async fn status(&self) -> Result<AttemptStatus, Error> {
        AttemptStatus::of(self.attempt.status)
    }

    /// What was asked for.
    async fn amount(&self) -> Money {
        Money::of(self.attempt.amount.as_ref(), self.locale)
    }

    /// When it was begun.
    async fn created_at(&self) -> Moment {
        Moment::of(self.attempt.created_at)
    }

    /// Since when it stands there.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.attempt.changed_at)
    }
}
