//! Which credits a payment has, without an entry of each that paid it alone: that has one already.

use sea_orm_migration::prelude::*;

/// Parts an index in two small ones.
pub(super) struct CreditsOfPayments;

impl MigrationName for CreditsOfPayments {
    fn name(&self) -> &'static str {
        "m2026_12_01_000200_credits_of_payments"
    }
}

const TABLES: &[&str] = &[
    // Nearly every credit pays a payment alone and is found by `bank_credits_one_per_payment`.
    "CREATE INDEX IF NOT EXISTS bank_credits_besides ON bank_credits (payment_id)
        WHERE state NOT IN ('matched', 'matched_with_tolerance')",
    "CREATE INDEX IF NOT EXISTS bank_credits_parts ON bank_credits (payment_id)
        WHERE rule = 'code_and_sum_of_parts/1'",
    "DROP INDEX IF EXISTS bank_credits_of_payment",
];

#[async_trait::async_trait]
impl MigrationTrait for CreditsOfPayments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
