//! The bus on Redis: publishing, listening, and starting a loop for each consumer.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use kernel::Clock;
use proto::Topic;
use proto::events::Event;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::streams::StreamInfoGroupsReply;
use redis::{AsyncCommands, RedisResult, Value};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::super::{EventBus, Published, Receipt, Refill, StoredEvent, TAIL_CAPACITY};
use super::entries::{Entry, entries_of};
use super::group::Group;
use super::marker::Marker;
use crate::consumer::Consumer;
use crate::workers::Tasks;

/// The most entries read at once.
pub(super) const BATCH: usize = 500;
/// How long a read waits for new entries.
pub(super) const BLOCK_MS: usize = 500;
/// About how many entries a stream keeps. Half of them may wait for a consumer: then publishing
/// waits too, and the events stay in their outbox rather than fall off the stream unread.
const STREAM_LENGTH: usize = 200_000;
/// How long a loop rests after an error.
pub(super) const BACKOFF: Duration = Duration::from_millis(500);
/// An answer to a blocking read may take [`BLOCK_MS`]; anything longer is a lost connection.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The bus of a market in several processes.
#[derive(Clone)]
pub struct RedisBus {
    pub(super) client: redis::Client,
    connection: ConnectionManager,
    pub(super) prefix: String,
    pub(super) clock: Arc<dyn Clock>,
    stream_length: usize,
    /// Events published since somebody looked how far consumers lag behind.
    unwatched: Arc<AtomicUsize>,
}

impl RedisBus {
    /// Connects. `prefix` keeps the markets on one Redis apart.
    pub async fn connect(url: &str, prefix: &str, clock: Arc<dyn Clock>) -> RedisResult<Self> {
        let client = redis::Client::open(url)?;
        let connection = connect(&client).await?;
        Ok(Self {
            client,
            connection,
            prefix: prefix.to_owned(),
            clock,
            stream_length: STREAM_LENGTH,
            unwatched: Arc::default(),
        })
    }

    /// The same bus with streams of another length.
    #[must_use]
    pub fn with_stream_length(mut self, entries: usize) -> Self {
        self.stream_length = entries;
        self
    }

    /// The connection, for what else is kept in Redis.
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    pub(super) fn stream(&self, topic: Topic) -> String {
        format!("{}:events:{}", self.prefix, topic.name())
    }

    fn marker(&self, service: &str) -> Marker {
        Marker::new(&self.prefix, service)
    }

    /// Refuses where a consumer is so far behind that entries could fall off before it reads them.
    async fn refuse_overflow(&self, events: &[StoredEvent]) -> anyhow::Result<()> {
        let (look_every, most) = (self.stream_length / 40, self.stream_length / 2);
        let unwatched = self.unwatched.fetch_add(events.len(), Ordering::Relaxed);
        if unwatched + events.len() <= look_every {
            return Ok(());
        }
        let names: BTreeSet<&str> = events.iter().map(|event| event.topic.name()).collect();
        for topic in Topic::ALL.into_iter().filter(|topic| names.contains(topic.name())) {
            let stream = self.stream(topic);
            let mut connection = self.connection.clone();
            if !connection.exists::<_, bool>(&stream).await? {
                continue;
            }
            let groups: StreamInfoGroupsReply = connection.xinfo_groups(&stream).await?;
            for group in groups.groups {
                let lag = group.lag.unwrap_or(0);
                anyhow::ensure!(
                    lag <= most,
                    "{} is {lag} events behind on {stream}: publishing waits for it",
                    group.name
                );
            }
        }
        self.unwatched.store(0, Ordering::Relaxed);
        Ok(())
    }
}

impl std::fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisBus").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

pub(super) async fn connect(client: &redis::Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_number_of_retries(3);
    ConnectionManager::new_with_config(client.clone(), config).await
}

#[async_trait]
impl EventBus for RedisBus {
    async fn publish(&self, service: &str, events: Vec<StoredEvent>) -> anyhow::Result<Published> {
        self.refuse_overflow(&events).await?;
        let events = events.into_iter().map(|event| (self.stream(event.topic), event));
        let receipt = self
            .marker(service)
            .add(&mut self.connection.clone(), self.stream_length, events)
            .await
            .context("Redis did not take the events")?;
        Ok(receipt.map_or(Published::StreamsLost, Published::Taken))
    }

    fn attach(&self, consumer: Arc<dyn Consumer>, tasks: &Tasks) {
        let group = Group::new(self.clone(), consumer);
        tasks.start(|stop| group.run(stop));
    }

    fn tail(&self, topics: &'static [Topic], tasks: &Tasks) -> broadcast::Sender<Event> {
        let (sender, _) = broadcast::channel(TAIL_CAPACITY);
        let (bus, tail) = (self.clone(), sender.clone());
        tasks.start(|stop| async move { bus.follow(topics, tail, stop).await });
        sender
    }

    async fn healthy(&self) -> bool {
        redis::cmd("PING").query_async::<()>(&mut self.connection.clone()).await.is_ok()
    }

    async fn holds(&self, service: &str, receipt: &Receipt) -> anyhow::Result<bool> {
        let marker = self.marker(service);
        let now = marker.receipt(&mut self.connection.clone(), self.stream_length).await?;
        Ok(now.as_ref() == Some(receipt))
    }

    async fn lost_streams(&self, service: &str) -> anyhow::Result<bool> {
        let marker = self.marker(service);
        let now = marker.receipt(&mut self.connection.clone(), self.stream_length).await?;
        Ok(now.is_none())
    }

    async fn begin_refill(&self, service: &str) -> anyhow::Result<Refill> {
        Ok(self.marker(service).begin_refill(&mut self.connection.clone()).await?)
    }

    async fn end_refill(&self, service: &str, refill: Refill) -> anyhow::Result<bool> {
        Ok(self.marker(service).end_refill(&mut self.connection.clone(), &refill).await?)
    }
}

impl RedisBus {
    /// Copies what comes onto the streams to the listeners of this process.
    async fn follow(
        &self,
        topics: &'static [Topic],
        tail: broadcast::Sender<Event>,
        stop: CancellationToken,
    ) {
        let mut last: HashMap<String, String> =
            topics.iter().map(|topic| (self.stream(*topic), "$".to_owned())).collect();
        let mut connection = None;
        while !stop.is_cancelled() {
            let read = async {
                let mut open = match connection.take() {
                    Some(open) => open,
                    None => connect(&self.client).await?,
                };
                let mut command = redis::cmd("XREAD");
                command.arg("COUNT").arg(BATCH).arg("BLOCK").arg(BLOCK_MS).arg("STREAMS");
                let streams: Vec<(&String, &String)> = last.iter().collect();
                for (stream, _) in &streams {
                    command.arg(stream);
                }
                for (_, id) in &streams {
                    command.arg(id);
                }
                let answer: Value = command.query_async(&mut open).await?;
                RedisResult::Ok((open, entries_of(answer)))
            };
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = read => outcome,
            };
            match outcome {
                Ok((open, entries)) => {
                    connection = Some(open);
                    for Entry { stream, id, event } in entries {
                        if let Some(event) = event {
                            let _ = tail.send(event);
                        }
                        last.insert(stream, id);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the event stream cannot be followed");
                    tokio::time::sleep(BACKOFF).await;
                }
            }
        }
    }
}
