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
const COLUMN: &str = "ALTER TABLE products ADD COLUMN {once} images TEXT NOT NULL DEFAULT '[]'";

/// `digest` is of the widest file of a picture: files of the same address are the same for ever.
const FILES: &str = "CREATE TABLE {once} image_files (
    image_id {uuid} NOT NULL,
    width BIGINT NOT NULL CHECK (width > 0),
    product_id {uuid} NOT NULL REFERENCES products (id),
    digest {blob} NOT NULL,
    media_type TEXT NOT NULL CHECK (media_type = 'image/jpeg'),
    content {blob} NOT NULL,
    PRIMARY KEY (image_id, width)
)";
const BY_DIGEST: &str = "CREATE INDEX {once} image_files_by_digest ON image_files (digest, width)";

#[async_trait::async_trait]
impl MigrationTrait for ProductImages {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let column = COLUMN.replace("{once}", if sqlite { "" } else { "IF NOT EXISTS" });
        let made = [FILES, BY_DIGEST].map(|text| text.replace("{once}", "IF NOT EXISTS"));
        let statements = [column.as_str(), made[0].as_str(), made[1].as_str()];
        if sqlite {
            return crate::shared::create(manager, &statements).await;
        }
        crate::shared::briefly(manager, &statements).await
    }

    /// On PostgreSQL its lock is waited for in a transaction of its own, again and again.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
