//! Counts and sums, and the proof that they add up to the statements.

use std::collections::BTreeMap;

use anyhow::ensure;
use kernel::{Currency, Money};
use serde_json::{Value, json};

/// How many, and how much in each currency (minor units; money that went is below zero).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How much.
    pub sums: BTreeMap<Currency, i128>,
}

impl Tally {
    /// One more.
    pub fn add(&mut self, amount: Money) {
        self.count += 1;
        *self.sums.entry(amount.currency).or_default() += i128::from(amount.minor);
    }

    fn add_all(&mut self, other: &Self) {
        self.count += other.count;
        for (currency, sum) in &other.sums {
            *self.sums.entry(*currency).or_default() += sum;
        }
    }

    fn to_json(&self) -> Value {
        json!({ "count": self.count, "sum_minor": self.sums_json() })
    }

    fn sums_json(&self) -> Value {
        self.sums
            .iter()
            .map(|(currency, sum)| {
                // Sums beyond 64 bits are written as text; no statement has any.
                let sum = i64::try_from(*sum).map_or_else(|_| json!(sum.to_string()), Value::from);
                (currency.code().to_owned(), sum)
            })
            .collect()
    }
}

/// A statement.
#[derive(Clone, Debug, Default)]
pub struct StatementFooting {
    /// Its name.
    pub file: String,
    /// Its format.
    pub format: String,
    /// Lines that tell of money, and lines that could not be read.
    pub lines: u64,
    /// Money that came.
    pub credits: Tally,
    /// Money that went.
    pub debits: Tally,
    /// Of both: what an earlier statement told already.
    pub repeated: Tally,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct Footing {
    /// The statements.
    pub statements: Vec<StatementFooting>,
    /// Lines by what they are: the states of matching, and `outgoing`.
    pub states: BTreeMap<&'static str, Tally>,
    /// What was expected.
    pub expected: Tally,
    /// Of that, what is paid.
    pub paid: Tally,
    /// Of that, what is open.
    pub open: Tally,
    /// Lines of EXPECTED that were not understood.
    pub problems: Vec<String>,
    /// The first lines of the queue, as they are written.
    pub first_queued: Vec<[String; 9]>,
}

impl Footing {
    /// Refuses figures that do not add up: then a line was lost or counted twice.
    pub fn check(&self) -> anyhow::Result<()> {
        let (mut told, mut explained) = (Tally::default(), Tally::default());
        for statement in &self.statements {
            told.add_all(&statement.credits);
            told.add_all(&statement.debits);
            explained.add_all(&statement.repeated);
        }
        self.states.values().for_each(|tally| explained.add_all(tally));
        ensure!(
            told == explained,
            "the statements tell of {told:?}, but {explained:?} is explained"
        );
        let mut all = self.paid.clone();
        all.add_all(&self.open);
        ensure!(all.count == self.expected.count, "an expectation was lost");
        Ok(())
    }

    /// The report for machines. Sums are integers of the currency's minor unit (VND has none
    /// smaller than the đồng).
    pub fn to_json(&self) -> Value {
        let statements: Vec<Value> = self
            .statements
            .iter()
            .map(|statement| {
                json!({
                    "file": statement.file,
                    "format": statement.format,
                    "lines": statement.lines,
                    "credits": statement.credits.to_json(),
                    "debits": statement.debits.to_json(),
                    "repeated": statement.repeated.to_json(),
                    "unreadable": statement.unreadable,
                })
            })
            .collect();
        let mut total = StatementFooting::default();
        for statement in &self.statements {
            total.lines += statement.lines;
            total.unreadable += statement.unreadable;
            total.credits.add_all(&statement.credits);
            total.debits.add_all(&statement.debits);
            total.repeated.add_all(&statement.repeated);
        }
        let group = |wanted: fn(&str) -> bool| {
            let mut sum = Tally::default();
            let members = self.states.iter().filter(|(state, _)| wanted(state));
            members.for_each(|(_, tally)| sum.add_all(tally));
            sum.to_json()
        };
        let states: Value = self
            .states
            .iter()
            .map(|(state, tally)| ((*state).to_owned(), tally.to_json()))
            .collect();
        json!({
            "statements": statements,
            "total": {
                "lines": total.lines,
                "credits": total.credits.to_json(),
                "debits": total.debits.to_json(),
                "repeated": total.repeated.to_json(),
                "unreadable": total.unreadable,
            },
            "matched": group(|state| state.starts_with("matched")),
            "queued": group(|state| !state.starts_with("matched") && state != OUTGOING),
            "outgoing": group(|state| state == OUTGOING),
            "states": states,
            "expected": self.expected.to_json(),
            "paid": self.paid.to_json(),
            "open": self.open.to_json(),
            "expected_problems": self.problems,
            "foots": self.check().is_ok(),
        })
    }
}

/// Money that went and that nobody expected to go.
pub const OUTGOING: &str = "outgoing";
/// A line that could not be read: in the queue, without an amount.
pub const UNREADABLE: &str = "unreadable";
