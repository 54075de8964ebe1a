//! What the tests of the door share.

pub mod asking;
pub mod bookings;
pub mod fake;
pub mod market;
pub mod openapi;
pub mod schema;
