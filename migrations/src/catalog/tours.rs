//! Tours, their departures, and the seats that holds hold on them.

use sea_orm_migration::prelude::*;

/// Makes the tables of tours.
pub(super) struct Tours;

impl MigrationName for Tours {
    fn name(&self) -> &'static str {
        "m2026_11_27_000100_tours"
    }
}

const TABLES: &[&str] = &[
    // What a product of kind tour is besides a product; `content` is JSON.
    "CREATE TABLE tours (
        product_id {uuid} PRIMARY KEY REFERENCES products (id),
        shop_id {uuid} NOT NULL,
        content TEXT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    // The seats of a departure are one row, which everybody locks who holds, sells or frees them.
    // `passed`: its cut-off went by, and search was told.
    "CREATE TABLE departures (
        id {uuid} PRIMARY KEY,
        product_id {uuid} NOT NULL REFERENCES tours (product_id),
        shop_id {uuid} NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        closes_at BIGINT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('open', 'closed', 'cancelled')),
        capacity BIGINT NOT NULL CHECK (capacity > 0),
        held BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0),
        sold BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
        cutoff_minutes BIGINT NOT NULL CHECK (cutoff_minutes >= 0),
        cancelled_because TEXT NOT NULL DEFAULT '',
        moved_to {uuid},
        passed BOOLEAN NOT NULL DEFAULT FALSE,
        created_at BIGINT NOT NULL,
        CONSTRAINT departures_start UNIQUE (product_id, starts_at),
        CONSTRAINT departures_seats CHECK (held + sold <= capacity)
    )",
    "CREATE INDEX departures_by_shop ON departures (shop_id, starts_at)",
    "CREATE INDEX departures_closing ON departures (closes_at) WHERE NOT passed",
    "CREATE INDEX departures_for_sale ON departures (product_id, starts_at)
        WHERE status = 'open' AND held + sold < capacity",
    // What a hold holds of departures; its goods stand in `hold_lines`. `returned`: how many of
    // `quantity` were given back after the sale, `returned_seats` their seats.
    "CREATE TABLE hold_seats (
        hold_id {uuid} NOT NULL REFERENCES holds (id),
        variant_id {uuid} NOT NULL,
        departure_id {uuid} NOT NULL REFERENCES departures (id),
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        seats BIGINT NOT NULL CHECK (seats >= 0),
        whole BOOLEAN NOT NULL,
        returned BIGINT NOT NULL DEFAULT 0,
        returned_seats BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (hold_id, variant_id),
        CONSTRAINT hold_seats_returned CHECK (returned >= 0 AND returned <= quantity),
        CONSTRAINT hold_seats_returned_seats CHECK (returned_seats >= 0 AND returned_seats <= seats)
    )",
    "CREATE INDEX hold_seats_by_departure ON hold_seats (departure_id)",
    "CREATE INDEX hold_seats_by_variant ON hold_seats (variant_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Tours {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
