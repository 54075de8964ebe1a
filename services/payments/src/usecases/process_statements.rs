//! Works on statements that were taken: line by line, in batches. A batch and the place where the next begins
//! are one transaction, so a crash loses and repeats nothing. While one batch posts and commits, the next is
//! recorded; they commit in their order. One process works on a statement at a time, for as long as it says that
//! it does; reading blocks no other work.

use std::collections::HashSet;
use std::io::Cursor;
use std::time::Duration;

use kernel::{StatementId, Timestamp};
use platform::database::{Transaction, is_transient, violated_constraint};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use super::import_statement::understood;
use super::recognise_credits::beside_other_formats;
use super::record_credits::{End, Incoming, STATEMENT, record_credits};
use super::record_debits::record_debits;
use crate::Payments;
use crate::domain::occurrence::Occurrences;
use crate::domain::payment_code::PaymentCode;
use crate::domain::statement::{Format, StatementLine, UnreadableLine, UnreadableReason};
use crate::providers::statements;
use crate::store;
use crate::store::statement::{Counts, Statement};

/// Lines in one transaction.
const BATCH: usize = 1_000;
/// How often a statement is tried that fails by a fault of its own.
const ATTEMPTS: i32 = 5;
/// Before the second try; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// Before the next try when the database cannot be reached: no fault of the statement.
const OUTAGE: Duration = Duration::from_secs(5);
/// How long a process has a statement for itself, unless it says again that it works on it.
const CLAIMED: Duration = Duration::from_secs(60);
/// After so long without a batch a process says that it works on a statement.
const REMINDER: Duration = Duration::from_secs(20);

/// Works on all statements that wait.
pub async fn process_statements(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    while let Some(id) =
        store::statement::next_waiting(service.database.reader(), service.clock.now()).await?
    {
        if !claim(payments, id).await? {
            continue;
        }
        if let Err(error) = process_batches(payments, id, usize::MAX).await {
            let problem = format!("{error:#}");
            tracing::error!(statement = %id, error = problem, "a statement could not be worked on");
            pause(payments, id, &error, &problem).await?;
        }
    }
    Ok(())
}

