//! A shop's part of a payment.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::{PaymentMethod, PaymentStatus};
use super::moment::Moment;
use super::money::Money;
use super::order::Order;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// A shop's part of a shopper's payment.
pub struct ShopPayment {
    payment: proto::payments::ShopPayment,
    locale: Locale,
}

impl ShopPayment {
    /// A part of payments, in a language.
    pub const fn of(payment: proto::payments::ShopPayment, locale: Locale) -> Self {
        Self { payment, locale }
    }
}

/// A shop's part of a shopper's payment.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ShopPayment {
    /// Id of the whole payment.
    async fn payment_id(&self) -> ID {
        ID(self.payment.payment_id.clone())
    }

    /// Id of the shop's order.
    async fn order_id(&self) -> ID {
        ID(self.payment.order_id.clone())
    }

    /// The shop's order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>, Error> {
        let scope = Scope::of(ctx);
        let order = scope.loaders.orders.get(&self.payment.order_id).await;
        let order = order.map_err(|status| scope.failed(&status))?;
        Ok(order.map(|order| Order::of(order, self.locale)))
    }

    /// Where the payment stands.
    async fn status(&self) -> Result<PaymentStatus, Error> {
        PaymentStatus::of(self.payment.status)
    }

    /// Whether something came of the whole payment that does not pay it: too little so far, or too much. It
    /// pays no shop before it is what was asked for.
    async fn has_part_payment(&self) -> bool {
        self.payment.has_part_payment
    }

    /// How it is made.
    async fn method(&self) -> Result<PaymentMethod, Error> {
        PaymentMethod::of(self.payment.method)
    }

    /// The shop's part.
    async fn amount(&self) -> Money {
        Money::of(self.payment.amount.as_ref(), self.locale)
    }

    /// The code in the transfer's message.
    async fn reference(&self) -> &str {
        &self.payment.reference
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.payment.created_at)
    }

    /// When the money came.
    async fn succeeded_at(&self) -> Option<Moment> {
        Moment::maybe(self.payment.succeeded_at)
    }
}
