//! Orders.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::delivery::{Contact, Delivery};
use super::departure::TicketOffer;
use super::enums::OrderStatus;
use super::moment::Moment;
use super::money::Money;
use super::notice::Notice;
use super::order_return::OrderReturn;
use super::shop::Shop;
use super::text::{given, localized};
use super::ticket::Ticket;
use crate::scope::Scope;

/// An order: what one shop sold in one checkout. Made only for who may see it.
pub struct Order {
    order: Arc<proto::orders::Order>,
    locale: Locale,
    /// The token by which its checkout was opened, if it was reached through it.
    token: Option<String>,
}

impl Order {
    /// An order of orders, in a language.
    pub const fn of(order: Arc<proto::orders::Order>, locale: Locale) -> Self {
        Self { order, locale, token: None }
    }

    /// An order that was reached through its checkout.
    pub const fn of_checkout(
        order: Arc<proto::orders::Order>,
        token: String,
        locale: Locale,
    ) -> Self {
        Self { order, locale, token: Some(token) }
    }

    /// Whether tickets exist: they do from the moment that an order with tickets is paid.
    fn may_have_tickets(&self) -> bool {
        use proto::orders::OrderStatus::{OrderCancelled, OrderPending};
        !matches!(self.order.status(), OrderPending | OrderCancelled)
            && self.order.lines.iter().any(|line| line.ticket.is_some())
    }
}

/// An order: what one shop sold in one checkout.
#[Object]
impl Order {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.order.id.clone())
    }

    /// What people say on the telephone: `CN-7K2M-Q4PD`.
    async fn number(&self) -> &str {
        &self.order.number
    }

    /// The checkout that it came from.
    async fn checkout_id(&self) -> ID {
        ID(self.order.checkout_id.clone())
    }

    /// Where it stands.
    async fn status(&self) -> Result<OrderStatus, Error> {
        OrderStatus::of(self.order.status)
    }

    /// Who sells.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Shop, Error> {
        Shop::load(Scope::of(ctx), &self.order.shop_id).await
    }

    /// What is sold, at the prices and under the names of that moment.
    async fn lines(&self) -> Vec<OrderLine<'_>> {
        self.order.lines.iter().map(|line| OrderLine { line, locale: self.locale }).collect()
    }

    /// Its tickets, one a guest; they exist once it is paid.
    async fn tickets(&self, ctx: &Context<'_>) -> Result<Vec<Ticket>, Error> {
        let scope = Scope::of(ctx);
        if !self.may_have_tickets() {
            return Ok(Vec::new());
        }
        match &self.token {
            Some(token) => {
                let all = Ticket::of_checkout(scope, &self.order.checkout_id, token).await?;
                Ok(all.into_iter().filter(|one| one.order_id() == self.order.id).collect())
            }
            None => Ticket::of_order(scope, &self.order.id).await,
        }
    }

    /// What happened to it that its guest must know; the oldest first.
    async fn notices(&self) -> Vec<Notice<'_>> {
        self.order.notices.iter().map(|notice| Notice::of(notice, self.locale)).collect()
    }

    /// Of its shop's voucher, where one took something off.
    async fn voucher_code(&self) -> Option<&str> {
        given(&self.order.voucher_code)
    }

    /// What the voucher took off; the shop bears it.
    async fn discount(&self) -> Money {
        let total = self.order.total.as_ref();
        none_or(self.order.discount.as_ref(), total, self.locale)
    }

    /// The sum of its lines: what is paid for it, less the discount.
    async fn total(&self) -> Money {
        Money::of(self.order.total.as_ref(), self.locale)
    }

    /// Who receives it.
    async fn contact(&self) -> Contact<'_> {
        Contact(self.order.contact.as_ref())
    }

    /// How it reaches them.
    async fn delivery(&self) -> Delivery {
        Delivery(self.order.delivery.clone().unwrap_or_default())
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        Moment::of(self.order.created_at)
    }

    /// When it was paid.
    async fn paid_at(&self) -> Option<Moment> {
        Moment::maybe(self.order.paid_at)
    }

    /// When it was handed over.
    async fn fulfilled_at(&self) -> Option<Moment> {
        Moment::maybe(self.order.fulfilled_at)
    }

    /// When it was called off after it was paid.
    async fn cancelled_at(&self) -> Option<Moment> {
        Moment::maybe(self.order.cancelled_at)
    }

    /// Until when pieces of it may be sent back (`requestReturn`).
    async fn returnable_until(&self) -> Option<Moment> {
        Moment::maybe(self.order.returnable_until)
    }

    /// What comes back of it, the oldest first.
    async fn returns(&self) -> Vec<OrderReturn> {
        let returns = self.order.returns.iter().cloned();
        returns.map(|one| OrderReturn::of(one, self.locale)).collect()
    }
}

/// A discount; nothing of a total's currency where there is none.
fn none_or(
    discount: Option<&proto::common::Money>,
    total: Option<&proto::common::Money>,
    locale: Locale,
) -> Money {
    match (discount, total) {
        (None, Some(total)) => Money::of_minor(0, &total.currency, locale),
        (discount, _) => Money::of(discount, locale),
    }
}

/// A line of an order.
pub struct OrderLine<'a> {
    line: &'a proto::orders::OrderLine,
    locale: Locale,
}

/// A line of an order.
#[Object]
impl OrderLine<'_> {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.line.id.clone())
    }

    /// What was bought.
    async fn variant_id(&self) -> ID {
        ID(self.line.variant_id.clone())
    }

    /// The product of the variant; it may be gone by now.
    async fn product_id(&self) -> ID {
        ID(self.line.product_id.clone())
    }

    /// Name of the product with the options, as it was.
    async fn title(&self) -> &str {
        localized(self.line.title.as_ref(), self.locale)
    }

    /// The shop's own number, as it was.
    async fn sku(&self) -> &str {
        &self.line.sku
    }

    /// The unit of the price: kg, box.
    async fn unit(&self) -> &str {
        &self.line.unit
    }

    /// How many.
    async fn quantity(&self) -> i64 {
        self.line.quantity
    }

    /// How many of them came back: goods called off or sent back, tickets one by one, add-ons with the
    /// last of their guests.
    async fn cancelled_quantity(&self) -> i64 {
        self.line.cancelled_quantity
    }

    /// Price of one, as it was.
    async fn unit_price(&self) -> Money {
        Money::of(self.line.unit_price.as_ref(), self.locale)
    }

    /// The line's part of what a voucher took off.
    async fn discount(&self) -> Money {
        none_or(self.line.discount.as_ref(), self.line.total.as_ref(), self.locale)
    }

    /// What is paid for all: `unitPrice` times `quantity`, less `discount`.
    async fn total(&self) -> Money {
        Money::of(self.line.total.as_ref(), self.locale)
    }

    /// What it is a ticket or an add-on of, as it was bought; nothing for goods.
    async fn ticket(&self) -> Option<TicketOffer> {
        TicketOffer::maybe(self.line.ticket.as_ref(), self.locale)
    }
}
