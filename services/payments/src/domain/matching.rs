//! Which payment a bank credit pays. Facts in, a decision with its rule out.
//!
//! Amount and time alone never match: nine of ten real credits carry one of ten round amounts.

use std::collections::HashMap;

use kernel::{Money, PaymentId, Timestamp};

use super::payment::{Payment, PaymentStatus};
use super::payment_code::PaymentCode;

/// What a bank told of a credit, as far as matching asks.
#[derive(Clone, Debug)]
pub struct CreditFacts {
    /// What came.
    pub amount: Money,
    /// The codes in the memo.
    pub codes: Vec<PaymentCode>,
    /// Whether it came to the account that payments ask for.
    pub own_account: bool,
    /// When we were told.
    pub received_at: Timestamp,
}

/// What a credit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditState {
    /// It pays a payment, exactly.
    Matched,
    /// Less than the payment asked for.
    Underpaid,
    /// More than the payment asked for.
    Overpaid,
    /// The payment's time had gone by, or it was taken back.
    Late,
    /// The payment was paid before.
    Duplicate,
    /// No payment is meant that we know of.
    Orphan,
}

impl CreditState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Matched, Self::Underpaid, Self::Overpaid, Self::Late, Self::Duplicate, Self::Orphan];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Underpaid => "underpaid",
            Self::Overpaid => "overpaid",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
            Self::Orphan => "orphan",
        }
    }
}

/// What was decided, and by which rule in which version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the credit is.
    pub state: CreditState,
    /// The payment that is paid or meant.
    pub payment: Option<PaymentId>,
    /// The rule that decided.
    pub rule: &'static str,
}

/// The payments that may be meant, by their codes.
pub type Candidates = HashMap<PaymentCode, Payment>;

/// Decides on a credit; a payment that it matches has succeeded afterwards.
pub fn decide(credit: &CreditFacts, candidates: &mut Candidates) -> Decision {
    if !credit.own_account {
        return Decision { state: CreditState::Orphan, payment: None, rule: "other_account/1" };
    }
    let mut known = credit.codes.iter().filter(|code| candidates.contains_key(code));
    let (first, second) = (known.next(), known.next());
    let payment = first.and_then(|code| candidates.get_mut(code));
    match (payment, second) {
        (None, _) => Decision { state: CreditState::Orphan, payment: None, rule: "no_code/1" },
        // One transfer that names two payments: a person must say which is meant.
        (Some(_), Some(_)) => {
            Decision { state: CreditState::Orphan, payment: None, rule: "several_codes/1" }
        }
        (Some(payment), None) => decide_for(credit, payment),
    }
}

fn decide_for(credit: &CreditFacts, payment: &mut Payment) -> Decision {
    let id = payment.id;
    let by = |state, rule| Decision { state, payment: Some(id), rule };
    match payment.status {
        PaymentStatus::Succeeded => return by(CreditState::Duplicate, "code_of_paid/1"),
        PaymentStatus::Expired | PaymentStatus::Cancelled => {
            return by(CreditState::Late, "code_of_closed/1");
        }
        PaymentStatus::Pending => {}
    }
    if credit.amount.currency != payment.amount.currency {
        return Decision { state: CreditState::Orphan, payment: None, rule: "other_currency/1" };
    }
    match credit.amount.minor.cmp(&payment.amount.minor) {
        std::cmp::Ordering::Less => by(CreditState::Underpaid, "code_and_less/1"),
        std::cmp::Ordering::Greater => by(CreditState::Overpaid, "code_and_more/1"),
        std::cmp::Ordering::Equal => match payment.succeed(credit.received_at) {
            Ok(()) => by(CreditState::Matched, "code_and_exact_amount/1"),
            Err(_) => by(CreditState::Late, "code_after_expiry/1"),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::payment::tests::{pending, second};

    fn candidates(codes: &[u64]) -> Candidates {
        codes.iter().map(|code| (PaymentCode::from_random(*code), pending(*code))).collect()
    }

    fn credit(amount: i64, codes: &[u64]) -> CreditFacts {
        CreditFacts {
            amount: Money::vnd(amount),
            codes: codes.iter().map(|code| PaymentCode::from_random(*code)).collect(),
            own_account: true,
            received_at: second(10),
        }
    }

    #[test]
    fn each_credit_is_what_it_is() {
        let late = CreditFacts { received_at: second(61), ..credit(100, &[1]) };
        let elsewhere = CreditFacts { own_account: false, ..credit(100, &[1]) };
        for (credit, state) in [
            (credit(100, &[1]), CreditState::Matched),
            (credit(99, &[1]), CreditState::Underpaid),
            (credit(101, &[1]), CreditState::Overpaid),
            (credit(100, &[]), CreditState::Orphan),
            (credit(100, &[9]), CreditState::Orphan),
            (credit(200, &[1, 2]), CreditState::Orphan),
            (credit(100, &[9, 1]), CreditState::Matched),
            (late, CreditState::Late),
            (elsewhere, CreditState::Orphan),
        ] {
            assert_eq!(decide(&credit, &mut candidates(&[1, 2])).state, state, "{credit:?}");
        }
    }

    #[test]
    fn a_payment_is_paid_once_and_a_closed_one_never() {
        let mut known = candidates(&[1, 2]);
        assert_eq!(decide(&credit(100, &[1]), &mut known).state, CreditState::Matched);
        assert_eq!(decide(&credit(100, &[1]), &mut known).state, CreditState::Duplicate);
        known.get_mut(&PaymentCode::from_random(2)).unwrap().cancel(second(1)).unwrap();
        assert_eq!(decide(&credit(100, &[2]), &mut known).state, CreditState::Late);
    }

    proptest! {
        /// Whatever comes in whatever order: a payment is matched at most once, only exactly, and
        /// the number of matched, and which payments are paid, do not depend on the order.
        #[test]
        fn the_order_of_credits_does_not_change_which_payments_are_paid(
            credits in proptest::collection::vec((90i64..110, 0u64..4), 0..30), seed in any::<u64>(),
        ) {
            let outcome = |order: &[(i64, u64)]| {
                let mut known = candidates(&[0, 1, 2]);
                let mut states: Vec<_> = order
                    .iter()
                    .map(|(amount, code)| decide(&credit(*amount, &[*code]), &mut known))
                    .filter(|decision| decision.state == CreditState::Matched)
                    .map(|decision| decision.payment)
                    .collect();
                states.sort();
                states
            };
            let mut shuffled = credits.clone();
            let length = shuffled.len().max(1);
            for index in 0..shuffled.len() {
                shuffled.swap(index, (seed as usize).wrapping_mul(index + 7) % length);
            }
            prop_assert_eq!(outcome(&credits), outcome(&shuffled));
        }
    }
}
