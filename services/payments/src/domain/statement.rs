//! A line of a bank's statement, whatever format it came in: what matching and the books ask of it.

use kernel::{Money, Timestamp};

/// One movement on an account, as its bank tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Where it begins in its file: the line, or the row of a sheet, counted from 1.
    pub line: u64,
    /// The account that it is on, as the statement writes it; empty if it does not say.
    pub account: String,
    /// When the bank booked it. With no time of day on the statement: the midnight that began the
    /// bank's day, in Vietnam's time.
    pub booked_at: Timestamp,
    /// Credit above zero, debit below.
    pub amount: Money,
    /// What the payer wrote and the bank added.
    pub memo: String,
    /// The bank's reference or document number. Not unique.
    pub bank_reference: String,
    /// An id that the format promises to be unique on the account (OFX's FITID).
    pub provider_id: Option<String>,
    /// Name of the other side, where the bank tells.
    pub counterparty_name: Option<String>,
    /// Account of the other side, where the bank tells.
    pub counterparty_account: Option<String>,
    /// What the account held afterwards, where the bank tells.
    pub balance: Option<Money>,
}

impl StatementLine {
    /// The same without NUL characters: some banks write them, and PostgreSQL keeps none.
    #[must_use]
    pub fn storable(mut self) -> Self {
        let texts = [&mut self.account, &mut self.memo, &mut self.bank_reference];
        let told =
            [&mut self.provider_id, &mut self.counterparty_name, &mut self.counterparty_account];
        texts.into_iter().chain(told.into_iter().flatten()).for_each(strip);
        self
    }
}

fn strip(text: &mut String) {
    text.retain(|letter| letter != '\0');
}

/// A line that was not understood. It is reported, never dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct UnreadableLine {
    /// Where it begins, counted from 1.
    pub line: u64,
    /// What it says, cut at 500 characters.
    pub text: String,
    /// What was not understood.
    pub reason: UnreadableReason,
}

impl UnreadableLine {
    /// The same without NUL characters.
    #[must_use]
    pub fn storable(mut self) -> Self {
        strip(&mut self.text);
        match &mut self.reason {
            UnreadableReason::Date(text)
            | UnreadableReason::Amount(text)
            | UnreadableReason::Currency(text)
            | UnreadableReason::OtherAccount(text)
            | UnreadableReason::Format(text) => strip(text),
            UnreadableReason::Direction => {}
        }
        self
    }
}

/// What was not understood on a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableReason {
    /// The booking date is missing or is none.
    #[error("{0:?} is no date")]
    Date(String),
    /// The amount is missing or is none.
    #[error("{0:?} is no amount")]
    Amount(String),
    /// A currency that the market does not know.
    #[error("{0:?} is no known currency")]
    Currency(String),
    /// Both a debit and a credit, or neither.
    #[error("neither a credit nor a debit, or both")]
    Direction,
    /// A statement that was brought for one account, as every shop's is, tells of that one only.
    #[error("it is on account {0:?}, for which the statement was not brought")]
    OtherAccount(String),
    /// The format itself is broken here; the text says how, in English, for the log and the report.
    #[error("{0}")]
    Format(String),
}

/// A format of statements, as its reader is named. Each is a source of its own: a bank writes other words, references and
/// ids into each. The number is its place in a set of formats, as such sets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// camt.053 and camt.054.
    Camt = 1,
    /// MT940.
    Mt940 = 2,
    /// OFX.
    Ofx = 4,
    /// A table as text.
    Csv = 8,
    /// A table as a sheet.
    Xlsx = 16,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Camt, Self::Mt940, Self::Ofx, Self::Csv, Self::Xlsx];

    /// The name of its reader, with which statements are kept.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camt => "camt",
            Self::Mt940 => "mt940",
            Self::Ofx => "ofx",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format of a name; none of a statement that was kept before formats were.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The set of this format alone. Sets are put together bit by bit.
    pub const fn bit(self) -> i64 {
        self as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_apart_in_a_set_and_known_by_their_names() {
        let all = Format::ALL.into_iter().fold(0, |set, format| set | format.bit());
        assert_eq!(all.count_ones() as usize, Format::ALL.len());
        for format in Format::ALL {
            assert_eq!(
                (Format::named(format.name()), format.bit().count_ones()),
                (Some(format), 1)
            );
        }
        assert_eq!(Format::named(""), None);
    }
}
