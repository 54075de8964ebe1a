//! Lists with the best rated first.

use sea_orm_migration::prelude::*;

use crate::shared::IndexWhileUsed;

/// Indexes what everybody sees by its rating.
pub(super) struct BestRated;

impl MigrationName for BestRated {
    fn name(&self) -> &'static str {
        "m2026_11_30_000200_best_rated"
    }
}

/// Without it each page sorts all products.
const BEST_RATED: IndexWhileUsed =
    IndexWhileUsed { name: "products_best_rated", of: "products (rating, id) WHERE visible" };

#[async_trait::async_trait]
impl MigrationTrait for BestRated {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::index_while_used(manager, &BEST_RATED).await
    }

    /// PostgreSQL builds an index beside its writers in no transaction only.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
