//! Dead letters know their aggregate, whose later events wait behind them, and an operator's wish
//! that they be given to their consumer again. In every service.

use sea_orm_migration::prelude::*;

use crate::shared::create;

/// Adds aggregate and wish for replay to the dead letters.
#[derive(Debug)]
pub struct DeadLetters;

impl MigrationName for DeadLetters {
    fn name(&self) -> &'static str {
        "m2026_11_24_000200_dead_letters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for DeadLetters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            &[
                "ALTER TABLE dead_letters ADD COLUMN aggregate TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE dead_letters ADD COLUMN replay_requested_at BIGINT",
                "CREATE INDEX dead_letters_waiting ON dead_letters (consumer, aggregate, id)
                    WHERE replayed_at IS NULL",
            ],
        )
        .await
    }
}
