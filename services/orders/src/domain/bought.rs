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
        let ended = match self.checkout.status {
            CheckoutStatus::Starting | CheckoutStatus::AwaitingPayment => return true,
            status => status.ended_unpaid(),
        };
        // What was handed over unpaid, or paid too late, outlives a checkout that ended: who owes and who is owed stay
        // known.
        let open = |order: &&Order| match order.status {
            OrderStatus::Fulfilled if ended => true,
            OrderStatus::Pending | OrderStatus::Paid if ended => false,
            _ => order_is_open(order, now),
        };
        self.orders.iter().any(open)
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

#[cfg(test)]
mod tests {
    use kernel::{CartId, CheckoutId, Locale, Money, OrderId, OrderReturnId, ShopId, UserId};
    use uuid::Uuid;

    use super::super::checkout::PayWith;
    use super::super::contact::{Contact, Delivery};
    use super::super::order_return::{ReturnKind, ReturnParty};
    use super::super::ticket_cancellation::Account;
    use super::*;

    const ENDED: [CheckoutStatus; 3] =
        [CheckoutStatus::Expired, CheckoutStatus::Cancelled, CheckoutStatus::Refused];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn checkout(status: CheckoutStatus) -> Checkout {
        Checkout {
            id: CheckoutId::from_uuid(Uuid::nil()),
            cart: CartId::from_uuid(Uuid::nil()),
            buyer: None,
            status,
            contact: Contact::default(),
            delivery: Delivery::default(),
            pay_with: PayWith::VietQr,
            total: Money::vnd(1_000),
            payment: None,
            created_at: at(0),
            expires_at: at(10),
            reopened_at: None,
            extended_at: None,
            paid_at: None,
            claim: None,
            vouchers: 0,
            locale: Locale::Vi,
        }
    }

    fn order(status: OrderStatus) -> Order {
        Order {
            id: OrderId::from_uuid(Uuid::nil()),
            number: String::new(),
            checkout: CheckoutId::from_uuid(Uuid::nil()),
            shop: ShopId::from_uuid(Uuid::nil()),
            buyer: None,
            status,
            lines: Vec::new(),
            total: Money::vnd(1_000),
            voucher: None,
            created_at: at(0),
            paid_at: None,
            fulfilled_at: None,
            cancelled_at: None,
            returnable_until: Some(at(20)),
        }
    }

    fn returned(status: ReturnStatus) -> OrderReturn {
        OrderReturn {
            id: OrderReturnId::from_uuid(Uuid::nil()),
            order: OrderId::from_uuid(Uuid::nil()),
            kind: ReturnKind::Return,
            status,
            asked_by: ReturnParty::Buyer,
            requested_by: UserId::from_uuid(Uuid::nil()),
            decided_by: None,
            idempotency_key: String::new(),
            request_hash: Vec::new(),
            reason: String::new(),
            answer: String::new(),
            restock: false,
            account: Account::default(),
            refund_id: None,
            refund: Money::vnd(0),
            account_needed: false,
            created_at: at(3),
            decided_at: None,
            finished_at: None,
            lines: Vec::new(),
        }
    }

    fn is_open(
        checkout: CheckoutStatus,
        order_is: OrderStatus,
        back: Option<ReturnStatus>,
    ) -> bool {
        let (checkout, order) = (self::checkout(checkout), order(order_is));
        let back = back.map(returned);
        let (orders, returns) = (vec![&order], back.iter().collect());
        // Past the time in which it could be sent back.
        Bought { checkout: &checkout, orders, returns, cancellations: Vec::new() }.is_open(at(30))
    }

    #[test]
    fn of_a_checkout_that_ended_unpaid_what_was_handed_over_or_is_owed_is_open() {
        for ended in ENDED {
            for (order, open) in [
                (OrderStatus::Cancelled, false),
                (OrderStatus::Fulfilled, true),
                (OrderStatus::RefundDue, true),
            ] {
                assert_eq!(is_open(ended, order, None), open, "{ended:?} {order:?}");
            }
        }
        assert!(!is_open(CheckoutStatus::Paid, OrderStatus::Fulfilled, None), "paid and over");
    }

    #[test]
    fn of_a_checkout_that_ended_unpaid_a_return_is_open_until_it_is_done_or_declined() {
        for ended in ENDED {
            for back in ReturnStatus::ALL {
                let open = matches!(back, ReturnStatus::Requested | ReturnStatus::Approved);
                let found = is_open(ended, OrderStatus::Cancelled, Some(back));
                assert_eq!(found, open, "{ended:?} {back:?}");
            }
        }
    }

    #[test]
    fn what_can_still_be_paid_is_open() {
        for status in [CheckoutStatus::Starting, CheckoutStatus::AwaitingPayment] {
            assert!(is_open(status, OrderStatus::Cancelled, None), "{status:?}");
        }
    }
}
