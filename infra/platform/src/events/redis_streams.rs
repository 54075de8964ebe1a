//! Delivery by Redis Streams: a stream a topic, a consumer group a consumer, entries of a consumer
//! that died claimed by another after a while.
//!
//! Redis may be lost at any time: outboxes keep what was published. A marker in Redis tells that
//! the streams are the ones we wrote; where it is missing, [`RedisBus::lost_its_streams`] says so
//! and the outboxes publish again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kernel::Clock;
use prost::Message;
use proto::Topic;
use proto::events::Event;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, RedisResult, Value};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::{EventBus, StoredEvent, TAIL_CAPACITY};
use crate::consumer::{Consumer, deliver};
use crate::workers::Tasks;

/// The most entries read at once.
const BATCH: usize = 500;
/// How long a read waits for new entries.
const BLOCK_MS: usize = 500;
/// After this long without acknowledgement an entry belongs to a consumer that died.
const CLAIM_AFTER: Duration = Duration::from_secs(30);
/// About how many entries a stream keeps; consumers read far faster than this fills.
const STREAM_LENGTH: usize = 200_000;
/// How long a loop rests after an error.
const BACKOFF: Duration = Duration::from_millis(500);
/// An answer to a blocking read may take [`BLOCK_MS`]; anything longer is a lost connection.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The bus of a market in several processes.
#[derive(Clone)]
pub struct RedisBus {
    client: redis::Client,
    connection: ConnectionManager,
    prefix: String,
    clock: Arc<dyn Clock>,
}

impl RedisBus {
    /// Connects. `prefix` keeps the markets on one Redis apart.
    pub async fn connect(url: &str, prefix: &str, clock: Arc<dyn Clock>) -> RedisResult<Self> {
        let client = redis::Client::open(url)?;
        let connection = connect(&client).await?;
        Ok(Self { client, connection, prefix: prefix.to_owned(), clock })
    }

    /// The connection, for what else is kept in Redis.
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    fn stream(&self, topic: Topic) -> String {
        format!("{}:events:{}", self.prefix, topic.name())
    }

    /// Whether Redis was emptied since this was last asked by anyone: then every outbox must be
    /// published again. Asking sets the marker.
    pub async fn lost_its_streams(&self, service: &str) -> RedisResult<bool> {
        let key = format!("{}:filled:{service}", self.prefix);
        self.connection.clone().set_nx(key, 1).await
    }
}

impl std::fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisBus").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

async fn connect(client: &redis::Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_number_of_retries(3);
    ConnectionManager::new_with_config(client.clone(), config).await
}

#[async_trait]
impl EventBus for RedisBus {
    async fn publish(&self, events: Vec<StoredEvent>) -> anyhow::Result<()> {
        let mut pipeline = redis::pipe();
        for event in &events {
            pipeline
                .cmd("XADD")
                .arg(self.stream(event.topic))
                .arg("MAXLEN")
                .arg("~")
                .arg(STREAM_LENGTH)
                .arg("*")
                .arg("e")
                .arg(&event.payload)
                .ignore();
        }
        pipeline.query_async::<()>(&mut self.connection.clone()).await?;
        Ok(())
    }

