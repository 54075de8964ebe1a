//! Entries of the audit log are found by whom they are about.

use sea_orm_migration::prelude::*;

use crate::shared::IndexWhileUsed;

/// Makes the indexes by which people take away what is logged of them.
pub(super) struct AuditedPeople;

impl MigrationName for AuditedPeople {
    fn name(&self) -> &'static str {
        "m2026_12_02_000200_audited_people"
    }
}

const INDEXES: &[IndexWhileUsed] = &[
    IndexWhileUsed {
        name: "audit_entries_of_actor",
        of: "audit_entries (actor_id, seq) WHERE actor_id IS NOT NULL",
    },
    IndexWhileUsed { name: "audit_entries_of_subject", of: "audit_entries (subject_id, seq)" },
];

#[async_trait::async_trait]
impl MigrationTrait for AuditedPeople {
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
