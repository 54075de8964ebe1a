//! Who works on a statement has it for itself; one that failed is tried again after a pause.

use sea_orm_migration::prelude::*;

/// Says until when nobody else works on a statement.
pub(super) struct StatementClaims;

impl MigrationName for StatementClaims {
    fn name(&self) -> &'static str {
        "m2026_11_27_000430_statement_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for StatementClaims {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, &["ALTER TABLE statements ADD COLUMN not_before BIGINT"])
            .await
    }
}
