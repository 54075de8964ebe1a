//! Shops whose shoppers pay straight into the shop's own bank account.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::{IndexWhileUsed, NewCheck};

/// Makes room for the accounts of shops, and says whose account money was asked for, came to and went from.
pub(super) struct Direct;

impl MigrationName for Direct {
    fn name(&self) -> &'static str {
        "m2026_11_27_000900_direct"
    }
}

const TABLES: &[&str] = &[
    // An account belongs to one shop for ever: what comes to it later is never another's.
    "CREATE TABLE shop_accounts (
        account_number TEXT PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        bank_bin TEXT NOT NULL,
        holder TEXT NOT NULL,
        feed_key_sha256 {blob} CONSTRAINT shop_accounts_feed_key UNIQUE,
        heard_at BIGINT,
        created_at BIGINT NOT NULL
    )",
    "CREATE INDEX shop_accounts_of_shop ON shop_accounts (shop_id)",
    // Where a shop's money lands. No row: in the market's account.
    "CREATE TABLE payment_destinations (
        shop_id {uuid} PRIMARY KEY,
        allowed_at BIGINT,
        destination TEXT NOT NULL CHECK (destination IN ('marketplace', 'shop_account')),
        account_number TEXT REFERENCES shop_accounts (account_number),
        effective_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CHECK (destination = 'marketplace' OR account_number IS NOT NULL)
    )",
    // Who changed it, for ever: it is what the shop is told.
    "CREATE TABLE payment_destination_changes (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        what TEXT NOT NULL CHECK (what IN ('allowed', 'forbidden', 'account', 'key', 'shop_account', 'marketplace')),
        account_number TEXT,
        changed_by {uuid} NOT NULL,
        changed_at BIGINT NOT NULL
    )",
    "CREATE INDEX payment_destination_changes_of_shop ON payment_destination_changes (shop_id, id)",
];

/// Who changed where money lands, for ever.
const CHANGES: &str = "payment_destination_changes";

/// Columns of tables that may be large.
const COLUMNS: &[&str] = &[
    // The account that the payment's QR names, where it is the shop's own; it stays, whatever the shop changes.
    "ALTER TABLE payments ADD COLUMN {once} receiving_bin TEXT",
    "ALTER TABLE payments ADD COLUMN {once} receiving_account TEXT",
    "ALTER TABLE payments ADD COLUMN {once} receiving_holder TEXT",
    // Whose account it is, where it is a shop's.
    "ALTER TABLE bank_credits ADD COLUMN {once} shop_id {uuid}",
    "ALTER TABLE bank_debits ADD COLUMN {once} shop_id {uuid}",
    "ALTER TABLE statements ADD COLUMN {once} shop_id {uuid}",
    "ALTER TABLE statements ADD COLUMN {once} account_number TEXT",
];

const OF_SHOP: IndexWhileUsed = IndexWhileUsed {
    name: "bank_credits_of_shop",
    of: "bank_credits (shop_id, id) WHERE shop_id IS NOT NULL",
};

