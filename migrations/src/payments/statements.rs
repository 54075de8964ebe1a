//! Credits that statements tell of, several transfers for one payment, one transfer for several.

use sea_orm_migration::prelude::*;

/// Makes `bank_credits` anew with more states, and the tables of statements.
pub(super) struct Statements;

impl MigrationName for Statements {
    fn name(&self) -> &'static str {
        "m2026_11_24_000100_statements"
    }
}

/// SQLite cannot change a CHECK: the table is made anew and filled from the old one.
const TABLES: &[&str] = &[
    "CREATE TABLE bank_credits_new (
        id {uuid} PRIMARY KEY,
        feed TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        bank TEXT NOT NULL,
        account_number TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        memo TEXT NOT NULL,
        bank_reference TEXT NOT NULL,
        counterparty_name TEXT,
        counterparty_account TEXT,
        booked_at BIGINT NOT NULL,
        booked_on INTEGER NOT NULL,
        received_at BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('matched', 'matched_with_tolerance', 'underpaid', 'overpaid', 'late', 'duplicate', 'orphan')),
        payment_id {uuid} REFERENCES payments (id),
        rule TEXT NOT NULL,
        expected_minor BIGINT,
        statement_identity {blob},
        CHECK (state NOT IN ('matched', 'matched_with_tolerance')
            OR payment_id IS NOT NULL OR rule = 'codes_and_their_sum/1')
    )",
    // Vietnam's day: seven hours ahead of UTC.
    "INSERT INTO bank_credits_new
        SELECT id, feed, provider_id, bank, account_number, amount_minor, currency, memo, bank_reference,
            NULL, NULL, booked_at, (booked_at + 25200000000) / 86400000000, received_at,
            state, payment_id, rule, expected_minor, NULL
        FROM bank_credits",
    "DROP TABLE bank_credits",
    "ALTER TABLE bank_credits_new RENAME TO bank_credits",
    "CREATE UNIQUE INDEX bank_credits_provider ON bank_credits (feed, provider_id)",
    "CREATE UNIQUE INDEX bank_credits_statement ON bank_credits (statement_identity)
        WHERE statement_identity IS NOT NULL",
    // A payment is paid by one credit alone, whatever the program thinks; or by several parts.
    "CREATE UNIQUE INDEX bank_credits_one_per_payment ON bank_credits (payment_id)
        WHERE state IN ('matched', 'matched_with_tolerance') AND rule <> 'code_and_sum_of_parts/1'",
    "CREATE INDEX bank_credits_of_payment ON bank_credits (payment_id)",
    "CREATE INDEX bank_credits_waiting ON bank_credits (id)
        WHERE state NOT IN ('matched', 'matched_with_tolerance')",
    "CREATE INDEX bank_credits_by_state ON bank_credits (state, id)",
    // A statement looks for what a feed told, a feed for what a statement told.
    "CREATE INDEX bank_credits_unstated ON bank_credits (account_number, booked_on)
        WHERE statement_identity IS NULL",
    "CREATE INDEX bank_credits_stated ON bank_credits (account_number, booked_on, amount_minor)
        WHERE feed = 'statement'",
    // Another telling of a credit: a feed that told later than a statement.
    "CREATE TABLE credit_aliases (
        feed TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        credit_id {uuid} NOT NULL REFERENCES bank_credits (id),
        PRIMARY KEY (feed, provider_id)
    )",
    "CREATE INDEX credit_aliases_of_credit ON credit_aliases (credit_id)",
    // One credit that is exactly the sum of several payments. A payment is paid by one of them.
    "CREATE TABLE credit_splits (
        credit_id {uuid} NOT NULL REFERENCES bank_credits (id),
        payment_id {uuid} NOT NULL CONSTRAINT credit_splits_payment UNIQUE REFERENCES payments (id),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        PRIMARY KEY (credit_id, payment_id)
    )",
    "CREATE TABLE statements (
        id {uuid} PRIMARY KEY,
        file_name TEXT NOT NULL,
        sha256 {blob} NOT NULL CONSTRAINT statements_sha256 UNIQUE,
        body {blob} NOT NULL,
        imported_by TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'failed')),
        format TEXT,
        problem TEXT,
        lines_read BIGINT NOT NULL DEFAULT 0,
        credits_new BIGINT NOT NULL DEFAULT 0,
        credits_known BIGINT NOT NULL DEFAULT 0,
        credits_matched BIGINT NOT NULL DEFAULT 0,
        debits BIGINT NOT NULL DEFAULT 0,
        unreadable BIGINT NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL,
        ended_at BIGINT,
        attempts INTEGER NOT NULL DEFAULT 0
    )",
    "CREATE INDEX statements_waiting ON statements (id) WHERE status = 'waiting'",
    "CREATE TABLE statement_problems (
        statement_id {uuid} NOT NULL REFERENCES statements (id),
        line BIGINT NOT NULL,
        text TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (statement_id, line)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Statements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
