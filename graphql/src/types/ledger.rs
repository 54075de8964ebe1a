//! The ledger: its trial balance and its entries.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;
use proto::payments::ListLedgerEntriesRequest;

use super::enums::CurrencyCode;
use super::moment::Moment;
use super::money::Money;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

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

/// A statement of an account of the ledger.
pub struct AccountStatement {
    statement: proto::payments::AccountStatement,
    span: Span,
    locale: Locale,
}

/// Which entries a statement sums.
struct Span {
    account: String,
    from: String,
    to: String,
}

impl AccountStatement {
    /// The statement of an account for some days, as payments gave it.
    pub fn of(
        statement: proto::payments::AccountStatement,
        (account, from, to): (String, String, String),
        locale: Locale,
    ) -> Self {
        Self { statement, span: Span { account, from, to }, locale }
    }
}

/// A statement of an account of the ledger, in one currency. Debits are above zero.
#[Object(directive = auth::apply(Requires::Operator))]
impl AccountStatement {
    /// The balance before the first day.
    async fn opening(&self) -> Money {
        Money::of(self.statement.opening.as_ref(), self.locale)
    }

    /// The sum of the debits.
    async fn debits(&self) -> Money {
        Money::of(self.statement.debits.as_ref(), self.locale)
    }

    /// The sum of the credits, above zero.
    async fn credits(&self) -> Money {
        Money::of(self.statement.credits.as_ref(), self.locale)
    }

    /// The balance after the last day, summed by itself.
    async fn closing(&self) -> Money {
        Money::of(self.statement.closing.as_ref(), self.locale)
    }

    /// Whether opening, debits and credits give closing.
    async fn foots(&self) -> bool {
        self.statement.foots
    }

    /// How many entries there are.
    async fn entry_count(&self) -> i64 {
        self.statement.entries
    }

    /// The entries of all currencies, the newest first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<LedgerEntry>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListLedgerEntriesRequest {
            account: self.span.account.clone(),
            page: Some(page.clone()),
            from: self.span.from.clone(),
            to: self.span.to.clone(),
        };
        let found = scope.answer(scope.payments.clone().list_ledger_entries(request).await)?;
        let entries = found.entries.into_iter().map(|entry| LedgerEntry::of(entry, self.locale));
        Ok(Connection::new(&page, found.page, entries))
    }
}

/// A closing of the books.
pub struct LedgerClosing(pub proto::payments::LedgerClosing);

/// A closing of the books: one person asks, another closes.
#[Object(directive = auth::apply(Requires::Operator))]
impl LedgerClosing {
    /// The last day that is closed, in Vietnam: `2026-10-31`.
    async fn until(&self) -> &str {
        &self.0.until
    }

    /// Who asked.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.0.requested_by).await
    }

    /// When.
    async fn requested_at(&self) -> Moment {
        Moment::of(self.0.requested_at)
    }

    /// The second person; nobody as long as it waits for one.
    async fn closed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.0.closed_by).await
    }

    /// When the books were closed.
    async fn closed_at(&self) -> Option<Moment> {
        Moment::maybe(self.0.closed_at)
    }

    /// How many postings the ledger had at the end of the period.
    async fn postings(&self) -> i64 {
        self.0.postings
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
