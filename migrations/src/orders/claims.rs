//! Seats of waiting lists that carts claim.

use sea_orm_migration::prelude::*;

/// Lets carts and checkouts carry the token of an offer.
pub(super) struct Claims;

impl MigrationName for Claims {
    fn name(&self) -> &'static str {
        "m2026_11_27_000410_claims"
    }
}

/// The token is told to catalog when the seats are held, so it is kept as it is. Its offer runs out
/// within minutes.
const TABLES: &[&str] = &[
    "ALTER TABLE carts ADD COLUMN claim_token TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE checkouts ADD COLUMN claim_token TEXT NOT NULL DEFAULT ''",
];

#[async_trait::async_trait]
impl MigrationTrait for Claims {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
