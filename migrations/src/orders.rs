//! The tables of orders.

mod buyers;
mod cancellations;
mod claim_digests;
mod claims;
mod destination_mails;
mod extended;
mod figures;
mod forgotten_buyers;
mod kinds;
mod mails;
mod member_mails;
mod refund_notices;
mod resellers;
mod returns;
mod shop_mails;
mod shop_news;
mod sweeping;
mod tickets;
mod vouchers;

use sea_orm_migration::prelude::*;

/// Migrates the database of orders.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(crate::shared::Migration),
            Box::new(Orders),
            Box::new(crate::dead_letters::DeadLetters),
            Box::new(tickets::Tickets),
            Box::new(cancellations::Cancellations),
            Box::new(resellers::Resellers),
            Box::new(claims::Claims),
            Box::new(sweeping::Sweeping),
            Box::new(kinds::Kinds),
            Box::new(returns::Returns),
            Box::new(figures::Figures),
            Box::new(crate::outbox_ids::OutboxIds),
            Box::new(claim_digests::ClaimDigests),
            Box::new(vouchers::Vouchers),
            Box::new(refund_notices::RefundNotices),
            Box::new(mails::Mails),
            Box::new(destination_mails::DestinationMails),
            Box::new(shop_news::ShopNews),
            Box::new(shop_mails::ShopMails),
            Box::new(member_mails::MemberMails),
            Box::new(extended::Extended),
            Box::new(buyers::Buyers),
            Box::new(forgotten_buyers::ForgottenBuyers),
        ]
    }

    fn migration_table_name() -> DynIden {
        "orders_migrations".into_iden()
    }
}

struct Orders;

impl MigrationName for Orders {
    fn name(&self) -> &'static str {
        "m2026_11_23_000100_orders"
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE carts (
        id {uuid} PRIMARY KEY,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE cart_lines (
        id {uuid} PRIMARY KEY,
        cart_id {uuid} NOT NULL REFERENCES carts (id),
        variant_id {uuid} NOT NULL,
        quantity BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 999),
        CONSTRAINT cart_lines_variant UNIQUE (cart_id, variant_id)
    )",
    "CREATE TABLE checkouts (
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
        pay_with TEXT NOT NULL CHECK (pay_with IN ('vietqr', 'card')),
        total_minor BIGINT NOT NULL DEFAULT 0,
        currency TEXT NOT NULL,
        payment_id {uuid},
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        paid_at BIGINT,
        CONSTRAINT checkouts_key UNIQUE (cart_id, idempotency_key),
        CHECK (status <> 'paid' OR paid_at IS NOT NULL),
        CHECK (status NOT IN ('awaiting_payment', 'paid') OR payment_id IS NOT NULL)
    )",
    // A cart has one checkout at a time; one that ended without money frees it.
    "CREATE UNIQUE INDEX checkouts_one_open ON checkouts (cart_id)
        WHERE status IN ('starting', 'awaiting_payment', 'paid')",
    "CREATE INDEX checkouts_starting ON checkouts (created_at) WHERE status = 'starting'",
    "CREATE INDEX checkouts_awaiting ON checkouts (expires_at) WHERE status = 'awaiting_payment'",
    "CREATE TABLE checkout_lines (
        checkout_id {uuid} NOT NULL REFERENCES checkouts (id),
        variant_id {uuid} NOT NULL,
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (checkout_id, variant_id)
    )",
    "CREATE TABLE orders (
        id {uuid} PRIMARY KEY,
        number TEXT NOT NULL CONSTRAINT orders_number UNIQUE,
        checkout_id {uuid} NOT NULL REFERENCES checkouts (id),
        shop_id {uuid} NOT NULL,
        buyer_id {uuid},
        status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'fulfilled', 'cancelled', 'refund_due')),
        total_minor BIGINT NOT NULL CHECK (total_minor > 0),
        currency TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        paid_at BIGINT,
        fulfilled_at BIGINT,
        CONSTRAINT orders_one_per_shop UNIQUE (checkout_id, shop_id),
        CHECK (status NOT IN ('paid', 'fulfilled') OR paid_at IS NOT NULL)
    )",
    "CREATE INDEX orders_by_shop ON orders (shop_id, id)",
    "CREATE INDEX orders_by_buyer ON orders (buyer_id, id)",
    "CREATE TABLE order_lines (
        id {uuid} PRIMARY KEY,
        order_id {uuid} NOT NULL REFERENCES orders (id),
        place INTEGER NOT NULL,
        variant_id {uuid} NOT NULL,
        product_id {uuid} NOT NULL,
        title_vi TEXT NOT NULL,
        title_en TEXT NOT NULL,
        sku TEXT NOT NULL,
        unit TEXT NOT NULL,
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        unit_minor BIGINT NOT NULL CHECK (unit_minor > 0),
        total_minor BIGINT NOT NULL CHECK (total_minor = quantity * unit_minor),
        currency TEXT NOT NULL,
        CONSTRAINT order_lines_place UNIQUE (order_id, place)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Orders {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
