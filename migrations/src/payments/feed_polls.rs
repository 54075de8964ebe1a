//! How far the asking of feeds for what they told of came.

use sea_orm_migration::prelude::*;

/// Makes the table of rounds.
pub(super) struct FeedPolls;

impl MigrationName for FeedPolls {
    fn name(&self) -> &'static str {
        "m2026_11_27_000440_feed_polls"
    }
}

const TABLES: &[&str] = &[
    // A round that is under way has a window: what of it was not asked for yet.
    "CREATE TABLE feed_polls (
        feed TEXT PRIMARY KEY,
        complete_at BIGINT,
        begun_at BIGINT,
        window_from BIGINT,
        window_until BIGINT,
        CHECK ((begun_at IS NULL) = (window_from IS NULL))
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for FeedPolls {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
