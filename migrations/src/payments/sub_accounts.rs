//! To which sub-account of an account a credit came, where its feed says so.

use sea_orm_migration::prelude::*;

/// Keeps the sub-account of a credit.
pub(super) struct SubAccounts;

impl MigrationName for SubAccounts {
    fn name(&self) -> &'static str {
        "m2026_11_28_000310_sub_accounts"
    }
}

const COLUMN: (&str, &str) = ("sub_account", "TEXT");

#[async_trait::async_trait]
impl MigrationTrait for SubAccounts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::add_columns(manager, "bank_credits", &[COLUMN]).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
