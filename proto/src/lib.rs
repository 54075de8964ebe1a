//! Contracts between the services: gRPC and events, generated from `chonoi/*.proto`.
//!
//! Besides the generated code it holds only the way between contract and kernel words, and the
//! way a refusal of the business travels in a gRPC status. It decides nothing.

mod conversions;
mod refusals;
mod topics;

pub use conversions::{InvalidField, parse_id, parse_money};
pub use refusals::{Refused, refusals_of};
pub use topics::Topic;

macro_rules! generated {
    ($($(#[$doc:meta])* $name:ident = $package:literal;)*) => {$(
        $(#[$doc])*
        #[allow(
            missing_docs, clippy::all, clippy::pedantic, clippy::allow_attributes, unused_qualifications,
            reason = "generated from the contract, which carries the documentation"
        )]
        pub mod $name {
            tonic::include_proto!($package);
        }
    )*};
}

generated! {
    /// Words that all services use.
    common = "chonoi.common";
    /// People, sessions, shops.
    accounts = "chonoi.accounts";
    /// Products, stock, search.
    catalog = "chonoi.catalog";
    /// Tours and departures.
    tours = "chonoi.tours";
    /// Bookings, tickets, resellers.
    bookings = "chonoi.bookings";
    /// Carts, checkouts, orders.
    orders = "chonoi.orders";
    /// What comes back of orders.
    returns = "chonoi.returns";
    /// Vouchers of shops.
    vouchers = "chonoi.vouchers";
    /// Payments, bank credits, ledger.
    payments = "chonoi.payments";
    /// What services tell each other.
    events = "chonoi.events";
}
