//! The outside: who tells of credits, who charges cards, and the bank and the cards of development.

pub mod card;
pub mod feeds;
pub mod payout_file;
pub mod sandbox_bank;
pub mod sandbox_card;
pub mod statements;
pub mod takeaway;
