//! What every service stands on: configuration, telemetry, databases, outbox and inbox, event bus,
//! remote calls, servers, limits, mail. It knows contracts and kernel words, and no service.

pub mod batching;
pub mod bulk;
pub mod cache;
pub mod calendar_links;
pub mod clock;
pub mod config;
pub mod consumer;
pub mod database;
pub mod dead_letters;
pub mod events;
pub mod idempotency;
pub mod ids;
pub mod large_bodies;
pub mod limits;
pub mod mail;
pub mod memory;
pub mod outbox;
pub mod paging;
pub mod pruning;
pub mod rpc;
mod rpc_metrics;
pub mod secrets;
pub mod server;
mod server_body;
mod server_io;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod upstream;
pub mod workers;
