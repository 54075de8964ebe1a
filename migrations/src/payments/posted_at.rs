//! The ledger by the time of its postings: closings and reports ask for spans.

use sea_orm_migration::prelude::*;

/// Makes the index of postings by their time.
pub(super) struct PostedAt;

impl MigrationName for PostedAt {
    fn name(&self) -> &'static str {
        "m2026_11_27_000460_posted_at"
    }
}

const TABLES: &[&str] = &["CREATE INDEX ledger_postings_posted ON ledger_postings (posted_at)"];

#[async_trait::async_trait]
impl MigrationTrait for PostedAt {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
