//! What each part of a payment sells: goods, or seats of a tour.

use sea_orm_migration::prelude::*;

/// Says on the parts of payments what is sold.
pub(super) struct AllocationsSold;

impl MigrationName for AllocationsSold {
    fn name(&self) -> &'static str {
        "m2026_11_27_000250_allocations_sold"
    }
}

const TABLES: &[&str] = &[
    // Of payments that were asked for before, nobody said it.
    "ALTER TABLE payment_allocations ADD COLUMN sold TEXT NOT NULL DEFAULT 'unknown'
        CHECK (sold IN ('goods', 'tour', 'unknown'))",
];

#[async_trait::async_trait]
impl MigrationTrait for AllocationsSold {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
