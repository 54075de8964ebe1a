//! Mails to guests, and in which language they read.

use sea_orm_migration::prelude::*;

/// Makes the table of mails.
pub(super) struct Mails;

impl MigrationName for Mails {
    fn name(&self) -> &'static str {
        "m2026_11_27_000510_mails"
    }
}

const TABLES: &[&str] = &[
    "ALTER TABLE checkouts ADD COLUMN locale TEXT NOT NULL DEFAULT 'vi' CHECK (locale IN ('vi', 'en'))",
    // One mail a key. Until it is over it has a next try; then nothing of a person is left in it.
    "CREATE TABLE mails (
        id {uuid} PRIMARY KEY,
        key TEXT NOT NULL CONSTRAINT mails_key UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('paid', 'notice', 'called_off', 'seats_offered')),
        about {uuid} NOT NULL,
        facts TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        next_try_at BIGINT,
        sent_at BIGINT,
        given_up_at BIGINT,
        CHECK ((next_try_at IS NULL) = (sent_at IS NOT NULL OR given_up_at IS NOT NULL)),
        CHECK (sent_at IS NULL OR given_up_at IS NULL),
        CHECK (next_try_at IS NOT NULL OR facts = '')
    )",
    "CREATE INDEX mails_due ON mails (next_try_at) WHERE next_try_at IS NOT NULL",
    "CREATE INDEX mails_over ON mails (created_at) WHERE next_try_at IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Mails {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
