//! A lost dispute of card money that came second is paid with that money, where it has not gone back.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::{briefly, create};

/// Keeps how much of a lost dispute was paid so.
pub(super) struct SurplusDisputes;

impl MigrationName for SurplusDisputes {
    fn name(&self) -> &'static str {
        "m2026_11_30_000410_surplus_disputes"
    }
}

/// Disputes are few.
const COLUMN: &str =
    "ALTER TABLE card_disputes ADD COLUMN {once} borne_by_surplus_minor BIGINT NOT NULL DEFAULT 0
        CONSTRAINT card_disputes_by_surplus_check CHECK (borne_by_surplus_minor >= 0)";

#[async_trait::async_trait]
impl MigrationTrait for SurplusDisputes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return create(manager, &[&COLUMN.replace("{once} ", "")]).await;
        }
        briefly(manager, &[&COLUMN.replace("{once}", "IF NOT EXISTS")]).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
