//! Invitations to work for a shop, and that a shop has one owner.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes the table of invitations, and lets no shop have a second owner.
#[derive(Debug)]
pub(super) struct ShopMembers;

impl MigrationName for ShopMembers {
    fn name(&self) -> &'static str {
        "m2026_11_30_000300_shop_members"
    }
}

const TABLES: &[&str] = &[
    "CREATE UNIQUE INDEX IF NOT EXISTS memberships_one_owner ON memberships (shop_id)
        WHERE role = 'OWNER'",
    // Of the token there is the digest only; where a letter brings it, each try of the letter makes one. The
    // contact is not kept when the invitation is over.
    "CREATE TABLE IF NOT EXISTS shop_invitations (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL CONSTRAINT shop_invitations_shop REFERENCES shops (id),
        role TEXT NOT NULL CHECK (role IN ('OWNER', 'STAFF')),
        contact TEXT NOT NULL,
        invited_by {uuid} NOT NULL CONSTRAINT shop_invitations_inviter REFERENCES users (id),
        token_hash {blob} CONSTRAINT shop_invitations_token UNIQUE,
        created_at BIGINT NOT NULL,
        counts_from BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        tries INTEGER NOT NULL CHECK (tries >= 0),
        next_try_at BIGINT,
        accepted_by {uuid} CONSTRAINT shop_invitations_taker REFERENCES users (id),
        ended_at BIGINT,
        CHECK (counts_from >= created_at AND expires_at > counts_from),
        CHECK (token_hash IS NOT NULL OR next_try_at IS NOT NULL OR ended_at IS NOT NULL),
        CHECK (accepted_by IS NULL OR ended_at IS NOT NULL),
        CHECK (ended_at IS NULL OR next_try_at IS NULL),
        CHECK ((contact = '') = (ended_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX IF NOT EXISTS shop_invitations_open ON shop_invitations (shop_id, contact)
        WHERE ended_at IS NULL",
    "CREATE INDEX IF NOT EXISTS shop_invitations_due ON shop_invitations (next_try_at)
        WHERE next_try_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS shop_invitations_of_inviter ON shop_invitations (invited_by)
        WHERE ended_at IS NULL",
    "CREATE INDEX IF NOT EXISTS shop_invitations_by_age ON shop_invitations (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for ShopMembers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, TABLES).await;
        }
        // What refers to people and shops locks them for a moment.
        crate::shared::briefly(manager, TABLES).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
