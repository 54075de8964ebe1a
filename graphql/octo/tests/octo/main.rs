//! The door for resellers, on services that answer as the tests tell them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod batching;
mod booking;
mod calendar;
mod conformance;
mod document;
mod door;
mod reading;
mod support;
