//! Delivery inside one process: publishing returns when every consumer has done its work, so an
//! event stays in its outbox until then, whatever happens to the process.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use futures_util::future::join_all;
use kernel::Clock;
use prost::Message;
use proto::Topic;
use proto::events::Event;
use tokio::sync::broadcast;

use super::{EventBus, Published, Receipt, StoredEvent, TAIL_CAPACITY};
use crate::consumer::{Consumer, deliver};
use crate::workers::Tasks;

/// The bus of a market in one process.
pub struct InProcessBus {
    clock: Arc<dyn Clock>,
    consumers: RwLock<Vec<Arc<dyn Consumer>>>,
    tail: broadcast::Sender<Event>,
}

impl InProcessBus {
    /// A bus without consumers; attach them before the relays run.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let (tail, _) = broadcast::channel(TAIL_CAPACITY);
        Self { clock, consumers: RwLock::default(), tail }
    }

    fn consumers(&self) -> Vec<Arc<dyn Consumer>> {
        self.consumers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for InProcessBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.consumers().iter().map(|consumer| consumer.name()).collect();
        f.debug_struct("InProcessBus").field("consumers", &names).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventBus for InProcessBus {
    async fn publish(&self, _service: &str, events: Vec<StoredEvent>) -> anyhow::Result<Published> {
        for topic in Topic::ALL {
            let mut of_topic = Vec::new();
            for stored in events.iter().filter(|stored| stored.topic == topic) {
                of_topic.push(Event::decode(stored.payload.as_slice())?);
            }
            if of_topic.is_empty() {
                continue;
            }
            let consumers = self.consumers();
            let now = self.clock.now();
            let deliveries = consumers
                .iter()
                .filter(|consumer| consumer.topics().contains(&topic))
                .map(|consumer| deliver(consumer.as_ref(), now, &of_topic));
            // All of them to their end: a consumer that cannot work now must not interrupt the others,
            // or they would never get through a batch either.
            join_all(deliveries).await.into_iter().collect::<anyhow::Result<()>>()?;
            for event in of_topic {
                // Nobody listening is no error.
                let _ = self.tail.send(event);
            }
        }
        Ok(Published::Taken(Receipt(String::new())))
    }

    fn attach(&self, consumer: Arc<dyn Consumer>, _tasks: &Tasks) {
        self.consumers.write().unwrap_or_else(PoisonError::into_inner).push(consumer);
    }

    fn tail(&self, _topics: &'static [Topic], _tasks: &Tasks) -> broadcast::Sender<Event> {
        self.tail.clone()
    }

    async fn healthy(&self) -> bool {
        true
    }
}
