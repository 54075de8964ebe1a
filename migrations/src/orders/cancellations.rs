//! Tickets that are given back, departures that do not happen, and what guests are told of both.

use sea_orm_migration::prelude::*;

/// Makes the tables of cancellations, cancelled departures and notices.
pub(super) struct Cancellations;

impl MigrationName for Cancellations {
    fn name(&self) -> &'static str {
        "m2026_11_27_000200_cancellations"
    }
}

const TABLES: &[&str] = &[
    // Written before anything is asked of payments or catalog; a sweeper resumes what is started.
    "CREATE TABLE ticket_cancellations (
        id {uuid} PRIMARY KEY,
        order_id {uuid} NOT NULL REFERENCES orders (id),
        cause TEXT NOT NULL CHECK (cause IN ('guest', 'departure', 'reseller')),
        idempotency_key TEXT NOT NULL,
        request_hash {blob} NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('started', 'done')),
        reason TEXT NOT NULL,
        refund_minor BIGINT NOT NULL CHECK (refund_minor >= 0),
        currency TEXT NOT NULL,
        bank_bin TEXT NOT NULL,
        account_number TEXT NOT NULL,
        account_holder TEXT NOT NULL,
        requested_by {uuid} NOT NULL,
        refund_id {uuid},
        account_needed INTEGER NOT NULL DEFAULT 0 CHECK (account_needed IN (0, 1)),
        created_at BIGINT NOT NULL,
        retry_at BIGINT NOT NULL,
        finished_at BIGINT,
        CONSTRAINT ticket_cancellations_key UNIQUE (order_id, cause, idempotency_key),
        CHECK ((status = 'done') = (finished_at IS NOT NULL))
    )",
    "CREATE INDEX ticket_cancellations_started ON ticket_cancellations (retry_at)
        WHERE status = 'started'",
    "CREATE TABLE cancelled_tickets (
        cancellation_id {uuid} NOT NULL REFERENCES ticket_cancellations (id),
        ticket_id {uuid} NOT NULL REFERENCES tickets (id) CONSTRAINT cancelled_tickets_once UNIQUE,
        price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
        refund_minor BIGINT NOT NULL CHECK (refund_minor BETWEEN 0 AND price_minor),
        refund_basis_points INTEGER NOT NULL CHECK (refund_basis_points BETWEEN 0 AND 10000),
        hours_before BIGINT NOT NULL,
        PRIMARY KEY (cancellation_id, ticket_id)
    )",
    // Whole pieces: the seats that become free, and add-ons that go with the last ticket.
    "CREATE TABLE cancelled_lines (
        cancellation_id {uuid} NOT NULL REFERENCES ticket_cancellations (id),
        order_line_id {uuid} NOT NULL REFERENCES order_lines (id),
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
        refund_minor BIGINT NOT NULL CHECK (refund_minor BETWEEN 0 AND price_minor),
        PRIMARY KEY (cancellation_id, order_line_id)
    )",
    "CREATE TABLE cancelled_departures (
        departure_id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        reason TEXT NOT NULL,
        move_to {uuid},
        told_at BIGINT NOT NULL
    )",
    // What happened to an order without its guest's doing. The facts are JSON: text by name.
    "CREATE TABLE notices (
        id {uuid} PRIMARY KEY,
        order_id {uuid} NOT NULL REFERENCES orders (id),
        kind TEXT NOT NULL CHECK (kind IN
            ('tickets_cancelled', 'departure_moved', 'departure_refunded')),
        facts TEXT NOT NULL,
        at BIGINT NOT NULL
    )",
    "CREATE INDEX notices_of_order ON notices (order_id, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Cancellations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
