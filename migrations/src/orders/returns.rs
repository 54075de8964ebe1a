//! What comes back of orders, and payments that are taken back.

use sea_orm_migration::prelude::*;

/// Makes the tables of returns.
pub(super) struct Returns;

impl MigrationName for Returns {
    fn name(&self) -> &'static str {
        "m2026_11_27_000400_returns"
    }
}

const TABLES: &[&str] = &[
    // A cancelled order with this moment was paid before; without, it never was.
    "ALTER TABLE orders ADD COLUMN cancelled_at BIGINT",
    // Set when it is handed over, by the policy of that day.
    "ALTER TABLE orders ADD COLUMN returnable_until BIGINT",
    // What had paid it was taken back; until `expires_at` its goods stay sold to it.
    "ALTER TABLE checkouts ADD COLUMN reopened_at BIGINT",
    // Written before anything is asked of payments or catalog; a sweeper resumes what is approved.
    "CREATE TABLE order_returns (
        id {uuid} PRIMARY KEY,
        order_id {uuid} NOT NULL REFERENCES orders (id),
        kind TEXT NOT NULL CHECK (kind IN ('cancellation', 'return', 'unpaid')),
        status TEXT NOT NULL CHECK (status IN ('requested', 'approved', 'declined', 'done')),
        asked_by TEXT NOT NULL CHECK (asked_by IN ('buyer', 'shop', 'market')),
        requested_by {uuid} NOT NULL,
        decided_by {uuid},
        idempotency_key TEXT NOT NULL,
        request_hash {blob} NOT NULL,
        reason TEXT NOT NULL,
        answer TEXT NOT NULL,
        restock INTEGER NOT NULL CHECK (restock IN (0, 1)),
        bank_bin TEXT NOT NULL,
        account_number TEXT NOT NULL,
        account_holder TEXT NOT NULL,
        refund_id {uuid},
        refund_minor BIGINT NOT NULL DEFAULT 0 CHECK (refund_minor >= 0),
        currency TEXT NOT NULL,
        account_needed INTEGER NOT NULL DEFAULT 0 CHECK (account_needed IN (0, 1)),
        created_at BIGINT NOT NULL,
        decided_at BIGINT,
        retry_at BIGINT NOT NULL,
        finished_at BIGINT,
        CONSTRAINT order_returns_key UNIQUE (order_id, kind, idempotency_key),
        CHECK ((status = 'done') = (finished_at IS NOT NULL)),
        CHECK (status = 'requested' OR decided_at IS NOT NULL)
    )",
    // An order is called off once.
    "CREATE UNIQUE INDEX order_returns_one_end ON order_returns (order_id)
        WHERE kind IN ('cancellation', 'unpaid')",
    "CREATE INDEX order_returns_under_way ON order_returns (retry_at) WHERE status = 'approved'",
    "CREATE TABLE order_return_lines (
        return_id {uuid} NOT NULL REFERENCES order_returns (id),
        order_line_id {uuid} NOT NULL REFERENCES order_lines (id),
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (return_id, order_line_id)
    )",
    "CREATE TABLE shop_return_policies (
        shop_id {uuid} PRIMARY KEY,
        days INTEGER NOT NULL CHECK (days BETWEEN 0 AND 365)
    )",
    "CREATE INDEX checkouts_reopened ON checkouts (expires_at)
        WHERE status = 'awaiting_payment' AND reopened_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Returns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
