//! The ledger in two phases, and periods that are closed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Makes the tables of postings that are announced, and of closings.
pub(super) struct LedgerPeriods;

impl MigrationName for LedgerPeriods {
    fn name(&self) -> &'static str {
        "m2026_11_27_000230_ledger_periods"
    }
}

const TABLES: &[&str] = &[
    // Announced, and not in the books: it moves no balance.
    "CREATE TABLE ledger_pending (
        id {uuid} PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        idempotency_key TEXT NOT NULL CONSTRAINT ledger_pending_key UNIQUE,
        debit_account TEXT NOT NULL,
        credit_account TEXT NOT NULL CHECK (credit_account <> debit_account),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT CHECK (expires_at IS NULL OR expires_at > created_at),
        CONSTRAINT ledger_pending_amount UNIQUE (id, amount_minor, currency)
    )",
    "CREATE INDEX ledger_pending_expiring ON ledger_pending (expires_at) WHERE expires_at IS NOT NULL",
    "CREATE INDEX ledger_pending_of_account ON ledger_pending (debit_account)",
    // How it ended. Once: the primary key is the announced posting itself; never above what was
    // announced, whatever the program thinks.
    "CREATE TABLE ledger_pending_resolutions (
        pending_id {uuid} PRIMARY KEY,
        amount_minor BIGINT NOT NULL,
        currency TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('posted', 'voided', 'expired')),
        posted_minor BIGINT NOT NULL CHECK (posted_minor >= 0 AND posted_minor <= amount_minor),
        posting_id {uuid} UNIQUE REFERENCES ledger_postings (id),
        resolved_at BIGINT NOT NULL,
        CHECK ((outcome = 'posted') = (posting_id IS NOT NULL)),
        CHECK ((outcome = 'posted') = (posted_minor > 0)),
        FOREIGN KEY (pending_id, amount_minor, currency)
            REFERENCES ledger_pending (id, amount_minor, currency)
    )",
    // The books are closed up to a moment once a second person agreed; then their end is kept.
    "CREATE TABLE ledger_closings (
        id {uuid} PRIMARY KEY,
        closed_until BIGINT NOT NULL CONSTRAINT ledger_closings_until UNIQUE,
        requested_by {uuid} NOT NULL,
        requested_at BIGINT NOT NULL,
        approved_by {uuid} CHECK (approved_by IS NULL OR approved_by <> requested_by),
        closed_at BIGINT,
        sequence BIGINT,
        hash {blob},
        CHECK ((closed_at IS NULL) = (approved_by IS NULL)),
        CHECK ((closed_at IS NULL) = (sequence IS NULL) AND (closed_at IS NULL) = (hash IS NULL))
    )",
    "CREATE TABLE ledger_closing_balances (
        closing_id {uuid} NOT NULL REFERENCES ledger_closings (id),
        account TEXT NOT NULL,
        currency TEXT NOT NULL,
        balance_minor BIGINT NOT NULL,
        PRIMARY KEY (closing_id, account, currency)
    )",
];

/// Nothing is posted into a closed period, and no closing is changed.
const SQLITE: &[&str] = &[
    "CREATE TRIGGER ledger_postings_in_closed_period BEFORE INSERT ON ledger_postings
     WHEN NEW.posted_at < (SELECT MAX(closed_until) FROM ledger_closings WHERE closed_at IS NOT NULL)
     BEGIN SELECT RAISE(ABORT, 'PERIOD_CLOSED'); END",
    "CREATE TRIGGER ledger_closings_kept BEFORE UPDATE ON ledger_closings WHEN OLD.closed_at IS NOT NULL
     BEGIN SELECT RAISE(ABORT, 'a closing is final'); END",
    "CREATE TRIGGER ledger_closings_never_deleted BEFORE DELETE ON ledger_closings WHEN OLD.closed_at IS NOT NULL
     BEGIN SELECT RAISE(ABORT, 'a closing is final'); END",
];

/// One question a statement, not one a row: statements write thousands of postings.
const POSTGRES: &[&str] = &[
    "CREATE FUNCTION refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
        IF EXISTS (SELECT 1 FROM written WHERE posted_at <
            (SELECT MAX(closed_until) FROM ledger_closings WHERE closed_at IS NOT NULL))
        THEN RAISE EXCEPTION 'PERIOD_CLOSED'; END IF;
        RETURN NULL;
     END $$",
    "CREATE TRIGGER ledger_postings_in_closed_period AFTER INSERT ON ledger_postings
     REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_period()",
    "CREATE FUNCTION keep_closing() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
        IF OLD.closed_at IS NOT NULL THEN RAISE EXCEPTION 'a closing is final'; END IF;
        RETURN COALESCE(NEW, OLD);
     END $$",
    "CREATE TRIGGER ledger_closings_kept BEFORE UPDATE OR DELETE ON ledger_closings
     FOR EACH ROW EXECUTE FUNCTION keep_closing()",
];

#[async_trait::async_trait]
impl MigrationTrait for LedgerPeriods {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await?;
        for table in ["ledger_pending", "ledger_pending_resolutions", "ledger_closing_balances"] {
            crate::shared::refuse_changes(manager, table).await?;
        }
        let triggers = match manager.get_database_backend() {
            DbBackend::Sqlite => SQLITE,
            _ => POSTGRES,
        };
        for trigger in triggers {
            manager.get_connection().execute_unprepared(trigger).await?;
        }
        Ok(())
    }
}
