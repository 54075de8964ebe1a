//! An account that a shop is paid to later waits beside the one that it is paid to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Gives shops an account that waits.
pub(super) struct NextAccounts;

impl MigrationName for NextAccounts {
    fn name(&self) -> &'static str {
        "m2026_11_29_000200_next_accounts"
    }
}

const COLUMNS: [&str; 4] = [
    "ALTER TABLE shops ADD COLUMN {once} next_bank_bin TEXT",
    "ALTER TABLE shops ADD COLUMN {once} next_bank_number TEXT",
    "ALTER TABLE shops ADD COLUMN {once} next_bank_holder TEXT",
    "ALTER TABLE shops ADD COLUMN {once} next_bank_from BIGINT",
];

#[async_trait::async_trait]
impl MigrationTrait for NextAccounts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let once = if sqlite { "" } else { "IF NOT EXISTS" };
        let columns = COLUMNS.map(|column| column.replace("{once}", once));
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        if sqlite {
            return crate::shared::create(manager, &columns).await;
        }
        crate::shared::briefly(manager, &columns).await
    }

    /// Locks are waited for again and again, each time in a transaction of its own.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
