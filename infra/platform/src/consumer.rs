//! Consumers of events: each does its work once, in one transaction with the note that it did.
//!
//! Events come in batches. A batch that fails is tried event by event, so that one poisonous event
//! only harms itself; one that keeps failing goes to the dead letters, where an operator sees it.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use kernel::{EventId, Timestamp};
use prost::Message;
use proto::Topic;
use proto::events::Event;
use rand::RngExt;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, DeriveIden};
use uuid::Uuid;

use crate::database::{Database, Transaction, is_transient};

/// How often an event is tried before it goes to the dead letters.
const ATTEMPTS: u32 = 5;
/// The pause before the second attempt; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Does something of a service when another tells of an event.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// The name under which done events are noted, and the consumer group: "orders.payments".
    fn name(&self) -> &'static str;
    /// The topics it listens to.
    fn topics(&self) -> &'static [Topic];
    /// Where its effects are, with the inbox.
    fn database(&self) -> &Database;
    /// The effect of events that are new to this consumer, in their order. It must be all in `tx`,
    /// or do no harm when repeated.
    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()>;
}

#[derive(DeriveIden)]
enum Inbox {
    Table,
    Consumer,
    EventId,
    ReceivedAt,
}

#[derive(DeriveIden)]
enum DeadLetters {
    Table,
    Id,
    Consumer,
    EventId,
    Payload,
    Error,
    FailedAt,
    ReplayedAt,
}

/// Delivers events to a consumer: applied, found to be applied before, or put to the dead letters.
/// An error means that its database (or what it calls) cannot be reached now: deliver again later.
pub async fn deliver(
    consumer: &dyn Consumer,
    now: Timestamp,
    events: &[Event],
) -> anyhow::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    if events.len() > 1 {
        match apply_once(consumer, now, events).await {
            Ok(count) => {
                note(consumer, "applied", count);
                return Ok(());
            }
            Err(error) if is_outage(&error) => return Err(error),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::debug!(
                    consumer = consumer.name(),
                    error,
                    "a batch failed, trying one by one"
                );
            }
        }
    }
    for event in events {
        deliver_one(consumer, now, event).await?;
    }
    Ok(())
}

async fn deliver_one(consumer: &dyn Consumer, now: Timestamp, event: &Event) -> anyhow::Result<()> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=ATTEMPTS {
        match apply_once(consumer, now, std::slice::from_ref(event)).await {
            Ok(count) => {
                note(consumer, "applied", count);
                return Ok(());
            }
            Err(error) if is_outage(&error) => return Err(error),
            Err(error) if attempt == ATTEMPTS => {
                let error = format!("{error:#}");
                tracing::error!(consumer = consumer.name(), event = event.id, error, "dead letter");
                note(consumer, "dead", 1);
                return bury(consumer, now, event, &error).await;
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(
                    consumer = consumer.name(),
                    event = event.id,
                    attempt,
                    error,
                    "retrying"
                );
            }
        }
        let jitter = rand::rng().random_range(0..=pause.as_millis() as u64 / 2);
        tokio::time::sleep(pause + Duration::from_millis(jitter)).await;
        pause *= 2;
    }
    Ok(())
}

async fn apply_once(
    consumer: &dyn Consumer,
    now: Timestamp,
    events: &[Event],
) -> anyhow::Result<u64> {
    let tx = consumer.database().begin().await?;
    let fresh = note_received(consumer, &tx, now, events).await?;
    if fresh.len() == events.len() {
        consumer.apply(&tx, events).await?;
    } else if !fresh.is_empty() {
        let new: Vec<Event> =
            events.iter().filter(|event| fresh.contains(event.id.as_str())).cloned().collect();
        consumer.apply(&tx, &new).await?;
    }
    tx.commit().await?;
    Ok(fresh.len() as u64)
}

