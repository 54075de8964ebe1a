//! Feed events that fail are tried again, and why they failed is kept.

use sea_orm_migration::prelude::*;

/// Counts the tries of feed events.
pub(super) struct FeedTries;

impl MigrationName for FeedTries {
    fn name(&self) -> &'static str {
        "m2026_11_27_000420_feed_tries"
    }
}

const TABLES: &[&str] = &[
    "ALTER TABLE feed_events ADD COLUMN tries INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE feed_events ADD COLUMN next_try_at BIGINT",
    "ALTER TABLE feed_events ADD COLUMN problem TEXT",
];

#[async_trait::async_trait]
impl MigrationTrait for FeedTries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
