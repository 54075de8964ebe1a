//! Pictures of products: what is known of each stands with its product, its files in a table of their own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Gives products pictures.
pub(super) struct ProductImages;

impl MigrationName for ProductImages {
    fn name(&self) -> &'static str {
        "m2026_11_28_000600_product_images"
    }
}

/// `images` is JSON: they are read with every product, and a sale must not ask one question more for them.
const COLUMN: (&str, &str) = ("images", "TEXT NOT NULL DEFAULT '[]'");

/// `digest` is of the widest file of a picture: files of the same address are the same for ever.
const FILES: &str = "CREATE TABLE IF NOT EXISTS image_files (
    image_id {uuid} NOT NULL,
    width BIGINT NOT NULL CHECK (width > 0),
    product_id {uuid} NOT NULL REFERENCES products (id),
    digest {blob} NOT NULL,
    media_type TEXT NOT NULL CHECK (media_type = 'image/jpeg'),
    content {blob} NOT NULL,
    PRIMARY KEY (image_id, width)
)";
const BY_DIGEST: &str =
    "CREATE INDEX IF NOT EXISTS image_files_by_digest ON image_files (digest, width)";

#[async_trait::async_trait]
impl MigrationTrait for ProductImages {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::add_columns(manager, "products", &[COLUMN]).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::shared::create(manager, &[FILES, BY_DIGEST]).await;
        }
        crate::shared::briefly(manager, &[FILES, BY_DIGEST]).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
