//! Product files: read into drafts, with a problem for each thing that was not understood.
//!
//! Pure: bytes in, drafts and problems out. Nothing here writes a product.

mod chonoi;
mod export;
mod problems;
mod shopify;
mod table;

pub use export::{export_chonoi, export_shopify};
pub use problems::{ImportProblem, ProblemCode, of_draft};

use super::product::ProductDraft;

/// The largest file.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;
/// The most rows of a file.
pub const MAX_ROWS: usize = 10_000;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// Our own columns.
    Chonoi,
    /// Shopify's product CSV.
    Shopify,
}

impl ImportFormat {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chonoi => "chonoi",
            Self::Shopify => "shopify",
        }
    }
}

/// A product of a file: the draft, or what was wrong with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProduct {
    /// Its first line; the header is line 1.
    pub line: u32,
    /// The line of each variant of the draft.
    pub variant_lines: Vec<u32>,
    /// What it is.
    pub draft: ProductDraft,
    /// What was wrong, and what was left out; a product with a problem that is no notice is not written.
    pub problems: Vec<ImportProblem>,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// It is too large.
    #[error("the file is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// It has too many rows.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// It is no text that we know how to read.
    #[error("the file is no UTF-8 or UTF-16 text")]
    NotText,
    /// It has no rows.
    #[error("the file is empty")]
    Empty,
    /// Columns are missing that must be there.
    #[error("columns are missing: {}", .0.join(", "))]
    ColumnsMissing(Vec<&'static str>),
    /// A row cannot be read as CSV.
    #[error("line {0} is not CSV")]
    NotCsv(u32),
}

/// Reads a file.
pub fn read(format: ImportFormat, file: &[u8]) -> Result<Vec<FileProduct>, FileRefused> {
    if file.len() > MAX_FILE_BYTES {
        return Err(FileRefused::TooLarge);
    }
    let table = table::Table::read(file)?;
    match format {
        ImportFormat::Chonoi => chonoi::read(&table),
        ImportFormat::Shopify => shopify::read(&table),
    }
}
