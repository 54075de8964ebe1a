//! The last letter to somebody: that their account is deleted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::NewCheck;

/// Lets `contact_letters.news` say more.
pub(super) struct LastLetters;

impl MigrationName for LastLetters {
    fn name(&self) -> &'static str {
        "m2026_12_02_000400_last_letters"
    }
}

/// SQLite cannot change a CHECK, and others name the column: the table, which holds the letters of a day or two, is
/// written anew under its name.
const SQLITE: &[&str] = &[
    "CREATE TABLE contact_letters_kept AS SELECT * FROM contact_letters",
    "DROP TABLE contact_letters",
    "CREATE TABLE contact_letters (
        id {uuid} PRIMARY KEY,
        user_id {uuid} NOT NULL CONSTRAINT contact_letters_user REFERENCES users (id),
        news TEXT NOT NULL CHECK (news IN
            ('confirm', 'email_asked', 'email_changed', 'phone_changed', 'account_deleted')),
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
    "INSERT INTO contact_letters SELECT id, user_id, news, address, token_hash, created_at, counts_from, expires_at,
        tries, next_try_at, ended_at FROM contact_letters_kept",
    "DROP TABLE contact_letters_kept",
    "CREATE UNIQUE INDEX contact_letters_awaited ON contact_letters (user_id)
        WHERE news = 'confirm' AND ended_at IS NULL",
    "CREATE INDEX contact_letters_due ON contact_letters (next_try_at) WHERE next_try_at IS NOT NULL",
    "CREATE INDEX contact_letters_by_age ON contact_letters (expires_at)",
];

/// PostgreSQL changes it while letters are written.
const POSTGRES: NewCheck = NewCheck {
    table: "contact_letters",
    instead_of: &["contact_letters_news_check"],
    name: "contact_letters_news_told_check",
    check: "news IN ('confirm', 'email_asked', 'email_changed', 'phone_changed', 'account_deleted')",
    with: None,
};

#[async_trait::async_trait]
impl MigrationTrait for LastLetters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, SQLITE).await;
        }
        crate::shared::replace_check(manager, &POSTGRES).await
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
