//! How the columns of statements are understood: kept with each statement, and, where a person corrected
//! it, for the next one of the same shape.

use sea_orm_migration::prelude::*;

/// Keeps how columns are understood.
pub(super) struct StatementColumns;

impl MigrationName for StatementColumns {
    fn name(&self) -> &'static str {
        "m2026_11_27_000310_statement_columns"
    }
}

const TABLES: &[&str] = &[
    // Of statements of before it is guessed again, as it was.
    "ALTER TABLE statements ADD COLUMN mapping TEXT",
    "CREATE TABLE statement_mappings (
        shape TEXT PRIMARY KEY,
        mapping TEXT NOT NULL,
        saved_by {uuid} NOT NULL,
        saved_at BIGINT NOT NULL
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for StatementColumns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
