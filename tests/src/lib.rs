//! Journeys through the whole market, rules about its shape, and its benchmarks. See `tests/` and
//! `bench/` in this folder; this library holds what they share.

pub mod bank;
pub mod clockwork;
mod ground;
pub mod letters;
pub mod market;
pub mod matching_set;
pub mod peers;
pub mod postgres;
pub mod sailing;
pub mod shopping;
