//! The event bus: in process, or on Redis Streams. Both deliver at least once, in order per topic.

mod bus;
mod in_process;
mod redis_streams;

pub(crate) use bus::TAIL_CAPACITY;
pub use bus::{EventBus, Published, Receipt, Refill, StoredEvent};
pub use in_process::InProcessBus;
pub use redis_streams::{Ends, RedisBus};
