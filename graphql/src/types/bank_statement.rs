//! Statements of the market's bank account.

use async_graphql::{Enum, Error, ID, Object};

use super::enums::{BankStatementStatus, DateOrder, StatementColumn, mirrors};
use super::moment::Moment;
use crate::access::{Requires, auth};
use crate::failure::Failure;

mirrors! {
    /// The form of a bank's statement.
    BankStatementFormat of proto::payments::BankStatementFormat {
        /// ISO 20022 camt.053: the movements of a day.
        #[graphql(name = "CAMT053")]
        Camt053 = Camt053,
        /// ISO 20022 camt.054: single credits and debits.
        #[graphql(name = "CAMT054")]
        Camt054 = Camt054,
        /// SWIFT MT940.
        #[graphql(name = "MT940")]
        Mt940 = Mt940,
        /// OFX, SGML or XML.
        Ofx = Ofx,
        /// A table as text, in the shapes of Vietnamese banks.
        Csv = Csv,
        /// A table as a sheet.
        Xlsx = Xlsx,
    }
}

/// A statement that was imported.
pub struct BankStatement(pub proto::payments::BankStatement);

/// A statement that was imported. It is read after the answer: ask for it again.
#[Object(directive = auth::apply(Requires::Operator))]
impl BankStatement {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The file's name.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// Its format, as was said or told by what it holds: `camt`, `mt940`, `ofx`, `csv` or `xlsx`.
    async fn format(&self) -> &str {
        &self.0.format
    }

    /// How far it is.
    async fn status(&self) -> Result<BankStatementStatus, Error> {
        BankStatementStatus::of(self.0.status)
    }

    /// Lines read so far.
    async fn lines(&self) -> i64 {
        self.0.lines
    }

    /// Credits that nobody had told of.
    async fn new(&self) -> i64 {
        self.0.new_credits
    }

    /// Credits that a feed or another statement had told of.
    async fn duplicates(&self) -> i64 {
        self.0.known_credits
    }

    /// Of the new ones, those that were matched at once.
    async fn matched(&self) -> i64 {
        self.0.matched_credits
    }

    /// Of the new ones, those that wait for a person.
    async fn queued(&self) -> i64 {
        self.0.new_credits - self.0.matched_credits
    }

    /// Money that went.
    async fn debits(&self) -> i64 {
        self.0.debits
    }

    /// Lines that could not be read; they are kept.
    async fn unreadable(&self) -> i64 {
        self.0.unreadable
    }

    /// The first two hundred of them.
    async fn problems(&self) -> Vec<StatementProblem> {
        self.0.problems.iter().cloned().map(StatementProblem).collect()
    }

    /// Of a table: how its columns are understood.
    async fn columns(&self) -> Vec<UnderstoodColumn> {
        self.0.columns.iter().cloned().map(UnderstoodColumn).collect()
    }

    /// Of a table: in which order dates are understood.
    async fn date_order(&self) -> Option<DateOrder> {
        DateOrder::of(self.0.date_order).ok()
    }

    /// When it was brought.
    async fn created_at(&self) -> Moment {
        Moment::of(self.0.created_at)
    }
}

/// A line of a statement that could not be read.
pub struct StatementProblem(pub proto::payments::StatementProblem);

/// A line of a statement that could not be read.
#[Object(directive = auth::apply(Requires::Operator))]
impl StatementProblem {
    /// Where it begins in the file, counted from 1.
    async fn line(&self) -> i64 {
        self.0.line
    }

    /// What it says, cut at 500 characters.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// What was not understood, in English.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
}

/// A column of a statement, as it is understood.
pub struct UnderstoodColumn(proto::payments::UnderstoodColumn);

/// A column of a statement, as it is understood.
#[Object(directive = auth::apply(Requires::Operator))]
impl UnderstoodColumn {
    /// Its header, as the bank writes it.
    async fn header(&self) -> &str {
        &self.0.header
    }

    /// What it holds; nothing that matters.
    async fn holds(&self) -> Option<StatementColumn> {
        StatementColumn::of(self.0.holds).ok()
    }
}
