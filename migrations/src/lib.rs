//! The tables of every service: one migrator a service, run by the program itself.
//!
//! A service's tables are made here and known to its `store` only.

pub mod accounts;
pub mod catalog;
mod dead_letters;
pub mod orders;
mod outbox_ids;
pub mod payments;
pub mod shared;
