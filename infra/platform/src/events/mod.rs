//! The event bus: in process, or on Redis Streams. Both deliver at least once, in order per topic.

mod in_process;
mod redis_streams;

use std::sync::Arc;

use async_trait::async_trait;
use proto::Topic;
use proto::events::Event;
use tokio::sync::broadcast;

pub use in_process::InProcessBus;
pub use redis_streams::RedisBus;

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

/// Carries events from outboxes to consumers.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Takes events over, in their order. When it answers, they will be delivered.
    async fn publish(&self, events: Vec<StoredEvent>) -> anyhow::Result<()>;

    /// Starts delivering to a consumer.
    fn attach(&self, consumer: Arc<dyn Consumer>, tasks: &Tasks);

    /// Lets this process listen to what comes from now on, without a promise to miss nothing.
    fn tail(&self, topics: &'static [Topic], tasks: &Tasks) -> broadcast::Sender<Event>;

    /// Whether events can be taken over now.
    async fn healthy(&self) -> bool;
}
