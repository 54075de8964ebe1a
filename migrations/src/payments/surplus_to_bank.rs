//! Card money that came second and cannot go back to its card goes to a bank account.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::{add_columns, briefly, create};

/// Keeps with a return that failed which refund takes its place.
pub(super) struct SurplusToBank;

impl MigrationName for SurplusToBank {
    fn name(&self) -> &'static str {
        "m2026_11_30_000420_surplus_to_bank"
    }
}

const COLUMN: (&str, &str) = ("instead_id", "{uuid} REFERENCES refunds (id)");
/// One that ended without money gives its place to another.
const ONCE: &str =
    "CREATE UNIQUE INDEX IF NOT EXISTS card_returns_instead ON card_returns (instead_id)
    WHERE instead_id IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for SurplusToBank {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "card_returns", &[COLUMN]).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            return create(manager, &[ONCE]).await;
        }
        briefly(manager, &[ONCE]).await
    }

    /// On PostgreSQL its locks are waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
