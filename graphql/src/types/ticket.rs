//! Tickets: one guest's way on board each.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::departure::TicketOffer;
use super::moment::Moment;
use super::money::Money;
use super::qr::drawn;
use super::shop::Shop;
use super::text::{given, localized};
use super::tour_enums::TicketStatus;
use crate::failure::Failure;
use crate::scope::Scope;

/// A ticket. Made only for who holds it, and for its shop.
pub struct Ticket {
    ticket: proto::bookings::Ticket,
    locale: Locale,
}

impl Ticket {
    /// A ticket of orders, in a language.
    pub const fn of(ticket: proto::bookings::Ticket, locale: Locale) -> Self {
        Self { ticket, locale }
    }

    /// The tickets of an order that the session may see.
    pub async fn of_order(scope: &Scope, order_id: &str) -> Result<Vec<Self>, Error> {
        let found = scope.loaders.tickets.get(order_id).await;
        Ok(Self::all(found.map_err(|status| scope.failed(&status))?, scope.locale))
    }

    /// The tickets of a checkout that the session or a token may see.
    pub async fn of_checkout(
        scope: &Scope,
        checkout_id: &str,
        token: &str,
    ) -> Result<Vec<Self>, Error> {
        let key = format!("{checkout_id} {token}");
        let found = scope.loaders.tickets_of_checkout.get(&key).await;
        Ok(Self::all(found.map_err(|status| scope.failed(&status))?, scope.locale))
    }

    /// The order that it was bought in.
    pub fn order_id(&self) -> &str {
        &self.ticket.order_id
    }

    fn all(found: Option<Arc<Vec<proto::bookings::Ticket>>>, locale: Locale) -> Vec<Self> {
        let tickets = found.iter().flat_map(|tickets| tickets.iter().cloned());
        tickets.map(|ticket| Self { ticket, locale }).collect()
    }
}

/// One guest's way on board. Who has its code may show it: it is told only to who bought it and to
/// its shop.
#[Object]
impl Ticket {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.ticket.id.clone())
    }

    /// The order that it was bought in.
    #[graphql(name = "orderId")]
    async fn order(&self) -> ID {
        ID(self.ticket.order_id.clone())
    }

    /// That order's number: `CN-7K2M-Q4PD`.
    async fn order_number(&self) -> &str {
        &self.ticket.order_number
    }

    /// Its number in the order, from 1.
    async fn number(&self) -> u32 {
        self.ticket.number
    }

    /// The tour's product.
    async fn product_id(&self) -> ID {
        ID(self.ticket.product_id.clone())
    }

    /// Name of the tour.
    async fn title(&self) -> &str {
        localized(self.ticket.title.as_ref(), self.locale)
    }

    /// Who runs the tour.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Shop, Error> {
        Shop::load(Scope::of(ctx), &self.ticket.shop_id).await
    }

    /// What was bought; departure and times are those of now.
    async fn offer(&self) -> TicketOffer {
        TicketOffer::of(self.ticket.offer.clone().unwrap_or_default(), self.locale)
    }

    /// What is in the QR code: signed by the market with Ed25519.
    async fn code(&self) -> &str {
        &self.ticket.code
    }

    /// The code as a picture: SVG, error correction M, with its quiet zone.
    async fn qr_svg(&self) -> Result<String, Error> {
        drawn(&self.ticket.code).map_err(|error| {
            Failure::fault("a ticket's QR code was not drawn", &error).into_error(self.locale)
        })
    }

    /// Where it stands.
    async fn status(&self) -> Result<TicketStatus, Error> {
        TicketStatus::of(self.ticket.status)
    }

    /// Whose it is, where a name was given.
    async fn guest_name(&self) -> Option<&str> {
        given(&self.ticket.guest_name)
    }

    /// Name of who bought it.
    async fn contact_name(&self) -> &str {
        &self.ticket.contact_name
    }

    /// Telephone number of who bought it (E.164).
    async fn contact_phone(&self) -> Option<&str> {
        given(&self.ticket.contact_phone)
    }

    /// What was paid for it.
    async fn price(&self) -> Money {
        Money::of(self.ticket.price.as_ref(), self.locale)
    }

    /// When its guest came on board.
    async fn redeemed_at(&self) -> Option<Moment> {
        Moment::maybe(self.ticket.redeemed_at)
    }

    /// When it was cancelled.
    async fn cancelled_at(&self) -> Option<Moment> {
        Moment::maybe(self.ticket.cancelled_at)
    }
}
