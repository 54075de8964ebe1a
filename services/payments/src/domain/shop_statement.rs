//! A shop's statement: day by day what was sold, taken, given back, paid out and is still owed. It is
//! made of the sums of its lines, and foots: opening, and everything that happened, is closing.

use std::collections::BTreeMap;

use kernel::{Currency, Money, MoneyError};

use super::shop_line::ShopLineKind;
use super::vietnam_calendar::VietnamDay;

/// What happened to what a shop is owed. Amounts above zero are owed more, below less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementSums {
    /// Orders that were paid, gross.
    pub sales: Money,
    /// Commission, less what refunds gave back.
    pub fees: Money,
    /// Value added tax withheld, less what refunds gave back.
    pub vat: Money,
    /// Personal income tax withheld, less what refunds gave back.
    pub pit: Money,
    /// What shoppers got back, by refunds and by disputes that were lost.
    pub refunds: Money,
    /// Of sales, what came straight to the shop's own account, less what it gave back out of it.
    pub direct: Money,
    /// What the shop was paid, less what came back.
    pub paid_out: Money,
    /// How many lines they sum.
    pub lines: u64,
}

/// A day on which something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementDay {
    /// The day.
    pub day: VietnamDay,
    /// What happened.
    pub sums: StatementSums,
    /// What was owed at its end.
    pub owed: Money,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopStatement {
    /// What was owed before the first day.
    pub opening: Money,
    /// Days on which something happened.
    pub days: Vec<StatementDay>,
    /// All days together.
    pub total: StatementSums,
    /// What was owed after the last day.
    pub closing: Money,
}

impl StatementSums {
    const fn nothing(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            sales: zero,
            fees: zero,
            vat: zero,
            pit: zero,
            refunds: zero,
            direct: zero,
            paid_out: zero,
            lines: 0,
        }
    }

    fn add(&mut self, kind: ShopLineKind, amount: Money, lines: u64) -> Result<(), MoneyError> {
        let sum = match kind {
            ShopLineKind::Sale => &mut self.sales,
            ShopLineKind::Fee | ShopLineKind::FeeBack => &mut self.fees,
            ShopLineKind::Vat | ShopLineKind::VatBack => &mut self.vat,
            ShopLineKind::Pit | ShopLineKind::PitBack => &mut self.pit,
            ShopLineKind::Refund | ShopLineKind::Dispute | ShopLineKind::DisputeBack => {
                &mut self.refunds
            }
            ShopLineKind::Direct | ShopLineKind::DirectBack => &mut self.direct,
            ShopLineKind::Payout | ShopLineKind::PayoutBack => &mut self.paid_out,
        };
        *sum = sum.checked_add(amount)?;
        self.lines += lines;
        Ok(())
    }

    /// By how much what is owed changed.
    pub fn change(&self) -> Result<Money, MoneyError> {
        let taken = [self.fees, self.vat, self.pit];
        let rest = [self.sales, self.refunds, self.direct, self.paid_out];
        Money::checked_sum(self.sales.currency, rest.into_iter().chain(taken))
    }
}

impl ShopStatement {
    /// The statement of sums by day and kind, in one currency: how many lines, how much.
    pub fn of(
        opening: Money,
        sums: &BTreeMap<(VietnamDay, ShopLineKind), (u64, i64)>,
    ) -> Result<Self, MoneyError> {
        let currency = opening.currency;
        let mut total = StatementSums::nothing(currency);
        let mut days: Vec<StatementDay> = Vec::new();
        for ((day, kind), (lines, minor)) in sums {
            let amount = Money::new(*minor, currency);
            total.add(*kind, amount, *lines)?;
            if days.last().is_none_or(|last| last.day != *day) {
                let sums = StatementSums::nothing(currency);
                days.push(StatementDay { day: *day, sums, owed: opening });
            }
            if let Some(last) = days.last_mut() {
                last.sums.add(*kind, amount, *lines)?;
            }
        }
        let mut owed = opening;
        for day in &mut days {
            owed = owed.checked_add(day.sums.change()?)?;
            day.owed = owed;
        }
        Ok(Self { opening, days, total, closing: owed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vietnam_calendar::tests::day;

    #[test]
    fn what_happened_leads_from_opening_to_closing() {
        let sums = BTreeMap::from([
            ((day("2026-11-01"), ShopLineKind::Sale), (2, 200_000)),
            ((day("2026-11-01"), ShopLineKind::Fee), (2, -6_000)),
            ((day("2026-11-01"), ShopLineKind::Vat), (2, -2_000)),
            ((day("2026-11-03"), ShopLineKind::Refund), (1, -50_000)),
            ((day("2026-11-03"), ShopLineKind::FeeBack), (1, 1_500)),
            ((day("2026-11-03"), ShopLineKind::Payout), (1, -100_000)),
        ]);
        let statement = ShopStatement::of(Money::vnd(10_000), &sums).unwrap();
        let owed: Vec<i64> = statement.days.iter().map(|day| day.owed.minor).collect();
        assert_eq!(owed, [202_000, 53_500]);
        assert_eq!(statement.closing, Money::vnd(53_500));
        assert_eq!(statement.total.fees, Money::vnd(-4_500));
        assert_eq!(statement.total.lines, 9);
        let change = statement.total.change().unwrap();
        assert_eq!(statement.opening.checked_add(change).unwrap(), statement.closing);
    }
}
