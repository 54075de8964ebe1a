//! The outside: who tells of credits, and the bank of development.

pub mod card;
pub mod feeds;
pub mod payout_file;
pub mod sandbox_bank;
pub mod statements;
