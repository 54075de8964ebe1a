//! Credits and debits that are given up, and credits that the bank took back.

use sea_orm_migration::prelude::*;

/// Makes the table of write-offs, and says on debits what a person made of them.
pub(super) struct WriteOffs;

impl MigrationName for WriteOffs {
    fn name(&self) -> &'static str {
        "m2026_11_27_000240_write_offs"
    }
}

const TABLES: &[&str] = &[
    // What a person made of a debit that nothing explained; the credit that it took back.
    "ALTER TABLE bank_debits ADD COLUMN resolution TEXT CHECK (resolution IN ('reversed', 'written_off'))",
    "ALTER TABLE bank_debits ADD COLUMN reversed_credit {uuid}",
    "CREATE UNIQUE INDEX bank_debits_of_reversed ON bank_debits (reversed_credit)
        WHERE reversed_credit IS NOT NULL",
    "CREATE TABLE write_offs (
        id {uuid} PRIMARY KEY,
        credit_id {uuid} CONSTRAINT write_offs_credit UNIQUE REFERENCES bank_credits (id),
        debit_id {uuid} CONSTRAINT write_offs_debit UNIQUE REFERENCES bank_debits (id),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        requested_by {uuid} NOT NULL,
        requested_at BIGINT NOT NULL,
        approved_by {uuid} CHECK (approved_by IS NULL OR approved_by <> requested_by),
        done_at BIGINT,
        CHECK ((credit_id IS NULL) <> (debit_id IS NULL)),
        CHECK (approved_by IS NULL OR done_at IS NOT NULL)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for WriteOffs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
