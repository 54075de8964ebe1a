//! Bank feeds: how each authenticates and what it tells. All of them tell the same thing, a
//! [`Transfer`] on a bank account, each in its own words.

pub mod casso;
mod feed;
mod javascript;
pub mod payos;
pub mod sepay;
pub mod sepay_polling;
mod signing;
mod transfer;

pub use feed::{Disbelieved, Feed, Proof, read};
pub use transfer::{Direction, Transfer};
