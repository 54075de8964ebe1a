//! Reviews are found by who wrote them.

use sea_orm_migration::prelude::*;

use crate::shared::IndexWhileUsed;

/// Makes the index by which people take away what they wrote.
pub(super) struct Reviewers;

impl MigrationName for Reviewers {
    fn name(&self) -> &'static str {
        "m2026_12_02_000100_reviewers"
    }
}

const INDEXES: &[IndexWhileUsed] =
    &[IndexWhileUsed { name: "reviews_of_buyer", of: "reviews (buyer_id, id)" }];

#[async_trait::async_trait]
impl MigrationTrait for Reviewers {
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
