//! Lines of shops for lost disputes, and bank credits by which a card provider's payout came.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::NewCheck;

/// Lets `shop_lines.kind` and `bank_credits.resolution` say more.
pub(super) struct CardKinds;

impl MigrationName for CardKinds {
    fn name(&self) -> &'static str {
        "m2026_11_27_000310_card_kinds"
    }
}

/// SQLite cannot change a CHECK, and other tables refer to these: the column is made anew, filled from
/// the old one, and takes its name.
const SQLITE: &[&str] = &[
    "ALTER TABLE shop_lines ADD COLUMN kind_new TEXT NOT NULL DEFAULT 'sale' CHECK (kind_new IN
        ('sale', 'fee', 'vat', 'pit', 'refund', 'fee_back', 'vat_back', 'pit_back', 'payout',
         'payout_back', 'dispute', 'dispute_back'))",
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
    "ALTER TABLE bank_credits ADD COLUMN resolution_new TEXT CHECK (resolution_new IN
        ('matched', 'split', 'refunded', 'returned', 'card_payout', 'reversed', 'written_off'))",
    "UPDATE bank_credits SET resolution_new = resolution",
    "DROP INDEX bank_credits_waiting",
    "ALTER TABLE bank_credits DROP COLUMN resolution",
    "ALTER TABLE bank_credits RENAME COLUMN resolution_new TO resolution",
    "CREATE INDEX bank_credits_waiting ON bank_credits (id)
        WHERE state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NULL",
];

/// PostgreSQL changes a CHECK, and both tables may have a million rows. The names are those that the columns
/// gave them where this was done as on SQLite.
const POSTGRES: &[NewCheck] = &[
    NewCheck {
        table: "shop_lines",
        instead_of: &["shop_lines_kind_check"],
        name: "shop_lines_kind_new_check",
        check: "kind IN ('sale', 'fee', 'vat', 'pit', 'refund', 'fee_back', 'vat_back', 'pit_back',
            'payout', 'payout_back', 'dispute', 'dispute_back')",
        with: Some("ALTER COLUMN kind SET DEFAULT 'sale'"),
    },
    NewCheck {
        table: "bank_credits",
        instead_of: &["bank_credits_resolution_check"],
        name: "bank_credits_resolution_new_check",
        check:
            "resolution IN ('matched', 'split', 'refunded', 'returned', 'card_payout', 'reversed',
            'written_off')",
        with: None,
    },
];

#[async_trait::async_trait]
impl MigrationTrait for CardKinds {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, SQLITE).await;
        }
        for check in POSTGRES {
            crate::shared::replace_check(manager, check).await?;
        }
        Ok(())
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
