//! Events from outbox to effect: at least once on the way, once in effect, in order per aggregate;
//! in process and over a real Redis, on both databases, with crashes in between.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

mod bench;
mod dead_letters;
mod delivery;
mod emptied_redis;
mod own_redis;
mod redis_groups;
