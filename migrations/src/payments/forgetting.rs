//! What came raw is forgotten after its time: found without looking at all that came.

use sea_orm_migration::prelude::*;

use crate::shared::IndexWhileUsed;

/// Makes the indexes by which raw events and rejections are forgotten.
pub(super) struct Forgetting;

impl MigrationName for Forgetting {
    fn name(&self) -> &'static str {
        "m2026_11_27_000560_forgetting"
    }
}

/// The conditions stand word by word in the statements that forget.
const INDEXES: &[IndexWhileUsed] = &[
    IndexWhileUsed {
        name: "feed_events_bodies",
        of: "feed_events (received_at) WHERE processed_at IS NOT NULL AND LENGTH(body) > 0",
    },
    IndexWhileUsed {
        name: "card_events_bodies",
        of: "card_events (received_at) WHERE outcome IS NOT NULL AND LENGTH(body) > 0",
    },
    IndexWhileUsed { name: "feed_rejections_received", of: "feed_rejections (received_at)" },
];

#[async_trait::async_trait]
impl MigrationTrait for Forgetting {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            crate::shared::index_while_used(manager, index).await?;
        }
        Ok(())
    }

    /// PostgreSQL makes an index beside running changes outside of transactions only.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}