/// SQLite cannot change a CHECK: columns are made anew, filled from the old ones, and take their names.
const SQLITE: &[&str] = &[
    "ALTER TABLE shop_lines ADD COLUMN kind_new TEXT NOT NULL DEFAULT 'sale' CHECK (kind_new IN
        ('sale', 'fee', 'vat', 'pit', 'refund', 'fee_back', 'vat_back', 'pit_back', 'payout',
         'payout_back', 'dispute', 'dispute_back', 'direct', 'direct_back'))",
    "UPDATE shop_lines SET kind_new = kind",
    "DROP INDEX shop_lines_open",
    "DROP INDEX shop_lines_refunds",
    "DROP INDEX shop_lines_of_order",
    "ALTER TABLE shop_lines DROP COLUMN kind",
    "ALTER TABLE shop_lines RENAME COLUMN kind_new TO kind",
    "CREATE INDEX shop_lines_open ON shop_lines (shop_id)
        WHERE settled_by IS NULL AND kind NOT IN ('payout', 'payout_back')",
    "CREATE INDEX shop_lines_refunds ON shop_lines (posted_at) WHERE kind = 'refund'",
    "CREATE INDEX shop_lines_of_order ON shop_lines (order_id) WHERE kind = 'refund'",
    "ALTER TABLE refunds ADD COLUMN method_new TEXT NOT NULL DEFAULT 'bank_transfer'
        CHECK (method_new IN ('bank_transfer', 'card', 'by_shop'))",
    "UPDATE refunds SET method_new = method",
    "ALTER TABLE refunds DROP COLUMN method",
    "ALTER TABLE refunds RENAME COLUMN method_new TO method",
    "ALTER TABLE bank_credits ADD COLUMN resolution_new TEXT CHECK (resolution_new IN
        ('matched', 'split', 'refunded', 'returned', 'card_payout', 'reversed', 'written_off', 'shops_own'))",
    "UPDATE bank_credits SET resolution_new = resolution",
    "DROP INDEX bank_credits_waiting",
    "ALTER TABLE bank_credits DROP COLUMN resolution",
    "ALTER TABLE bank_credits RENAME COLUMN resolution_new TO resolution",
    "CREATE INDEX bank_credits_waiting ON bank_credits (id)
        WHERE state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NULL",
    "ALTER TABLE bank_debits ADD COLUMN resolution_new TEXT
        CHECK (resolution_new IN ('reversed', 'written_off', 'shops_own'))",
    "UPDATE bank_debits SET resolution_new = resolution",
    "ALTER TABLE bank_debits DROP COLUMN resolution",
    "ALTER TABLE bank_debits RENAME COLUMN resolution_new TO resolution",
];

/// PostgreSQL changes a CHECK while everybody reads and writes. The names are those that the columns gave
/// them where this was done as on SQLite.
const POSTGRES: &[NewCheck] = &[
    NewCheck {
        table: "shop_lines",
        instead_of: &["shop_lines_kind_check", "shop_lines_kind_new_check"],
        name: "shop_lines_kind_direct_check",
        check: "kind IN ('sale', 'fee', 'vat', 'pit', 'refund', 'fee_back', 'vat_back', 'pit_back',
            'payout', 'payout_back', 'dispute', 'dispute_back', 'direct', 'direct_back')",
        with: None,
    },
    NewCheck {
        table: "refunds",
        instead_of: &["refunds_method_check"],
        name: "refunds_method_direct_check",
        check: "method IN ('bank_transfer', 'card', 'by_shop')",
        with: None,
    },
    // What came to a shop's own account and names nothing of ours is the shop's affair: nobody at the market
    // decides.
    NewCheck {
        table: "bank_credits",
        instead_of: &["bank_credits_resolved_as_check"],
        name: "bank_credits_resolution_direct_check",
        check:
            "resolution IN ('matched', 'split', 'refunded', 'returned', 'card_payout', 'reversed',
            'written_off', 'shops_own')",
        with: None,
    },
    NewCheck {
        table: "bank_debits",
        instead_of: &["bank_debits_resolution_check"],
        name: "bank_debits_resolution_direct_check",
        check: "resolution IN ('reversed', 'written_off', 'shops_own')",
        with: None,
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Direct {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            crate::shared::create(manager, TABLES).await?;
            crate::shared::refuse_changes(manager, CHANGES).await?;
            for column in COLUMNS {
                crate::shared::create(manager, &[&column.replace("{once} ", "")]).await?;
            }
            crate::shared::create(manager, SQLITE).await?;
            return crate::shared::index_while_used(manager, &OF_SHOP).await;
        }
        if !manager.has_table(CHANGES).await? {
            let tx = manager.begin().await?;
            crate::shared::create(&tx, TABLES).await?;
            crate::shared::refuse_changes(&tx, CHANGES).await?;
            tx.commit().await?;
        }
        for column in COLUMNS {
            crate::shared::briefly(manager, &[&column.replace("{once}", "IF NOT EXISTS")]).await?;
        }
        for check in POSTGRES {
            crate::shared::replace_check(manager, check).await?;
        }
        crate::shared::index_while_used(manager, &OF_SHOP).await
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
