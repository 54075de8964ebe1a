//! Checkouts.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::CheckoutStatus;
use super::moment::Moment;
use super::money::Money;
use super::order::Order;
use super::payment::Payment;
use super::text::given;
use super::ticket::Ticket;
use crate::scope::Scope;

/// A checkout: one payment, one order a shop and kind (goods, seats). Made only for who may see it.
pub struct Checkout {
    checkout: proto::orders::Checkout,
    locale: Locale,
    /// The token by which it was opened; empty where the session opened it.
    token: String,
}

impl Checkout {
    /// A checkout of orders, in a language.
    pub fn of(checkout: proto::orders::Checkout, locale: Locale) -> Self {
        let token = checkout.token.clone();
        Self { checkout, locale, token }
    }

    /// A checkout that a token opened.
    pub const fn opened(checkout: proto::orders::Checkout, token: String, locale: Locale) -> Self {
        Self { checkout, locale, token }
    }
}

/// A checkout: one payment, one order a shop and kind (goods, seats).
#[Object]
impl Checkout {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.checkout.id.clone())
    }

    /// Its secret, which lets a guest come back; told only in the answer of `startCheckout`. The
    /// token of its cart opens it, too.
    async fn token(&self) -> Option<&str> {
        given(&self.checkout.token)
    }

    /// Where it stands.
    async fn status(&self) -> Result<CheckoutStatus, Error> {
        CheckoutStatus::of(self.checkout.status)
    }

    /// Until when it waits for the money.
    async fn expires_at(&self) -> Moment {
        Moment::of(self.checkout.expires_at)
    }

    /// Whether `extendCheckout` gives it more time: it waits for a transfer, and was not extended yet.
    async fn may_extend(&self) -> bool {
        self.checkout.may_extend
    }

    /// The sum of its orders.
    async fn total(&self) -> Money {
        Money::of(self.checkout.total.as_ref(), self.locale)
    }

    /// One order a shop and kind: goods and seats of one shop are two orders.
    async fn orders(&self) -> Vec<Order> {
        let orders = self.checkout.orders.iter().cloned();
        let of = |order: proto::orders::Order| {
            Order::of_checkout(order.into(), self.token.clone(), self.locale)
        };
        orders.map(of).collect()
    }

    /// The tickets of all its orders, one a guest; they exist once it is paid.
    async fn tickets(&self, ctx: &Context<'_>) -> Result<Vec<Ticket>, Error> {
        let paid = self.checkout.status() == proto::orders::CheckoutStatus::Paid;
        let mut lines = self.checkout.orders.iter().flat_map(|order| &order.lines);
        if !paid || !lines.any(|line| line.ticket.is_some()) {
            return Ok(Vec::new());
        }
        Ticket::of_checkout(Scope::of(ctx), &self.checkout.id, &self.token).await
    }

    /// The payment; nothing while it is being made, and where it could not be.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, Error> {
        if let Some(started) = &self.checkout.payment {
            return Ok(Some(Payment::of(started.clone().into(), self.locale)));
        }
        Payment::find(Scope::of(ctx), &self.checkout.payment_id).await
    }

    /// When it was started.
    async fn created_at(&self) -> Moment {
        Moment::of(self.checkout.created_at)
    }

    /// When it was paid.
    async fn paid_at(&self) -> Option<Moment> {
        Moment::maybe(self.checkout.paid_at)
    }
}
