//! The outbox: events are written in the transaction of the change that they tell of, and a relay
//! publishes them afterwards, at least once and in order per aggregate.
//!
//! Published events are kept for a while, so that a lost event stream can be filled again.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, EventId, Timestamp};
use prost::Message;
use proto::Topic;
use proto::events::Event;
use proto::events::event::Body;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, DeriveIden};
use tokio_util::sync::CancellationToken;

use crate::database::{Database, Transaction};
use crate::events::{EventBus, StoredEvent};
use crate::ids;

/// The most events that the relay takes at once.
const BATCH: u64 = 500;
/// How long the relay rests when nobody wakes it: finds what another process wrote.
const REST: Duration = Duration::from_millis(250);
/// How long the relay waits after the bus refused, before it tries again.
const BACKOFF: Duration = Duration::from_millis(500);
/// How long published events are kept.
const RETENTION: Duration = Duration::from_secs(3 * 24 * 3600);

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Seq,
    EventId,
    Topic,
    Aggregate,
    Payload,
    CreatedAt,
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

/// Writes several events, in their order, with one statement.
pub async fn publish_all(
    tx: &Transaction,
    now: Timestamp,
    events: impl IntoIterator<Item = (String, Body)>,
) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert.into_table(Outbox::Table).columns([
        Outbox::EventId,
        Outbox::Topic,
        Outbox::Aggregate,
        Outbox::Payload,
        Outbox::CreatedAt,
    ]);
    let mut any = false;
    for (aggregate_id, body) in events {
        let id: EventId = ids::new();
        let topic = Topic::of(&body);
        let event = Event {
            id: id.to_string(),
            occurred_at: now.micros(),
            aggregate_id: aggregate_id.clone(),
            body: Some(body),
        };
        insert.values_panic([
            id.uuid().into(),
            topic.name().into(),
            aggregate_id.into(),
            event.encode_to_vec().into(),
            now.micros().into(),
        ]);
        any = true;
    }
    if any {
        tx.execute(&insert).await?;
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
        while !stop.is_cancelled() {
            let rest = match self.drain().await {
                Ok(()) => REST,
                Err(error) => {
                    tracing::warn!(
                        service = self.service,
                        error = format!("{error:#}"),
                        "events wait"
                    );
                    BACKOFF
                }
            };
            if self.clock.now() >= next_pruning {
                next_pruning = self.clock.now().after(Duration::from_secs(600));
                if let Err(error) = self.prune().await {
                    tracing::warn!(service = self.service, %error, "old events could not be removed");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = woken.notified() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        // What the last requests wrote goes out now rather than at the next start.
        if let Err(error) = self.drain().await {
            tracing::warn!(service = self.service, error = format!("{error:#}"), "events wait");
        }
    }

    /// Publishes everything that waits.
    pub async fn drain(&self) -> anyhow::Result<()> {
        loop {
            let waiting = self.waiting().await?;
            let Some(&last) = waiting.last().map(|(seq, _)| seq) else { return Ok(()) };
            let full = waiting.len() as u64 == BATCH;
            let (sequences, events): (Vec<i64>, Vec<StoredEvent>) = waiting.into_iter().unzip();
            let count = events.len() as u64;
            self.bus.publish(events).await?;
            self.mark_published(&sequences, last).await?;
            metrics::counter!("outbox_published_total", "service" => self.service).increment(count);
            if !full {
                return Ok(());
            }
        }
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

    async fn mark_published(&self, sequences: &[i64], last: i64) -> Result<(), DbErr> {
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
            update.and_where(Expr::col(Outbox::Seq).is_in(sequences.iter().copied()));
        }
        let tx = self.database.begin().await?;
        tx.execute(&update).await?;
        tx.commit().await
    }

    async fn prune(&self) -> Result<(), DbErr> {
        let delete = Query::delete()
            .from_table(Outbox::Table)
            .and_where(
                Expr::col(Outbox::PublishedAt).lt(self.clock.now().before(RETENTION).micros()),
            )
            .to_owned();
        let tx = self.database.begin().await?;
        tx.execute(&delete).await?;
        tx.commit().await
    }
}

/// Marks kept events as unpublished, so that the relay publishes them again. Consumers do their
/// work once whatever happens. For a bus that lost its streams.
pub async fn republish(database: &Database) -> Result<u64, DbErr> {
    let update = Query::update()
        .table(Outbox::Table)
        .value(Outbox::PublishedAt, None::<i64>)
        .and_where(Expr::col(Outbox::PublishedAt).is_not_null())
        .to_owned();
    let tx = database.begin().await?;
    let count = tx.execute(&update).await?.rows_affected();
    tx.note_published();
    tx.commit().await?;
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
