//! Statements to take away: tables of words and amounts, before they become a file of some format.
//!
//! Their figures are the API's: they are laid out here and never reckoned again.

mod reconciliation;
mod shop_statement;
mod words;

use kernel::{Locale, Money};

pub use reconciliation::reconciliation;
pub use shop_statement::{StatementOf, shop_statement};
pub use words::Words;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// An amount.
    Amount(Money),
    /// A number of things.
    Count(i64),
}

impl Cell {
    /// A cell of words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// Nothing.
    pub const fn empty() -> Self {
        Self::Text(String::new())
    }

    /// Whether it is a number, which stands to the right.
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Amount(_) | Self::Count(_))
    }

    /// As people of a language read it.
    pub fn formatted(&self, locale: Locale) -> String {
        match self {
            Self::Text(words) => words.clone(),
            Self::Amount(amount) => amount.formatted(locale),
            Self::Count(count) => count.to_string(),
        }
    }
}

/// A table with its headings, rows and, where its columns are summed, the last line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub name: String,
    /// One heading a column.
    pub headings: Vec<String>,
    /// The rows; each has as many cells as there are headings.
    pub rows: Vec<Vec<Cell>>,
    /// The line of sums.
    pub total: Option<Vec<Cell>>,
}

/// Something to take away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeaway {
    /// The language of its words.
    pub locale: Locale,
    /// What it is.
    pub title: String,
    /// What it is about: a name and what it is.
    pub head: Vec<(String, Cell)>,
    /// Its tables: the first is the statement itself, the others are what stands behind it.
    pub tables: Vec<Table>,
    /// How the number of a page is said: `{page}` and `{pages}` are put in.
    pub page_words: String,
}
