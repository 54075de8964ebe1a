//! A lost dispute of card money that came second is paid with that money, where it has not gone back.

use sea_orm_migration::prelude::*;

use crate::shared::add_columns;

/// Keeps how much of a lost dispute was paid so.
pub(super) struct SurplusDisputes;

impl MigrationName for SurplusDisputes {
    fn name(&self) -> &'static str {
        "m2026_11_30_000410_surplus_disputes"
    }
}

const COLUMN: (&str, &str) = (
    "borne_by_surplus_minor",
    "BIGINT NOT NULL DEFAULT 0
        CONSTRAINT card_disputes_by_surplus_check CHECK (borne_by_surplus_minor >= 0)",
);

#[async_trait::async_trait]
impl MigrationTrait for SurplusDisputes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "card_disputes", &[COLUMN]).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
