//! Imports a bank's statement: kept as it came, then read line by line in batches. A batch and the
//! place where the next begins are one transaction, so a crash loses and repeats nothing.

use std::io::Cursor;
use std::time::Duration;

use kernel::{StatementId, Timestamp};
use platform::ids;
use sha2::{Digest, Sha256};

use super::record_credits::{Incoming, STATEMENT, record_credits};
use super::record_debits::record_debits;
use crate::Payments;
use crate::domain::occurrence::Occurrences;
use crate::domain::statement::{StatementLine, UnreadableLine};
use crate::providers::statements;
use crate::providers::statements::table::columns::ColumnMapping;
use crate::store;
use crate::store::statement::{Counts, Statement};

/// Lines in one transaction.
const BATCH: usize = 1_000;
/// The most bytes of a statement: about half a million lines.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// How often a statement is tried that fails by a fault.
const ATTEMPTS: i32 = 5;
/// How long the worker sleeps when nobody wakes it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a statement was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportStatementError {
    /// It is empty.
    #[error("the statement is empty")]
    Empty,
    /// It is too large.
    #[error("the statement has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// It is in no format that can be read; the text says why, in English.
    #[error("{0}")]
    Unreadable(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}

/// Takes a statement. The same bytes again are the same statement.
pub async fn import_statement(
    payments: &Payments,
    file_name: &str,
    body: Vec<u8>,
    imported_by: &str,
) -> Result<Statement, ImportStatementError> {
    if body.is_empty() {
        return Err(ImportStatementError::Empty);
    }
    if body.len() > MAX_BYTES {
        return Err(ImportStatementError::TooLarge);
    }
    // What cannot be opened at all is refused at once, and not kept.
    let (format, guessed) = {
        let opened = statements::read(Cursor::new(body.as_slice()), None);
        let opened = opened.map_err(|error| ImportStatementError::Unreadable(error.to_string()))?;
        (opened.format, opened.mapping)
    };
    let service = &payments.0;
    let mapping = match guessed {
        Some(guessed) => Some(as_corrected(payments, guessed).await?),
        None => None,
    };
    let statement = store::statement::NewStatement {
        id: ids::new(),
        file_name: file_name.replace('\0', ""),
        sha256: Sha256::digest(&body).to_vec(),
        body,
        imported_by: imported_by.to_owned(),
        format: format.to_owned(),
        mapping: mapping.as_ref().map(written),
        created_at: service.clock.now(),
    };
    let tx = service.database.begin().await?;
    let kept = store::statement::insert(&tx, statement).await?;
    tx.commit().await?;
    service.stated.notify_one();
    Ok(kept)
}

/// What was guessed, with the columns as a person said of tables of this shape, if one did.
async fn as_corrected(
    payments: &Payments,
    guessed: ColumnMapping,
) -> Result<ColumnMapping, sea_orm::DbErr> {
    let Some(shape) = guessed.shape() else { return Ok(guessed) };
    let db = payments.0.database.reader();
    let said = store::statement_mapping::of_shape(db, &shape).await?;
    let said = said.as_deref().and_then(understood);
    Ok(match said {
        Some(said) => guessed.understood_as(&said),
        None => guessed,
    })
}

/// A mapping as it is kept.
pub fn written(mapping: &ColumnMapping) -> String {
    serde_json::to_string(mapping).unwrap_or_default()
}

/// A kept mapping; none of statements that were taken before mappings were kept.
pub fn understood(kept: &str) -> Option<ColumnMapping> {
    serde_json::from_str(kept).ok()
}

/// Sleeps until a statement was taken (or for a while), then works on all that wait.
pub async fn run_when_told(payments: &Payments) -> anyhow::Result<()> {
    let _ = tokio::time::timeout(PATIENCE, payments.0.stated.notified()).await;
    process_statements(payments).await
}

/// Works on all statements that wait.
pub async fn process_statements(payments: &Payments) -> anyhow::Result<()> {
    while let Some(id) = store::statement::next_waiting(payments.0.database.reader()).await? {
        if let Err(error) = process(payments, id).await {
            let error = format!("{error:#}");
            tracing::error!(statement = %id, error, "a statement could not be worked on");
            give_up_after_some(payments, id, &error).await?;
        }
    }
    Ok(())
}

