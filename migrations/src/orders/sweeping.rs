//! What sweepers of orders remember: what they tried in vain, and money that they gave back.

use sea_orm_migration::prelude::*;

/// Makes the tables of sweepers.
pub(super) struct Sweeping;

impl MigrationName for Sweeping {
    fn name(&self) -> &'static str {
        "m2026_11_27_000500_sweeping"
    }
}

const TABLES: &[&str] = &[
    // `id` is of a checkout, an order or a booking: it has its next turn when `due_at` has come.
    "CREATE TABLE postponements (
        id {uuid} PRIMARY KEY,
        attempts BIGINT NOT NULL CHECK (attempts > 0),
        due_at BIGINT NOT NULL
    )",
    // Orders that were paid and could not be sold, and whose money is on its way back. Without a refund
    // somebody had given it back by hand.
    "CREATE TABLE unsold_orders (
        order_id {uuid} PRIMARY KEY REFERENCES orders (id),
        refund_id {uuid},
        refunded_at BIGINT NOT NULL
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Sweeping {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
