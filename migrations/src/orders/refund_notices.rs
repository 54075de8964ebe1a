//! Notices of orders that were paid and could not be had.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Lets `notices.kind` say more.
pub(super) struct RefundNotices;

impl MigrationName for RefundNotices {
    fn name(&self) -> &'static str {
        "m2026_11_27_000500_refund_notices"
    }
}

/// SQLite cannot change a CHECK: the column is made anew, filled from the old one, and takes its name.
const SQLITE: &[&str] = &[
    "ALTER TABLE notices ADD COLUMN kind_new TEXT NOT NULL DEFAULT 'refunded' CHECK (kind_new IN
        ('tickets_cancelled', 'departure_moved', 'departure_refunded', 'refunded'))",
    "UPDATE notices SET kind_new = kind",
    "ALTER TABLE notices DROP COLUMN kind",
    "ALTER TABLE notices RENAME COLUMN kind_new TO kind",
];

const POSTGRES: &[&str] = &["ALTER TABLE notices DROP CONSTRAINT notices_kind_check,
    ADD CONSTRAINT notices_kind_check CHECK (kind IN
        ('tickets_cancelled', 'departure_moved', 'departure_refunded', 'refunded'))"];

#[async_trait::async_trait]
impl MigrationTrait for RefundNotices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            _ => POSTGRES,
        };
        crate::shared::create(manager, statements).await
    }
}
