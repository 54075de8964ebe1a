//! Orders: carts, the checkout saga, and what each shop sold.
//!
//! It owns what was asked for and agreed on. It knows no stock and no money: catalog holds the one,
//! payments the other, and both are asked by their contracts.

mod consumers;
mod doctor;
mod domain;
mod grpc;
mod messages;
mod service;
mod store;
mod sweeps;
#[cfg(test)]
mod tests;
mod ticket_key;
mod tokens;
mod usecases;

pub use doctor::doctor;
pub use service::{Orders, OrdersParts};
pub use store::standing;
