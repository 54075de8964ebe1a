//! The ledger: its trial balance and its entries.

use async_graphql::{Error, ID, Object};
use kernel::Locale;

use super::enums::CurrencyCode;
use super::moment::Moment;
use super::money::Money;
use crate::access::{Requires, auth};

/// The balances of all accounts of the ledger.
pub struct TrialBalance {
    balance: proto::payments::TrialBalance,
    locale: Locale,
}

impl TrialBalance {
    /// The trial balance of payments, in a language.
    pub const fn of(balance: proto::payments::TrialBalance, locale: Locale) -> Self {
        Self { balance, locale }
    }
}

/// The balances of all accounts of the ledger.
#[Object(directive = auth::apply(Requires::Operator))]
impl TrialBalance {
    /// Whether all sums are zero, and kept balances are those of the entries.
    async fn balanced(&self) -> bool {
        self.balance.balanced
    }

    /// A line an account and currency.
    async fn lines(&self) -> Vec<TrialBalanceLine<'_>> {
        let lines = self.balance.lines.iter();
        lines.map(|line| TrialBalanceLine { line, locale: self.locale }).collect()
    }
}

/// The balance of an account of the ledger.
pub struct TrialBalanceLine<'a> {
    line: &'a proto::payments::TrialBalanceLine,
    locale: Locale,
}

impl TrialBalanceLine<'_> {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, &self.line.currency, self.locale)
    }
}

/// The balance of an account of the ledger.
#[Object(directive = auth::apply(Requires::Operator))]
impl TrialBalanceLine<'_> {
    /// The account: `shop:shop_01…:payable`.
    async fn account(&self) -> &str {
        &self.line.account
    }

    /// The currency.
    async fn currency(&self) -> Result<CurrencyCode, Error> {
        Ok(self.money(0).known()?.currency.into())
    }

    /// The sum of its debits.
    async fn debit(&self) -> Money {
        self.money(self.line.debit)
    }

    /// The sum of its credits.
    async fn credit(&self) -> Money {
        self.money(self.line.credit)
    }

    /// Debits less credits.
    async fn balance(&self) -> Money {
        self.money(self.line.balance)
    }
}

/// An entry of the ledger; the entries of a posting sum to zero.
pub struct LedgerEntry {
    entry: proto::payments::LedgerEntry,
    locale: Locale,
}

impl LedgerEntry {
    /// An entry of payments, in a language.
    pub const fn of(entry: proto::payments::LedgerEntry, locale: Locale) -> Self {
        Self { entry, locale }
    }
}

/// An entry of the ledger; the entries of a posting sum to zero.
#[Object(directive = auth::apply(Requires::Operator))]
impl LedgerEntry {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.entry.id.clone())
    }

    /// The posting that it is part of.
    async fn posting_id(&self) -> ID {
        ID(self.entry.posting_id.clone())
    }

    /// The account: `shop:shop_01…:payable`.
    async fn account(&self) -> &str {
        &self.entry.account
    }

    /// Above zero a debit, below zero a credit.
    async fn amount(&self) -> Money {
        Money::of(self.entry.amount.as_ref(), self.locale)
    }

    /// Why it was posted: `payment_captured`.
    async fn kind(&self) -> &str {
        &self.entry.kind
    }

    /// What it was posted for.
    async fn subject_id(&self) -> ID {
        ID(self.entry.subject_id.clone())
    }

    /// When it was posted.
    async fn posted_at(&self) -> Moment {
        Moment::of(self.entry.posted_at)
    }
}
