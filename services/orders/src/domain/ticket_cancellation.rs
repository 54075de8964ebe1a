//! A cancellation under way: written before money and seats are asked for, so that it comes to one
//! end wherever it is interrupted.

use kernel::{Money, OrderId, RefundId, TicketCancellationId, Timestamp, UserId};

use super::cancellation::{QuotedLine, QuotedTicket};

/// Who or what gives the tickets back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The guest.
    Guest,
    /// The departure does not happen.
    Departure,
    /// The reseller of the booking.
    Reseller,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::Guest, Self::Departure, Self::Reseller];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Departure => "departure",
            Self::Reseller => "reseller",
        }
    }
}

/// The bank account that money goes back to, as somebody typed it; payments checks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The bank's identification number.
    pub bank_bin: String,
    /// The account's number.
    pub number: String,
    /// Whose it is.
    pub holder: String,
}

impl Account {
    /// Whether nothing was given.
    pub const fn is_empty(&self) -> bool {
        self.bank_bin.is_empty() && self.number.is_empty() && self.holder.is_empty()
    }
}

/// Tickets of one order that are given back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketCancellation {
    /// Its id: payments knows the refund by it, catalog the seats.
    pub id: TicketCancellationId,
    /// The order.
    pub order: OrderId,
    /// Why it is.
    pub cause: Cause,
    /// Names the request among those of the order and cause.
    pub idempotency_key: String,
    /// SHA-256 of the request.
    pub request_hash: Vec<u8>,
    /// What was said of it.
    pub reason: String,
    /// All that comes back.
    pub refund: Money,
    /// Where to; empty: payments knows, or asks.
    pub account: Account,
    /// Who asks, for payments: the buyer, or the checkout of a guest.
    pub requested_by: UserId,
    /// The refund, if there is one.
    pub refund_id: Option<RefundId>,
    /// The refund waits for an account to go to.
    pub account_needed: bool,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was done; none: it is under way.
    pub finished_at: Option<Timestamp>,
    /// The tickets.
    pub tickets: Vec<QuotedTicket>,
    /// What becomes free, and add-ons.
    pub lines: Vec<QuotedLine>,
}
