//! A payment of which some money came that does not pay it: what came so far, and what is missing.
//!
//! Nothing is paid in part: the goods are the shopper's when all of it came. What came first waits for the
//! rest, or for a person.

use kernel::Money;

use super::payment::{Payment, PaymentStatus};

/// What came of a payment that is not paid by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPayment {
    /// What came with its code and nobody sent back yet.
    pub received: Money,
    /// What pays the rest exactly; nothing if more came than was asked for: then a person decides.
    pub missing: Money,
}

impl PartPayment {
    /// What became of a payment by what came and pays nothing: no part where nothing came, or where it is
    /// paid.
    pub fn of(payment: &Payment, received: Money) -> Option<Self> {
        if payment.status == PaymentStatus::Succeeded || !received.is_positive() {
            return None;
        }
        let missing = payment.amount.checked_sub(received).ok()?;
        let nothing = Money::zero(missing.currency);
        let missing = if missing.is_positive() { missing } else { nothing };
        Some(Self { received, missing })
    }

    /// Whether the rest may still be paid by another transfer with the same code.
    pub fn takes_the_rest(&self, payment: &Payment) -> bool {
        payment.status == PaymentStatus::Pending && self.missing.is_positive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::payment::tests::{pending, second};

    #[test]
    fn what_came_and_what_is_missing_sum_to_the_amount_until_more_came() {
        for (received, missing) in [(1, 99), (99, 1), (100, 0), (250, 0)] {
            let part = PartPayment::of(&pending(1), Money::vnd(received)).unwrap();
            assert_eq!((part.received, part.missing), (Money::vnd(received), Money::vnd(missing)));
        }
        assert_eq!(PartPayment::of(&pending(1), Money::vnd(0)), None);
    }

    #[test]
    fn the_rest_is_taken_as_long_as_the_payment_is_open_and_something_is_missing() {
        let part = |payment: &Payment, minor| PartPayment::of(payment, Money::vnd(minor));
        let takes = |payment: &Payment, minor| {
            part(payment, minor).is_some_and(|part| part.takes_the_rest(payment))
        };
        assert!(takes(&pending(1), 40));
        assert!(!takes(&pending(1), 100) && !takes(&pending(1), 101));
        let (mut paid, mut expired, mut cancelled) = (pending(1), pending(1), pending(1));
        paid.succeed(second(1)).unwrap();
        expired.expire(second(61)).unwrap();
        cancelled.cancel(second(1)).unwrap();
        // What came besides what paid is no part of it.
        assert_eq!(part(&paid, 40), None);
        // What came too little is still told of, and nothing more is taken.
        for closed in [expired, cancelled] {
            assert!(part(&closed, 40).is_some() && !takes(&closed, 40));
        }
        let mut reopened = paid;
        reopened.reopen(second(2)).unwrap();
        assert!(takes(&reopened, 40));
    }
}
