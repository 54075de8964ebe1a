//! Delivery by Redis Streams: a stream a topic, a consumer group a consumer, one process at a time
//! in each group, so that order is kept; what a dead process left is claimed by the next.
//!
//! Redis may be lost at any time: outboxes keep what was published, and publish it again.

mod bus;
mod entries;
mod group;
mod lease;
mod marker;
mod standing;

pub use bus::RedisBus;
pub use standing::Ends;
