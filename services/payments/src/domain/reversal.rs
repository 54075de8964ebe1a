//! What of a fee or a tax goes back when part of what it was taken from is refunded.
//!
//! The answer depends on how much was refunded in total, never on the steps: any number of partial
//! refunds reverses together exactly what one refund of their sum would, and refunding all of it
//! reverses all of it. It does not decide what may be refunded.

use kernel::{Money, MoneyError, allocate};

/// What was refunded in total, before and behind a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundedInTotal {
    /// Before it.
    pub before: Money,
    /// Behind it; less than before where a refund came back.
    pub after: Money,
}

/// Why nothing could be reversed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReversalRefused {
    /// Less than nothing, or more than there was, is said to be refunded.
    #[error("{refunded} of {whole} cannot have been refunded")]
    NotPartOfWhole {
        /// What is said to be refunded in total.
        refunded: Money,
        /// What the part was taken from.
        whole: Money,
    },
    /// The amounts cannot be reckoned with each other.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// How much of `part`, which was taken from `whole`, has to have gone back once `refunded` of the
/// whole went back: its proportional share, half a unit rounded up.
pub fn reversed_in_total(
    part: Money,
    whole: Money,
    refunded: Money,
) -> Result<Money, ReversalRefused> {
    let kept = whole.checked_sub(refunded)?;
    if part.currency != whole.currency {
        let (left, right) = (part.currency, whole.currency);
        return Err(MoneyError::CurrenciesDiffer { left, right }.into());
    }
    let refused = || ReversalRefused::NotPartOfWhole { refunded, whole };
    let weights = [
        u64::try_from(refunded.minor).map_err(|_| refused())?,
        u64::try_from(kept.minor).map_err(|_| refused())?,
    ];
    // Only a whole of nothing has no weights.
    let shares = allocate(part, &weights).map_err(|_| refused())?;
    shares.first().copied().ok_or_else(refused)
}

/// What one refund reverses of `part`; below zero where a refund came back.
pub fn reversed_by(
    part: Money,
    whole: Money,
    refunded: RefundedInTotal,
) -> Result<Money, ReversalRefused> {
    let before = reversed_in_total(part, whole, refunded.before)?;
    Ok(reversed_in_total(part, whole, refunded.after)?.checked_sub(before)?)
}

#[cfg(test)]
mod tests {
    use kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_dong_is_rounded_up() {
        let reversed =
            |refunded| reversed_in_total(Money::vnd(3), Money::vnd(10), Money::vnd(refunded));
        for (refunded, expected) in [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (10, 3)] {
            assert_eq!(reversed(refunded), Ok(Money::vnd(expected)), "{refunded}");
        }
    }

    #[test]
    fn more_than_the_whole_less_than_nothing_and_other_currencies_are_refused() {
        for refunded in [-1, 11] {
            let refunded = Money::vnd(refunded);
            assert_eq!(
                reversed_in_total(Money::vnd(3), Money::vnd(10), refunded),
                Err(ReversalRefused::NotPartOfWhole { refunded, whole: Money::vnd(10) })
            );
        }
        assert!(reversed_in_total(Money::vnd(0), Money::vnd(0), Money::vnd(0)).is_err());
        let dollars = Money::new(1, Currency::Usd);
        assert!(matches!(
            reversed_in_total(dollars, Money::vnd(10), Money::vnd(1)),
            Err(ReversalRefused::Money(_))
        ));
        assert!(matches!(
            reversed_in_total(Money::vnd(1), Money::vnd(10), dollars),
            Err(ReversalRefused::Money(_))
        ));
    }

    proptest! {
        #[test]
        fn the_reversals_of_any_steps_sum_to_what_one_refund_of_their_sum_reverses(
            part in 0i64..10_000_000, steps in proptest::collection::vec(0i64..1_000_000, 1..12), kept in 0i64..1_000_000,
        ) {
            let whole = Money::vnd(steps.iter().sum::<i64>() + kept);
            prop_assume!(whole.is_positive());
            let part = Money::vnd(part);
            let (mut refunded, mut reversed) = (Money::vnd(0), Money::vnd(0));
            for step in steps {
                let after = refunded.checked_add(Money::vnd(step)).unwrap();
                let by = reversed_by(part, whole, RefundedInTotal { before: refunded, after }).unwrap();
                prop_assert!(!by.is_negative());
                (refunded, reversed) = (after, reversed.checked_add(by).unwrap());
                prop_assert!(reversed.minor <= part.minor);
            }
            prop_assert_eq!(reversed, reversed_in_total(part, whole, refunded).unwrap());
            prop_assert_eq!(reversed_in_total(part, whole, whole).unwrap(), part);
            let back = reversed_by(part, whole, RefundedInTotal { before: refunded, after: Money::vnd(0) }).unwrap();
            prop_assert_eq!(back.minor, -reversed.minor);
        }
    }
}
