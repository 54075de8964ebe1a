//! Each change of what is borne of a dispute has a number, from which its posting's key follows.

use sea_orm_migration::prelude::*;

/// Counts how often what is borne of a dispute changed.
pub(super) struct BorneChanges;

impl MigrationName for BorneChanges {
    fn name(&self) -> &'static str {
        "m2026_11_27_000520_borne_changes"
    }
}

/// Postings of before have keys of their own; a dispute that somebody bears counts from there.
const TABLES: &[&str] =
    &["ALTER TABLE card_disputes ADD COLUMN borne_changes INTEGER NOT NULL DEFAULT 0"];

#[async_trait::async_trait]
impl MigrationTrait for BorneChanges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
