//! The tables of payments.

mod allocations_sold;
mod awaited_payouts;
mod borne_changes;
mod card_kinds;
mod cards;
mod counter;
mod direct;
mod extended;
mod feed_polls;
mod feed_tries;
mod forgetting;
mod guards;
mod keys_by_statement;
mod learned_payers;
mod ledger_periods;
mod lighter_indexes;
mod line_parts;
mod netted_lines;
mod posted_at;
mod refund_accounts;
mod reseller_bills;
mod reseller_invoices;
mod sandbox_card;
mod settlement;
mod stated_formats;
mod statement_claims;
mod statement_columns;
mod statements;
mod sub_accounts;
mod surplus_disputes;
mod surplus_returns;
mod surplus_to_bank;
mod tellings;
mod unmatching;
mod withdrawn_write_offs;
mod write_offs;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Migrates the database of payments.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(crate::shared::Migration),
            Box::new(Payments),
            Box::new(statements::Statements),
            Box::new(settlement::Settlement),
            Box::new(crate::dead_letters::DeadLetters),
            Box::new(sandbox_card::SandboxCard),
            Box::new(cards::Cards),
            Box::new(card_kinds::CardKinds),
            Box::new(refund_accounts::RefundAccounts),
            Box::new(counter::Counter),
            Box::new(statement_columns::StatementColumns),
            Box::new(unmatching::Unmatching),
            Box::new(learned_payers::LearnedPayers),
            Box::new(ledger_periods::LedgerPeriods),
            Box::new(write_offs::WriteOffs),
            Box::new(reseller_invoices::ResellerInvoices),
            Box::new(tellings::Tellings),
            Box::new(feed_tries::FeedTries),
            Box::new(statement_claims::StatementClaims),
            Box::new(feed_polls::FeedPolls),
            Box::new(guards::Guards),
            Box::new(posted_at::PostedAt),
            Box::new(allocations_sold::AllocationsSold),
            Box::new(keys_by_statement::KeysByStatement),
            Box::new(lighter_indexes::LighterIndexes),
            Box::new(crate::outbox_ids::OutboxIds),
            Box::new(borne_changes::BorneChanges),
            Box::new(awaited_payouts::AwaitedPayouts),
            Box::new(surplus_returns::SurplusReturns),
            Box::new(forgetting::Forgetting),
            Box::new(reseller_bills::ResellerBills),
            Box::new(direct::Direct),
            Box::new(sandbox_card::SandboxCardCreated),
            Box::new(line_parts::LineParts),
            Box::new(line_parts::EntriesByPosting),
            Box::new(netted_lines::NettedLines),
            Box::new(sub_accounts::SubAccounts),
            Box::new(withdrawn_write_offs::WithdrawnWriteOffs),
            Box::new(surplus_disputes::SurplusDisputes),
            Box::new(surplus_to_bank::SurplusToBank),
            Box::new(extended::Extended),
            Box::new(stated_formats::StatedFormats),
        ]
    }

    fn migration_table_name() -> DynIden {
        "payments_migrations".into_iden()
    }
}

struct Payments;

impl MigrationName for Payments {
    fn name(&self) -> &'static str {
        "m2026_11_23_000100_payments"
    }
}

