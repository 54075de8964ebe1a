//! Tickets: what was bought of a departure, who may come on board, and what phones saw at the pier.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes the tables of tickets, lets prices be zero (infants on a lap) and checkouts be invoiced.
pub(super) struct Tickets;

impl MigrationName for Tickets {
    fn name(&self) -> &'static str {
        "m2026_11_27_000100_tickets"
    }
}

/// SQLite cannot change a CHECK: the four tables are written anew, children before their parents
/// are dropped, so that no row ever points nowhere.
const REBUILT: &[&str] = &[
    "CREATE TABLE checkouts_new (
        id {uuid} PRIMARY KEY,
        cart_id {uuid} NOT NULL REFERENCES carts (id),
        idempotency_key TEXT NOT NULL,
        request_hash {blob} NOT NULL,
        buyer_id {uuid},
        status TEXT NOT NULL CHECK (status IN
            ('starting', 'awaiting_payment', 'paid', 'expired', 'cancelled', 'refused')),
        contact_name TEXT NOT NULL,
        contact_phone TEXT NOT NULL,
        contact_email TEXT NOT NULL,
        delivery_method TEXT NOT NULL CHECK (delivery_method IN ('ship', 'pickup', 'ticket')),
        ward_code TEXT NOT NULL,
        address TEXT NOT NULL,
        note TEXT NOT NULL,
        pay_with TEXT NOT NULL CHECK (pay_with IN ('vietqr', 'card', 'invoiced')),
        total_minor BIGINT NOT NULL DEFAULT 0,
        currency TEXT NOT NULL,
        payment_id {uuid},
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        paid_at BIGINT,
        CONSTRAINT checkouts_key UNIQUE (cart_id, idempotency_key),
        CHECK (status <> 'paid' OR paid_at IS NOT NULL),
        CHECK (status NOT IN ('awaiting_payment', 'paid') OR payment_id IS NOT NULL
            OR (pay_with = 'invoiced' AND status = 'paid'))
    )",
    "INSERT INTO checkouts_new SELECT id, cart_id, idempotency_key, request_hash, buyer_id, status,
        contact_name, contact_phone, contact_email, delivery_method, ward_code, address, note,
        pay_with, total_minor, currency, payment_id, created_at, expires_at, paid_at FROM checkouts",
    "CREATE TABLE checkout_lines_new (
        checkout_id {uuid} NOT NULL REFERENCES checkouts_new (id),
        variant_id {uuid} NOT NULL,
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (checkout_id, variant_id)
    )",
    "INSERT INTO checkout_lines_new SELECT checkout_id, variant_id, quantity FROM checkout_lines",
    "CREATE TABLE orders_new (
        id {uuid} PRIMARY KEY,
        number TEXT NOT NULL CONSTRAINT orders_number UNIQUE,
        checkout_id {uuid} NOT NULL REFERENCES checkouts_new (id),
        shop_id {uuid} NOT NULL,
        buyer_id {uuid},
        status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'fulfilled', 'cancelled', 'refund_due')),
        total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
        currency TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        paid_at BIGINT,
        fulfilled_at BIGINT,
        CONSTRAINT orders_one_per_shop UNIQUE (checkout_id, shop_id),
        CHECK (status NOT IN ('paid', 'fulfilled') OR paid_at IS NOT NULL)
    )",
    "INSERT INTO orders_new SELECT id, number, checkout_id, shop_id, buyer_id, status, total_minor,
        currency, created_at, paid_at, fulfilled_at FROM orders",
    "CREATE TABLE order_lines_new (
        id {uuid} PRIMARY KEY,
        order_id {uuid} NOT NULL REFERENCES orders_new (id),
        place INTEGER NOT NULL,
        variant_id {uuid} NOT NULL,
        product_id {uuid} NOT NULL,
        title_vi TEXT NOT NULL,
        title_en TEXT NOT NULL,
        sku TEXT NOT NULL,
        unit TEXT NOT NULL,
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        unit_minor BIGINT NOT NULL CHECK (unit_minor >= 0),
        total_minor BIGINT NOT NULL CHECK (total_minor = quantity * unit_minor),
        currency TEXT NOT NULL,
        ticket {blob},
        departure_id {uuid},
        admits INTEGER NOT NULL DEFAULT 0,
        cancelled_quantity BIGINT NOT NULL DEFAULT 0 CHECK (cancelled_quantity BETWEEN 0 AND quantity),
        CONSTRAINT order_lines_place UNIQUE (order_id, place),
        CONSTRAINT order_lines_ticket CHECK ((ticket IS NULL) = (departure_id IS NULL))
    )",
    "INSERT INTO order_lines_new (id, order_id, place, variant_id, product_id, title_vi, title_en,
        sku, unit, quantity, unit_minor, total_minor, currency)
        SELECT id, order_id, place, variant_id, product_id, title_vi, title_en, sku, unit, quantity,
        unit_minor, total_minor, currency FROM order_lines",
    "DROP TABLE order_lines",
    "DROP TABLE orders",
    "DROP TABLE checkout_lines",
    "DROP TABLE checkouts",
    "ALTER TABLE checkouts_new RENAME TO checkouts",
    "ALTER TABLE checkout_lines_new RENAME TO checkout_lines",
    "ALTER TABLE orders_new RENAME TO orders",
    "ALTER TABLE order_lines_new RENAME TO order_lines",
    "CREATE UNIQUE INDEX checkouts_one_open ON checkouts (cart_id)
        WHERE status IN ('starting', 'awaiting_payment', 'paid')",
    "CREATE INDEX checkouts_starting ON checkouts (created_at) WHERE status = 'starting'",
    "CREATE INDEX checkouts_awaiting ON checkouts (expires_at) WHERE status = 'awaiting_payment'",
    "CREATE INDEX orders_by_shop ON orders (shop_id, id)",
    "CREATE INDEX orders_by_buyer ON orders (buyer_id, id)",
];

