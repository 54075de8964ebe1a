//! The door for resellers, on services that answer as the tests tell them.

mod batching;
mod booking;
mod calendar;
mod conformance;
mod door;
mod reading;
mod support;
