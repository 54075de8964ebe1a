//! Catalog: products, their stock, tours and the seats of their departures, holds, imports, search.
//!
//! It owns what is offered and how much of it there is. It knows shops by what accounts tells, and
//! checkouts by their ids only.

mod consumers;
mod darkroom;
mod doctor;
mod domain;
mod grpc;
mod messages;
mod reading_room;
mod refusals;
mod requests;
pub mod search;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod ticket_names;
mod usecases;

pub use doctor::doctor;
pub use service::{Catalog, CatalogParts};
pub use store::standing;
