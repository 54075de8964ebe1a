//! The outbox: events are written in the transaction of the change that they tell of, and a relay
//! publishes them afterwards, at least once and in order per aggregate.
//!
//! Published events are kept for a while, so that a lost event stream can be filled again: from its
//! beginning, before anything new, or an aggregate's later event would come before a lost one.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Clock, EventId, Timestamp};
use prost::Message;
use proto::Topic;
use proto::events::Event;
use proto::events::event::Body;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, DeriveIden, QueryResult};
use tokio_util::sync::CancellationToken;

use crate::database::{Database, Transaction};
use crate::events::{EventBus, Published, Receipt, StoredEvent};
use crate::pruning::prune;
use crate::{bulk, ids};

/// The most events that the relay takes at once.
const BATCH: u64 = 500;
/// How long the relay rests when nobody wakes it: finds what another process wrote.
const REST: Duration = Duration::from_millis(250);
/// How long the relay waits after the bus refused, before it tries again.
const BACKOFF: Duration = Duration::from_millis(500);
/// How often the relay forgets what is old, when all of it was forgotten the last time.
const PRUNED_EVERY: Duration = Duration::from_mins(10);
/// How soon it goes on where more is old than goes at once.
const MORE_PRUNED_AFTER: Duration = Duration::from_secs(1);
/// How often the relay asks whether the bus was emptied, when nothing is published.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Seq,
    Topic,
    Payload,
    PublishedAt,
}

/// Writes an event into the outbox, in the transaction of the change that it tells of.
pub async fn publish(
    tx: &Transaction,
    now: Timestamp,
    aggregate: impl Display,
    body: Body,
) -> Result<(), DbErr> {
    publish_all(tx, now, [(aggregate.to_string(), body)]).await
}

/// What is written of an event; its place in the order comes from the database.
const COLUMNS: [&str; 5] = ["event_id", "topic", "aggregate", "payload", "created_at"];

/// Writes several events, in their order, with one statement.
pub async fn publish_all(
    tx: &Transaction,
    now: Timestamp,
    events: impl IntoIterator<Item = (String, Body)>,
) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    for (aggregate_id, body) in events {
        let id: EventId = ids::new();
        let topic = Topic::of(&body);
        let event = Event {
            id: id.to_string(),
            occurred_at: now.micros(),
            aggregate_id: aggregate_id.clone(),
            body: Some(body),
        };
        rows.push(vec![
            id.uuid().into(),
            topic.name().into(),
            aggregate_id.into(),
            event.encode_to_vec().into(),
            now.micros().into(),
        ]);
    }
    if !rows.is_empty() {
        bulk::insert_values(tx, "outbox", &COLUMNS, rows).await?;
        tx.note_published();
    }
    Ok(())
}

/// Publishes what a service wrote into its outbox.
pub struct Relay {
    /// The service's name, for metrics.
    pub service: &'static str,
    /// The service's database.
    pub database: Database,
    /// Where events go.
    pub bus: Arc<dyn EventBus>,
    /// For the moment of publication.
    pub clock: Arc<dyn Clock>,
}

impl Relay {
    /// Publishes until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let woken = self.database.published();
        let mut next_pruning = self.clock.now();
        let mut looked_at = None::<Instant>;
        while !stop.is_cancelled() {
            if looked_at.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY) {
                looked_at = Some(Instant::now());
                if let Err(error) = self.refill_if_lost().await {
                    self.warn(&error);
                }
            }
            let rest = match self.drain().await {
                Ok(()) => REST,
                Err(error) => {
                    self.warn(&error);
                    BACKOFF
                }
            };
            if self.clock.now() >= next_pruning {
                let pause = match prune(&self.database, self.clock.now()).await {
                    Ok(false) => MORE_PRUNED_AFTER,
                    Ok(true) => PRUNED_EVERY,
                    Err(error) => {
                        let service = self.service;
                        tracing::warn!(service, %error, "what is old could not be removed");
                        PRUNED_EVERY
                    }
                };
                next_pruning = self.clock.now().after(pause);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = woken.notified() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        // What the last requests wrote goes out now rather than at the next start.
        if let Err(error) = self.drain().await {
            self.warn(&error);
        }
    }

    fn warn(&self, error: &anyhow::Error) {
        let error = format!("{error:#}");
        tracing::warn!(service = self.service, error, "events wait");
    }

    /// Publishes everything that waits.
    pub async fn drain(&self) -> anyhow::Result<()> {
        loop {
            let waiting = self.waiting().await?;
            let Some(&last) = waiting.last().map(|(seq, _)| seq) else { return Ok(()) };
            let full = waiting.len() as u64 == BATCH;
            let (sequences, events): (Vec<i64>, Vec<StoredEvent>) = waiting.into_iter().unzip();
            let count = events.len() as u64;
            let receipt = match self.bus.publish(self.service, events).await? {
                Published::Taken(receipt) => receipt,
                Published::StreamsLost => {
                    self.refill_if_lost().await?;
                    continue;
                }
            };
            self.mark_published(&sequences, last, &receipt).await?;
            metrics::counter!("outbox_published_total", "service" => self.service).increment(count);
            if !full {
                return Ok(());
            }
        }
    }

