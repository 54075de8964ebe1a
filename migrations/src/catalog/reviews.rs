//! What buyers say of products, and who may say something.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Makes reviews; what they come to stands with each product.
pub(super) struct Reviews;

impl MigrationName for Reviews {
    fn name(&self) -> &'static str {
        "m2026_11_29_000120_reviews"
    }
}

const TABLES: &[&str] = &[
    // Who got a product; told by orders.
    "CREATE TABLE IF NOT EXISTS review_rights (
        buyer_id {uuid} NOT NULL,
        product_id {uuid} NOT NULL,
        order_id {uuid} NOT NULL,
        granted_at BIGINT NOT NULL,
        PRIMARY KEY (buyer_id, product_id)
    )",
    // `removed_by`: the operator. What was removed stays for the books of operators; nobody else sees it.
    "CREATE TABLE IF NOT EXISTS reviews (
        id {uuid} PRIMARY KEY,
        product_id {uuid} NOT NULL REFERENCES products (id),
        buyer_id {uuid} NOT NULL,
        author TEXT NOT NULL,
        rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
        text TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        removed_at BIGINT,
        removed_by {uuid},
        removed_because TEXT NOT NULL DEFAULT '',
        CONSTRAINT reviews_once UNIQUE (product_id, buyer_id),
        CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
        CHECK (removed_at IS NULL OR removed_because <> '')
    )",
    "CREATE INDEX IF NOT EXISTS reviews_standing ON reviews (product_id, id) WHERE removed_at IS NULL",
];

/// Sum and number of the ratings that stand, and their average in hundredths.
const COLUMNS: [&str; 3] = ["rating_sum", "rating_count", "rating"];

#[async_trait::async_trait]
impl MigrationTrait for Reviews {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = COLUMNS.map(|name| (name, "BIGINT NOT NULL DEFAULT 0"));
        crate::shared::add_columns(manager, "products", &columns).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, TABLES).await;
        }
        crate::shared::briefly(manager, TABLES).await
    }

    /// On PostgreSQL each lock of products is held for a moment only.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
