//! How often an import failed: one that always fails must end, or those behind it wait for ever.

use sea_orm_migration::prelude::*;

/// Counts the failures of imports.
pub(super) struct ImportAttempts;

impl MigrationName for ImportAttempts {
    fn name(&self) -> &'static str {
        "m2026_11_27_000300_import_attempts"
    }
}

const CHANGES: &[&str] = &["ALTER TABLE imports ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0"];

#[async_trait::async_trait]
impl MigrationTrait for ImportAttempts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, CHANGES).await
    }
}
