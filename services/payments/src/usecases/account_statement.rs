//! An account's statement: what it was, what happened, what it is. It foots.

use kernel::{Currency, Money, Timestamp};

use super::report::Days;
use crate::Payments;
use crate::store;

/// A statement of an account of the ledger, in one currency. Debits are above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountStatement {
    /// The balance before the first day.
    pub opening: Money,
    /// The sum of the debits.
    pub debits: Money,
    /// The sum of the credits, above zero.
    pub credits: Money,
    /// How many entries they are.
    pub entries: i64,
    /// The balance after the last day, summed by itself.
    pub closing: Money,
}

impl AccountStatement {
    /// Whether opening, debits and credits give closing.
    pub fn foots(&self) -> bool {
        let moved = self.opening.checked_add(self.debits);
        moved.and_then(|sum| sum.checked_sub(self.credits)) == Ok(self.closing)
    }
}

/// The statement of an account for some days. One to which nothing was posted has none but zeros.
pub async fn account_statement(
    payments: &Payments,
    account: &str,
    currency: Currency,
    days: Days,
) -> anyhow::Result<AccountStatement> {
    let db = payments.0.database.reader();
    let (from, until) = days.span();
    let ever = Timestamp::from_micros(i64::MIN);
    let balance_at = async |moment| {
        let sums =
            store::ledger_closing::account_sums(db, account, currency, (ever, moment)).await?;
        anyhow::Ok(Money::new(sums.debits - sums.credits, currency))
    };
    let sums = store::ledger_closing::account_sums(db, account, currency, (from, until)).await?;
    Ok(AccountStatement {
        opening: balance_at(from).await?,
        debits: Money::new(sums.debits, currency),
        credits: Money::new(sums.credits, currency),
        entries: sums.entries,
        closing: balance_at(until).await?,
    })
}
