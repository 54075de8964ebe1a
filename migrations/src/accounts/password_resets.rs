//! Passwords that were forgotten, and the letters by which they are set anew.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes the table of password resets.
#[derive(Debug)]
pub(super) struct PasswordResets;

impl MigrationName for PasswordResets {
    fn name(&self) -> &'static str {
        "m2026_11_29_000100_password_resets"
    }
}

const TABLES: &[&str] = &[
    // Whose a login is, is looked up with the letter; from then on the login is not kept. Of the token in the
    // letter there is the digest only.
    "CREATE TABLE IF NOT EXISTS password_resets (
        id {uuid} PRIMARY KEY,
        login TEXT NOT NULL,
        user_id {uuid} CONSTRAINT password_resets_user REFERENCES users (id),
        token_hash {blob} CONSTRAINT password_resets_token UNIQUE,
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        next_try_at BIGINT,
        used_at BIGINT,
        CHECK ((user_id IS NULL) = (token_hash IS NULL)),
        CHECK ((token_hash IS NULL) = (expires_at IS NULL)),
        CHECK (login = '' OR (user_id IS NULL AND next_try_at IS NOT NULL)),
        CHECK (used_at IS NULL OR (token_hash IS NOT NULL AND next_try_at IS NULL))
    )",
    "CREATE INDEX IF NOT EXISTS password_resets_due ON password_resets (next_try_at)
        WHERE next_try_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS password_resets_of_user ON password_resets (user_id)",
    "CREATE INDEX IF NOT EXISTS password_resets_by_age ON password_resets (created_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for PasswordResets {
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
