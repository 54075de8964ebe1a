//! Files of more programs can be imported.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::NewCheck;

/// Lets `imports.format` say more.
pub(super) struct ImportFormats;

impl MigrationName for ImportFormats {
    fn name(&self) -> &'static str {
        "m2026_11_29_000100_import_formats"
    }
}

/// SQLite cannot change a CHECK, and another table refers to this one: the column is made anew, filled from
/// the old one, and takes its name.
const SQLITE: &[&str] = &[
    "ALTER TABLE imports ADD COLUMN format_new TEXT NOT NULL DEFAULT 'chonoi' CHECK (format_new IN
        ('chonoi', 'shopify', 'kiotviet', 'sapo'))",
    "UPDATE imports SET format_new = format",
    "ALTER TABLE imports DROP COLUMN format",
    "ALTER TABLE imports RENAME COLUMN format_new TO format",
];

const POSTGRES: NewCheck = NewCheck {
    table: "imports",
    instead_of: &["imports_format_check"],
    name: "imports_format_new_check",
    check: "format IN ('chonoi', 'shopify', 'kiotviet', 'sapo')",
    with: Some("ALTER COLUMN format SET DEFAULT 'chonoi'"),
};

#[async_trait::async_trait]
impl MigrationTrait for ImportFormats {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, SQLITE).await;
        }
        crate::shared::replace_check(manager, &POSTGRES).await
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
