//! What comes back of an order: all of it, called off before it was handed over, or pieces of it, sent
//! back after. It says what may come back and how far a return may go; it moves no money.

use std::collections::HashMap;

use kernel::{Money, OrderId, OrderLineId, OrderReturnId, RefundId, Timestamp, UserId};

use super::order::{Order, OrderStatus};
use super::ticket::{Ticket, TicketStatus};
use super::ticket_cancellation::Account;

/// Why something comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnKind {
    /// A paid order is called off before it is handed over.
    Cancellation,
    /// Pieces of an order that was handed over are sent back.
    Return,
    /// The payment was taken back and nobody paid again: only the stock comes back.
    Unpaid,
}

impl ReturnKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Cancellation, Self::Return, Self::Unpaid];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancellation => "cancellation",
            Self::Return => "return",
            Self::Unpaid => "unpaid",
        }
    }
}

/// Who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnParty {
    /// Who bought.
    Buyer,
    /// Who sells.
    Shop,
    /// The market, by itself.
    Market,
}

impl ReturnParty {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Buyer, Self::Shop, Self::Market];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Shop => "shop",
            Self::Market => "market",
        }
    }
}

/// How far a return is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnStatus {
    /// The shop decides.
    Requested,
    /// Money and stock are on their way.
    Approved,
    /// The shop said no.
    Declined,
    /// The refund is asked for and the stock is back.
    Done,
}

impl ReturnStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Requested, Self::Approved, Self::Declined, Self::Done];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Done => "done",
        }
    }

    /// Whether a return may go from this status to another. What payments refuses is decided on again.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Requested, Self::Approved | Self::Declined)
                | (Self::Approved, Self::Done | Self::Requested)
        )
    }

    /// Whether its pieces are back, or may still come back.
    pub const fn holds_pieces(self) -> bool {
        !matches!(self, Self::Declined)
    }
}

/// Pieces of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnedLine {
    /// The line.
    pub line: OrderLineId,
    /// How many pieces.
    pub quantity: i64,
}

/// What comes back of one order together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReturn {
    /// Its id: payments knows the refund by it, catalog the stock.
    pub id: OrderReturnId,
    /// The order.
    pub order: OrderId,
    /// Why it comes back.
    pub kind: ReturnKind,
    /// How far it is.
    pub status: ReturnStatus,
    /// Who asked.
    pub asked_by: ReturnParty,
    /// Who asked, for payments: a person, or the checkout of a guest.
    pub requested_by: UserId,
    /// Who decided for the shop.
    pub decided_by: Option<UserId>,
    /// Names the request among those of the order and kind.
    pub idempotency_key: String,
    /// SHA-256 of the request.
    pub request_hash: Vec<u8>,
    /// What was said of it.
    pub reason: String,
    /// What the shop said to it.
    pub answer: String,
    /// Whether the pieces can be sold again.
    pub restock: bool,
    /// Where the money goes; empty: payments knows, or asks.
    pub account: Account,
    /// The refund, if anything was left to give back.
    pub refund_id: Option<RefundId>,
    /// What comes back; zero until it is done.
    pub refund: Money,
    /// The refund waits for an account to go to.
    pub account_needed: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was decided on.
    pub decided_at: Option<Timestamp>,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// Its pieces.
    pub lines: Vec<ReturnedLine>,
}

/// Why nothing comes back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReturnRefused {
    /// The order cannot be called off, or not be sent back, as it stands.
    #[error("the order is {}", .0.name())]
    WrongStatus(OrderStatus),
    /// A guest was on board already, or gives tickets back at this moment.
    #[error("tickets of the order were used or are being given back")]
    TicketsInUse,
    /// Tickets are given back by their own rules.
    #[error("tickets come back by the policy that was bought")]
    Tickets,
    /// The order has no such line, or it stands twice.
    #[error("the order has no line {0}, or it is named twice")]
    UnknownLine(OrderLineId),
    /// No piece, or more than are left.
    #[error("1 to {available} of line {line} can come back")]
    Quantity {
        /// The line.
        line: OrderLineId,
        /// How many are left.
        available: i64,
    },
    /// Nothing is named.
    #[error("nothing is named")]
    Nothing,
    /// The days in which it could be sent back have gone by.
    #[error("it could be sent back until {0:?}")]
    TooLate(Option<Timestamp>),
}

/// Everything that comes back of a paid order that is called off.
///
/// A guest gives tickets back by the policy that was bought, so only the shop calls an order with
/// tickets off. What was paid and can no longer be sold may be called off, too: its stock is not there.
pub fn whole_of(
    order: &Order,
    tickets: &[Ticket],
    by: ReturnParty,
) -> Result<Vec<ReturnedLine>, ReturnRefused> {
    if !matches!(order.status, OrderStatus::Paid | OrderStatus::RefundDue) {
        return Err(ReturnRefused::WrongStatus(order.status));
    }
    if by == ReturnParty::Buyer && order.lines.iter().any(|line| line.ticket.is_some()) {
        return Err(ReturnRefused::Tickets);
    }
    let in_use = |ticket: &Ticket| {
        ticket.status == TicketStatus::Redeemed
            || (ticket.cancellation.is_some() && ticket.status != TicketStatus::Cancelled)
    };
    if tickets.iter().any(in_use) {
        return Err(ReturnRefused::TicketsInUse);
    }
    Ok(left_of(order).collect())
}

/// What is left of an order's lines.
pub fn left_of(order: &Order) -> impl Iterator<Item = ReturnedLine> {
    let left = |line: &super::order::OrderLine| ReturnedLine {
        line: line.id,
        quantity: line.quantity - line.cancelled_quantity,
    };
    order.lines.iter().map(left).filter(|line| line.quantity > 0)
}

/// Checks which pieces of an order that was handed over may be sent back. `earlier` are its returns.
pub fn check_request(
    order: &Order,
    earlier: &[OrderReturn],
    asked: &[ReturnedLine],
    now: Timestamp,
) -> Result<(), ReturnRefused> {
    if order.status != OrderStatus::Fulfilled {
        return Err(ReturnRefused::WrongStatus(order.status));
    }
    if order.returnable_until.is_none_or(|until| now > until) {
        return Err(ReturnRefused::TooLate(order.returnable_until));
    }
    if asked.is_empty() {
        return Err(ReturnRefused::Nothing);
    }
    // What is done stands in the line itself.
    let open = earlier
        .iter()
        .filter(|one| one.status.holds_pieces() && one.status != ReturnStatus::Done)
        .flat_map(|one| &one.lines);
    let mut taken: HashMap<OrderLineId, i64> = HashMap::new();
    for line in open {
        *taken.entry(line.line).or_default() += line.quantity;
    }
    for (place, one) in asked.iter().enumerate() {
        let unknown = || ReturnRefused::UnknownLine(one.line);
        let line = order.lines.iter().find(|line| line.id == one.line).ok_or_else(unknown)?;
        if asked[..place].iter().any(|other| other.line == one.line) {
            return Err(unknown());
        }
        if line.ticket.is_some() {
            return Err(ReturnRefused::Tickets);
        }
        let gone = line.cancelled_quantity + taken.get(&one.line).copied().unwrap_or_default();
        let available = (line.quantity - gone).max(0);
        if !(1..=available).contains(&one.quantity) {
            return Err(ReturnRefused::Quantity { line: one.line, available });
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "order_return_tests.rs"]
mod tests;
