//! Whether something may still come of what somebody bought: until then it is known who they are.

use kernel::Timestamp;

use super::checkout::{Checkout, CheckoutStatus};
use super::order::{Order, OrderStatus, Sold};
use super::order_return::{OrderReturn, ReturnStatus};
use super::ticket_cancellation::TicketCancellation;

/// What somebody bought at once, with what comes back of it.
#[derive(Clone, Debug)]
pub struct Bought<'a> {
    /// The checkout.
    pub checkout: &'a Checkout,
    /// Its orders.
    pub orders: Vec<&'a Order>,
    /// What was called off or sent back of them.
    pub returns: Vec<&'a OrderReturn>,
    /// Tickets of them that were given back.
    pub cancellations: Vec<&'a TicketCancellation>,
}

impl Bought<'_> {
    /// Whether a payment, a delivery, a trip or a return is still to come of it.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let returning = |one: &&OrderReturn| {
            matches!(one.status, ReturnStatus::Requested | ReturnStatus::Approved)
        };
        match self.checkout.status {
            CheckoutStatus::Starting | CheckoutStatus::AwaitingPayment => return true,
            status if status.ended_unpaid() => return false,
            _ => {}
        }
        self.orders.iter().any(|order| order_is_open(order, now))
            || self.returns.iter().any(returning)
            || self.cancellations.iter().any(|one| one.finished_at.is_none())
    }
}

/// Whether a payment, a delivery, a trip, or the time in which something may be sent back is still to come of an
/// order.
pub fn order_is_open(order: &Order, now: Timestamp) -> bool {
    match order.status {
        OrderStatus::Pending | OrderStatus::RefundDue => true,
        OrderStatus::Cancelled => false,
        OrderStatus::Fulfilled => order.returnable_until.is_some_and(|until| now < until),
        // Nobody hands a trip over: it is over when it ends.
        OrderStatus::Paid => order.lines.iter().any(|line| match line.sold() {
            Sold::Goods => true,
            Sold::Tour => {
                let to_come = line.ticket.as_ref().is_some_and(|terms| now < terms.ends_at);
                to_come && line.cancelled_quantity < line.quantity
            }
        }),
    }
}
