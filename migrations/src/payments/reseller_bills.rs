//! What resellers owe line by line, and the bills that ask for it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::NewCheck;

/// Makes the tables of resellers' bills, and lets a payment be for one.
pub(super) struct ResellerBills;

impl MigrationName for ResellerBills {
    fn name(&self) -> &'static str {
        "m2026_11_27_000500_reseller_bills"
    }
}

/// SQLite cannot change a CHECK: the column is made anew, filled from the old one, and takes its name.
const PURPOSE_ON_SQLITE: &[&str] = &[
    "ALTER TABLE payments ADD COLUMN purpose_new TEXT NOT NULL DEFAULT 'checkout'
        CHECK (purpose_new IN ('checkout', 'counter', 'reseller_bill'))",
    "UPDATE payments SET purpose_new = purpose WHERE purpose <> 'checkout'",
    "ALTER TABLE payments DROP COLUMN purpose",
    "ALTER TABLE payments RENAME COLUMN purpose_new TO purpose",
];

/// PostgreSQL changes it while everybody sells.
const PURPOSE_ON_POSTGRES: NewCheck = NewCheck {
    table: "payments",
    instead_of: &["payments_purpose_check"],
    name: "payments_purpose_billed_check",
    check: "purpose IN ('checkout', 'counter', 'reseller_bill')",
    with: None,
};

const TABLES: &[&str] = &[
    "CREATE TABLE reseller_bills (
        id {uuid} PRIMARY KEY,
        reseller_id {uuid} NOT NULL,
        payment_id {uuid} NOT NULL CONSTRAINT reseller_bills_payment UNIQUE REFERENCES payments (id),
        until_day TEXT NOT NULL,
        line_count BIGINT NOT NULL CHECK (line_count > 0),
        asked_by {uuid} NOT NULL,
        idempotency_key TEXT NOT NULL,
        CONSTRAINT reseller_bills_key UNIQUE (reseller_id, idempotency_key)
    )",
    "CREATE INDEX reseller_bills_of_reseller ON reseller_bills (reseller_id, id)",
    // Like `shop_lines`: together what a reseller was invoiced and gave back. A line stands in one bill.
    "CREATE TABLE reseller_lines (
        posting_id {uuid} PRIMARY KEY REFERENCES ledger_postings (id) DEFERRABLE INITIALLY DEFERRED,
        reseller_id {uuid} NOT NULL,
        booking_id {uuid} NOT NULL REFERENCES reseller_invoices (booking_id),
        order_id {uuid} NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
        currency TEXT NOT NULL,
        posted_at BIGINT NOT NULL,
        bill_id {uuid} REFERENCES reseller_bills (id)
    )",
    "CREATE INDEX reseller_lines_open ON reseller_lines (reseller_id, posted_at) WHERE bill_id IS NULL",
    "CREATE INDEX reseller_lines_of_bill ON reseller_lines (bill_id) WHERE bill_id IS NOT NULL",
    "CREATE INDEX reseller_lines_of_order ON reseller_lines (order_id)",
    "CREATE INDEX reseller_lines_of_booking ON reseller_lines (booking_id)",
];

/// What was invoiced before there were lines. It may be done again.
const EARLIER: &str =
    "INSERT INTO reseller_lines (posting_id, reseller_id, booking_id, order_id, amount_minor, currency, posted_at)
     SELECT p.id, i.reseller_id, i.booking_id, i.order_id, e.amount_minor, e.currency, p.posted_at
     FROM ledger_postings p
     JOIN ledger_entries e ON e.posting_id = p.id AND e.account LIKE 'reseller:%'
     JOIN shop_lines l ON l.posting_id = p.id AND l.kind IN ('sale', 'refund')
     JOIN reseller_invoices i ON i.order_id = l.order_id
     WHERE p.kind IN ('reseller_invoiced', 'reseller_invoice_reversed')
     ON CONFLICT (posting_id) DO NOTHING";

/// When the guests were there: their money is held for a shorter time.
const FULFILLED: &str = "ALTER TABLE reseller_invoices ADD COLUMN {once} fulfilled_at BIGINT";

/// A line goes from no bill into one, and back only when that bill ended without money.
const GUARD_ON_SQLITE: &[&str] = &["CREATE TRIGGER reseller_lines_billed_once
     BEFORE UPDATE OF bill_id ON reseller_lines
     WHEN OLD.bill_id IS NOT NULL AND (NEW.bill_id IS NOT NULL OR EXISTS (
        SELECT 1 FROM reseller_bills b JOIN payments p ON p.id = b.payment_id
        WHERE b.id = OLD.bill_id AND p.status IN ('pending', 'succeeded')))
     BEGIN SELECT RAISE(ABORT, 'a line is billed once'); END"];

const GUARD_ON_POSTGRES: &[&str] = &[
    "CREATE OR REPLACE FUNCTION check_billed_once() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
        IF OLD.bill_id IS NOT NULL AND (NEW.bill_id IS NOT NULL OR EXISTS (
            SELECT 1 FROM reseller_bills b JOIN payments p ON p.id = b.payment_id
            WHERE b.id = OLD.bill_id AND p.status IN ('pending', 'succeeded')))
        THEN RAISE EXCEPTION 'a line is billed once'; END IF;
        RETURN NEW;
     END $$",
    "DROP TRIGGER IF EXISTS reseller_lines_billed_once ON reseller_lines",
    "CREATE TRIGGER reseller_lines_billed_once BEFORE UPDATE OF bill_id ON reseller_lines
     FOR EACH ROW EXECUTE FUNCTION check_billed_once()",
];

#[async_trait::async_trait]
impl MigrationTrait for ResellerBills {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            crate::shared::create(manager, PURPOSE_ON_SQLITE).await?;
            crate::shared::create(manager, TABLES).await?;
            let last = [&FULFILLED.replace("{once} ", ""), EARLIER];
            crate::shared::create(manager, &last).await?;
            return crate::shared::create(manager, GUARD_ON_SQLITE).await;
        }
        crate::shared::replace_check(manager, &PURPOSE_ON_POSTGRES).await?;
        if !manager.has_table("reseller_lines").await? {
            crate::shared::briefly(manager, TABLES).await?;
        }
        let fulfilled = FULFILLED.replace("{once}", "IF NOT EXISTS");
        crate::shared::briefly(manager, &[&fulfilled]).await?;
        crate::shared::create(manager, &[EARLIER]).await?;
        crate::shared::briefly(manager, GUARD_ON_POSTGRES).await
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
