//! Indexes that every transfer wrote into and nobody needed of most rows.

use sea_orm_migration::prelude::*;

/// Makes three indexes smaller.
pub(super) struct LighterIndexes;

impl MigrationName for LighterIndexes {
    fn name(&self) -> &'static str {
        "m2026_11_27_000520_lighter_indexes"
    }
}

const TABLES: &[&str] = &[
    // A line of a statement is there once by its identity, which is all that its provider id says.
    "DROP INDEX bank_credits_provider",
    "CREATE UNIQUE INDEX bank_credits_provider ON bank_credits (feed, provider_id)
        WHERE feed <> 'statement'",
    // Most credits are matched and most payments succeed: who lists those reads all, the newest first.
    "DROP INDEX bank_credits_by_state",
    "CREATE INDEX bank_credits_by_state ON bank_credits (state, id) WHERE state <> 'matched'",
    "DROP INDEX payments_by_status",
    "CREATE INDEX payments_by_status ON payments (status, id) WHERE status <> 'succeeded'",
];

#[async_trait::async_trait]
impl MigrationTrait for LighterIndexes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
