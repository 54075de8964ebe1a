//! Foreign keys that are looked at once a statement, on PostgreSQL: a transfer writes some fifteen rows
//! that point at its posting or its payment, and PostgreSQL asks a question of its own for each.
//!
//! What they point at never goes: postings are append only, payments cannot be deleted. So it is enough
//! to look when something begins to point at them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Has keys of postings and payments looked at once a statement.
pub(super) struct KeysByStatement;

impl MigrationName for KeysByStatement {
    fn name(&self) -> &'static str {
        "m2026_11_27_000500_keys_by_statement"
    }
}

/// A plan is kept for as long as its connection lives, and the tables grow meanwhile: it goes by the
/// index, or it does not go.
const POSTGRES: &[&str] = &[
    "CREATE FUNCTION refuse_unknown_posting() RETURNS trigger LANGUAGE plpgsql
     SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
     BEGIN
        IF EXISTS (SELECT 1 FROM written WHERE NOT EXISTS
            (SELECT 1 FROM ledger_postings WHERE ledger_postings.id = written.posting_id))
        THEN RAISE foreign_key_violation USING
            MESSAGE = format('%s point at a posting that is not there', TG_TABLE_NAME),
            TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME; END IF;
        RETURN NULL;
     END $$",
    "CREATE FUNCTION refuse_unknown_payment() RETURNS trigger LANGUAGE plpgsql
     SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
     BEGIN
        IF EXISTS (SELECT 1 FROM written WHERE payment_id IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM payments WHERE payments.id = written.payment_id))
        THEN RAISE foreign_key_violation USING
            MESSAGE = format('%s point at a payment that is not there', TG_TABLE_NAME),
            TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME; END IF;
        RETURN NULL;
     END $$",
    "CREATE FUNCTION refuse_other_key() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION '% point where they pointed first', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER payments_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF id ON payments
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_key()",
    // Entries are append only themselves.
    "ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_posting_id_fkey",
    "CREATE TRIGGER ledger_entries_posting AFTER INSERT ON ledger_entries
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unknown_posting()",
    "ALTER TABLE shop_lines DROP CONSTRAINT shop_lines_posting, DROP CONSTRAINT shop_lines_payment",
    "CREATE TRIGGER shop_lines_posting AFTER INSERT ON shop_lines
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unknown_posting()",
    "CREATE TRIGGER shop_lines_payment AFTER INSERT ON shop_lines
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unknown_payment()",
    "CREATE TRIGGER shop_lines_kept BEFORE UPDATE OF posting_id, payment_id ON shop_lines
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_key()",
    "ALTER TABLE order_charges DROP CONSTRAINT order_charges_payment_id_fkey",
    "CREATE TRIGGER order_charges_payment AFTER INSERT ON order_charges
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unknown_payment()",
    "CREATE TRIGGER order_charges_kept BEFORE UPDATE OF payment_id ON order_charges
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_key()",
    // What a credit pays may change.
    "ALTER TABLE bank_credits DROP CONSTRAINT bank_credits_new_payment_id_fkey",
    "CREATE TRIGGER bank_credits_payment AFTER INSERT ON bank_credits
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unknown_payment()",
    "CREATE TRIGGER bank_credits_other_payment AFTER UPDATE ON bank_credits
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unknown_payment()",
    // Postings come in the order of their time: a summary of pages finds a span of it.
    "DROP INDEX ledger_postings_posted",
    "CREATE INDEX ledger_postings_posted ON ledger_postings USING brin (posted_at)
     WITH (pages_per_range = 16, autosummarize = on)",
];

#[async_trait::async_trait]
impl MigrationTrait for KeysByStatement {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite looks at keys without a question of their own.
        if manager.get_database_backend() == DbBackend::Sqlite {
            return Ok(());
        }
        for statement in POSTGRES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
