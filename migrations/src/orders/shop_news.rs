//! What happened to a shop's orders waits until a letter tells the shop's people of it.

use sea_orm_migration::prelude::*;

/// Makes the table of what shops are to be told.
pub(super) struct ShopNews;

impl MigrationName for ShopNews {
    fn name(&self) -> &'static str {
        "m2026_11_30_000100_shop_news"
    }
}

const TABLES: &[&str] = &[
    // Each is told once. Until a letter has it, it waits.
    "CREATE TABLE IF NOT EXISTS shop_news (
        kind TEXT NOT NULL CHECK (kind IN ('paid', 'called_off', 'return_asked')),
        about {uuid} NOT NULL,
        order_id {uuid} NOT NULL,
        shop_id {uuid} NOT NULL,
        at BIGINT NOT NULL,
        letter_id {uuid},
        PRIMARY KEY (kind, about)
    )",
    "CREATE INDEX IF NOT EXISTS shop_news_waiting ON shop_news (shop_id, at) WHERE letter_id IS NULL",
    "CREATE INDEX IF NOT EXISTS shop_news_of_letter ON shop_news (letter_id) WHERE letter_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS shop_news_by_age ON shop_news (at)",
];

#[async_trait::async_trait]
impl MigrationTrait for ShopNews {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
