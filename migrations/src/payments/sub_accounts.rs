//! To which sub-account of an account a credit came, where its feed says so.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Keeps the sub-account of a credit.
pub(super) struct SubAccounts;

impl MigrationName for SubAccounts {
    fn name(&self) -> &'static str {
        "m2026_11_28_000310_sub_accounts"
    }
}

const COLUMN: &str = "ALTER TABLE bank_credits ADD COLUMN {once} sub_account TEXT";

#[async_trait::async_trait]
impl MigrationTrait for SubAccounts {
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
