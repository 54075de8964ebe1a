//! Bookings of resellers that were paid by what was given back of others.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Lets a line say since when it is netted.
pub(super) struct NettedLines;

impl MigrationName for NettedLines {
    fn name(&self) -> &'static str {
        "m2026_11_28_000210_netted_lines"
    }
}

const COLUMN: &str = "ALTER TABLE reseller_lines ADD COLUMN {once} netted_at BIGINT";

#[async_trait::async_trait]
impl MigrationTrait for NettedLines {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, &[&COLUMN.replace("{once} ", "")]).await;
        }
        crate::shared::briefly(manager, &[&COLUMN.replace("{once}", "IF NOT EXISTS")]).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
