//! Refunds whose account is not known yet, and of which lines of an order they are.

use sea_orm_migration::prelude::*;

/// Adds where a credit came from, who named a refund's account, and the lines of refunds.
pub(super) struct RefundAccounts;

impl MigrationName for RefundAccounts {
    fn name(&self) -> &'static str {
        "m2026_11_27_000200_refund_accounts"
    }
}

const TABLES: &[&str] = &[
    // BIN of the bank that a credit came from, where the feed tells.
    "ALTER TABLE bank_credits ADD COLUMN counterparty_bin TEXT",
    // How the account came to be known, and the person who named it after the refund was asked for.
    // A refund whose account nobody knows has an empty `bank_bin` and waits as `requested`.
    "ALTER TABLE refunds ADD COLUMN account_from TEXT NOT NULL DEFAULT 'request'
        CHECK (account_from IN ('request', 'payer', 'buyer', 'operator', 'nobody'))",
    "ALTER TABLE refunds ADD COLUMN account_by {uuid}",
    // What of which line of its order a refund is.
    "CREATE TABLE refund_lines (
        refund_id {uuid} NOT NULL REFERENCES refunds (id),
        order_line_id {uuid} NOT NULL,
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        ordered BIGINT NOT NULL CHECK (ordered >= quantity),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        currency TEXT NOT NULL,
        PRIMARY KEY (refund_id, order_line_id)
    )",
    "CREATE INDEX refund_lines_of_line ON refund_lines (order_line_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for RefundAccounts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
