//! Departures with prices of their own.

use sea_orm_migration::prelude::*;

/// Lets a departure say what its tickets cost.
pub(super) struct DeparturePrices;

impl MigrationName for DeparturePrices {
    fn name(&self) -> &'static str {
        "m2026_11_29_000110_departure_prices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for DeparturePrices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A list in JSON; most are empty. With a constant for what is there no row is written anew.
        let column = ("prices", "TEXT NOT NULL DEFAULT '[]'");
        crate::shared::add_columns(manager, "departures", &[column]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
