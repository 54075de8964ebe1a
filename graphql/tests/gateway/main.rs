//! The gateway as clients meet it, over services that answer from memory.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

mod access;
mod batching;
mod bounds;
mod caching;
mod cards;
mod consents;
mod correcting;
mod counter;
mod deleting;
mod direct;
mod door;
mod errors;
mod figures;
mod letters;
mod limits;
mod matrix;
mod personal_data;
mod photos;
mod reseller_bills;
mod returns;
mod reviews;
mod searching;
mod selling;
mod sessions;
mod settling;
mod shop_members;
mod subscriptions;
mod taking_away;
mod tickets;
mod tours;
mod vouchers;
mod waiting_lists;
