//! The tables of catalog.

mod best_rated;
mod departure_prices;
mod import_attempts;
mod import_formats;
mod opening_stock;
mod product_images;
mod returned_goods;
mod reviewers;
mod reviews;
mod tours;
mod waiting_list;

use sea_orm_migration::prelude::*;

/// Migrates the database of catalog.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(crate::shared::Migration),
            Box::new(Catalog),
            Box::new(crate::dead_letters::DeadLetters),
            Box::new(tours::Tours),
            Box::new(waiting_list::WaitingList),
            Box::new(import_attempts::ImportAttempts),
            Box::new(returned_goods::ReturnedGoods),
            Box::new(crate::outbox_ids::OutboxIds),
            Box::new(opening_stock::OpeningStock),
            Box::new(product_images::ProductImages),
            Box::new(import_formats::ImportFormats),
            Box::new(departure_prices::DeparturePrices),
            Box::new(reviews::Reviews),
            Box::new(best_rated::BestRated),
            Box::new(reviewers::Reviewers),
        ]
    }

    fn migration_table_name() -> DynIden {
        "catalog_migrations".into_iden()
    }
}

struct Catalog;

impl MigrationName for Catalog {
    fn name(&self) -> &'static str {
        "m2026_11_23_000100_catalog"
    }
}

const TABLES: &[&str] = &[
    // What catalog needs to know of shops; told by accounts' events.
    "CREATE TABLE shops (
        id {uuid} PRIMARY KEY,
        name TEXT NOT NULL,
        ward_code TEXT NOT NULL,
        approved BOOLEAN NOT NULL
    )",
    "CREATE TABLE categories (
        id {uuid} PRIMARY KEY,
        slug TEXT NOT NULL CONSTRAINT categories_slug UNIQUE,
        parent_slug TEXT NOT NULL,
        name_vi TEXT NOT NULL,
        name_en TEXT NOT NULL,
        position BIGINT NOT NULL
    )",
    "CREATE TABLE products (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        handle TEXT NOT NULL,
        slug TEXT NOT NULL CONSTRAINT products_slug UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('goods', 'tour')),
        title_vi TEXT NOT NULL,
        title_en TEXT NOT NULL,
        folded TEXT NOT NULL,
        description_vi TEXT NOT NULL,
        description_en TEXT NOT NULL,
        category_slug TEXT NOT NULL,
        unit TEXT NOT NULL,
        option_names TEXT NOT NULL,
        attributes TEXT NOT NULL,
        ward_code TEXT NOT NULL,
        ocop_stars BIGINT NOT NULL CHECK (ocop_stars IN (0, 3, 4, 5)),
        published BOOLEAN NOT NULL,
        visible BOOLEAN NOT NULL,
        price_min BIGINT NOT NULL,
        price_max BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        CONSTRAINT products_handle UNIQUE (shop_id, handle),
        CHECK (published OR NOT visible)
    )",
    "CREATE INDEX products_newest ON products (id) WHERE visible",
    "CREATE INDEX products_cheapest ON products (price_min, id) WHERE visible",
    "CREATE INDEX products_by_category ON products (category_slug, id) WHERE visible",
    "CREATE INDEX products_by_shop ON products (shop_id, id)",
    "CREATE TABLE variants (
        id {uuid} PRIMARY KEY,
        product_id {uuid} NOT NULL REFERENCES products (id),
        shop_id {uuid} NOT NULL,
        place INTEGER NOT NULL,
        sku TEXT NOT NULL,
        barcode TEXT NOT NULL,
        price_minor BIGINT NOT NULL CHECK (price_minor > 0),
        currency TEXT NOT NULL,
        option_values TEXT NOT NULL,
        on_hand BIGINT NOT NULL,
        held BIGINT NOT NULL DEFAULT 0,
        CONSTRAINT variants_sku UNIQUE (shop_id, sku),
        CONSTRAINT variants_stock CHECK (held >= 0 AND held <= on_hand)
    )",
    "CREATE INDEX variants_by_product ON variants (product_id, place)",
    "CREATE TABLE stock_movements (
        id {uuid} PRIMARY KEY,
        variant_id {uuid} NOT NULL REFERENCES variants (id),
        change BIGINT NOT NULL,
        reason TEXT NOT NULL,
        at BIGINT NOT NULL
    )",
    "CREATE INDEX stock_movements_by_variant ON stock_movements (variant_id, id)",
    "CREATE TABLE holds (
        id {uuid} PRIMARY KEY,
        reference TEXT NOT NULL CONSTRAINT holds_reference UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('held', 'committed', 'released', 'expired')),
        offers {blob} NOT NULL,
        expires_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE INDEX holds_open ON holds (expires_at) WHERE status = 'held'",
    "CREATE TABLE hold_lines (
        hold_id {uuid} NOT NULL REFERENCES holds (id),
        variant_id {uuid} NOT NULL REFERENCES variants (id),
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (hold_id, variant_id)
    )",
    "CREATE INDEX hold_lines_by_variant ON hold_lines (variant_id)",
    "CREATE TABLE imports (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        format TEXT NOT NULL CHECK (format IN ('chonoi', 'shopify')),
        file {blob} NOT NULL,
        dry_run BOOLEAN NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'finished', 'failed')),
        total BIGINT NOT NULL DEFAULT 0,
        done BIGINT NOT NULL DEFAULT 0,
        created BIGINT NOT NULL DEFAULT 0,
        updated BIGINT NOT NULL DEFAULT 0,
        unchanged BIGINT NOT NULL DEFAULT 0,
        failed BIGINT NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL,
        finished_at BIGINT
    )",
    "CREATE INDEX imports_open ON imports (id) WHERE status IN ('queued', 'running')",
    "CREATE TABLE import_rows (
        import_id {uuid} NOT NULL REFERENCES imports (id),
        line BIGINT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('created', 'updated', 'unchanged', 'failed')),
        handle TEXT NOT NULL,
        product_id {uuid},
        problems {blob} NOT NULL,
        PRIMARY KEY (import_id, line)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Catalog {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
