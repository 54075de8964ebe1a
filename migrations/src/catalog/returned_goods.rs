//! Goods that were sold and came back.

use sea_orm_migration::prelude::*;

/// Counts of each sold line how many pieces came back.
pub(super) struct ReturnedGoods;

impl MigrationName for ReturnedGoods {
    fn name(&self) -> &'static str {
        "m2026_11_27_000400_returned_goods"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ReturnedGoods {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        const COLUMN: &str = "ALTER TABLE hold_lines ADD COLUMN returned BIGINT NOT NULL DEFAULT 0
            CHECK (returned BETWEEN 0 AND quantity)";
        crate::shared::create(manager, &[COLUMN]).await
    }
}
