//! The ledger's tables: appended to in one order, never changed.

use kernel::{LedgerEntryId, Money, PageRequest, PostingId, Timestamp};
use platform::{bulk, ids};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entities::{balances, entries, head, postings};
use super::payment::money_of;
use crate::domain::ledger::{ChainedPosting, Posting, chain_hash, movements};

/// The end of the chain, locked: nobody else posts until this transaction ends.
#[derive(Debug)]
pub struct LedgerHead {
    sequence: i64,
    hash: Vec<u8>,
}

/// On PostgreSQL an advisory lock: all who record money alone take it whole, a statement's batches share it. It is
/// waited for in turn, so that a long statement keeps nobody out for longer than its batches under way.
const TURN: i64 = 0x6c65_6467_6572;

/// Locks the end of the chain, as one who records money alone: no batch of a statement is under way.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<LedgerHead, DbErr> {
    take_turn(tx, "pg_advisory_xact_lock").await?;
    lock_end(tx).await
}

/// Keeps out all who record money alone, until this transaction ends. Others who share may be under way, and have
/// the end of the chain: it is locked when it is needed.
pub async fn share(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    take_turn(tx, "pg_advisory_xact_lock_shared").await
}

async fn take_turn(tx: &impl ConnectionTrait, lock: &str) -> Result<(), DbErr> {
    // On SQLite whoever writes is alone.
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT {lock}({TURN})")).await?;
    }
    Ok(())
}

/// Locks the end of the chain. Of whoever shares the turn.
pub async fn lock_end(tx: &impl ConnectionTrait) -> Result<LedgerHead, DbErr> {
    let row = head::Entity::find_by_id(1).lock_exclusive().one(tx).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("ledger_head".to_owned()))?;
    Ok(LedgerHead { sequence: row.sequence, hash: row.hash })
}

/// Appends postings: their entries, the balances, the new end of the chain.
pub async fn append(
    tx: &impl ConnectionTrait,
    mut end: LedgerHead,
    new: &[Posting],
) -> Result<(), DbErr> {
    if new.is_empty() {
        return Ok(());
    }
    let (mut posting_rows, mut entry_rows) = (Vec::with_capacity(new.len()), Vec::new());
    for posting in new {
        end.sequence += 1;
        end.hash = posting.chained_to(&end.hash).to_vec();
        posting_rows.push(posting_row(posting, &end));
        entry_rows.extend(entry_rows_of(posting));
    }
    bulk::insert(tx, posting_rows).await?;
    bulk::insert(tx, entry_rows).await?;
    move_balances(tx, new).await?;
    head::Entity::update_many()
        .col_expr(head::Column::Sequence, Expr::value(end.sequence))
        .col_expr(head::Column::Hash, Expr::value(end.hash))
        .exec(tx)
        .await?;
    Ok(())
}

fn posting_row(posting: &Posting, end: &LedgerHead) -> postings::Model {
    postings::Model {
        sequence: end.sequence,
        id: posting.id.uuid(),
        kind: posting.kind.name().to_owned(),
        subject: posting.subject.clone(),
        idempotency_key: posting.idempotency_key.clone(),
        posted_at: posting.posted_at.micros(),
        hash: end.hash.clone(),
    }
}

fn entry_rows_of(posting: &Posting) -> impl Iterator<Item = entries::Model> + '_ {
    posting.entries.iter().zip(0..).map(|(entry, place)| entries::Model {
        id: ids::new::<LedgerEntryId>().uuid(),
        posting_id: posting.id.uuid(),
        place,
        account: entry.account.to_string(),
        amount_minor: entry.amount.minor,
        currency: entry.amount.currency.code().to_owned(),
    })
}

async fn move_balances(tx: &impl ConnectionTrait, new: &[Posting]) -> Result<(), DbErr> {
    let rows = movements(new).into_iter().map(|((account, currency), (debit, credit))| {
        balances::Model { account, currency: currency.code().to_owned(), debit, credit }
    });
    let end = "ON CONFLICT (account, currency) DO UPDATE SET
        debit = ledger_balances.debit + excluded.debit,
        credit = ledger_balances.credit + excluded.credit";
    bulk::upsert(tx, rows.collect::<Vec<_>>(), end).await
}

