//! The operator's report: the bank's days, and what became of every credit and debit.

use async_graphql::{Error, ID, InputObject, Object};
use kernel::Locale;
use proto::payments::{ListBankCreditsRequest, ListBankDebitsRequest};

use super::enums::{BankDebitState, CreditOutcome, DebitOutcome};
use super::moment::Moment;
use super::money::Money;
use super::text::given;
use crate::access::{Requires, auth};

/// A figure of the report, opened to its credits.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CreditFigureInput {
    /// Booked on this day of Vietnam or later: `2026-11-01`.
    from: Option<String>,
    /// Booked on this day or earlier.
    to: Option<String>,
    /// On this account.
    account_number: Option<String>,
    /// What became of them.
    outcome: Option<CreditOutcome>,
    /// What a person made of them: `written_off`.
    resolution: Option<String>,
    /// At least so many days old.
    from_days: Option<u16>,
    /// At most so many days old.
    to_days: Option<u16>,
}

impl CreditFigureInput {
    /// The question to payments; state and page are left open.
    pub fn request(self) -> ListBankCreditsRequest {
        ListBankCreditsRequest {
            outcome: self.outcome.map_or(0, CreditOutcome::number),
            resolution: self.resolution.unwrap_or_default(),
            account_number: self.account_number.unwrap_or_default(),
            from: self.from.unwrap_or_default(),
            to: self.to.unwrap_or_default(),
            by_age: self.from_days.is_some() || self.to_days.is_some(),
            from_days: self.from_days.unwrap_or_default().into(),
            to_days: self.to_days.unwrap_or_default().into(),
            ..ListBankCreditsRequest::default()
        }
    }
}

/// A figure of the report, opened to its debits.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DebitFigureInput {
    /// Booked on this day of Vietnam or later: `2026-11-01`.
    from: Option<String>,
    /// Booked on this day or earlier.
    to: Option<String>,
    /// On this account.
    account_number: Option<String>,
    /// What became of them.
    outcome: Option<DebitOutcome>,
}

impl DebitFigureInput {
    /// The question to payments; state and page are left open.
    pub fn request(self) -> ListBankDebitsRequest {
        ListBankDebitsRequest {
            outcome: self.outcome.map_or(0, DebitOutcome::number),
            account_number: self.account_number.unwrap_or_default(),
            from: self.from.unwrap_or_default(),
            to: self.to.unwrap_or_default(),
            ..ListBankDebitsRequest::default()
        }
    }
}

/// The operator's report.
pub struct Reconciliation {
    report: proto::payments::Reconciliation,
    locale: Locale,
}

impl Reconciliation {
    /// A report of payments, in a language.
    pub const fn of(report: proto::payments::Reconciliation, locale: Locale) -> Self {
        Self { report, locale }
    }
}

/// The bank's days, and what became of every credit and debit.
#[Object(directive = auth::apply(Requires::Operator))]
impl Reconciliation {
    /// Each day and account, the newest first.
    async fn days(&self) -> Vec<ReconciledDay> {
        let days = self.report.days.iter().cloned();
        days.map(|day| ReconciledDay { day, locale: self.locale }).collect()
    }

    /// The queue as it is now, by age.
    async fn aging(&self) -> Vec<AgedQueue> {
        let ages = self.report.aging.iter().cloned();
        ages.map(|age| AgedQueue { age, locale: self.locale }).collect()
    }

    /// What is asked for and not paid, now.
    async fn expected(&self) -> Tally {
        Tally::of(self.report.expected.as_ref(), self.locale)
    }

    /// What came and waits, now.
    async fn suspense(&self) -> Tally {
        Tally::of(self.report.suspense.as_ref(), self.locale)
    }

    /// Whether each row adds up.
    async fn foots(&self) -> bool {
        self.report.foots
    }
}

/// A day of an account.
pub struct ReconciledDay {
    day: proto::payments::ReconciledDay,
    locale: Locale,
}

/// A day of an account, in one currency.
#[Object(directive = auth::apply(Requires::Operator))]
impl ReconciledDay {
    /// The day, in Vietnam: `2026-11-24`.
    async fn day(&self) -> &str {
        &self.day.day
    }

    /// The account.
    async fn account_number(&self) -> &str {
        &self.day.account_number
    }

    /// Money that came: matched, resolved and waiting together.
    async fn credits(&self) -> Tally {
        Tally::of(self.day.credits.as_ref(), self.locale)
    }

    /// What rules matched.
    async fn matched(&self) -> Tally {
        Tally::of(self.day.matched.as_ref(), self.locale)
    }

