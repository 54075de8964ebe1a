//! The card provider's payouts whose credit nobody has seen, found without looking at all that came.

use sea_orm_migration::prelude::*;

/// Makes the indexes of awaited payouts.
pub(super) struct AwaitedPayouts;

impl MigrationName for AwaitedPayouts {
    fn name(&self) -> &'static str {
        "m2026_11_27_000530_awaited_payouts"
    }
}

const TABLES: &[&str] = &[
    "CREATE INDEX card_payouts_awaited ON card_payouts (id)
        WHERE credit_id IS NULL AND status IN ('in_transit', 'paid')",
    "CREATE INDEX card_payouts_awaited_of_amount ON card_payouts (amount_minor, id)
        WHERE credit_id IS NULL AND status IN ('in_transit', 'paid')",
];

#[async_trait::async_trait]
impl MigrationTrait for AwaitedPayouts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
