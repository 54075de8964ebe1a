//! What people agreed to: which version of the text, in which language, and when.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes the table of consents.
#[derive(Debug)]
pub(super) struct Consents;

impl MigrationName for Consents {
    fn name(&self) -> &'static str {
        "m2026_12_02_000100_consents"
    }
}

// Who signed up before has no row: nobody asked them yet.
const TABLES: &[&str] = &["CREATE TABLE IF NOT EXISTS consents (
        user_id {uuid} NOT NULL CONSTRAINT consents_user REFERENCES users (id),
        version TEXT NOT NULL CHECK (version <> ''),
        locale TEXT NOT NULL CHECK (locale IN ('vi', 'en')),
        given_at BIGINT NOT NULL,
        PRIMARY KEY (user_id, version)
    )"];

#[async_trait::async_trait]
impl MigrationTrait for Consents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, TABLES).await;
        }
        // What refers to people locks them for a moment.
        crate::shared::briefly(manager, TABLES).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