    /// What a person resolved.
    async fn resolved(&self) -> Tally {
        Tally::of(self.day.resolved.as_ref(), self.locale)
    }

    /// What waits for a person.
    async fn waiting(&self) -> Tally {
        Tally::of(self.day.waiting.as_ref(), self.locale)
    }

    /// The credits by what a person made of them, else by what rules did: each once.
    async fn states(&self) -> Vec<StateTally> {
        let states = self.day.states.iter().cloned();
        states.map(|tally| StateTally { tally, locale: self.locale }).collect()
    }

    /// Money that went: explained and unexplained together.
    async fn debits(&self) -> Tally {
        Tally::of(self.day.debits.as_ref(), self.locale)
    }

    /// Payouts and refunds.
    async fn explained(&self) -> Tally {
        Tally::of(self.day.explained.as_ref(), self.locale)
    }

    /// What nobody has explained.
    async fn unexplained(&self) -> Tally {
        Tally::of(self.day.unexplained.as_ref(), self.locale)
    }
}

/// Credits of one state.
pub struct StateTally {
    tally: proto::payments::StateTally,
    locale: Locale,
}

/// Credits of one state.
#[Object(directive = auth::apply(Requires::Operator))]
impl StateTally {
    /// The state: `matched`, `underpaid`, `late`, `written_off`, …
    async fn state(&self) -> &str {
        &self.tally.state
    }

    /// The credits.
    async fn credits(&self) -> Tally {
        Tally::of(self.tally.credits.as_ref(), self.locale)
    }
}

/// How many, and how much.
pub struct Tally {
    tally: proto::payments::Tally,
    locale: Locale,
}

impl Tally {
    fn of(tally: Option<&proto::payments::Tally>, locale: Locale) -> Self {
        Self { tally: tally.cloned().unwrap_or_default(), locale }
    }
}

/// How many, and how much.
#[Object(directive = auth::apply(Requires::Operator))]
impl Tally {
    /// How many.
    async fn count(&self) -> i64 {
        self.tally.count
    }

    /// How much.
    async fn sum(&self) -> Money {
        Money::of(self.tally.sum.as_ref(), self.locale)
    }
}

/// What waits since some days.
pub struct AgedQueue {
    age: proto::payments::AgedQueue,
    locale: Locale,
}

/// What waits since some days.
#[Object(directive = auth::apply(Requires::Operator))]
impl AgedQueue {
    /// At least so many days.
    async fn from_days(&self) -> i32 {
        self.age.from_days
    }

    /// At most so many days; no end if there is none.
    async fn to_days(&self) -> Option<i32> {
        (self.age.to_days > 0).then_some(self.age.to_days)
    }

    /// What waits.
    async fn waiting(&self) -> Tally {
        Tally::of(self.age.waiting.as_ref(), self.locale)
    }
}

/// A debit on the market's bank account.
pub struct BankDebit {
    debit: proto::payments::BankDebit,
    locale: Locale,
}

impl BankDebit {
    /// A debit of payments, in a language.
    pub const fn of(debit: proto::payments::BankDebit, locale: Locale) -> Self {
        Self { debit, locale }
    }
}

/// A debit on the market's bank account.
#[Object(directive = auth::apply(Requires::Operator))]
impl BankDebit {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.debit.id.clone())
    }

    /// The account.
    async fn account_number(&self) -> &str {
        &self.debit.account_number
    }

    /// How much went.
    async fn amount(&self) -> Money {
        Money::of(self.debit.amount.as_ref(), self.locale)
    }

    /// The transfer's message.
    async fn memo(&self) -> &str {
        &self.debit.memo
    }

    /// The bank's own number of the transfer.
    async fn bank_reference(&self) -> &str {
        &self.debit.bank_reference
    }

    /// When the bank booked it.
    async fn booked_at(&self) -> Moment {
        Moment::of(self.debit.booked_at)
    }

    /// What it is.
    async fn state(&self) -> Result<BankDebitState, Error> {
        BankDebitState::of(self.debit.state)
    }

    /// What a person made of it: `reversed` or `written_off`.
    async fn resolution(&self) -> Option<&str> {
        given(&self.debit.resolution)
    }

    /// The credit that it took back.
    async fn reversed_credit_id(&self) -> Option<ID> {
        given(&self.debit.reversed_credit_id).map(ID::from)
    }

    /// The payout that it proves or names.
    async fn payout_id(&self) -> Option<ID> {
        given(&self.debit.payout_id).map(ID::from)
    }

    /// The refund that it proves or names.
    async fn refund_id(&self) -> Option<ID> {
        given(&self.debit.refund_id).map(ID::from)
    }
}
