//! Matches that are taken back: payments that are open again, pairs that never match again, and what
//! was taken of orders before.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::NewCheck;

/// Adds what taking a match back needs.
pub(super) struct Unmatching;

impl MigrationName for Unmatching {
    fn name(&self) -> &'static str {
        "m2026_11_27_000210_unmatching"
    }
}

/// Open again because its match was taken back. It does not expire: its goods may be gone.
const REOPENED: &str = "ALTER TABLE payments ADD COLUMN {once} reopened_at BIGINT";

const TABLES: &[&str] = &[
    "CREATE INDEX IF NOT EXISTS payments_reopened ON payments (id)
        WHERE reopened_at IS NOT NULL AND status = 'pending'",
    // A person's "not this one": no rule matches the two again.
    "CREATE TABLE IF NOT EXISTS match_refusals (
        credit_id {uuid} NOT NULL REFERENCES bank_credits (id),
        payment_id {uuid} NOT NULL REFERENCES payments (id),
        refused_by {uuid} NOT NULL,
        refused_at BIGINT NOT NULL,
        PRIMARY KEY (credit_id, payment_id)
    )",
    "CREATE INDEX IF NOT EXISTS match_refusals_of_payment ON match_refusals (payment_id)",
    // What had been taken of an order when the match of its payment was taken back.
    "CREATE TABLE IF NOT EXISTS reversed_charges (
        id {uuid} PRIMARY KEY,
        payment_id {uuid} NOT NULL REFERENCES payments (id),
        order_id {uuid} NOT NULL,
        shop_id {uuid} NOT NULL,
        base_minor BIGINT NOT NULL CHECK (base_minor > 0),
        currency TEXT NOT NULL,
        seller_kind TEXT NOT NULL,
        supply_kind TEXT NOT NULL,
        fee_rule TEXT NOT NULL,
        fee_rule_version INTEGER NOT NULL,
        fee_minor BIGINT NOT NULL,
        vat_rule TEXT NOT NULL,
        vat_basis_points INTEGER NOT NULL,
        vat_minor BIGINT NOT NULL,
        pit_rule TEXT NOT NULL,
        pit_basis_points INTEGER NOT NULL,
        pit_minor BIGINT NOT NULL,
        accepted_at BIGINT NOT NULL,
        fulfilled_at BIGINT,
        reversed_at BIGINT NOT NULL
    )",
    "CREATE INDEX IF NOT EXISTS reversed_charges_accepted ON reversed_charges (accepted_at)",
    "CREATE INDEX IF NOT EXISTS reversed_charges_reversed ON reversed_charges (reversed_at)",
];

/// More that a person makes of a credit. SQLite cannot change a CHECK, but it can drop a column.
const SQLITE: &[&str] = &[
    "DROP INDEX bank_credits_waiting",
    "ALTER TABLE bank_credits ADD COLUMN resolved_as TEXT CHECK (resolved_as IN
        ('matched', 'split', 'refunded', 'returned', 'card_payout', 'reversed', 'written_off'))",
    "UPDATE bank_credits SET resolved_as = resolution WHERE resolution IS NOT NULL",
    "ALTER TABLE bank_credits DROP COLUMN resolution",
    "ALTER TABLE bank_credits RENAME COLUMN resolved_as TO resolution",
    "CREATE INDEX bank_credits_waiting ON bank_credits (id)
        WHERE state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NULL",
    "ALTER TABLE credit_decisions ADD COLUMN decided TEXT NOT NULL DEFAULT 'hold' CHECK (decided IN
        ('match', 'split', 'refund', 'hold', 'unmatch', 'reverse', 'write_off'))",
    "UPDATE credit_decisions SET decided = action",
    "ALTER TABLE credit_decisions DROP COLUMN action",
    "ALTER TABLE credit_decisions RENAME COLUMN decided TO action",
];

/// PostgreSQL changes a CHECK, and both tables may have a million rows. The names are those that the columns
/// gave them where this was done as on SQLite.
const POSTGRES: &[NewCheck] = &[
    NewCheck {
        table: "bank_credits",
        instead_of: &["bank_credits_resolution_check", "bank_credits_resolution_new_check"],
        name: "bank_credits_resolved_as_check",
        check:
            "resolution IN ('matched', 'split', 'refunded', 'returned', 'card_payout', 'reversed',
            'written_off')",
        with: None,
    },
    NewCheck {
        table: "credit_decisions",
        instead_of: &["credit_decisions_action_check"],
        name: "credit_decisions_decided_check",
        check: "action IN ('match', 'split', 'refund', 'hold', 'unmatch', 'reverse', 'write_off')",
        with: Some("ALTER COLUMN action SET DEFAULT 'hold'"),
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Unmatching {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            crate::shared::create(manager, &[&REOPENED.replace("{once}", "")]).await?;
            crate::shared::create(manager, TABLES).await?;
            return crate::shared::create(manager, SQLITE).await;
        }
        crate::shared::briefly(manager, &[&REOPENED.replace("{once}", "IF NOT EXISTS")]).await?;
        crate::shared::briefly(manager, TABLES).await?;
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
