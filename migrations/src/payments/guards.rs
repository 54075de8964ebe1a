//! What the database itself refuses: more allocated than a credit has, decisions that change, lines of
//! shops about nothing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Guards allocations, decisions and lines.
pub(super) struct Guards;

impl MigrationName for Guards {
    fn name(&self) -> &'static str {
        "m2026_11_27_000450_guards"
    }
}

/// SQLite adds no foreign key to a column, but it adds columns. A posting is written behind its lines, so
/// keys are looked at when the transaction ends.
const SQLITE: &[&str] = &[
    "ALTER TABLE shop_lines ADD COLUMN payment_new {uuid} REFERENCES payments (id) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE shop_lines ADD COLUMN refund_new {uuid} REFERENCES refunds (id) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE shop_lines ADD COLUMN payout_new {uuid} REFERENCES payouts (id) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE shop_lines ADD COLUMN posting_new {uuid} REFERENCES ledger_postings (id) DEFERRABLE INITIALLY DEFERRED",
    "UPDATE shop_lines SET payment_new = payment_id, refund_new = refund_id, payout_new = payout_id, posting_new = posting_id",
    "ALTER TABLE shop_lines DROP COLUMN payment_id",
    "ALTER TABLE shop_lines DROP COLUMN refund_id",
    "ALTER TABLE shop_lines DROP COLUMN payout_id",
    "ALTER TABLE shop_lines DROP COLUMN posting_id",
    "ALTER TABLE shop_lines RENAME COLUMN payment_new TO payment_id",
    "ALTER TABLE shop_lines RENAME COLUMN refund_new TO refund_id",
    "ALTER TABLE shop_lines RENAME COLUMN payout_new TO payout_id",
    "ALTER TABLE shop_lines RENAME COLUMN posting_new TO posting_id",
    // A column that is added cannot be NOT NULL.
    "CREATE TRIGGER shop_lines_of_posting BEFORE INSERT ON shop_lines WHEN NEW.posting_id IS NULL
     BEGIN SELECT RAISE(ABORT, 'a line has a posting'); END",
    "CREATE TRIGGER credit_splits_within AFTER INSERT ON credit_splits
     WHEN (SELECT SUM(amount_minor) FROM credit_splits WHERE credit_id = NEW.credit_id)
        > (SELECT amount_minor FROM bank_credits WHERE id = NEW.credit_id)
     BEGIN SELECT RAISE(ABORT, 'more is allocated than the credit has'); END",
    "CREATE TRIGGER credit_splits_kept BEFORE UPDATE ON credit_splits
     BEGIN SELECT RAISE(ABORT, 'an allocation is not changed'); END",
    "CREATE TRIGGER credit_splits_instead AFTER INSERT ON credit_splits
     WHEN EXISTS (SELECT 1 FROM bank_credits WHERE id = NEW.credit_id AND payment_id IS NOT NULL
        AND state IN ('matched', 'matched_with_tolerance'))
     BEGIN SELECT RAISE(ABORT, 'the credit pays another payment'); END",
    "CREATE TRIGGER bank_credits_instead AFTER UPDATE OF state, payment_id ON bank_credits
     WHEN NEW.payment_id IS NOT NULL AND NEW.state IN ('matched', 'matched_with_tolerance')
        AND EXISTS (SELECT 1 FROM credit_splits WHERE credit_id = NEW.id)
     BEGIN SELECT RAISE(ABORT, 'the credit pays another payment'); END",
];

const POSTGRES: &[&str] = &[
    "ALTER TABLE shop_lines
        ADD CONSTRAINT shop_lines_payment FOREIGN KEY (payment_id) REFERENCES payments (id) DEFERRABLE INITIALLY DEFERRED,
        ADD CONSTRAINT shop_lines_refund FOREIGN KEY (refund_id) REFERENCES refunds (id) DEFERRABLE INITIALLY DEFERRED,
        ADD CONSTRAINT shop_lines_payout FOREIGN KEY (payout_id) REFERENCES payouts (id) DEFERRABLE INITIALLY DEFERRED,
        ADD CONSTRAINT shop_lines_posting FOREIGN KEY (posting_id) REFERENCES ledger_postings (id) DEFERRABLE INITIALLY DEFERRED",
    // Two transactions that split one credit would not see each other's parts: its row is locked.
    "CREATE FUNCTION check_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE credit bank_credits%ROWTYPE;
     BEGIN
        SELECT * INTO credit FROM bank_credits WHERE id = NEW.credit_id FOR UPDATE;
        IF credit.amount_minor < (SELECT SUM(amount_minor) FROM credit_splits WHERE credit_id = NEW.credit_id)
        THEN RAISE EXCEPTION 'more is allocated than the credit has'; END IF;
        IF credit.payment_id IS NOT NULL AND credit.state IN ('matched', 'matched_with_tolerance')
        THEN RAISE EXCEPTION 'the credit pays another payment'; END IF;
        RETURN NULL;
     END $$",
    "CREATE CONSTRAINT TRIGGER credit_splits_within AFTER INSERT OR UPDATE ON credit_splits
     FOR EACH ROW EXECUTE FUNCTION check_allocations()",
    "CREATE FUNCTION check_match() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
        IF EXISTS (SELECT 1 FROM credit_splits WHERE credit_id = NEW.id)
        THEN RAISE EXCEPTION 'the credit pays another payment'; END IF;
        RETURN NULL;
     END $$",
    "CREATE CONSTRAINT TRIGGER bank_credits_instead AFTER UPDATE OF state, payment_id ON bank_credits
     FOR EACH ROW WHEN (NEW.payment_id IS NOT NULL AND NEW.state IN ('matched', 'matched_with_tolerance'))
     EXECUTE FUNCTION check_match()",
];

#[async_trait::async_trait]
impl MigrationTrait for Guards {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let guards = match manager.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            _ => POSTGRES,
        };
        crate::shared::create(manager, guards).await?;
        crate::shared::refuse_changes(manager, "credit_decisions").await
    }
}