/// Both databases accept these statements as they are, with `{blob}` said in their own word.
const TABLES: &[&str] = &[
    "CREATE TABLE payments (
        id {uuid} PRIMARY KEY,
        checkout_id {uuid} NOT NULL CONSTRAINT payments_checkout UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'expired', 'cancelled')),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        code TEXT NOT NULL CONSTRAINT payments_code UNIQUE,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        closed_at BIGINT CHECK ((closed_at IS NULL) = (status = 'pending'))
    )",
    "CREATE INDEX payments_pending ON payments (expires_at) WHERE status = 'pending'",
    "CREATE INDEX payments_by_status ON payments (status, id)",
    "CREATE TABLE payment_allocations (
        payment_id {uuid} NOT NULL REFERENCES payments (id),
        order_id {uuid} NOT NULL,
        shop_id {uuid} NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        PRIMARY KEY (payment_id, order_id)
    )",
    "CREATE INDEX payment_allocations_by_shop ON payment_allocations (shop_id, payment_id)",
    "CREATE TABLE feed_events (
        id {uuid} PRIMARY KEY,
        feed TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        body {blob} NOT NULL,
        received_at BIGINT NOT NULL,
        deliveries BIGINT NOT NULL DEFAULT 1,
        processed_at BIGINT,
        outcome TEXT,
        CONSTRAINT feed_events_provider UNIQUE (feed, provider_id)
    )",
    "CREATE INDEX feed_events_waiting ON feed_events (id) WHERE processed_at IS NULL",
    "CREATE TABLE feed_rejections (
        id {uuid} PRIMARY KEY,
        feed TEXT NOT NULL,
        reason TEXT NOT NULL,
        received_at BIGINT NOT NULL
    )",
    "CREATE TABLE bank_credits (
        id {uuid} PRIMARY KEY,
        feed TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        bank TEXT NOT NULL,
        account_number TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        memo TEXT NOT NULL,
        bank_reference TEXT NOT NULL,
        booked_at BIGINT NOT NULL,
        received_at BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('matched', 'underpaid', 'overpaid', 'late', 'duplicate', 'orphan')),
        payment_id {uuid} REFERENCES payments (id),
        rule TEXT NOT NULL,
        expected_minor BIGINT,
        CONSTRAINT bank_credits_provider UNIQUE (feed, provider_id),
        CHECK (state <> 'matched' OR (payment_id IS NOT NULL AND amount_minor = expected_minor))
    )",
    // A payment is paid by one credit, whatever the program thinks.
    "CREATE UNIQUE INDEX bank_credits_one_per_payment ON bank_credits (payment_id) WHERE state = 'matched'",
    "CREATE INDEX bank_credits_waiting ON bank_credits (id) WHERE state <> 'matched'",
    "CREATE INDEX bank_credits_by_state ON bank_credits (state, id)",
    "CREATE TABLE ledger_postings (
        sequence BIGINT PRIMARY KEY,
        id {uuid} NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        idempotency_key TEXT NOT NULL CONSTRAINT ledger_postings_key UNIQUE,
        posted_at BIGINT NOT NULL,
        hash {blob} NOT NULL
    )",
    "CREATE TABLE ledger_entries (
        id {uuid} PRIMARY KEY,
        posting_id {uuid} NOT NULL REFERENCES ledger_postings (id),
        place INTEGER NOT NULL,
        account TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
        currency TEXT NOT NULL,
        CONSTRAINT ledger_entries_place UNIQUE (posting_id, place)
    )",
    "CREATE INDEX ledger_entries_by_account ON ledger_entries (account, id)",
    "CREATE TABLE ledger_balances (
        account TEXT NOT NULL,
        currency TEXT NOT NULL,
        debit BIGINT NOT NULL CHECK (debit >= 0),
        credit BIGINT NOT NULL CHECK (credit >= 0),
        PRIMARY KEY (account, currency)
    )",
    // The end of the hash chain; locking this row puts all posting into one order.
    "CREATE TABLE ledger_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sequence BIGINT NOT NULL,
        hash {blob} NOT NULL
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Payments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await?;
        let connection = manager.get_connection();
        let empty = match manager.get_database_backend() {
            DbBackend::Sqlite => "INSERT INTO ledger_head VALUES (1, 0, x'')",
            _ => "INSERT INTO ledger_head VALUES (1, 0, '')",
        };
        connection.execute_unprepared(empty).await?;
        for table in ["ledger_postings", "ledger_entries"] {
            crate::shared::refuse_changes(manager, table).await?;
        }
        Ok(())
    }
}
