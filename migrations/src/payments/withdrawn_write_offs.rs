//! Write-offs that who asked for them takes back: each stays on record, and the money may be asked for anew.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::{briefly, create};

/// Says on write-offs when they were taken back; only one that was not is there of a credit or a debit.
pub(super) struct WithdrawnWriteOffs;

impl MigrationName for WithdrawnWriteOffs {
    fn name(&self) -> &'static str {
        "m2026_11_30_000400_withdrawn_write_offs"
    }
}

/// SQLite cannot drop what a table is constrained by: the table is made anew.
const SQLITE: &[&str] = &[
    "CREATE TABLE write_offs_new (
        id {uuid} PRIMARY KEY,
        credit_id {uuid} REFERENCES bank_credits (id),
        debit_id {uuid} REFERENCES bank_debits (id),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        requested_by {uuid} NOT NULL,
        requested_at BIGINT NOT NULL,
        approved_by {uuid} CHECK (approved_by IS NULL OR approved_by <> requested_by),
        done_at BIGINT,
        withdrawn_at BIGINT,
        CHECK ((credit_id IS NULL) <> (debit_id IS NULL)),
        CHECK (approved_by IS NULL OR done_at IS NOT NULL),
        CONSTRAINT write_offs_withdrawn_check CHECK (withdrawn_at IS NULL OR done_at IS NULL)
    )",
    "INSERT INTO write_offs_new (id, credit_id, debit_id, amount_minor, currency, reason, requested_by,
        requested_at, approved_by, done_at)
        SELECT id, credit_id, debit_id, amount_minor, currency, reason, requested_by, requested_at, approved_by,
            done_at FROM write_offs",
    "DROP TABLE write_offs",
    "ALTER TABLE write_offs_new RENAME TO write_offs",
];

/// Persons ask for each of the rows: they are few.
const POSTGRES: &[&str] = &["ALTER TABLE write_offs ADD COLUMN IF NOT EXISTS withdrawn_at BIGINT,
        DROP CONSTRAINT IF EXISTS write_offs_credit, DROP CONSTRAINT IF EXISTS write_offs_debit,
        DROP CONSTRAINT IF EXISTS write_offs_withdrawn_check,
        ADD CONSTRAINT write_offs_withdrawn_check CHECK (withdrawn_at IS NULL OR done_at IS NULL)"];

const ONE_OF_EACH: &[&str] = &[
    "CREATE UNIQUE INDEX IF NOT EXISTS write_offs_of_credit ON write_offs (credit_id)
        WHERE withdrawn_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS write_offs_of_debit ON write_offs (debit_id)
        WHERE withdrawn_at IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for WithdrawnWriteOffs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return create(manager, &[SQLITE, ONE_OF_EACH].concat()).await;
        }
        briefly(manager, &[POSTGRES, ONE_OF_EACH].concat()).await
    }

    /// On PostgreSQL it is one transaction that is tried again while others hold the table.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