async fn claim(payments: &Payments, id: StatementId) -> anyhow::Result<bool> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let claimed = store::statement::claim(&tx, id, now, now.after(CLAIMED)).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Has a statement that failed tried again later, or gives it up.
async fn pause(
    payments: &Payments,
    id: StatementId,
    error: &anyhow::Error,
    problem: &str,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let others_fault = |cause: &DbErr| is_transient(cause) || told_by_another(cause);
    let outage = error.chain().any(|cause| cause.downcast_ref::<DbErr>().is_some_and(others_fault));
    let tx = service.database.begin().await?;
    if outage {
        store::statement::hold(&tx, id, now.after(OUTAGE)).await?;
    } else {
        let tries = (ATTEMPTS, FIRST_PAUSE);
        store::statement::note_failure(&tx, id, problem, tries, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether another statement told of the same line at the same moment: looked at again, it is known.
fn told_by_another(error: &DbErr) -> bool {
    // Its identity is a credit's or a debit's own, or an alias of one.
    let of_lines = ["statement", "credit_aliases", "debit_aliases"];
    violated_constraint(error).is_some_and(|name| of_lines.iter().any(|part| name.contains(part)))
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
    let (mut written, mut count) = (statement.counts.lines_read, 0);
    let (out, mut batches) = mpsc::channel(1);
    let reader = payments.clone();
    let reading =
        tokio::task::spawn_blocking(move || read_batches(&reader, &statement, &body, &out));
    let mut codes_before = HashSet::new();
    let mut under_way: Option<AbortOnDropHandle<anyhow::Result<bool>>> = None;
    while count < most {
        let batch = match tokio::time::timeout(REMINDER, batches.recv()).await {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(_still_reading) => {
                remind(payments, id).await?;
                continue;
            }
        };
        let (lines, (told, recorded)) = (batch.lines, oneshot::channel());
        let before = std::mem::take(&mut codes_before);
        // On SQLite the batch before has ended when the next begins.
        if service.database.backend() == DbBackend::Postgres {
            let credits = batch.credits.iter();
            codes_before = credits.flat_map(|credit| credit.codes.iter().copied()).collect();
        }
        let turn = End::Shared { recorded: told, before };
        let writing = tokio::spawn(write(payments.clone(), id, written, batch, turn));
        if let Some(before) = under_way.replace(AbortOnDropHandle::new(writing))
            && !before.await??
        {
            // Another process works on it.
            return Ok(());
        }
        // It says nothing if it fails: that is heard of when its end is waited for.
        let _ = recorded.await;
        written += lines;
        count += 1;
    }
    if let Some(last) = under_way
        && !last.await??
    {
        return Ok(());
    }
    if count == most {
        return Ok(());
    }
    reading.await??;
    let tx = service.database.begin().await?;
    store::statement::end(&tx, id, service.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn remind(payments: &Payments, id: StatementId) -> anyhow::Result<()> {
    let service = &payments.0;
    let tx = service.database.begin().await?;
    store::statement::hold(&tx, id, service.clock.now().after(CLAIMED)).await?;
    tx.commit().await?;
    Ok(())
}

/// Reads a statement into batches, as fast as they are taken; until nobody takes them any more. It
/// blocks: unpacking and parsing take their time.
fn read_batches(
    payments: &Payments,
    statement: &Statement,
    body: &[u8],
    out: &mpsc::Sender<Batch>,
) -> anyhow::Result<()> {
    let mapping = statement.mapping.as_deref().and_then(understood);
    let reader = Some(statement.format.as_str());
    let lines = statements::read_as(reader, Cursor::new(body), mapping.as_ref())?.lines;
    let format = Format::named(&statement.format);
    let mut occurrences = Occurrences::new();
    let mut batch = Batch::default();
    for (line, before) in lines.zip(0..) {
        // Identical lines are counted from the beginning, so lines of before are read, too.
        let skipped = before < statement.counts.lines_read;
        let says_whose = line.as_ref().is_ok_and(names_account);
        let line = line.and_then(|line| on_account(payments, statement, line));
        batch.proves_account |= says_whose && line.is_ok() && !skipped;
        batch.take(payments, format, line, &mut occurrences, skipped);
        if batch.lines >= BATCH as u64 && out.blocking_send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
    }
    if batch.lines > 0 {
        // Nobody waits for it, if another process works on the statement.
        drop(out.blocking_send(batch));
    }
    Ok(())
}

/// Lines that are written together.
#[derive(Default)]
struct Batch {
    lines: u64,
    credits: Vec<Incoming>,
    debits: Vec<Incoming>,
    unreadable: Vec<UnreadableLine>,
    /// Whether a line says by itself that it is of the account that the statement was brought for.
    proves_account: bool,
}

impl Batch {
    fn take(
        &mut self,
        payments: &Payments,
        format: Option<Format>,
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
        let told = Incoming { stated_by: format, ..told(payments, line, occurrences, now) };
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

/// Whether a line, or the letterhead above it, names an account.
fn names_account(line: &StatementLine) -> bool {
    line.account.contains(|letter: char| letter.is_ascii_alphanumeric())
}

/// A line with the account that it is on. A table without a letterhead is of the account that it was brought
/// for; a shop's statement tells of no other, and neither does one that was brought for one account.
fn on_account(
    payments: &Payments,
    statement: &Statement,
    mut line: StatementLine,
) -> Result<StatementLine, UnreadableLine> {
    line.account.retain(|c| c.is_ascii_alphanumeric());
    let of_shop = statement.of_shop.as_ref().map(|(_, number)| number);
    let only = of_shop.or(statement.only_account.as_ref());
    let own = only.unwrap_or(&payments.0.receiving_account.account);
    if line.account.is_empty() {
        line.account.clone_from(own);
    }
    if only.is_some() && line.account != *own {
        let reason = UnreadableReason::OtherAccount(line.account);
        return Err(UnreadableLine { line: line.line, text: line.memo, reason });
    }
    Ok(line)
}

fn told(
    payments: &Payments,
    line: StatementLine,
    occurrences: &mut Occurrences,
    now: Timestamp,
) -> Incoming {
    let own = &payments.0.receiving_account;
    // Of the line as it came: what is stripped of it must not make it another line.
    let identity = occurrences.identity(&line);
    let line = line.storable();
    Incoming {
        feed: STATEMENT.to_owned(),
        provider_id: format!("{identity:032x}"),
        statement_identity: Some(identity),
        stated_by: None,
        bank: if line.account == own.account { own.bank_name.clone() } else { String::new() },
        account_number: line.account,
        sub_account: None,
        amount: line.amount,
        codes: PaymentCode::find_in(&line.memo),
        memo: line.memo,
        bank_reference: line.bank_reference,
        counterparty_name: line.counterparty_name,
        counterparty_account: line.counterparty_account,
        counterparty_bin: None,
        booked_at: line.booked_at,
        received_at: now,
    }
}

/// Writes a batch that begins behind so many lines; not if another process wrote it by now. A shop's account is heard with the first line that names it: a file that tells of
/// no account, or of another, may be anybody's.
async fn write(
    payments: Payments,
    id: StatementId,
    behind: u64,
    batch: Batch,
    turn: End,
) -> anyhow::Result<bool> {
    match write_behind(&payments, id, behind, batch, turn).await {
        // What another process wrote meanwhile may have been in the way.
        Err(error) if !went_on(&payments, id, behind).await => Err(error),
        Err(_) => Ok(false),
        done => done,
    }
}

async fn went_on(payments: &Payments, id: StatementId, behind: u64) -> bool {
    let statement = store::statement::by_id(payments.0.database.reader(), id).await;
    statement.is_ok_and(|found| found.is_some_and(|one| one.counts.lines_read > behind))
}

/// Takes the turn of a batch: the whole of it, if another statement waits or is worked on and those of several formats
/// tell of these accounts. What one of them writes must be seen before the same lines are looked for: nothing
/// else tells that they are the same.
async fn take_turn(
    tx: &Transaction,
    id: StatementId,
    batch: &Batch,
    shared: End,
) -> Result<End, DbErr> {
    // On SQLite whoever writes is alone.
    if tx.get_database_backend() == DbBackend::Postgres
        && store::stated::is_other_waiting(tx, id).await?
        && (beside_other_formats(tx, &batch.credits).await?.is_some()
            || beside_other_formats(tx, &batch.debits).await?.is_some())
    {
        // The next batch hears that it may begin by what is dropped here: it waits for the turn.
        return Ok(End::Held(store::ledger::lock(tx).await?));
    }
    store::ledger::share(tx).await?;
    Ok(shared)
}

async fn write_behind(
    payments: &Payments,
    id: StatementId,
    behind: u64,
    batch: Batch,
    turn: End,
) -> anyhow::Result<bool> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let turn = take_turn(&tx, id, &batch, turn).await?;
    let debits = batch.debits.len() as u64;
    let recorded = record_credits(payments, &tx, turn, batch.credits, now).await?;
    // The end of the ledger is locked by now: whoever has it sees all that was written before.
    let Some(statement) = store::statement::by_id(&tx, id).await? else { return Ok(false) };
    if statement.counts.lines_read != behind {
        return Ok(false);
    }
    let heard = statement.of_shop.filter(|_| batch.proves_account);
    if debits > 0 {
        let end = store::ledger::lock_end(&tx).await?;
        record_debits(&tx, end, batch.debits, now).await?;
    }
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
    store::statement::hold(&tx, id, now.after(CLAIMED)).await?;
    if let Some((_, number)) = &heard {
        store::shop_account::note_heard(&tx, number, now).await?;
    }
    tx.commit().await?;
    if heard.is_some() {
        service.destinations.forget().await;
    }
    recorded.count_metrics();
    Ok(true)
}
