//! Forgets what a service kept for a while: published events, what consumers noted as done, answers to
//! requests, settled dead letters. In small transactions, so that nobody waits for them long.

use std::time::Duration;

use kernel::Timestamp;
use sea_orm::sea_query::{DeleteStatement, Expr, ExprTrait, LockBehavior, LockType, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, DeriveIden, EntityName, EntityTrait, QueryFilter,
    Statement,
};
use uuid::Uuid;

use crate::database::Database;

/// How long published events are kept: so long a lost event stream can be filled again.
const EVENTS_KEPT: Duration = Duration::from_hours(3 * 24);
/// How long consumers know what they did: longer than any event may come again.
const INBOX_KEPT: Duration = Duration::from_hours(14 * 24);
/// How long the same request gets the same answer.
const ANSWERS_KEPT: Duration = Duration::from_hours(90 * 24);
/// How long dead letters are kept that were settled.
const LETTERS_KEPT: Duration = Duration::from_hours(90 * 24);
/// Rows of one transaction.
const BATCH: u64 = 1_000;
/// The most transactions of one table in one run: events wait for its end.
const BATCHES: usize = 5;

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Seq,
    PublishedAt,
}

#[derive(DeriveIden)]
enum Inbox {
    Table,
    Consumer,
    EventId,
    ReceivedAt,
}

#[derive(DeriveIden)]
enum Idempotency {
    Table,
    Scope,
    Key,
    CreatedAt,
}

#[derive(DeriveIden)]
enum DeadLetters {
    Table,
    Id,
    ReplayedAt,
}

/// Forgets some of what is old enough; says whether all of it is gone.
pub async fn prune(database: &Database, now: Timestamp) -> Result<bool, DbErr> {
    let mut all = remove(database, &old_events(now.before(EVENTS_KEPT))).await?;
    for consumer in consumers(database).await? {
        all &= remove(database, &done_by(&consumer, now.before(INBOX_KEPT))).await?;
    }
    all &= remove(database, &old_answers(now.before(ANSWERS_KEPT))).await?;
    all &= remove(database, &settled_letters(now.before(LETTERS_KEPT))).await?;
    Ok(all)
}

/// Removes rows of a table, named by their id, whose moment is before another one: the oldest first, at most so
/// many; says how many went. A row that somebody changes just now is left for the next time (on PostgreSQL;
/// on SQLite nobody does): who waited for it with others in hand could be waited for.
pub async fn remove_older<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    (id, moment): (E::Column, E::Column),
    before: Timestamp,
    at_most: u64,
) -> Result<u64, DbErr> {
    let old = Query::select()
        .column(id.as_column_ref())
        .from(EntityName::table_ref(&E::default()))
        .and_where(Expr::col(moment.as_column_ref()).lt(before.micros()))
        .order_by(moment.as_column_ref(), Order::Asc)
        .limit(at_most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    let chosen = Expr::col(id.as_column_ref()).in_subquery(old);
    let gone = E::delete_many().filter(chosen).exec(tx).await?;
    Ok(gone.rows_affected)
}

/// Removes batch by batch; says whether nothing is left.
async fn remove(database: &Database, delete: &DeleteStatement) -> Result<bool, DbErr> {
    for _ in 0..BATCHES {
        let tx = database.begin().await?;
        let gone = tx.execute(delete).await?.rows_affected();
        tx.commit().await?;
        if gone < BATCH {
            return Ok(true);
        }
    }
    Ok(false)
}

fn old_events(before: Timestamp) -> DeleteStatement {
    let old = Query::select()
        .column(Outbox::Seq)
        .from(Outbox::Table)
        .and_where(Expr::col(Outbox::PublishedAt).lt(before.micros()))
        .order_by(Outbox::PublishedAt, Order::Asc)
        .limit(BATCH)
        .to_owned();
    delete_where(Outbox::Table, Expr::col(Outbox::Seq).in_subquery(old))
}

/// Events have the moment of their making in their ids, and the inbox is sorted by those: what is old is
/// found without looking at the rest. An event may come late, so it is the note that must be old, too.
fn done_by(consumer: &str, before: Timestamp) -> DeleteStatement {
    let old = Query::select()
        .column(Inbox::EventId)
        .from(Inbox::Table)
        .and_where(Expr::col(Inbox::Consumer).eq(consumer))
        .and_where(Expr::col(Inbox::EventId).lt(first_id_at(before)))
        .and_where(Expr::col(Inbox::ReceivedAt).lt(before.micros()))
        .order_by(Inbox::EventId, Order::Asc)
        .limit(BATCH)
        .to_owned();
    Query::delete()
        .from_table(Inbox::Table)
        .and_where(Expr::col(Inbox::Consumer).eq(consumer))
        .and_where(Expr::col(Inbox::EventId).in_subquery(old))
        .to_owned()
}

/// The least id of a moment (RFC 9562, 5.7: the first 48 bits are milliseconds).
pub fn first_id_at(moment: Timestamp) -> Uuid {
    let millis = u64::try_from(moment.micros() / 1_000).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

/// The consumers that noted anything, by jumping from one to the next in the index.
async fn consumers(database: &Database) -> Result<Vec<String>, DbErr> {
    let question = "WITH RECURSIVE names (name) AS (
            SELECT MIN(consumer) FROM inbox
            UNION ALL
            SELECT (SELECT MIN(i.consumer) FROM inbox i WHERE i.consumer > names.name)
            FROM names WHERE names.name IS NOT NULL
        ) SELECT name FROM names WHERE name IS NOT NULL";
    let statement = Statement::from_string(database.backend(), question);
    let rows = database.reader().query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "name")).collect()
}

fn old_answers(before: Timestamp) -> DeleteStatement {
    let old = Query::select()
        .columns([Idempotency::Scope, Idempotency::Key])
        .from(Idempotency::Table)
        .and_where(Expr::col(Idempotency::CreatedAt).lt(before.micros()))
        .limit(BATCH)
        .to_owned();
    let both = Expr::tuple([Expr::col(Idempotency::Scope), Expr::col(Idempotency::Key)]);
    delete_where(Idempotency::Table, both.in_subquery(old))
}

fn settled_letters(before: Timestamp) -> DeleteStatement {
    let old = Query::select()
        .column(DeadLetters::Id)
        .from(DeadLetters::Table)
        .and_where(Expr::col(DeadLetters::ReplayedAt).lt(before.micros()))
        .limit(BATCH)
        .to_owned();
    delete_where(DeadLetters::Table, Expr::col(DeadLetters::Id).in_subquery(old))
}

fn delete_where(table: impl sea_orm::sea_query::IntoTableRef, condition: Expr) -> DeleteStatement {
    Query::delete().from_table(table).and_where(condition).to_owned()
}
