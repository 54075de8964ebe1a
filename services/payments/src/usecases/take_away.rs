//! Statements as files: what the API tells, laid out and written.

use kernel::{Locale, ShopScope};

use super::report::{self, Days};
use crate::Payments;
use crate::domain::takeaway::{self, StatementOf, Words};
use crate::providers::takeaway::{FileFormat, write};
use crate::store;

/// The most lines behind a statement's figures in one file; a longer span is taken away in parts.
pub const MOST_LINES: u64 = 20_000;

/// A file.
#[derive(Clone, Debug)]
pub struct WrittenFile {
    /// A name for it.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum TakeAwayError {
    /// More lines than a file holds.
    #[error("a file holds at most {MOST_LINES} lines")]
    TooManyLines,
    /// It could not be read or written.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The days, both included.
    pub days: Days,
    /// In which format.
    pub format: FileFormat,
    /// In which language.
    pub locale: Locale,
}

/// A shop's statement. A workbook has its lines, too.
pub async fn shop_statement(
    payments: &Payments,
    scope: ShopScope,
    (shop_name, tax_code): (String, String),
    wanted: Wanted,
) -> Result<WrittenFile, TakeAwayError> {
    let Wanted { days, format, locale } = wanted;
    let statement = report::shop_statement(payments, scope, days).await?;
    let lines = if format == FileFormat::Xlsx {
        if statement.total.lines > MOST_LINES {
            return Err(TakeAwayError::TooManyLines);
        }
        let db = payments.0.database.reader();
        let lines = store::shop_line::all_of_shop(db, scope, days.span(), MOST_LINES).await;
        lines.map_err(anyhow::Error::from)?
    } else {
        Vec::new()
    };
    let made_at = payments.0.clock.now();
    let of = StatementOf { shop_name, tax_code, from: days.from, to: days.to, made_at };
    let tables = takeaway::shop_statement(&Words::of(locale), &of, &statement, &lines);
    let tables = tables.map_err(anyhow::Error::from)?;
    file("sao-ke", wanted, &tables)
}

/// The reconciliation of some days.
pub async fn reconciliation(
    payments: &Payments,
    wanted: Wanted,
) -> Result<WrittenFile, TakeAwayError> {
    let Wanted { days, locale, .. } = wanted;
    let found = report::reconciliation(payments, days).await.map_err(anyhow::Error::from)?;
    let span = (days.from, days.to, payments.0.clock.now());
    let tables = takeaway::reconciliation(&Words::of(locale), span, &found.days, &found.aging);
    file("doi-soat", wanted, &tables)
}

fn file(
    what: &str,
    Wanted { days, format, .. }: Wanted,
    tables: &takeaway::Takeaway,
) -> Result<WrittenFile, TakeAwayError> {
    Ok(WrittenFile {
        name: format!("{what}-{}-{}.{}", days.from, days.to, format.extension()),
        media_type: format.media_type(),
        content: write(tables, format).map_err(anyhow::Error::from)?,
    })
}
