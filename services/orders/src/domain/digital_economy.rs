//! Public figures of the market: sums, never of one shop.

use kernel::Money;

use super::checkout::PayWith;
use super::vietnam_day::VietnamDay;

/// Sums of fewer shops would tell what one of them earns.
pub const FEWEST_SHOPS: u64 = 3;
/// The most days of one question.
pub const MOST_DAYS: i64 = 366;

/// What was sold in some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitalEconomy {
    /// Shops that sold something.
    pub shops: u64,
    /// Orders that were paid.
    pub orders: u64,
    /// What they cost together.
    pub turnover: Money,
    /// The same by the way to pay.
    pub ways: Vec<WayFigures>,
}

/// What was paid in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayFigures {
    /// The way.
    pub way: PayWith,
    /// Orders that were paid so.
    pub orders: u64,
    /// What they cost together.
    pub turnover: Money,
}

impl DigitalEconomy {
    /// Whether so many shops sold that the sums tell nothing of one of them.
    pub const fn may_be_told(&self) -> bool {
        self.shops >= FEWEST_SHOPS
    }
}

/// Whether days, from the first to the last, may be asked for.
pub fn is_span(first: VietnamDay, last: VietnamDay) -> bool {
    first <= last && first.days_to(last) < MOST_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_a_day_at_least_and_a_leap_year_at_most() {
        let day = VietnamDay::from_number;
        assert!(is_span(day(10), day(10)) && is_span(day(10), day(375)));
        assert!(!is_span(day(10), day(376)) && !is_span(day(10), day(9)));
    }
}