/// An account's debits and credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account, as the ledger writes it.
    pub account: String,
    /// All that was debited.
    pub debit: Money,
    /// All that was credited.
    pub credit: Money,
}

/// Every account's balance.
pub async fn balances(db: &impl ConnectionTrait) -> Result<Vec<Balance>, DbErr> {
    let rows = balances::Entity::find().order_by_asc(balances::Column::Account).all(db).await?;
    rows.into_iter().map(balance_of).collect()
}

/// One account's balance, if anything was posted to it.
pub async fn balance(db: &impl ConnectionTrait, account: &str) -> Result<Option<Balance>, DbErr> {
    let row =
        balances::Entity::find().filter(balances::Column::Account.eq(account)).one(db).await?;
    row.map(balance_of).transpose()
}

fn balance_of(row: balances::Model) -> Result<Balance, DbErr> {
    Ok(Balance {
        debit: money_of(row.debit, &row.currency)?,
        credit: money_of(row.credit, &row.currency)?,
        account: row.account,
    })
}

/// An entry with its posting.
#[derive(Clone, Debug)]
pub struct EntryLine {
    /// Id of the entry.
    pub id: LedgerEntryId,
    /// Its posting.
    pub posting: PostingId,
    /// The account.
    pub account: String,
    /// Debit above zero, credit below.
    pub amount: Money,
    /// What the posting is.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// A page of entries, newest first: of all accounts or one, ever or in a span of time (the end left
/// out).
pub async fn entries(
    db: &impl ConnectionTrait,
    account: Option<&str>,
    span: Option<(Timestamp, Timestamp)>,
    request: &PageRequest<Uuid>,
) -> Result<Vec<EntryLine>, DbErr> {
    use entries::Column;
    let mut select = entries::Entity::find().limit(request.limit());
    select = match account {
        Some(account) => select.filter(Column::Account.eq(account)).order_by_desc(Column::Id),
        None => select.order_by_desc(Column::PostingId).order_by_desc(Column::Place),
    };
    if let Some(after) = request.after {
        let place = if account.is_none() { place_of(db, after).await? } else { None };
        select = select.filter(match place {
            Some((posting, place)) => {
                let beside = Column::PostingId.eq(posting).and(Column::Place.lt(place));
                Column::PostingId.lt(posting).or(beside)
            }
            None => Column::Id.lt(after),
        });
    }
    if let Some((from, until)) = span {
        let within = Query::select()
            .column(postings::Column::Id)
            .from(postings::Entity)
            .and_where(postings::Column::PostedAt.gte(from.micros()))
            .and_where(postings::Column::PostedAt.lt(until.micros()))
            .to_owned();
        select = select.filter(Column::PostingId.in_subquery(within));
    }
    let rows = select.all(db).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.posting_id).collect();
    let found = postings::Entity::find().filter(postings::Column::Id.is_in(ids)).all(db).await?;
    let found: std::collections::HashMap<Uuid, postings::Model> =
        found.into_iter().map(|posting| (posting.id, posting)).collect();
    rows.into_iter()
        .filter_map(|row| found.get(&row.posting_id).map(|posting| (row, posting)))
        .map(|(row, posting)| {
            Ok(EntryLine {
                id: LedgerEntryId::from_uuid(row.id),
                posting: PostingId::from_uuid(row.posting_id),
                amount: money_of(row.amount_minor, &row.currency)?,
                account: row.account,
                kind: posting.kind.clone(),
                subject: posting.subject.clone(),
                posted_at: Timestamp::from_micros(posting.posted_at),
            })
        })
        .collect()
}

/// How long after its posting's id an entry's may be given to be found by it: the first 48 bits of both say
/// milliseconds (UUIDv7, RFC 9562).
const AFTER_ITS_POSTING_MS: u128 = 3_600_000;

