//! Accounts: people, their sessions and passwords, shops and who may act for them, the audit log of all that, and
//! the city's wards and the banks of the country.
//!
//! It decides who somebody is and what they are to a shop. What they may see or buy elsewhere the
//! other services decide; they ask it by gRPC or hear of a changed shop by event.

mod doctor;
mod domain;
mod events;
mod grpc;
mod messages;
mod passwords;
mod refusals;
mod service;
mod store;
mod sweeps;
mod throttle;
mod usecases;

pub use doctor::doctor;
pub use domain::banks::short_name as bank_short_name;
pub use passwords::Hashing;
pub use service::{Accounts, AccountsParts};
