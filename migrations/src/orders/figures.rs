//! What public figures are counted from.

use sea_orm_migration::prelude::*;

/// Finds what was paid in a span of days.
pub(super) struct Figures;

impl MigrationName for Figures {
    fn name(&self) -> &'static str {
        "m2026_11_27_000500_figures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Figures {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        const INDEX: &str =
            "CREATE INDEX orders_paid ON orders (paid_at) WHERE paid_at IS NOT NULL";
        crate::shared::create(manager, &[INDEX]).await
    }
}