async fn give_up_after_some(
    payments: &Payments,
    id: StatementId,
    error: &str,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let tx = service.database.begin().await?;
    store::statement::note_failure(&tx, id, error, ATTEMPTS, service.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn process(payments: &Payments, id: StatementId) -> anyhow::Result<()> {
    process_batches(payments, id, usize::MAX).await
}

/// Reads on from where the statement stands, at most so many batches: tests die in between.
pub async fn process_batches(
    payments: &Payments,
    id: StatementId,
    most: usize,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let Some((statement, body)) =
        store::statement::with_body(service.database.reader(), id).await?
    else {
        return Ok(());
    };
    let mapping = statement.mapping.as_deref().and_then(understood);
    let mut lines = statements::read(Cursor::new(body.as_slice()), mapping.as_ref())?.lines;
    let mut occurrences = Occurrences::new();
    let mut batch = Batch::default();
    let (mut done, mut written, mut batches) = (0, statement.counts.lines_read, 0);
    loop {
        let line = lines.next();
        let ended = line.is_none();
        if let Some(line) = line {
            done += 1;
            // Identical lines are counted from the beginning, so lines of before are read, too.
            let skipped = done <= statement.counts.lines_read;
            batch.take(payments, line, &mut occurrences, skipped);
        }
        if batch.lines >= BATCH as u64 || (ended && batch.lines > 0) {
            let lines = batch.lines;
            if !write(payments, id, written, std::mem::take(&mut batch)).await? {
                // Another process works on it.
                return Ok(());
            }
            written += lines;
            batches += 1;
            if batches == most {
                return Ok(());
            }
        }
        if ended {
            break;
        }
    }
    let tx = service.database.begin().await?;
    store::statement::end(&tx, id, service.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Lines that are written together.
#[derive(Default)]
struct Batch {
    lines: u64,
    credits: Vec<Incoming>,
    debits: Vec<Incoming>,
    unreadable: Vec<UnreadableLine>,
}

impl Batch {
    fn take(
        &mut self,
        payments: &Payments,
        line: Result<StatementLine, UnreadableLine>,
        occurrences: &mut Occurrences,
        skipped: bool,
    ) {
        let line = match line {
            Ok(line) => line,
            Err(unreadable) => {
                if !skipped {
                    self.lines += 1;
                    self.unreadable.push(unreadable.storable());
                }
                return;
            }
        };
        let now = payments.0.clock.now();
        let told = told(payments, line, occurrences, now);
        if skipped {
            return;
        }
        self.lines += 1;
        if told.amount.is_positive() {
            self.credits.push(told);
        } else {
            self.debits.push(told);
        }
    }
}

fn told(
    payments: &Payments,
    mut line: StatementLine,
    occurrences: &mut Occurrences,
    now: Timestamp,
) -> Incoming {
    let own = &payments.0.receiving_account;
    line.account.retain(|c| c.is_ascii_alphanumeric());
    if line.account.is_empty() {
        // A table without a letterhead is the account's that the market has.
        line.account.clone_from(&own.account);
    }
    // Of the line as it came: what is stripped of it must not make it another line.
    let identity = occurrences.identity(&line);
    let line = line.storable();
    Incoming {
        feed: STATEMENT.to_owned(),
        provider_id: format!("{identity:032x}"),
        statement_identity: Some(identity),
        bank: own.bank_name.clone(),
        account_number: line.account,
        amount: line.amount,
        memo: line.memo,
        bank_reference: line.bank_reference,
        counterparty_name: line.counterparty_name,
        counterparty_account: line.counterparty_account,
        counterparty_bin: None,
        booked_at: line.booked_at,
        received_at: now,
    }
}

/// Writes a batch that begins behind so many lines; not if another process wrote it by now.
async fn write(
    payments: &Payments,
    id: StatementId,
    behind: u64,
    batch: Batch,
) -> anyhow::Result<bool> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    if store::statement::by_id(&tx, id).await?.map(|now| now.counts.lines_read) != Some(behind) {
        return Ok(false);
    }
    let debits = batch.debits.len() as u64;
    let recorded = record_credits(payments, &tx, end, batch.credits, now).await?;
    let end = store::ledger::lock(&tx).await?;
    record_debits(&tx, end, batch.debits, now).await?;
    store::statement::note_problems(&tx, id, &batch.unreadable).await?;
    let counts = Counts {
        lines_read: batch.lines,
        credits_new: recorded.new_credits(),
        credits_known: recorded.known,
        credits_matched: recorded.matched(),
        debits,
        unreadable: batch.unreadable.len() as u64,
    };
    store::statement::add(&tx, id, counts).await?;
    tx.commit().await?;
    recorded.count_metrics();
    Ok(true)
}
