//! Goods and seats of one shop in one checkout are two orders: fee and taxes depend on the kind.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Lets a shop have more than one order in a checkout.
pub(super) struct Kinds;

impl MigrationName for Kinds {
    fn name(&self) -> &'static str {
        "m2026_11_27_000420_order_kinds"
    }
}

/// SQLite cannot drop a constraint: the table is written anew under its name, in the transaction of the
/// migration. Rows of other tables point nowhere until it is filled, which is looked at when it commits.
const REBUILT: &[&str] = &[
    "PRAGMA defer_foreign_keys = ON",
    "CREATE TABLE orders_kept AS SELECT * FROM orders",
    "DROP TABLE orders",
    "CREATE TABLE orders (
        id {uuid} PRIMARY KEY,
        number TEXT NOT NULL CONSTRAINT orders_number UNIQUE,
        checkout_id {uuid} NOT NULL REFERENCES checkouts (id),
        shop_id {uuid} NOT NULL,
        buyer_id {uuid},
        status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'fulfilled', 'cancelled', 'refund_due')),
        total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
        currency TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        paid_at BIGINT,
        fulfilled_at BIGINT,
        CHECK (status NOT IN ('paid', 'fulfilled') OR paid_at IS NOT NULL)
    )",
    "INSERT INTO orders SELECT id, number, checkout_id, shop_id, buyer_id, status, total_minor, currency,
        created_at, paid_at, fulfilled_at FROM orders_kept",
    "DROP TABLE orders_kept",
    "CREATE INDEX orders_by_shop ON orders (shop_id, id)",
    "CREATE INDEX orders_by_buyer ON orders (buyer_id, id)",
];

const ALTERED: &[&str] = &["ALTER TABLE orders DROP CONSTRAINT orders_one_per_shop"];

/// The constraint had the index by which the orders of a checkout are found.
const TABLES: &[&str] = &["CREATE INDEX orders_of_checkout ON orders (checkout_id, shop_id)"];

#[async_trait::async_trait]
impl MigrationTrait for Kinds {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let relaxed = match manager.get_database_backend() {
            DbBackend::Sqlite => REBUILT,
            _ => ALTERED,
        };
        crate::shared::create(manager, relaxed).await?;
        crate::shared::create(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
