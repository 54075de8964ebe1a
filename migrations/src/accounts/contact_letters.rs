//! Letters that confirm another e-mail address, and that tell the old one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes the table of letters about people's telephone numbers and e-mail addresses.
#[derive(Debug)]
pub(super) struct ContactLetters;

impl MigrationName for ContactLetters {
    fn name(&self) -> &'static str {
        "m2026_12_02_000300_contact_letters"
    }
}

const TABLES: &[&str] = &[
    // Where a letter goes is not kept when it is over. Of the token there is the digest only; each try makes one.
    "CREATE TABLE IF NOT EXISTS contact_letters (
        id {uuid} PRIMARY KEY,
        user_id {uuid} NOT NULL CONSTRAINT contact_letters_user REFERENCES users (id),
        news TEXT NOT NULL CHECK (news IN ('confirm', 'email_asked', 'email_changed', 'phone_changed', 'account_deleted')),
        address TEXT NOT NULL,
        token_hash {blob} CONSTRAINT contact_letters_token UNIQUE,
        created_at BIGINT NOT NULL,
        counts_from BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        next_try_at BIGINT,
        ended_at BIGINT,
        CHECK (news = 'confirm' OR token_hash IS NULL),
        CHECK (counts_from >= created_at AND expires_at > counts_from),
        CHECK (ended_at IS NULL OR next_try_at IS NULL),
        CHECK ((address = '') = (ended_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX IF NOT EXISTS contact_letters_awaited ON contact_letters (user_id)
        WHERE news = 'confirm' AND ended_at IS NULL",
    "CREATE INDEX IF NOT EXISTS contact_letters_due ON contact_letters (next_try_at)
        WHERE next_try_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS contact_letters_by_age ON contact_letters (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for ContactLetters {
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