/// PostgreSQL names the checks that nobody named: table, column (if it is one) and a number.
const ALTERED: &[&str] = &[
    "ALTER TABLE checkouts
        DROP CONSTRAINT checkouts_pay_with_check,
        ADD CONSTRAINT checkouts_pay_with_check CHECK (pay_with IN ('vietqr', 'card', 'invoiced')),
        DROP CONSTRAINT checkouts_check1,
        ADD CONSTRAINT checkouts_check1 CHECK (status NOT IN ('awaiting_payment', 'paid')
            OR payment_id IS NOT NULL OR (pay_with = 'invoiced' AND status = 'paid'))",
    "ALTER TABLE orders
        DROP CONSTRAINT orders_total_minor_check,
        ADD CONSTRAINT orders_total_minor_check CHECK (total_minor >= 0)",
    "ALTER TABLE order_lines
        DROP CONSTRAINT order_lines_unit_minor_check,
        ADD CONSTRAINT order_lines_unit_minor_check CHECK (unit_minor >= 0),
        ADD COLUMN ticket {blob},
        ADD COLUMN departure_id {uuid},
        ADD COLUMN admits INTEGER NOT NULL DEFAULT 0,
        ADD COLUMN cancelled_quantity BIGINT NOT NULL DEFAULT 0
            CHECK (cancelled_quantity BETWEEN 0 AND quantity),
        ADD CONSTRAINT order_lines_ticket CHECK ((ticket IS NULL) = (departure_id IS NULL))",
];

const TABLES: &[&str] = &[
    "CREATE INDEX order_lines_departure ON order_lines (departure_id) WHERE departure_id IS NOT NULL",
    // One guest each, or one boat; from the moment that the order is paid.
    "CREATE TABLE tickets (
        id {uuid} PRIMARY KEY,
        order_id {uuid} NOT NULL REFERENCES orders (id),
        order_line_id {uuid} NOT NULL REFERENCES order_lines (id),
        shop_id {uuid} NOT NULL,
        place INTEGER NOT NULL CHECK (place > 0),
        piece INTEGER NOT NULL CHECK (piece >= 0),
        admits INTEGER NOT NULL CHECK (admits > 0),
        price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
        currency TEXT NOT NULL,
        guest_name TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('valid', 'redeemed', 'cancelled')),
        redeemed_at BIGINT,
        cancelled_at BIGINT,
        cancellation_id {uuid},
        CONSTRAINT tickets_place UNIQUE (order_id, place),
        CHECK ((status = 'redeemed') = (redeemed_at IS NOT NULL)),
        CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
    )",
    "CREATE INDEX tickets_of_line ON tickets (order_line_id)",
    // What phones saw. Nothing of it changes: who is on board follows from all of it.
    "CREATE TABLE ticket_scans (
        shop_id {uuid} NOT NULL,
        nonce TEXT NOT NULL,
        request_hash {blob} NOT NULL,
        ticket_id {uuid} REFERENCES tickets (id),
        verdict TEXT NOT NULL CHECK (verdict IN ('counts', 'wrong_departure', 'not_today',
            'cancelled', 'forged', 'unknown', 'other_shop')),
        undo INTEGER NOT NULL CHECK (undo IN (0, 1)),
        scanned_at BIGINT NOT NULL,
        counted_at BIGINT NOT NULL,
        received_at BIGINT NOT NULL,
        device TEXT NOT NULL,
        scanned_by {uuid},
        departure_id {uuid},
        PRIMARY KEY (shop_id, nonce),
        CHECK (verdict <> 'counts' OR ticket_id IS NOT NULL)
    )",
    "CREATE INDEX ticket_scans_of_ticket ON ticket_scans (ticket_id) WHERE ticket_id IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Tickets {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let relaxed = match manager.get_database_backend() {
            DbBackend::Sqlite => REBUILT,
            _ => ALTERED,
        };
        crate::shared::create(manager, relaxed).await?;
        crate::shared::create(manager, TABLES).await?;
        crate::shared::refuse_changes(manager, "ticket_scans").await
    }
}
