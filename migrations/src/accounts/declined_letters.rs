//! Who of a shop wants no letters of its orders.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes the table of declined letters.
pub(super) struct DeclinedLetters;

impl MigrationName for DeclinedLetters {
    fn name(&self) -> &'static str {
        "m2026_11_30_000100_declined_letters"
    }
}

const TABLES: &[&str] = &["CREATE TABLE IF NOT EXISTS declined_letters (
        user_id {uuid} NOT NULL CONSTRAINT declined_letters_user REFERENCES users (id),
        shop_id {uuid} NOT NULL CONSTRAINT declined_letters_shop REFERENCES shops (id),
        declined_at BIGINT NOT NULL,
        PRIMARY KEY (user_id, shop_id)
    )"];

#[async_trait::async_trait]
impl MigrationTrait for DeclinedLetters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, TABLES).await;
        }
        // What refers to people and shops locks them for a moment.
        crate::shared::briefly(manager, TABLES).await
    }

    /// On PostgreSQL its locks are waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
