//! What persons' decisions taught of payers: whose shop they usually pay. Personal data, kept as keyed
//! hashes only and forgotten with one row, or all at once with the key.

use sea_orm_migration::prelude::*;

/// Makes the tables of learned payers.
pub(super) struct LearnedPayers;

impl MigrationName for LearnedPayers {
    fn name(&self) -> &'static str {
        "m2026_11_27_000220_learned_payers"
    }
}

const TABLES: &[&str] = &[
    // Drawn when something is learned for the first time. Without it the hashes tell nothing.
    "CREATE TABLE learning_key (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        secret TEXT NOT NULL
    )",
    "CREATE TABLE learned_payers (
        trait_hash TEXT NOT NULL,
        shop_id {uuid} NOT NULL,
        credit_id {uuid} NOT NULL REFERENCES bank_credits (id),
        seen TEXT NOT NULL CHECK (seen IN ('account', 'memo')),
        learned_at BIGINT NOT NULL,
        PRIMARY KEY (trait_hash, shop_id, credit_id)
    )",
    "CREATE INDEX learned_payers_of_credit ON learned_payers (credit_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for LearnedPayers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
