//! The roles of the market's processes.

use clap::ValueEnum;

/// A part of the market that can run in a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Role {
    /// People, sessions, shops.
    Accounts,
    /// Products, stock, search.
    Catalog,
    /// Carts, checkouts, orders.
    Orders,
    /// Payments, bank feed, ledger.
    Payments,
    /// The public API.
    Gateway,
    /// The pages.
    Web,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Accounts, Self::Catalog, Self::Orders, Self::Payments, Self::Gateway, Self::Web];

    /// The name in logs and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Catalog => "catalog",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Gateway => "gateway",
            Self::Web => "web",
        }
    }
}
