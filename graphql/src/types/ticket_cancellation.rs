//! Tickets given back: what a guest gets for them.

use async_graphql::{ID, Object, SimpleObject};
use kernel::Locale;

use super::money::Money;
use super::text::given;

/// Tickets given back. Made only for who holds them.
pub struct TicketCancellation {
    cancellation: proto::bookings::TicketCancellation,
    locale: Locale,
}

impl TicketCancellation {
    /// A cancellation of orders, in a language.
    pub const fn of(cancellation: proto::bookings::TicketCancellation, locale: Locale) -> Self {
        Self { cancellation, locale }
    }
}

/// Tickets given back, or what would come back for them.
#[Object]
impl TicketCancellation {
    /// Its id; nothing where it was only asked about.
    async fn id(&self) -> Option<ID> {
        given(&self.cancellation.id).map(ID::from)
    }

    /// The tickets.
    async fn tickets(&self) -> Vec<CancelledTicket> {
        let tickets = self.cancellation.tickets.iter();
        tickets.map(|ticket| CancelledTicket::of(ticket, self.locale)).collect()
    }

    /// The add-ons that go back with them: with the last ticket of a departure.
    async fn add_ons(&self) -> Vec<CancelledAddOn> {
        let add_ons = self.cancellation.add_ons.iter();
        add_ons.map(|add_on| CancelledAddOn::of(add_on, self.locale)).collect()
    }

    /// What comes back of all of them.
    async fn refund(&self) -> Money {
        Money::of(self.cancellation.refund.as_ref(), self.locale)
    }

    /// Whether the money waits for an account to go to: cancel with one.
    async fn account_needed(&self) -> bool {
        self.cancellation.account_needed
    }
}

/// A ticket given back.
#[derive(SimpleObject)]
pub struct CancelledTicket {
    /// The ticket.
    ticket_id: ID,
    /// What was paid for it.
    price: Money,
    /// What comes back of it.
    refund: Money,
    /// The part that comes back, in hundredths of a per cent: 10000 is all.
    refund_basis_points: u32,
    /// The rule by which: cancelled at least so many hours before the start.
    hours_before: u32,
}

impl CancelledTicket {
    fn of(ticket: &proto::bookings::CancelledTicket, locale: Locale) -> Self {
        Self {
            ticket_id: ID(ticket.ticket_id.clone()),
            price: Money::of(ticket.price.as_ref(), locale),
            refund: Money::of(ticket.refund.as_ref(), locale),
            refund_basis_points: ticket.refund_basis_points,
            hours_before: ticket.hours_before,
        }
    }
}

/// Add-ons that go back with the last ticket of a departure.
#[derive(SimpleObject)]
pub struct CancelledAddOn {
    /// The add-on's code.
    code: String,
    /// How many.
    quantity: i64,
    /// What was paid for them.
    price: Money,
    /// What comes back of them.
    refund: Money,
}

impl CancelledAddOn {
    fn of(add_on: &proto::bookings::CancelledAddOn, locale: Locale) -> Self {
        Self {
            code: add_on.code.clone(),
            quantity: add_on.quantity,
            price: Money::of(add_on.price.as_ref(), locale),
            refund: Money::of(add_on.refund.as_ref(), locale),
        }
    }
}