    fn attach(&self, consumer: Arc<dyn Consumer>, tasks: &Tasks) {
        let bus = self.clone();
        tasks.start(|stop| async move { ConsumerLoop { bus, consumer }.run(stop).await });
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

/// An entry of a stream; without an event if it cannot be read.
struct Entry {
    stream: String,
    id: String,
    event: Option<Event>,
}

struct ConsumerLoop {
    bus: RedisBus,
    consumer: Arc<dyn Consumer>,
}

impl ConsumerLoop {
    async fn run(self, stop: CancellationToken) {
        let mut connection = None;
        while !stop.is_cancelled() {
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.serve(&mut connection, &stop) => outcome,
            };
            if let Err(error) = outcome {
                connection = None;
                let error = format!("{error:#}");
                tracing::warn!(consumer = self.consumer.name(), error, "events wait");
                tokio::time::sleep(BACKOFF).await;
            }
        }
    }

    /// Reads and delivers until something fails.
    async fn serve(
        &self,
        slot: &mut Option<ConnectionManager>,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let mut connection = connect(&self.bus.client).await?;
        *slot = Some(connection.clone());
        self.make_groups(&mut connection).await?;
        // What this consumer had read and not acknowledged when it was stopped comes first.
        self.settle(&mut connection, "0").await?;
        let mut next_claim = self.bus.clock.now();
        while !stop.is_cancelled() {
            if self.bus.clock.now() >= next_claim {
                next_claim = self.bus.clock.now().after(CLAIM_AFTER / 2);
                self.claim_stale(&mut connection).await?;
            }
            self.settle(&mut connection, ">").await?;
        }
        Ok(())
    }

    async fn make_groups(&self, connection: &mut ConnectionManager) -> anyhow::Result<()> {
        for topic in self.consumer.topics() {
            let made: RedisResult<()> = redis::cmd("XGROUP")
                .arg("CREATE")
                .arg(self.bus.stream(*topic))
                .arg(self.consumer.name())
                .arg("0")
                .arg("MKSTREAM")
                .query_async(connection)
                .await;
            if let Err(error) = made
                && error.code() != Some("BUSYGROUP")
            {
                return Err(error.into());
            }
        }
        Ok(())
    }

    async fn settle(&self, connection: &mut ConnectionManager, from: &str) -> anyhow::Result<()> {
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(self.consumer.name()).arg(member());
        command.arg("COUNT").arg(BATCH).arg("BLOCK").arg(BLOCK_MS).arg("STREAMS");
        for topic in self.consumer.topics() {
            command.arg(self.bus.stream(*topic));
        }
        for _ in self.consumer.topics() {
            command.arg(from);
        }
        let answer: Value = command.query_async(connection).await?;
        self.deliver_and_acknowledge(connection, entries_of(answer)).await
    }

    async fn claim_stale(&self, connection: &mut ConnectionManager) -> anyhow::Result<()> {
        for topic in self.consumer.topics() {
            let stream = self.bus.stream(*topic);
            let answer: Value = redis::cmd("XAUTOCLAIM")
                .arg(&stream)
                .arg(self.consumer.name())
                .arg(member())
                .arg(CLAIM_AFTER.as_millis() as u64)
                .arg("0-0")
                .arg("COUNT")
                .arg(BATCH)
                .query_async(connection)
                .await?;
            let Value::Array(parts) = answer else { continue };
            let Some(claimed) = parts.into_iter().nth(1) else { continue };
            self.deliver_and_acknowledge(connection, entries_in(&stream, claimed)).await?;
        }
        Ok(())
    }

    async fn deliver_and_acknowledge(
        &self,
        connection: &mut ConnectionManager,
        entries: Vec<Entry>,
    ) -> anyhow::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut done: HashMap<String, Vec<String>> = HashMap::new();
        let mut events = Vec::with_capacity(entries.len());
        for Entry { stream, id, event } in entries {
            match event {
                Some(event) => events.push(event),
                None => tracing::error!(stream, id, "an entry of the stream is no event"),
            }
            done.entry(stream).or_default().push(id);
        }
        deliver(self.consumer.as_ref(), self.bus.clock.now(), &events).await?;
        for (stream, ids) in done {
            let _: usize = connection.xack(stream, self.consumer.name(), &ids).await?;
        }
        Ok(())
    }
}

/// The name of this process among the members of a consumer group. It differs at every start, so
/// what a dead process left is claimed, never taken for this one's own.
fn member() -> &'static str {
    static NAME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    NAME.get_or_init(|| uuid::Uuid::now_v7().to_string())
}

/// The entries in an answer to XREAD or XREADGROUP (RESP2: arrays of stream and entries).
fn entries_of(answer: Value) -> Vec<Entry> {
    let mut entries = Vec::new();
    match answer {
        Value::Array(streams) => {
            for stream in streams {
                let Value::Array(mut parts) = stream else { continue };
                let (Some(list), Some(name)) = (parts.pop(), parts.pop()) else { continue };
                let Some(name) = text(&name) else { continue };
                entries.extend(entries_in(&name, list));
            }
        }
        Value::Map(streams) => {
            for (name, list) in streams {
                let Some(name) = text(&name) else { continue };
                entries.extend(entries_in(&name, list));
            }
        }
        _ => {}
    }
    entries
}

fn entries_in(stream: &str, list: Value) -> Vec<Entry> {
    let Value::Array(list) = list else { return Vec::new() };
    let mut entries = Vec::with_capacity(list.len());
    for entry in list {
        let Value::Array(mut parts) = entry else { continue };
        let (Some(fields), Some(id)) = (parts.pop(), parts.pop()) else { continue };
        let Some(id) = text(&id) else { continue };
        let event = match fields {
            Value::Array(fields) => match fields.get(1) {
                Some(Value::BulkString(bytes)) => Event::decode(bytes.as_slice()).ok(),
                _ => None,
            },
            _ => None,
        };
        entries.push(Entry { stream: stream.to_owned(), id, event });
    }
    entries
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    }
}
