//! Credits that several feeds tell of.

use sea_orm_migration::prelude::*;

/// Makes the index by which a feed finds what others told of.
pub(super) struct Tellings;

impl MigrationName for Tellings {
    fn name(&self) -> &'static str {
        "m2026_11_27_000410_tellings"
    }
}

const TABLES: &[&str] = &[
    // It held statements only.
    "DROP INDEX bank_credits_stated",
    "CREATE INDEX bank_credits_told ON bank_credits (feed, account_number, booked_on, amount_minor)",
];

#[async_trait::async_trait]
impl MigrationTrait for Tellings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
