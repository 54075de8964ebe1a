//! Events in the outbox are found by their place alone. That no id is twice there was an index of its own,
//! written when an event comes and again when it is published; nobody asked it anything, and consumers
//! know what they have heard by the inbox.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Takes the index of event ids away.
pub(crate) struct OutboxIds;

impl MigrationName for OutboxIds {
    fn name(&self) -> &'static str {
        "m2026_11_27_000510_outbox_ids"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OutboxIds {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite would have to write the table anew.
        if manager.get_database_backend() == DbBackend::Postgres {
            let drop = "ALTER TABLE outbox DROP CONSTRAINT outbox_event_id_key";
            manager.get_connection().execute_unprepared(drop).await?;
        }
        Ok(())
    }
}
