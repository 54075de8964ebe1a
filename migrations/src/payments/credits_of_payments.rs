//! Which credits a payment has, without an entry of each that paid it alone: that has one already.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::{self, IndexWhileUsed};

/// Parts an index in two small ones.
pub(super) struct CreditsOfPayments;

impl MigrationName for CreditsOfPayments {
    fn name(&self) -> &'static str {
        "m2026_12_01_000200_credits_of_payments"
    }
}

/// Nearly every credit pays a payment alone and is found by `bank_credits_one_per_payment`.
const INDEXES: [IndexWhileUsed; 2] = [
    IndexWhileUsed {
        name: "bank_credits_besides",
        of: "bank_credits (payment_id) WHERE state NOT IN ('matched', 'matched_with_tolerance')",
    },
    IndexWhileUsed {
        name: "bank_credits_parts",
        of: "bank_credits (payment_id) WHERE rule = 'code_and_sum_of_parts/1'",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for CreditsOfPayments {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in &INDEXES {
            shared::index_while_used(manager, index).await?;
        }
        let gone = ["DROP INDEX IF EXISTS bank_credits_of_payment"];
        if manager.get_database_backend() == DbBackend::Sqlite {
            shared::create(manager, &gone).await
        } else {
            shared::briefly(manager, &gone).await
        }
    }
}
