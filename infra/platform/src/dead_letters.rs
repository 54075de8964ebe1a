//! Dead letters: events that a consumer could not take, kept in its database until an operator gives
//! them back to it.
//!
//! An aggregate's later events wait behind a dead letter of it, so that its order is kept. They are
//! letters, too, but ask for their replay by themselves: it comes when nothing is before them.

use std::collections::HashSet;

use anyhow::Context;
use kernel::{EventId, Timestamp};
use prost::Message;
use proto::events::Event;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, DeriveIden, QueryResult};
use uuid::Uuid;

use crate::database::{Database, Transaction};

/// The most letters that are listed or replayed at once.
pub const PAGE: u64 = 500;
/// What is kept of an error, in characters.
const ERROR_LENGTH: usize = 2_000;
/// The error of an event that only waits behind another.
const WAITS: &str = "waits behind an earlier dead letter of the same aggregate";

#[derive(DeriveIden)]
enum DeadLetters {
    Table,
    Id,
    Consumer,
    EventId,
    Aggregate,
    Payload,
    Error,
    FailedAt,
    ReplayRequestedAt,
    ReplayedAt,
}

#[derive(DeriveIden)]
enum Inbox {
    Table,
    Consumer,
    EventId,
}

/// An event that a consumer could not take.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Its number in this database.
    pub id: i64,
    /// The consumer that could not take it.
    pub consumer: String,
    /// The event.
    pub event_id: EventId,
    /// What the event is about; empty for letters from before this was noted.
    pub aggregate: String,
    /// Why it could not be taken, with causes.
    pub error: String,
    /// When it was put here, or failed again.
    pub failed_at: Timestamp,
    /// Whether it will be given to its consumer again.
    pub replay_requested: bool,
}

/// A letter with its event, for its consumer.
pub(crate) struct Letter {
    pub(crate) id: i64,
    pub(crate) event: Event,
}

/// How many dead letters of a service's consumers wait, for an operator or behind another.
pub async fn waiting(database: &Database) -> Result<i64, DbErr> {
    let select = Query::select()
        .expr_as(Expr::col(DeadLetters::Id).count(), "waiting")
        .from(DeadLetters::Table)
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .to_owned();
    match database.reader().query_one(&select).await? {
        Some(row) => row.try_get("", "waiting"),
        None => Ok(0),
    }
}

/// The letters that wait, with numbers after `after`, oldest first, at most [`PAGE`].
pub async fn list(database: &Database, after: i64) -> Result<Vec<DeadLetter>, DbErr> {
    let select = Query::select()
        .columns([
            DeadLetters::Id,
            DeadLetters::Consumer,
            DeadLetters::EventId,
            DeadLetters::Aggregate,
            DeadLetters::Error,
            DeadLetters::FailedAt,
            DeadLetters::ReplayRequestedAt,
        ])
        .from(DeadLetters::Table)
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .and_where(Expr::col(DeadLetters::Id).gt(after))
        .order_by(DeadLetters::Id, Order::Asc)
        .limit(PAGE)
        .to_owned();
    database.reader().query_all(&select).await?.iter().map(letter_of).collect()
}

fn letter_of(row: &QueryResult) -> Result<DeadLetter, DbErr> {
    let requested: Option<i64> = row.try_get("", "replay_requested_at")?;
    Ok(DeadLetter {
        id: row.try_get("", "id")?,
        consumer: row.try_get("", "consumer")?,
        event_id: EventId::from_uuid(row.try_get("", "event_id")?),
        aggregate: row.try_get("", "aggregate")?,
        error: row.try_get("", "error")?,
        failed_at: Timestamp::from_micros(row.try_get("", "failed_at")?),
        replay_requested: requested.is_some(),
    })
}

/// Asks that letters be given to their consumers again; `None` asks it of all that wait. Gives the
/// numbers of those that were found waiting. The market does it within a second, or at its start.
pub async fn request_replay(
    database: &Database,
    now: Timestamp,
    ids: Option<&[i64]>,
) -> Result<Vec<i64>, DbErr> {
    let mut update = Query::update();
    update
        .table(DeadLetters::Table)
        .value(DeadLetters::ReplayRequestedAt, now.micros())
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .returning_col(DeadLetters::Id);
    if let Some(ids) = ids {
        update.and_where(Expr::col(DeadLetters::Id).is_in(ids.iter().copied()));
    }
    let tx = database.begin().await?;
    let rows = tx.query_all(&update).await?;
    let mut found =
        rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<i64>, DbErr>>()?;
    tx.commit().await?;
    found.sort_unstable();
    Ok(found)
}

/// The aggregates of which a consumer has dead letters. Usually none.
pub(crate) async fn blocked(tx: &Transaction, consumer: &str) -> Result<HashSet<String>, DbErr> {
    let select = Query::select()
        .distinct()
        .column(DeadLetters::Aggregate)
        .from(DeadLetters::Table)
        .and_where(Expr::col(DeadLetters::Consumer).eq(consumer))
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .and_where(Expr::col(DeadLetters::Aggregate).ne(""))
        .to_owned();
    let rows = tx.query_all(&select).await?;
    rows.iter().map(|row| row.try_get("", "aggregate")).collect()
}

/// Puts an event that failed to the dead letters.
pub(crate) async fn bury(
    tx: &Transaction,
    consumer: &str,
    now: Timestamp,
    event: &Event,
    error: &str,
) -> anyhow::Result<()> {
    if !known(tx, consumer, std::slice::from_ref(event)).await?.is_empty() {
        return Ok(());
    }
    insert(tx, consumer, now, &[event], error, None).await
}