    /// Where the bus was emptied, has all kept events published again; says whether it was.
    pub async fn refill_if_lost(&self) -> anyhow::Result<bool> {
        if !self.bus.lost_streams(self.service).await? {
            return Ok(false);
        }
        let refill = self.bus.begin_refill(self.service).await?;
        let count = republish(&self.database).await?;
        let settled = self.bus.end_refill(self.service, refill).await?;
        anyhow::ensure!(settled, "the event stream was emptied again while it was refilled");
        if count > 0 {
            let service = self.service;
            tracing::warn!(
                service,
                count,
                "the event stream was emptied: kept events go out again"
            );
        }
        Ok(true)
    }

    async fn waiting(&self) -> anyhow::Result<Vec<(i64, StoredEvent)>> {
        let select = Query::select()
            .columns([Outbox::Seq, Outbox::Topic, Outbox::Payload])
            .from(Outbox::Table)
            .and_where(Expr::col(Outbox::PublishedAt).is_null())
            .order_by(Outbox::Seq, Order::Asc)
            .limit(BATCH)
            .to_owned();
        let rows = self.database.reader().query_all(&select).await?;
        let mut waiting = Vec::with_capacity(rows.len());
        for row in rows {
            let name: String = row.try_get("", "topic")?;
            let topic = Topic::ALL
                .into_iter()
                .find(|topic| topic.name() == name)
                .ok_or_else(|| anyhow::anyhow!("the outbox holds an unknown topic {name:?}"))?;
            let payload = row.try_get("", "payload")?;
            waiting.push((row.try_get("", "seq")?, StoredEvent { topic, payload }));
        }
        metrics::gauge!("outbox_pending", "service" => self.service).set(waiting.len() as u32);
        Ok(waiting)
    }

    /// Marks events as published, unless the bus lost them meanwhile.
    ///
    /// It asks after the rows are locked: a [`republish`] by another process either was before and
    /// shows in the answer, or waits for these rows and unmarks them.
    async fn mark_published(
        &self,
        sequences: &[i64],
        last: i64,
        receipt: &Receipt,
    ) -> anyhow::Result<()> {
        let mut update = Query::update();
        update
            .table(Outbox::Table)
            .value(Outbox::PublishedAt, self.clock.now().micros())
            .and_where(Expr::col(Outbox::PublishedAt).is_null());
        // A gap may be an event of a transaction that commits later: it must stay unmarked.
        let first = sequences.first().copied().unwrap_or(last);
        if last - first + 1 == sequences.len() as i64 {
            update.and_where(Expr::col(Outbox::Seq).between(first, last));
        } else {
            let these =
                bulk::any_of(self.database.reader(), Expr::col(Outbox::Seq), sequences.to_vec());
            update.and_where(these);
        }
        let tx = self.database.begin().await?;
        tx.execute(&update).await?;
        let held = self.bus.holds(self.service, receipt).await?;
        anyhow::ensure!(held, "the event stream was emptied after these events were put on it");
        Ok(tx.commit().await?)
    }
}

/// How many rows one statement unmarks; all at once would meet the statement's time limit.
const UNMARKED_AT_ONCE: i64 = 20_000;

/// Marks kept events as unpublished, so that the relay publishes them again. Consumers do their
/// work once whatever happens. For a bus that lost its streams, which takes nothing until this ends.
pub async fn republish(database: &Database) -> Result<u64, DbErr> {
    let select = Query::select()
        .expr_as(Expr::col(Outbox::Seq).min(), "first")
        .expr_as(Expr::col(Outbox::Seq).max(), "last")
        .from(Outbox::Table)
        .to_owned();
    let bound = |row: &QueryResult, name| row.try_get::<Option<i64>>("", name);
    let (mut next, last) = match database.reader().query_one(&select).await? {
        Some(row) => (bound(&row, "first")?.unwrap_or(0), bound(&row, "last")?.unwrap_or(-1)),
        None => (0, -1),
    };
    let mut count = 0;
    while next <= last {
        // Rows that are not marked are updated, too: a relay that is about to mark them is waited for.
        let update = Query::update()
            .table(Outbox::Table)
            .value(Outbox::PublishedAt, None::<i64>)
            .and_where(Expr::col(Outbox::Seq).between(next, next + UNMARKED_AT_ONCE - 1))
            .to_owned();
        let tx = database.begin().await?;
        count += tx.execute(&update).await?.rows_affected();
        tx.note_published();
        tx.commit().await?;
        next += UNMARKED_AT_ONCE;
    }
    Ok(count)
}

/// How many events wait for publication.
pub async fn pending(database: &Database) -> Result<i64, DbErr> {
    let select = Query::select()
        .expr_as(Expr::col(Outbox::Seq).count(), "pending")
        .from(Outbox::Table)
        .and_where(Expr::col(Outbox::PublishedAt).is_null())
        .to_owned();
    match database.reader().query_one(&select).await? {
        Some(row) => row.try_get("", "pending"),
        None => Ok(0),
    }
}
