//! A consumer as a group on its streams: one process at a time reads, delivers, acknowledges.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use proto::events::Event;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult, Value};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::bus::{BACKOFF, BATCH, BLOCK_MS, RedisBus, connect};
use super::entries::{Entry, entries_in, entries_of, text};
use super::lease::Lease;
use crate::consumer::{Consumer, deliver};

/// How often a process that waits for its turn asks for it.
const TURN_ASKED_EVERY: Duration = Duration::from_millis(500);

/// This process as a member of a consumer's group. Its name differs at every start.
pub(super) struct Group {
    bus: RedisBus,
    consumer: Arc<dyn Consumer>,
    member: String,
}

impl Group {
    pub(super) fn new(bus: RedisBus, consumer: Arc<dyn Consumer>) -> Self {
        Self { bus, consumer, member: Uuid::now_v7().to_string() }
    }

    pub(super) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.serve(&stop).await {
                let error = format!("{error:#}");
                tracing::warn!(consumer = self.consumer.name(), error, "events wait");
                rest(BACKOFF, &stop).await;
            }
        }
    }

    /// Waits for its turn, then reads and delivers until it is told to stop or something fails.
    async fn serve(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut connection = connect(&self.bus.client).await?;
        let mut lease = Lease::new(&self.bus.prefix, self.consumer.name(), &self.member);
        while !lease.hold(&mut connection).await? {
            rest(TURN_ASKED_EVERY, stop).await;
            if stop.is_cancelled() {
                return Ok(());
            }
        }
        self.make_groups(&mut connection).await?;
        // What anybody read and did not acknowledge comes before what nobody read.
        self.claim(&mut connection).await?;
        while !stop.is_cancelled() && lease.hold(&mut connection).await? {
            self.deliver_new(&mut connection, stop).await?;
        }
        lease.leave(&mut connection).await?;
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

    async fn deliver_new(
        &self,
        connection: &mut ConnectionManager,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(self.consumer.name()).arg(&self.member);
        command.arg("COUNT").arg(BATCH).arg("BLOCK").arg(BLOCK_MS).arg("STREAMS");
        for topic in self.consumer.topics() {
            command.arg(self.bus.stream(*topic));
        }
        for _ in self.consumer.topics() {
            command.arg(">");
        }
        // Only the wait is cut short: what was read and not delivered is claimed by the next.
        let answer: Value = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            answer = command.query_async(connection) => answer?,
        };
        self.deliver_and_acknowledge(connection, entries_of(answer)).await
    }

    /// Takes over what members of the group read and left, in its order.
    async fn claim(&self, connection: &mut ConnectionManager) -> anyhow::Result<()> {
        for topic in self.consumer.topics() {
            let stream = self.bus.stream(*topic);
            let mut from = "0-0".to_owned();
            loop {
                let answer: Value = redis::cmd("XAUTOCLAIM")
                    .arg(&stream)
                    .arg(self.consumer.name())
                    .arg(&self.member)
                    .arg(0)
                    .arg(&from)
                    .arg("COUNT")
                    .arg(BATCH)
                    .query_async(connection)
                    .await?;
                let Value::Array(parts) = answer else { break };
                let mut parts = parts.into_iter();
                let next = parts.next().as_ref().and_then(text);
                if let Some(claimed) = parts.next() {
                    let entries = entries_in(&stream, claimed);
                    self.deliver_and_acknowledge(connection, entries).await?;
                }
                match next {
                    Some(next) if next != "0-0" => from = next,
                    _ => break,
                }
            }
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
        let mut events: Vec<Event> = Vec::with_capacity(entries.len());
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

async fn rest(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(time) => {}
    }
}
