//! Statements that are tables: text with separators, and sheets.
//!
//! Banks agree on nothing: where the table begins, what columns are called, how a number or a date
//! is written. What a table means is guessed once, from its header or from its values, shown as a
//! [`columns::ColumnMapping`], and then applied to every row without a second thought.

pub mod amounts;
pub mod columns;
pub mod dates;
pub mod guessing;
mod parts;
mod rows;
pub mod sheet;
pub mod text;

use columns::ColumnMapping;

/// A table that is understood, and its lines.
pub struct Reading<I> {
    /// How the columns were understood.
    pub mapping: ColumnMapping,
    /// The lines.
    pub lines: I,
}

/// Why a file is no table of a statement.
#[derive(Debug, thiserror::Error)]
pub enum NoTable {
    /// No column of dates and of amounts was found.
    #[error("no columns of dates and amounts were found in the first {0} rows")]
    NoColumns(usize),
    /// The workbook cannot be read, or is larger than it may be.
    #[error("the workbook cannot be read: {0}")]
    Workbook(String),
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

/// How far down a table may begin: banks write letterheads above it.
pub const LETTERHEAD_ROWS: usize = 40;
