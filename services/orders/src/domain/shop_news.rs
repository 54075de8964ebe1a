//! What a shop's people are told of its orders: gathered for a while, so that a hundred orders are one letter.

use kernel::{OrderId, ShopId, Timestamp};
use uuid::Uuid;

/// How many orders of one kind a letter lists; of the others it says how many there are.
pub const MOST_LISTED: usize = 50;

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopNewsKind {
    /// It was paid, and is to be handed over. About: the order.
    Paid,
    /// It was called off after it was paid. About: the order.
    CalledOff,
    /// Its buyer asks to send pieces of it back. About: the return.
    ReturnAsked,
}

impl ShopNewsKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Paid, Self::CalledOff, Self::ReturnAsked];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::CalledOff => "called_off",
            Self::ReturnAsked => "return_asked",
        }
    }
}

/// Something that happened to an order of a shop. Of a person it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShopNews {
    /// What.
    pub kind: ShopNewsKind,
    /// Which one it is about: each is told once.
    pub about: Uuid,
    /// The order.
    pub order: OrderId,
    /// Whose order.
    pub shop: ShopId,
    /// When it was noted.
    pub at: Timestamp,
}
