//! Consumers of events: each does its work once, in one transaction with the note that it did.
//!
//! Events come in batches. A batch that fails is tried event by event, so that one poisonous event
//! only harms its own aggregate; one that keeps failing goes to the dead letters, where an operator
//! sees it, and what comes after it for the same aggregate waits behind it there.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use kernel::{EventId, Timestamp};
use proto::Topic;
use proto::events::Event;
use rand::RngExt;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::bulk;
use crate::database::{Database, Transaction, is_transient};
use crate::dead_letters::{self, Letter};

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
    /// Whether it has nothing to do with an event of its topics: the event is not noted then, and without
    /// another one beside it nothing is written at all.
    fn passes_over(&self, _event: &Event) -> bool {
        false
    }
    /// The effect of events that are new to this consumer, in their order. It must be all in `tx`,
    /// or do no harm when repeated.
    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()>;
}

/// Delivers events to a consumer: applied, found to be applied before, passed over, or put to the dead
/// letters. An error means that its database (or what it calls) cannot be reached now: deliver again later.
pub async fn deliver(
    consumer: &dyn Consumer,
    now: Timestamp,
    events: &[Event],
) -> anyhow::Result<()> {
    if !events.iter().any(|event| consumer.passes_over(event)) {
        return deliver_all(consumer, now, events).await;
    }
    let taken = events.iter().filter(|event| !consumer.passes_over(event));
    deliver_all(consumer, now, &taken.cloned().collect::<Vec<_>>()).await
}

async fn deliver_all(
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

/// Applies events, but lets those wait whose aggregate has dead letters; gives how many were new.
async fn apply_once(
    consumer: &dyn Consumer,
    now: Timestamp,
    events: &[Event],
) -> anyhow::Result<u64> {
    let tx = consumer.database().begin().await?;
    let blocked = dead_letters::blocked(&tx, consumer.name()).await?;
    let count = if blocked.is_empty() {
        apply_new(consumer, &tx, now, events).await?
    } else {
        let (wait, free): (Vec<Event>, Vec<Event>) =
            events.iter().cloned().partition(|event| blocked.contains(&event.aggregate_id));
        if !wait.is_empty() {
            dead_letters::park(&tx, consumer.name(), now, &wait).await?;
        }
        apply_new(consumer, &tx, now, &free).await?
    };
    tx.commit().await?;
    Ok(count)
}

/// Applies those of the events that the consumer did not have yet; gives how many.
async fn apply_new(
    consumer: &dyn Consumer,
    tx: &Transaction,
    now: Timestamp,
    events: &[Event],
) -> anyhow::Result<u64> {
    if events.is_empty() {
        return Ok(0);
    }
    let mut fresh = note_received(consumer, tx, now, events).await?;
    let count = fresh.len() as u64;
    if fresh.len() == events.len() {
        consumer.apply(tx, events).await?;
    } else if !fresh.is_empty() {
        // Taken out, for an event may be in one batch twice.
        let new: Vec<Event> =
            events.iter().filter(|event| fresh.remove(event.id.as_str())).cloned().collect();
        consumer.apply(tx, &new).await?;
    }
    Ok(count)
}

/// Notes the events in the inbox and gives the ids of those that were not there.
async fn note_received<'a>(
    consumer: &dyn Consumer,
    tx: &Transaction,
    now: Timestamp,
    events: &'a [Event],
) -> anyhow::Result<HashSet<&'a str>> {
    let mut ids: Vec<(Uuid, &str)> = Vec::with_capacity(events.len());
    let mut received = Vec::with_capacity(events.len());
    for event in events {
        let id: EventId = event.id.parse()?;
        ids.push((id.uuid(), event.id.as_str()));
        received.push(vec![consumer.name().into(), id.uuid().into(), now.micros().into()]);
    }
    let columns = ["consumer", "event_id", "received_at"];
    let end = "ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id";
    let rows = bulk::insert_returning(tx, "inbox", &columns, received, end).await?;
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
    let tx = consumer.database().begin().await?;
    dead_letters::bury(&tx, consumer.name(), now, event, error).await?;
    tx.commit().await?;
    metrics::counter!("dead_letters_total", "consumer" => consumer.name()).increment(1);
    Ok(())
}

/// Gives a consumer the dead letters again whose replay was asked for, in their order; gives how
/// many are settled now. One that fails again waits for an operator again, with its new error.
pub async fn replay_requested(consumer: &dyn Consumer, now: Timestamp) -> anyhow::Result<u64> {
    let mut settled = 0;
    loop {
        let letters = dead_letters::next_to_replay(consumer.database(), consumer.name()).await?;
        if letters.is_empty() {
            return Ok(settled);
        }
        for letter in letters {
            match replay(consumer, now, &letter).await {
                Ok(()) => {
                    note(consumer, "replayed", 1);
                    settled += 1;
                }
                Err(error) if is_outage(&error) => return Err(error),
                Err(error) => {
                    let error = format!("{error:#}");
                    let event = &letter.event.id;
                    tracing::error!(consumer = consumer.name(), event, error, "dead letter again");
                    dead_letters::failed_again(consumer.database(), letter.id, now, &error).await?;
                }
            }
        }
    }
}

async fn replay(consumer: &dyn Consumer, now: Timestamp, letter: &Letter) -> anyhow::Result<()> {
    let tx = consumer.database().begin().await?;
    if dead_letters::settle(&tx, letter.id, now).await? {
        apply_new(consumer, &tx, now, std::slice::from_ref(&letter.event)).await?;
    }
    Ok(tx.commit().await?)
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
