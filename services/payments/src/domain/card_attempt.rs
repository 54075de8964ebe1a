//! A try to pay a payment by card: what it may become, and whether the money it brought pays the
//! payment or came second.
//!
//! A payment stays the expectation: it has tries by card beside its transfers, and whatever money comes
//! first pays it. Money that comes second is a surplus: it goes back to the card. It is never counted
//! twice and never lost.

use kernel::{CardAttemptId, Money, PaymentId, Timestamp};

use super::payment::{Payment, PaymentStatus};

/// Where the shopper types the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardWay {
    /// On a page of the provider's.
    Hosted,
    /// In a form of the provider's inside a page of ours.
    Embedded,
}

impl CardWay {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Hosted, Self::Embedded];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Embedded => "embedded",
        }
    }
}

/// Where a try stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptStatus {
    /// Written down; the provider may or may not have heard of it.
    Requested,
    /// The shopper can pay.
    Open,
    /// The banks are at it.
    Processing,
    /// Its money paid the payment.
    Captured,
    /// Its money came second, and goes back.
    Surplus,
    /// It ended without money.
    Closed,
    /// The provider refused it.
    Failed,
}

impl AttemptStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Open,
        Self::Processing,
        Self::Captured,
        Self::Surplus,
        Self::Closed,
        Self::Failed,
    ];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Captured => "captured",
            Self::Surplus => "surplus",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }

    /// Whether money may still come by it in the ordinary way. A payment has one such try at most.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Requested | Self::Open | Self::Processing)
    }

    /// Whether its money came.
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Captured | Self::Surplus)
    }
}

/// What the provider says of a try, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The shopper may pay.
    Open,
    /// The banks are at it.
    Processing,
    /// It ended without money.
    Ended,
    /// So much was taken from the card.
    Taken(Money),
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The try becomes this, and no money moves; the same as it was, if nothing changed.
    Becomes(AttemptStatus),
    /// The money pays the payment.
    Pays,
    /// The money came second, or is not what was asked for: it goes back to the card.
    GoesBack(Money),
}

/// A try to pay by card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardAttempt {
    /// Its id; from it the provider's idempotency key is made.
    pub id: CardAttemptId,
    /// The payment that it is to pay.
    pub payment: PaymentId,
    /// Where the card is typed.
    pub way: CardWay,
    /// Where it stands.
    pub status: AttemptStatus,
    /// What is asked for.
    pub amount: Money,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl CardAttempt {
    /// What follows from what the provider says. It may say the same many times, late and in any order:
    /// money that was taken stays taken, whatever is said after it.
    pub fn observe(&self, seen: Seen, payment: &Payment) -> Outcome {
        use AttemptStatus::{Captured, Closed, Failed, Open, Processing, Requested, Surplus};
        match (self.status, seen) {
            (Captured | Surplus, _) => Outcome::Becomes(self.status),
            (Requested | Open | Processing | Closed | Failed, Seen::Taken(money)) => {
                // The provider's page was open in time; what it took before we closed it counts.
                let pays = payment.status == PaymentStatus::Pending && money == payment.amount;
                if pays { Outcome::Pays } else { Outcome::GoesBack(money) }
            }
            (Requested | Open | Processing, Seen::Open) => Outcome::Becomes(Open),
            (Requested | Open | Processing, Seen::Processing) => Outcome::Becomes(Processing),
            (Requested | Open | Processing, Seen::Ended) => Outcome::Becomes(Closed),
            (Closed | Failed, Seen::Open | Seen::Processing | Seen::Ended) => {
                Outcome::Becomes(self.status)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::payment::tests::{pending, second};
    use super::*;

    fn attempt(status: AttemptStatus) -> CardAttempt {
        CardAttempt {
            id: CardAttemptId::from_uuid(Uuid::from_u128(1)),
            payment: pending(1).id,
            way: CardWay::Hosted,
            status,
            amount: Money::vnd(100),
            created_at: second(0),
            changed_at: second(0),
        }
    }

    #[test]
    fn every_status_and_every_word_of_the_provider_is_in_the_table() {
        use AttemptStatus as S;
        let taken = Seen::Taken(Money::vnd(100));
        for status in S::ALL {
            for seen in [Seen::Open, Seen::Processing, Seen::Ended, taken] {
                let expected = match (status, seen) {
                    (S::Captured | S::Surplus, _) => Outcome::Becomes(status),
                    (_, Seen::Taken(_)) => Outcome::Pays,
                    (S::Closed | S::Failed, _) => Outcome::Becomes(status),
                    (_, Seen::Open) => Outcome::Becomes(S::Open),
                    (_, Seen::Processing) => Outcome::Becomes(S::Processing),
                    (_, Seen::Ended) => Outcome::Becomes(S::Closed),
                };
                assert_eq!(
                    attempt(status).observe(seen, &pending(1)),
                    expected,
                    "{status:?} {seen:?}"
                );
            }
        }
    }

    #[test]
    fn money_for_a_payment_that_is_paid_or_closed_goes_back() {
        let taken = Money::vnd(100);
        let (mut paid, mut expired, mut cancelled) = (pending(1), pending(1), pending(1));
        paid.succeed(second(1)).unwrap();
        expired.expire(second(61)).unwrap();
        cancelled.cancel(second(1)).unwrap();
        for payment in [paid, expired, cancelled] {
            for status in [AttemptStatus::Open, AttemptStatus::Closed, AttemptStatus::Failed] {
                let outcome = attempt(status).observe(Seen::Taken(taken), &payment);
                assert_eq!(outcome, Outcome::GoesBack(taken));
            }
        }
    }

    #[test]
    fn another_amount_than_was_asked_for_pays_nothing() {
        let odd = Money::vnd(99);
        let outcome = attempt(AttemptStatus::Open).observe(Seen::Taken(odd), &pending(1));
        assert_eq!(outcome, Outcome::GoesBack(odd));
    }

    #[test]
    fn only_what_may_bring_money_is_live() {
        let live: Vec<_> = AttemptStatus::ALL.into_iter().filter(|one| one.is_live()).collect();
        assert_eq!(
            live,
            [AttemptStatus::Requested, AttemptStatus::Open, AttemptStatus::Processing]
        );
        assert!(AttemptStatus::ALL.into_iter().all(|one| !(one.is_live() && one.has_money())));
    }
}
