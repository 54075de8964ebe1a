//! Mails to shops' people, when it changes who they are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::NewCheck;

/// Lets `mails.kind` say more: also what letters to shops are, which come with another migration.
pub(super) struct MemberMails;

impl MigrationName for MemberMails {
    fn name(&self) -> &'static str {
        "m2026_11_30_000300_member_mails"
    }
}

/// SQLite cannot change a CHECK: the column is made anew, filled from the old one, and takes its name.
const SQLITE: &[&str] = &[
    "ALTER TABLE mails ADD COLUMN kind_new TEXT NOT NULL DEFAULT 'paid' CHECK (kind_new IN
        ('paid', 'notice', 'called_off', 'seats_offered', 'destination', 'shop_news', 'shop_decided',
         'member'))",
    "UPDATE mails SET kind_new = kind",
    "ALTER TABLE mails DROP COLUMN kind",
    "ALTER TABLE mails RENAME COLUMN kind_new TO kind",
];

/// PostgreSQL changes it while letters are written.
const POSTGRES: NewCheck = NewCheck {
    table: "mails",
    instead_of: &["mails_kind_told_check", "mails_kind_of_shops_check"],
    name: "mails_kind_members_check",
    check: "kind IN ('paid', 'notice', 'called_off', 'seats_offered', 'destination', 'shop_news', 'shop_decided',
        'member')",
    with: None,
};

#[async_trait::async_trait]
impl MigrationTrait for MemberMails {
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
