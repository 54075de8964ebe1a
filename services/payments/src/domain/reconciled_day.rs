//! What the bank told of an account on a day, and what became of it. Every row must foot: what came is
//! matched, decided by a person or waiting; what went is explained or not.

use std::collections::BTreeMap;

use kernel::Currency;

use super::vietnam_calendar::VietnamDay;

/// How many, and how much in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: i64,
    /// How much.
    pub minor: i64,
}

impl Tally {
    /// Adds some.
    pub const fn add(&mut self, count: i64, minor: i64) {
        self.count += count;
        self.minor += minor;
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, minor: self.minor + other.minor }
    }
}

/// A day of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciledDay {
    /// The day.
    pub day: VietnamDay,
    /// Number of the account.
    pub account: String,
    /// Its currency.
    pub currency: Currency,
    /// What came.
    pub credits: Tally,
    /// Of it, what the rules matched.
    pub matched: Tally,
    /// Of it, what persons decided.
    pub resolved: Tally,
    /// Of it, what waits.
    pub waiting: Tally,
    /// What went.
    pub debits: Tally,
    /// Of it, what a payout or a refund explains.
    pub explained: Tally,
    /// Of it, what nothing explains.
    pub unexplained: Tally,
    /// What came, by what a person made of it, else what the rules did.
    pub states: BTreeMap<String, Tally>,
}

/// What waits, of some age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgedQueue {
    /// From so many days.
    pub from_days: u16,
    /// To so many; none has no end.
    pub to_days: Option<u16>,
    /// What waits.
    pub waiting: Tally,
}

impl ReconciledDay {
    /// A day on which nothing happened.
    pub fn nothing(day: VietnamDay, account: String, currency: Currency) -> Self {
        let none = Tally::default();
        Self {
            day,
            account,
            currency,
            credits: none,
            matched: none,
            resolved: none,
            waiting: none,
            debits: none,
            explained: none,
            unexplained: none,
            states: BTreeMap::new(),
        }
    }

    /// Whether the parts are the whole.
    pub fn foots(&self) -> bool {
        let states = self.states.values().fold(Tally::default(), |sum, one| sum.plus(*one));
        self.credits == self.matched.plus(self.resolved).plus(self.waiting)
            && self.credits == states
            && self.debits == self.explained.plus(self.unexplained)
    }

    /// Credits, matched, resolved, waiting, debits, explained, unexplained.
    pub const fn tallies(&self) -> [Tally; 7] {
        [
            self.credits,
            self.matched,
            self.resolved,
            self.waiting,
            self.debits,
            self.explained,
            self.unexplained,
        ]
    }
}
