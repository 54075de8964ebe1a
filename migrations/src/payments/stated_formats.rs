//! Lines of which statements of several formats tell.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::IndexWhileUsed;

/// Keeps the formats of the statements that told of a credit or a debit.
pub(super) struct StatedFormats;

impl MigrationName for StatedFormats {
    fn name(&self) -> &'static str {
        "m2026_12_03_000100_stated_formats"
    }
}

/// A set, one bit a format. Nothing of rows of before: nobody knows which format told of them.
const COLUMN: (&str, &str) = ("stated_by", "BIGINT");

/// By what a debit is known on statements of further formats; of credits that is in `credit_aliases`.
const ALIASES: &str = "CREATE TABLE IF NOT EXISTS debit_aliases (
    statement_identity {blob} PRIMARY KEY,
    debit_id {uuid} NOT NULL REFERENCES bank_debits (id)
)";

const INDEXES: &[IndexWhileUsed] = &[
    // Whether statements of other formats may tell of an account: asked with every batch of lines.
    IndexWhileUsed { name: "statements_formats", of: "statements (format, account_number)" },
    IndexWhileUsed {
        name: "bank_debits_told",
        of: "bank_debits (account_number, amount_minor, booked_at)",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for StatedFormats {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["bank_credits", "bank_debits"] {
            crate::shared::add_columns(manager, table, &[COLUMN]).await?;
        }
        if manager.get_database_backend() == DbBackend::Sqlite {
            crate::shared::create(manager, &[ALIASES]).await?;
        } else {
            crate::shared::briefly(manager, &[ALIASES]).await?;
        }
        for index in INDEXES {
            crate::shared::index_while_used(manager, index).await?;
        }
        Ok(())
    }

    /// On PostgreSQL its locks are waited for in transactions of their own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
