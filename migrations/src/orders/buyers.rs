//! Checkouts are found by who bought while signed in.

use sea_orm_migration::prelude::*;

use crate::shared::IndexWhileUsed;

/// Makes the index by which people take away what they bought.
pub(super) struct Buyers;

impl MigrationName for Buyers {
    fn name(&self) -> &'static str {
        "m2026_12_02_000100_buyers"
    }
}

const INDEXES: &[IndexWhileUsed] = &[IndexWhileUsed {
    name: "checkouts_of_buyer",
    of: "checkouts (buyer_id, id) WHERE buyer_id IS NOT NULL",
}];

#[async_trait::async_trait]
impl MigrationTrait for Buyers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            crate::shared::index_while_used(manager, index).await?;
        }
        Ok(())
    }

    /// PostgreSQL makes an index beside running changes outside of transactions only.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