/// Lets events wait behind the dead letters of their aggregates; those that are done or that wait
/// already are left out.
pub(crate) async fn park(
    tx: &Transaction,
    consumer: &str,
    now: Timestamp,
    events: &[Event],
) -> anyhow::Result<()> {
    let mut known = known(tx, consumer, events).await?;
    let mut new = Vec::new();
    for event in events {
        if known.insert(id_of(event)?) {
            new.push(event);
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    insert(tx, consumer, now, &new, WAITS, Some(now)).await
}

fn id_of(event: &Event) -> anyhow::Result<Uuid> {
    let id: EventId = event.id.parse()?;
    Ok(id.uuid())
}

async fn known(
    tx: &Transaction,
    consumer: &str,
    events: &[Event],
) -> anyhow::Result<HashSet<Uuid>> {
    let ids = events.iter().map(id_of).collect::<anyhow::Result<Vec<_>>>()?;
    let done = Query::select()
        .column(Inbox::EventId)
        .from(Inbox::Table)
        .and_where(Expr::col(Inbox::Consumer).eq(consumer))
        .and_where(Expr::col(Inbox::EventId).is_in(ids.iter().copied()))
        .to_owned();
    let waits = Query::select()
        .column(DeadLetters::EventId)
        .from(DeadLetters::Table)
        .and_where(Expr::col(DeadLetters::Consumer).eq(consumer))
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .and_where(Expr::col(DeadLetters::EventId).is_in(ids))
        .to_owned();
    let mut known = HashSet::new();
    for select in [done, waits] {
        for row in tx.query_all(&select).await? {
            known.insert(row.try_get("", "event_id")?);
        }
    }
    Ok(known)
}

async fn insert(
    tx: &Transaction,
    consumer: &str,
    now: Timestamp,
    events: &[&Event],
    error: &str,
    replay_requested_at: Option<Timestamp>,
) -> anyhow::Result<()> {
    let mut insert = Query::insert();
    insert.into_table(DeadLetters::Table).columns([
        DeadLetters::Consumer,
        DeadLetters::EventId,
        DeadLetters::Aggregate,
        DeadLetters::Payload,
        DeadLetters::Error,
        DeadLetters::FailedAt,
        DeadLetters::ReplayRequestedAt,
    ]);
    for event in events {
        insert.values_panic([
            consumer.into(),
            id_of(event)?.into(),
            event.aggregate_id.as_str().into(),
            event.encode_to_vec().into(),
            shortened(error).into(),
            now.micros().into(),
            replay_requested_at.map(|at| at.micros()).into(),
        ]);
    }
    tx.execute(&insert).await?;
    Ok(())
}

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_LENGTH).collect()
}

/// The letters whose replay was asked for and that have none of their aggregate before them.
pub(crate) async fn next_to_replay(
    database: &Database,
    consumer: &str,
) -> anyhow::Result<Vec<Letter>> {
    let select = Query::select()
        .columns([DeadLetters::Id, DeadLetters::Payload])
        .from(DeadLetters::Table)
        .and_where(Expr::col((DeadLetters::Table, DeadLetters::Consumer)).eq(consumer))
        .and_where(Expr::col((DeadLetters::Table, DeadLetters::ReplayedAt)).is_null())
        .and_where(Expr::col(DeadLetters::ReplayRequestedAt).is_not_null())
        .and_where(Expr::exists(earlier_of_the_aggregate()).not())
        .order_by(DeadLetters::Id, Order::Asc)
        .limit(PAGE)
        .to_owned();
    let mut letters = Vec::new();
    for row in database.reader().query_all(&select).await? {
        let payload: Vec<u8> = row.try_get("", "payload")?;
        let event = Event::decode(payload.as_slice()).context("a dead letter is unreadable")?;
        letters.push(Letter { id: row.try_get("", "id")?, event });
    }
    Ok(letters)
}

fn earlier_of_the_aggregate() -> SelectStatement {
    let earlier = Alias::new("earlier");
    let of = |column: DeadLetters| Expr::col((Alias::new("earlier"), column));
    let own = |column: DeadLetters| Expr::col((DeadLetters::Table, column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(DeadLetters::Table, earlier)
        .and_where(of(DeadLetters::Consumer).equals((DeadLetters::Table, DeadLetters::Consumer)))
        .and_where(of(DeadLetters::Aggregate).equals((DeadLetters::Table, DeadLetters::Aggregate)))
        .and_where(own(DeadLetters::Aggregate).ne(""))
        .and_where(of(DeadLetters::ReplayedAt).is_null())
        .and_where(of(DeadLetters::Id).lt(own(DeadLetters::Id)))
        .to_owned()
}

/// Marks a letter as settled, in the transaction of its effect; `false` if another did it.
pub(crate) async fn settle(tx: &Transaction, id: i64, now: Timestamp) -> Result<bool, DbErr> {
    let update = Query::update()
        .table(DeadLetters::Table)
        .value(DeadLetters::ReplayedAt, now.micros())
        .and_where(Expr::col(DeadLetters::Id).eq(id))
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .to_owned();
    Ok(tx.execute(&update).await?.rows_affected() == 1)
}

/// Notes that a letter failed again: it waits for an operator.
pub(crate) async fn failed_again(
    database: &Database,
    id: i64,
    now: Timestamp,
    error: &str,
) -> Result<(), DbErr> {
    let update = Query::update()
        .table(DeadLetters::Table)
        .value(DeadLetters::Error, shortened(error))
        .value(DeadLetters::FailedAt, now.micros())
        .value(DeadLetters::ReplayRequestedAt, None::<i64>)
        .and_where(Expr::col(DeadLetters::Id).eq(id))
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .to_owned();
    let tx = database.begin().await?;
    tx.execute(&update).await?;
    tx.commit().await
}
