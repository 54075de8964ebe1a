//! Refunds of some pieces of an order's lines: what they come to.
//!
//! What a piece is worth depends on how many were given back in total, never on the steps: any number
//! of partial refunds of a line gives back together exactly what one refund of all of them would.

use kernel::{Money, MoneyError, OrderLineId};

use super::reversal::{RefundedInTotal, ReversalRefused, reversed_by};

/// A line of an order, and how many of its pieces are to be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedLine {
    /// The line.
    pub line: OrderLineId,
    /// How many pieces were ordered.
    pub ordered: i64,
    /// What they cost together.
    pub total: Money,
    /// How many of them to give back.
    pub quantity: i64,
}

/// What is given back of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundedLine {
    /// The line.
    pub line: OrderLineId,
    /// How many pieces were ordered.
    pub ordered: i64,
    /// How many of them are given back.
    pub quantity: i64,
    /// What they come to.
    pub amount: Money,
}

/// Why pieces are not given back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundLinesRefused {
    /// A line is asked for twice.
    #[error("line {0} is asked for twice")]
    LineTwice(OrderLineId),
    /// No piece is asked for, or less.
    #[error("nothing is asked for of line {0}")]
    Nothing(OrderLineId),
    /// More pieces than are left.
    #[error("only {available} of {requested} pieces of {line} can still be refunded")]
    TooMany {
        /// The line.
        line: OrderLineId,
        /// How many were asked for.
        requested: i64,
        /// How many are left.
        available: i64,
    },
    /// The amounts cannot be reckoned with.
    #[error(transparent)]
    Reversal(#[from] ReversalRefused),
    /// The amounts cannot be added.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What the pieces come to. `refunded_before` says how many pieces of a line refunds hold, settled or
/// in flight.
pub fn refund_of_lines(
    asked: &[AskedLine],
    refunded_before: impl Fn(OrderLineId) -> i64,
) -> Result<Vec<RefundedLine>, RefundLinesRefused> {
    let mut refunded: Vec<RefundedLine> = Vec::with_capacity(asked.len());
    for one in asked {
        let AskedLine { line, ordered, total, quantity } = *one;
        if refunded.iter().any(|other| other.line == line) {
            return Err(RefundLinesRefused::LineTwice(line));
        }
        if quantity <= 0 {
            return Err(RefundLinesRefused::Nothing(line));
        }
        let before = refunded_before(line);
        let available = ordered.saturating_sub(before).max(0);
        if quantity > available {
            return Err(RefundLinesRefused::TooMany { line, requested: quantity, available });
        }
        // Pieces are reckoned with as if they were money: the share of the total that went back.
        let pieces = |count| Money::new(count, total.currency);
        let steps = RefundedInTotal {
            before: pieces(before),
            after: pieces(before.saturating_add(quantity)),
        };
        let amount = reversed_by(total, pieces(ordered), steps)?;
        refunded.push(RefundedLine { line, ordered, quantity, amount });
    }
    Ok(refunded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn asked(line: u128, ordered: i64, total: i64, quantity: i64) -> AskedLine {
        let line = OrderLineId::from_uuid(Uuid::from_u128(line));
        AskedLine { line, ordered, total: Money::vnd(total), quantity }
    }

    #[test]
    fn pieces_come_to_their_share_of_the_line() {
        let refunded = refund_of_lines(&[asked(1, 3, 100, 1), asked(2, 1, 50, 1)], |_| 0).unwrap();
        let amounts: Vec<i64> = refunded.iter().map(|line| line.amount.minor).collect();
        assert_eq!(amounts, [33, 50]);
    }

    #[test]
    fn more_than_are_left_none_and_a_line_twice_are_refused() {
        let line = asked(1, 3, 100, 2);
        assert_eq!(
            refund_of_lines(&[line], |_| 2),
            Err(RefundLinesRefused::TooMany { line: line.line, requested: 2, available: 1 })
        );
        for quantity in [0, -1] {
            let none = asked(1, 3, 100, quantity);
            assert_eq!(
                refund_of_lines(&[none], |_| 0),
                Err(RefundLinesRefused::Nothing(none.line))
            );
        }
        let twice = refund_of_lines(&[asked(1, 3, 100, 1), asked(1, 3, 100, 1)], |_| 0);
        assert_eq!(twice, Err(RefundLinesRefused::LineTwice(line.line)));
    }

    proptest! {
        #[test]
        fn the_pieces_of_any_steps_come_together_to_the_whole_line(
            total in 0i64..10_000_000, steps in proptest::collection::vec(1i64..50, 1..10),
        ) {
            let ordered: i64 = steps.iter().sum();
            let (mut before, mut given_back) = (0, 0);
            for step in steps {
                let refunded = refund_of_lines(&[asked(1, ordered, total, step)], |_| before).unwrap();
                prop_assert!(refunded[0].amount.minor >= 0);
                given_back += refunded[0].amount.minor;
                before += step;
            }
            prop_assert_eq!(given_back, total);
        }
    }
}
