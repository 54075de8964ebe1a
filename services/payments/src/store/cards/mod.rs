//! The tables of cards.

pub mod attempt;
pub mod dispute;
pub(super) mod entities;
pub mod event;
pub mod movement;
pub mod payout;
pub mod returned;
