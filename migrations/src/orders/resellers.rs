//! Resellers of tours, their bookings, and what they are invoiced.

use sea_orm_migration::prelude::*;

/// Makes the tables of resellers.
pub(super) struct Resellers;

impl MigrationName for Resellers {
    fn name(&self) -> &'static str {
        "m2026_11_27_000300_resellers"
    }
}

const TABLES: &[&str] = &[
    // The key itself is kept nowhere.
    "CREATE TABLE resellers (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        name TEXT NOT NULL,
        contact_email TEXT NOT NULL,
        key_digest {blob} NOT NULL CONSTRAINT resellers_key UNIQUE,
        created_at BIGINT NOT NULL,
        revoked_at BIGINT
    )",
    "CREATE INDEX resellers_of_shop ON resellers (shop_id, id)",
    "CREATE TABLE bookings (
        id {uuid} PRIMARY KEY,
        reseller_id {uuid} NOT NULL REFERENCES resellers (id),
        shop_id {uuid} NOT NULL,
        uuid TEXT NOT NULL,
        request_hash {blob} NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('reserving', 'on_hold', 'confirming', 'confirmed',
            'cancelling', 'cancelled', 'expired')),
        product_id {uuid} NOT NULL,
        option_code TEXT NOT NULL,
        departure_id {uuid} NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        hold_reference TEXT NOT NULL CONSTRAINT bookings_hold UNIQUE,
        offers {blob} NOT NULL,
        total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
        currency TEXT NOT NULL,
        reseller_reference TEXT NOT NULL,
        notes TEXT NOT NULL,
        contact TEXT NOT NULL,
        order_id {uuid} REFERENCES orders (id),
        cancellation_reason TEXT NOT NULL,
        cancellation_refund TEXT CHECK (cancellation_refund IN ('full', 'partial', 'none')),
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        confirmed_at BIGINT,
        cancelled_at BIGINT,
        CONSTRAINT bookings_uuid UNIQUE (reseller_id, uuid),
        CHECK (status NOT IN ('confirmed', 'cancelling')
            OR (order_id IS NOT NULL AND confirmed_at IS NOT NULL)),
        CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
        CHECK (status <> 'cancelled' OR cancellation_refund IS NOT NULL)
    )",
    "CREATE INDEX bookings_expiring ON bookings (expires_at) WHERE status IN ('reserving', 'on_hold')",
    "CREATE INDEX bookings_confirming ON bookings (updated_at) WHERE status = 'confirming'",
    "CREATE INDEX bookings_of_departure ON bookings (departure_id)",
    "CREATE UNIQUE INDEX bookings_of_order ON bookings (order_id) WHERE order_id IS NOT NULL",
    "CREATE TABLE booking_units (
        booking_id {uuid} NOT NULL REFERENCES bookings (id),
        place INTEGER NOT NULL,
        uuid TEXT NOT NULL,
        ticket_code TEXT NOT NULL,
        variant_id {uuid} NOT NULL,
        price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
        reseller_reference TEXT NOT NULL,
        guest_name TEXT NOT NULL,
        contact TEXT NOT NULL,
        ticket_id {uuid} REFERENCES tickets (id),
        PRIMARY KEY (booking_id, place),
        CONSTRAINT booking_units_uuid UNIQUE (booking_id, uuid)
    )",
    // What a reseller owes a shop is the sum of these. One invoice an order, one reversal a
    // cancellation; `cause` is the id of the booking or of the cancellation.
    "CREATE TABLE reseller_invoices (
        cause {uuid} PRIMARY KEY,
        reseller_id {uuid} NOT NULL REFERENCES resellers (id),
        booking_id {uuid} NOT NULL REFERENCES bookings (id),
        order_id {uuid} NOT NULL REFERENCES orders (id),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        currency TEXT NOT NULL,
        reversal INTEGER NOT NULL CHECK (reversal IN (0, 1)),
        at BIGINT NOT NULL
    )",
    "CREATE INDEX reseller_invoices_of_reseller ON reseller_invoices (reseller_id)",
    "CREATE INDEX reseller_invoices_of_order ON reseller_invoices (order_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Resellers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await?;
        crate::shared::refuse_changes(manager, "reseller_invoices").await
    }
}
