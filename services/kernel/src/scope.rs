//! What a reader may see: a seller only one shop, a buyer only their own.
//!
//! The private reads of every store take a scope, so a query without the tenant's filter does not
//! compile. Only who has checked a session may make one.

use crate::{ShopId, UserId};

/// The right to see and act for one shop. Made where membership was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShopScope(ShopId);

impl ShopScope {
    /// A scope for a member of a shop: call it only after the membership was checked.
    pub const fn granted(shop: ShopId) -> Self {
        Self(shop)
    }

    /// The one shop that may be seen.
    pub const fn shop(self) -> ShopId {
        self.0
    }
}

/// The right to see what one buyer bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuyerScope(UserId);

impl BuyerScope {
    /// A scope for a person who signed in: call it only after the session was checked.
    pub const fn granted(user: UserId) -> Self {
        Self(user)
    }

    /// The one buyer whose orders may be seen.
    pub const fn user(self) -> UserId {
        self.0
    }
}
