//! What an event bus promises to outboxes and consumers.

use std::sync::Arc;

use async_trait::async_trait;
use proto::Topic;
use proto::events::Event;
use tokio::sync::broadcast;

use crate::consumer::Consumer;
use crate::workers::Tasks;

/// How many events a listener may lag behind before it misses some.
pub(crate) const TAIL_CAPACITY: usize = 4_096;

/// An event as the outbox keeps it.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// The stream it belongs on.
    pub topic: Topic,
    /// The encoded [`Event`].
    pub payload: Vec<u8>,
}

/// What became of events that were handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// They will be delivered, for as long as the bus [`holds`](EventBus::holds) the receipt.
    Taken(Receipt),
    /// None was taken: the bus lost what it had, and everything kept must be published again first,
    /// so that nothing comes before what was lost.
    StreamsLost,
}

/// Names the streams that events were put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub(super) String);

/// The right to say that an outbox is published again from its beginning.
#[derive(Debug)]
pub struct Refill(pub(super) String);

/// Carries events from outboxes to consumers.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Takes events of a service over, in their order: all of them, or none.
    async fn publish(&self, service: &str, events: Vec<StoredEvent>) -> anyhow::Result<Published>;

    /// Starts delivering to a consumer.
    fn attach(&self, consumer: Arc<dyn Consumer>, tasks: &Tasks);

    /// Lets this process listen to what comes from now on, without a promise to miss nothing.
    fn tail(&self, topics: &'static [Topic], tasks: &Tasks) -> broadcast::Sender<Event>;

    /// Whether events can be taken over now.
    async fn healthy(&self) -> bool;

    /// Whether the bus still has what it gave this receipt for.
    async fn holds(&self, _service: &str, _receipt: &Receipt) -> anyhow::Result<bool> {
        Ok(true)
    }

    /// Whether everything that a service published must be published again.
    async fn lost_streams(&self, _service: &str) -> anyhow::Result<bool> {
        Ok(false)
    }

    /// To be said before an outbox marks its events as unpublished.
    async fn begin_refill(&self, _service: &str) -> anyhow::Result<Refill> {
        Ok(Refill(String::new()))
    }

    /// To be said after it did: the bus takes events over again. `false` if the bus was emptied once
    /// more, or another process refills it: ask [`lost_streams`](EventBus::lost_streams) again.
    async fn end_refill(&self, _service: &str, _refill: Refill) -> anyhow::Result<bool> {
        Ok(true)
    }
}
