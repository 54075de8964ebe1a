//! Cards: tries to pay, what the provider told, money that goes back, movements of our balance at the
//! provider, disputes, and its payouts to our bank.

use sea_orm_migration::prelude::*;

/// Makes the tables of cards.
pub(super) struct Cards;

impl MigrationName for Cards {
    fn name(&self) -> &'static str {
        "m2026_11_27_000300_cards"
    }
}

const TABLES: &[&str] = &[
    // A try to pay a payment. All that the provider was asked is kept, so that it can be asked the very
    // same again.
    "CREATE TABLE card_attempts (
        id {uuid} PRIMARY KEY,
        payment_id {uuid} NOT NULL REFERENCES payments (id),
        provider TEXT NOT NULL,
        way TEXT NOT NULL CHECK (way IN ('hosted', 'embedded')),
        status TEXT NOT NULL CHECK (status IN
            ('requested', 'open', 'processing', 'captured', 'surplus', 'closed', 'failed')),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        description TEXT NOT NULL,
        locale TEXT NOT NULL,
        return_url TEXT NOT NULL,
        page_closes_at BIGINT NOT NULL,
        session_id TEXT,
        intent_id TEXT,
        charge_id TEXT,
        redirect_url TEXT,
        captured_minor BIGINT CHECK (captured_minor > 0),
        movement_id TEXT,
        failure TEXT,
        looks INTEGER NOT NULL DEFAULT 0,
        next_look_at BIGINT,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CHECK ((status IN ('captured', 'surplus')) = (captured_minor IS NOT NULL)),
        CHECK (captured_minor IS NULL OR charge_id IS NOT NULL),
        CHECK (status NOT IN ('open', 'processing') OR session_id IS NOT NULL OR intent_id IS NOT NULL)
    )",
    "CREATE INDEX card_attempts_of_payment ON card_attempts (payment_id, id)",
    // Nobody is shown two ways to pay by card at once, and a payment is paid by one card.
    "CREATE UNIQUE INDEX card_attempts_one_live ON card_attempts (payment_id)
        WHERE status IN ('requested', 'open', 'processing')",
    "CREATE UNIQUE INDEX card_attempts_one_captured ON card_attempts (payment_id)
        WHERE status = 'captured'",
    "CREATE UNIQUE INDEX card_attempts_session ON card_attempts (provider, session_id)
        WHERE session_id IS NOT NULL",
    "CREATE UNIQUE INDEX card_attempts_intent ON card_attempts (provider, intent_id)
        WHERE intent_id IS NOT NULL",
    "CREATE UNIQUE INDEX card_attempts_charge ON card_attempts (provider, charge_id)
        WHERE charge_id IS NOT NULL",
    "CREATE INDEX card_attempts_to_look_at ON card_attempts (next_look_at)
        WHERE next_look_at IS NOT NULL",
    // What the provider told, as it came. It only hints: the thing is read from the provider anew.
    "CREATE TABLE card_events (
        id {uuid} PRIMARY KEY,
        provider TEXT NOT NULL,
        event_id TEXT NOT NULL,
        body {blob} NOT NULL,
        received_at BIGINT NOT NULL,
        deliveries BIGINT NOT NULL DEFAULT 1,
        tries INTEGER NOT NULL DEFAULT 0,
        next_try_at BIGINT,
        outcome TEXT,
        CONSTRAINT card_events_event UNIQUE (provider, event_id),
        CHECK ((next_try_at IS NULL) = (outcome IS NOT NULL))
    )",
    "CREATE INDEX card_events_waiting ON card_events (next_try_at) WHERE next_try_at IS NOT NULL",
    // Money that goes back to a card: written before the provider is asked. Without a refund it is money
    // that came for a payment which was paid or closed already.
    "CREATE TABLE card_returns (
        id {uuid} PRIMARY KEY,
        attempt_id {uuid} NOT NULL REFERENCES card_attempts (id),
        refund_id {uuid} REFERENCES refunds (id),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('waiting', 'pending', 'succeeded', 'failed')),
        provider_id TEXT,
        movement_id TEXT,
        failure_movement_id TEXT,
        problem TEXT,
        tries INTEGER NOT NULL DEFAULT 0,
        next_try_at BIGINT,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CHECK (status IN ('waiting', 'failed') OR provider_id IS NOT NULL)
    )",
    "CREATE INDEX card_returns_of_attempt ON card_returns (attempt_id)",
    "CREATE UNIQUE INDEX card_returns_provider ON card_returns (provider_id)
        WHERE provider_id IS NOT NULL",
    "CREATE UNIQUE INDEX card_returns_of_refund ON card_returns (refund_id)
        WHERE refund_id IS NOT NULL",
    // Money that came second goes back once.
    "CREATE UNIQUE INDEX card_returns_of_surplus ON card_returns (attempt_id)
        WHERE refund_id IS NULL AND status <> 'failed'",
    "CREATE INDEX card_returns_to_look_at ON card_returns (next_try_at)
        WHERE next_try_at IS NOT NULL",
    // The provider's payouts to our bank, and the credit by which each came.
    "CREATE TABLE card_payouts (
        id {uuid} PRIMARY KEY,
        provider TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN
            ('pending', 'in_transit', 'paid', 'failed', 'cancelled')),
        arrives_at BIGINT NOT NULL,
        bank_reference TEXT,
        statement_descriptor TEXT,
        credit_id {uuid} CONSTRAINT card_payouts_credit UNIQUE REFERENCES bank_credits (id),
        rule TEXT,
        next_look_at BIGINT,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CONSTRAINT card_payouts_provider UNIQUE (provider, provider_id),
        CHECK ((credit_id IS NULL) = (rule IS NULL))
    )",
    "CREATE INDEX card_payouts_to_look_at ON card_payouts (next_look_at)
        WHERE next_look_at IS NOT NULL",
    // Card payments that the cardholder's bank contests.
    "CREATE TABLE card_disputes (
        id {uuid} PRIMARY KEY,
        provider TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        attempt_id {uuid} REFERENCES card_attempts (id),
        charge_id TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        currency TEXT NOT NULL,
        status TEXT NOT NULL,
        reason TEXT NOT NULL,
        evidence_due_by BIGINT,
        borne_minor BIGINT NOT NULL DEFAULT 0,
        next_look_at BIGINT,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        CONSTRAINT card_disputes_provider UNIQUE (provider, provider_id)
    )",
    "CREATE INDEX card_disputes_of_attempt ON card_disputes (attempt_id)",
    "CREATE INDEX card_disputes_to_look_at ON card_disputes (next_look_at)
        WHERE next_look_at IS NOT NULL",
    // Every movement of our balance at the provider that is in the books.
    "CREATE TABLE card_movements (
        id {uuid} PRIMARY KEY,
        provider TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        amount_minor BIGINT NOT NULL,
        fee_minor BIGINT NOT NULL,
        net_minor BIGINT NOT NULL CHECK (net_minor = amount_minor - fee_minor),
        currency TEXT NOT NULL,
        source TEXT,
        payout_id {uuid} REFERENCES card_payouts (id),
        available_on BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        booked_at BIGINT NOT NULL,
        CONSTRAINT card_movements_provider UNIQUE (provider, provider_id)
    )",
    "CREATE INDEX card_movements_of_payout ON card_movements (payout_id, id)
        WHERE payout_id IS NOT NULL",
    // How a refund goes back. To a card no account is needed: then those columns are empty.
    "ALTER TABLE refunds ADD COLUMN method TEXT NOT NULL DEFAULT 'bank_transfer'
        CHECK (method IN ('bank_transfer', 'card'))",
];

#[async_trait::async_trait]
impl MigrationTrait for Cards {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
