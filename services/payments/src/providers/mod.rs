//! The outside: who tells of credits, and the bank of development.

pub mod feeds;
pub mod sandbox_bank;
pub mod statements;
