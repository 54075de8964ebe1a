//! What the market offers to those who sell its tours elsewhere: the OCTO supplier API under
//! `/octo`, and the calendars of departures for the shops themselves under `/calendar`.
//!
//! It reads and books through the services, in their words, and answers in those of OCTO and of
//! iCalendar. It holds no rule of the business and no database: whether a seat may be sold is
//! catalog's word, what a cancelled booking gives back that of orders.
//!
//! Sources: the OCTO specification with its capabilities `octo/pricing` and `octo/content`
//! (`tests/data/SOURCES.md`), RFC 5545 (iCalendar).

mod asking;
mod body;
mod calendar;
mod capabilities;
mod door;
mod endpoints;
mod failure;
mod local_time;
mod messages;
mod objects;
mod reading;

pub use door::{Octo, OctoParts, OctoSettings};
pub use endpoints::{MAX_DAYS, MAX_IDS, MAX_UNIT_ITEMS};