/// The posting of an entry and its place there. There is no index of ids, but an entry's id was given soon
/// after its posting's.
async fn place_of(db: &impl ConnectionTrait, entry: Uuid) -> Result<Option<(Uuid, i32)>, DbErr> {
    use entries::Column;
    let wanted = || {
        entries::Entity::find()
            .select_only()
            .columns([Column::PostingId, Column::Place])
            .filter(Column::Id.eq(entry))
    };
    let earliest = entry.as_u128().saturating_sub(AFTER_ITS_POSTING_MS << 80);
    let near = wanted()
        .filter(Column::PostingId.gte(Uuid::from_u128(earliest)))
        .filter(Column::PostingId.lt(entry));
    if let Some(found) = near.into_tuple().one(db).await? {
        return Ok(Some(found));
    }
    wanted().into_tuple().one(db).await
}

/// How many postings are read at once when the chain is rebuilt.
const CHAIN_PAGE: u64 = 1_000;

/// Walks the chain from its beginning; says where what is written does not give the kept hash.
pub async fn rebuild_chain(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let (mut sequence, mut previous) = (0, Vec::new());
    let mut findings = Vec::new();
    // Where the end was ahead: money may be recorded meanwhile.
    let mut ahead = None;
    loop {
        let page = postings::Entity::find()
            .filter(postings::Column::Sequence.gt(sequence))
            .order_by_asc(postings::Column::Sequence)
            .limit(CHAIN_PAGE)
            .all(db)
            .await?;
        let Some(last) = page.last() else {
            let end = head::Entity::find_by_id(1).one(db).await?;
            let place = end.map(|end| (end.sequence, end.hash));
            // What was recorded since this page was read is there now: one more look.
            if place.as_ref().is_some_and(|(end, _)| *end > sequence)
                && ahead.replace(sequence) != Some(sequence)
            {
                continue;
            }
            if place != Some((sequence, previous)) {
                findings.push("the end of the hash chain is not where it should be".to_owned());
            }
            return Ok(findings);
        };
        let next = (last.sequence, last.hash.clone());
        let mut lines = entries_of(db, &page).await?;
        for row in &page {
            let expected = hash_of(row, lines.remove(&row.id).unwrap_or_default(), &previous);
            if expected.as_slice() != row.hash || row.sequence != sequence + 1 {
                findings.push(format!("the hash chain is broken at posting {}", row.sequence));
            }
            (sequence, previous) = (row.sequence, row.hash.clone());
        }
        (sequence, previous) = next;
    }
}

async fn entries_of(
    db: &impl ConnectionTrait,
    page: &[postings::Model],
) -> Result<std::collections::HashMap<Uuid, Vec<entries::Model>>, DbErr> {
    let rows = entries::Entity::find()
        .filter(entries::Column::PostingId.is_in(page.iter().map(|row| row.id)))
        .order_by_asc(entries::Column::Place)
        .all(db)
        .await?;
    let mut lines: std::collections::HashMap<Uuid, Vec<entries::Model>> =
        std::collections::HashMap::new();
    for row in rows {
        lines.entry(row.posting_id).or_default().push(row);
    }
    Ok(lines)
}

fn hash_of(row: &postings::Model, lines: Vec<entries::Model>, previous: &[u8]) -> [u8; 32] {
    let texts: Vec<(String, i64, String)> =
        lines.into_iter().map(|line| (line.account, line.amount_minor, line.currency)).collect();
    chain_hash(
        previous,
        ChainedPosting {
            id: &PostingId::from_uuid(row.id).to_string(),
            kind: &row.kind,
            subject: &row.subject,
            idempotency_key: &row.idempotency_key,
            posted_at: Timestamp::from_micros(row.posted_at),
        },
        texts
            .iter()
            .map(|(account, minor, currency)| (account.as_str(), *minor, currency.as_str())),
    )
}
