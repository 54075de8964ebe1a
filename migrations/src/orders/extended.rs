//! Checkouts that wait for longer, since their shoppers say that the transfer is on its way.

use sea_orm_migration::prelude::*;

/// Keeps when a checkout was given more time.
pub(super) struct Extended;

impl MigrationName for Extended {
    fn name(&self) -> &'static str {
        "m2026_12_01_000100_extended"
    }
}

const COLUMN: (&str, &str) = ("extended_at", "BIGINT");

#[async_trait::async_trait]
impl MigrationTrait for Extended {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::add_columns(manager, "checkouts", &[COLUMN]).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
