//! What is kept of each sale (fees, tax), what each shop is owed line by line, refunds, payouts and
//! the debits that prove both.

use sea_orm_migration::prelude::*;

/// Makes the tables of settlement.
pub(super) struct Settlement;

impl MigrationName for Settlement {
    fn name(&self) -> &'static str {
        "m2026_11_24_000200_settlement"
    }
}

const TABLES: &[&str] = &[
    // What a shop is to the tax office, as accounts tells of it.
    "CREATE TABLE payees (
        shop_id {uuid} PRIMARY KEY,
        seller_kind TEXT NOT NULL CHECK (seller_kind IN
            ('household', 'resident_individual', 'non_resident_individual', 'company')),
        told_at BIGINT NOT NULL
    )",
    // Commission and tax of one order, reckoned when its payment was accepted, never changed.
    "CREATE TABLE order_charges (
        payment_id {uuid} NOT NULL REFERENCES payments (id),
        order_id {uuid} NOT NULL CONSTRAINT order_charges_order UNIQUE,
        shop_id {uuid} NOT NULL,
        base_minor BIGINT NOT NULL CHECK (base_minor > 0),
        currency TEXT NOT NULL,
        seller_kind TEXT NOT NULL,
        supply_kind TEXT NOT NULL,
        fee_rule TEXT NOT NULL,
        fee_rule_version INTEGER NOT NULL,
        fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0 AND fee_minor <= base_minor),
        vat_rule TEXT NOT NULL,
        vat_basis_points INTEGER NOT NULL,
        vat_minor BIGINT NOT NULL CHECK (vat_minor >= 0),
        pit_rule TEXT NOT NULL,
        pit_basis_points INTEGER NOT NULL,
        pit_minor BIGINT NOT NULL CHECK (pit_minor >= 0),
        accepted_at BIGINT NOT NULL,
        fulfilled_at BIGINT,
        PRIMARY KEY (payment_id, order_id)
    )",
    "CREATE INDEX order_charges_accepted ON order_charges (accepted_at)",
    "CREATE TABLE payouts (
        id {uuid} PRIMARY KEY,
        reference TEXT NOT NULL CONSTRAINT payouts_reference UNIQUE,
        shop_id {uuid} NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        bank_bin TEXT NOT NULL,
        account_number TEXT NOT NULL,
        account_holder TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN
            ('draft', 'approved', 'discarded', 'sent', 'paid', 'returned')),
        made_by {uuid},
        approved_by {uuid} CHECK (approved_by IS NULL OR made_by IS NULL OR approved_by <> made_by),
        file_id {uuid},
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CHECK (status IN ('draft', 'discarded') OR approved_by IS NOT NULL)
    )",
    "CREATE INDEX payouts_of_shop ON payouts (shop_id, id)",
    "CREATE INDEX payouts_by_status ON payouts (status, id)",
    "CREATE INDEX payouts_of_file ON payouts (file_id) WHERE file_id IS NOT NULL",
    "CREATE TABLE refunds (
        id {uuid} PRIMARY KEY,
        reference TEXT NOT NULL CONSTRAINT refunds_reference UNIQUE,
        payment_id {uuid} REFERENCES payments (id),
        order_id {uuid},
        shop_id {uuid},
        credit_id {uuid} REFERENCES bank_credits (id),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        reason TEXT NOT NULL,
        bank_bin TEXT NOT NULL,
        account_number TEXT NOT NULL,
        account_holder TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN
            ('requested', 'needs_approval', 'approved', 'sent', 'succeeded', 'failed', 'cancelled')),
        requested_by {uuid} NOT NULL,
        approved_by {uuid} CHECK (approved_by IS NULL OR approved_by <> requested_by),
        idempotency_key TEXT NOT NULL,
        request_hash {blob} NOT NULL,
        file_id {uuid},
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CHECK ((payment_id IS NULL) <> (credit_id IS NULL)),
        CHECK ((payment_id IS NULL) = (order_id IS NULL)),
        CONSTRAINT refunds_idempotency_key UNIQUE (requested_by, idempotency_key)
    )",
    "CREATE INDEX refunds_of_payment ON refunds (payment_id) WHERE payment_id IS NOT NULL",
    "CREATE INDEX refunds_of_shop ON refunds (shop_id, id) WHERE shop_id IS NOT NULL",
    // A credit goes back once.
    "CREATE UNIQUE INDEX refunds_of_credit ON refunds (credit_id)
        WHERE credit_id IS NOT NULL AND status NOT IN ('failed', 'cancelled')",
    "CREATE INDEX refunds_by_status ON refunds (status, id)",
    "CREATE INDEX refunds_of_file ON refunds (file_id) WHERE file_id IS NOT NULL",
    // Every line of what a shop is owed: together exactly its payable in the ledger.
    "CREATE TABLE shop_lines (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('sale', 'fee', 'vat', 'pit', 'refund',
            'fee_back', 'vat_back', 'pit_back', 'payout', 'payout_back')),
        amount_minor BIGINT NOT NULL,
        currency TEXT NOT NULL,
        payment_id {uuid},
        order_id {uuid},
        refund_id {uuid},
        payout_id {uuid},
        posting_id {uuid} NOT NULL,
        posted_at BIGINT NOT NULL,
        settled_by {uuid} REFERENCES payouts (id)
    )",
    "CREATE INDEX shop_lines_of_shop ON shop_lines (shop_id, posted_at, id)",
    "CREATE INDEX shop_lines_open ON shop_lines (shop_id)
        WHERE settled_by IS NULL AND kind NOT IN ('payout', 'payout_back')",
    "CREATE INDEX shop_lines_settled ON shop_lines (settled_by) WHERE settled_by IS NOT NULL",
    "CREATE INDEX shop_lines_refunds ON shop_lines (posted_at) WHERE kind = 'refund'",
    "CREATE INDEX shop_lines_of_order ON shop_lines (order_id) WHERE kind = 'refund'",
    // Money that went, as statements tell.
    "CREATE TABLE bank_debits (
        id {uuid} PRIMARY KEY,
        statement_identity {blob} NOT NULL CONSTRAINT bank_debits_statement UNIQUE,
        account_number TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        memo TEXT NOT NULL,
        bank_reference TEXT NOT NULL,
        booked_at BIGINT NOT NULL,
        received_at BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('matched', 'differs', 'duplicate', 'orphan')),
        payout_id {uuid} REFERENCES payouts (id),
        refund_id {uuid} REFERENCES refunds (id),
        CHECK (state <> 'matched' OR (payout_id IS NULL) <> (refund_id IS NULL))
    )",
    "CREATE INDEX bank_debits_by_state ON bank_debits (state, id)",
    // A payout or a refund is proven by one debit.
    "CREATE UNIQUE INDEX bank_debits_of_payout ON bank_debits (payout_id) WHERE state = 'matched'",
    "CREATE UNIQUE INDEX bank_debits_of_refund ON bank_debits (refund_id) WHERE state = 'matched'",
    // Resolved by a person (returned: it is a payout that came back); what the rules said stays as it was. A person pays payments by splits.
    "ALTER TABLE bank_credits ADD COLUMN resolution TEXT
        CHECK (resolution IN ('matched', 'split', 'refunded', 'returned'))",
    "DROP INDEX bank_credits_waiting",
    "CREATE INDEX bank_credits_waiting ON bank_credits (id)
        WHERE state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NULL",
    // What a person decided on a credit. The last one counts.
    "CREATE TABLE credit_decisions (
        id {uuid} PRIMARY KEY,
        credit_id {uuid} NOT NULL REFERENCES bank_credits (id),
        action TEXT NOT NULL CHECK (action IN ('match', 'split', 'refund', 'hold')),
        reason TEXT NOT NULL,
        payments TEXT NOT NULL,
        decided_by {uuid} NOT NULL,
        decided_at BIGINT NOT NULL
    )",
    "CREATE INDEX credit_decisions_of_credit ON credit_decisions (credit_id, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Settlement {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
