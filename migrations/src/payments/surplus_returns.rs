//! Card money that came second and could not go back is sent again by a person.

use sea_orm_migration::prelude::*;

/// Keeps who sent a return again, and finds those that failed.
pub(super) struct SurplusReturns;

impl MigrationName for SurplusReturns {
    fn name(&self) -> &'static str {
        "m2026_11_27_000540_surplus_returns"
    }
}

const TABLES: &[&str] = &[
    // Nobody: it was decided by a rule, or by who asked for the refund.
    "ALTER TABLE card_returns ADD COLUMN asked_by {uuid}",
    "CREATE INDEX card_returns_failed_surplus ON card_returns (id)
        WHERE refund_id IS NULL AND status = 'failed'",
];

#[async_trait::async_trait]
impl MigrationTrait for SurplusReturns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
