//! Who deleted their account, and is forgotten in what they bought.

use sea_orm_migration::prelude::*;

/// Makes the table of forgotten buyers.
pub(super) struct ForgottenBuyers;

impl MigrationName for ForgottenBuyers {
    fn name(&self) -> &'static str {
        "m2026_12_02_000200_forgotten_buyers"
    }
}

const TABLES: &[&str] = &[
    // What is not over yet is looked at again at `next_look_at`; nothing is left to look at when it is none.
    "CREATE TABLE IF NOT EXISTS forgotten_buyers (
        buyer_id {uuid} PRIMARY KEY,
        asked_at BIGINT NOT NULL,
        next_look_at BIGINT
    )",
    "CREATE INDEX IF NOT EXISTS forgotten_buyers_due ON forgotten_buyers (next_look_at)
        WHERE next_look_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for ForgottenBuyers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