/// Notes the events in the inbox and gives the ids of those that were not there.
async fn note_received<'a>(
    consumer: &dyn Consumer,
    tx: &Transaction,
    now: Timestamp,
    events: &'a [Event],
) -> anyhow::Result<HashSet<&'a str>> {
    let mut ids: Vec<(Uuid, &str)> = Vec::with_capacity(events.len());
    let mut insert = Query::insert();
    insert.into_table(Inbox::Table).columns([Inbox::Consumer, Inbox::EventId, Inbox::ReceivedAt]);
    for event in events {
        let id: EventId = event.id.parse()?;
        ids.push((id.uuid(), event.id.as_str()));
        insert.values_panic([consumer.name().into(), id.uuid().into(), now.micros().into()]);
    }
    insert
        .on_conflict(OnConflict::columns([Inbox::Consumer, Inbox::EventId]).do_nothing().to_owned())
        .returning_col(Inbox::EventId);
    let rows = tx.query_all(&insert).await?;
    let mut new = HashSet::with_capacity(rows.len());
    for row in rows {
        new.insert(row.try_get::<Uuid>("", "event_id")?);
    }
    Ok(ids.into_iter().filter(|(id, _)| new.contains(id)).map(|(_, text)| text).collect())
}

async fn bury(
    consumer: &dyn Consumer,
    now: Timestamp,
    event: &Event,
    error: &str,
) -> anyhow::Result<()> {
    let id: EventId = event.id.parse()?;
    let insert = Query::insert()
        .into_table(DeadLetters::Table)
        .columns([
            DeadLetters::Consumer,
            DeadLetters::EventId,
            DeadLetters::Payload,
            DeadLetters::Error,
            DeadLetters::FailedAt,
        ])
        .values_panic([
            consumer.name().into(),
            id.uuid().into(),
            event.encode_to_vec().into(),
            error.chars().take(2_000).collect::<String>().into(),
            now.micros().into(),
        ])
        .to_owned();
    let tx = consumer.database().begin().await?;
    tx.execute(&insert).await?;
    tx.commit().await?;
    metrics::counter!("dead_letters_total", "consumer" => consumer.name()).increment(1);
    Ok(())
}

/// Delivers every dead letter of a consumer once more; gives how many are settled now.
pub async fn replay_dead_letters(consumer: &dyn Consumer, now: Timestamp) -> anyhow::Result<u64> {
    let select = Query::select()
        .columns([DeadLetters::Id, DeadLetters::Payload])
        .from(DeadLetters::Table)
        .and_where(Expr::col(DeadLetters::Consumer).eq(consumer.name()))
        .and_where(Expr::col(DeadLetters::ReplayedAt).is_null())
        .order_by(DeadLetters::Id, Order::Asc)
        .limit(1_000)
        .to_owned();
    let mut settled = 0;
    for row in consumer.database().reader().query_all(&select).await? {
        let id: i64 = row.try_get("", "id")?;
        let payload: Vec<u8> = row.try_get("", "payload")?;
        let event = Event::decode(payload.as_slice()).context("a dead letter is unreadable")?;
        apply_once(consumer, now, std::slice::from_ref(&event)).await?;
        let update = Query::update()
            .table(DeadLetters::Table)
            .value(DeadLetters::ReplayedAt, now.micros())
            .and_where(Expr::col(DeadLetters::Id).eq(id))
            .to_owned();
        let tx = consumer.database().begin().await?;
        tx.execute(&update).await?;
        tx.commit().await?;
        settled += 1;
    }
    Ok(settled)
}

/// How many dead letters of a service's consumers wait for an operator.
pub async fn dead_letters(database: &Database) -> Result<i64, DbErr> {
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

/// Whether an error only says that something cannot be reached now.
fn is_outage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<DbErr>().is_some_and(is_transient)
            || cause.downcast_ref::<tonic::Status>().is_some_and(|status| {
                matches!(
                    status.code(),
                    tonic::Code::Unavailable
                        | tonic::Code::DeadlineExceeded
                        | tonic::Code::ResourceExhausted
                )
            })
    })
}

fn note(consumer: &dyn Consumer, outcome: &'static str, count: u64) {
    metrics::counter!("consumer_events_total", "consumer" => consumer.name(), "outcome" => outcome)
        .increment(count);
}
