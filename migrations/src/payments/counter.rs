//! Payments that a shop asks for at its counter.

use sea_orm_migration::prelude::*;

/// Makes room for payments at a counter.
pub(super) struct Counter;

impl MigrationName for Counter {
    fn name(&self) -> &'static str {
        "m2026_11_27_000300_counter"
    }
}

const TABLES: &[&str] = &[
    // What is paid: `checkout_id` is the id of a checkout or of a sale at a counter. The column keeps
    // its name and stays filled, so that a program of before works on this schema while it is replaced.
    "ALTER TABLE payments ADD COLUMN purpose TEXT NOT NULL DEFAULT 'checkout'
        CHECK (purpose IN ('checkout', 'counter'))",
    "CREATE TABLE counter_sales (
        payment_id {uuid} PRIMARY KEY REFERENCES payments (id),
        shop_id {uuid} NOT NULL,
        note TEXT NOT NULL,
        asked_by {uuid} NOT NULL,
        idempotency_key TEXT NOT NULL,
        CONSTRAINT counter_sales_key UNIQUE (shop_id, idempotency_key)
    )",
    "CREATE INDEX counter_sales_of_shop ON counter_sales (shop_id, payment_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Counter {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
