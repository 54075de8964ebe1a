//! Fewer rows and index entries of a transfer: what is taken of a sale or given back with a refund stands in
//! the row of its line, and an entry of the ledger is there once by its posting and place alone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::shared::{NewCheck, briefly, create, refuse_changes, replace_check};

/// Adds the parts of a line to `shop_lines`. Lines from before keep their parts in rows beside them.
pub(super) struct LineParts;

impl MigrationName for LineParts {
    fn name(&self) -> &'static str {
        "m2026_11_28_000110_line_parts"
    }
}

const PARTS: [&str; 3] = ["fee_minor", "vat_minor", "pit_minor"];

const ONLY_OF: NewCheck = NewCheck {
    table: "shop_lines",
    instead_of: &[],
    name: "shop_lines_parts_check",
    check: "kind IN ('sale', 'refund') OR (fee_minor = 0 AND vat_minor = 0 AND pit_minor = 0)",
    with: None,
};

#[async_trait::async_trait]
impl MigrationTrait for LineParts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            let db = manager.get_connection();
            for part in PARTS {
                let add = format!(
                    "ALTER TABLE shop_lines ADD COLUMN {part} BIGINT NOT NULL DEFAULT 0
                     CHECK ({part} = 0 OR kind IN ('sale', 'refund'))"
                );
                db.execute_unprepared(&add).await?;
            }
            return Ok(());
        }
        let add =
            PARTS.map(|part| format!("ADD COLUMN IF NOT EXISTS {part} BIGINT NOT NULL DEFAULT 0"));
        briefly(manager, &[&format!("ALTER TABLE shop_lines {}", add.join(", "))]).await?;
        replace_check(manager, &ONLY_OF).await
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

/// Takes the index on the ids of entries away: lists go by posting and place, which say the same order.
pub(super) struct EntriesByPosting;

impl MigrationName for EntriesByPosting {
    fn name(&self) -> &'static str {
        "m2026_11_28_000120_entries_by_posting"
    }
}

/// On SQLite the table is its index.
const SQLITE: &[&str] = &[
    "CREATE TABLE ledger_entries_new (
        id {uuid} NOT NULL,
        posting_id {uuid} NOT NULL REFERENCES ledger_postings (id),
        place INTEGER NOT NULL,
        account TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
        currency TEXT NOT NULL,
        CONSTRAINT ledger_entries_place PRIMARY KEY (posting_id, place)
    ) WITHOUT ROWID",
    "INSERT INTO ledger_entries_new SELECT id, posting_id, place, account, amount_minor, currency
        FROM ledger_entries ORDER BY posting_id, place",
    "DROP TABLE ledger_entries",
    "ALTER TABLE ledger_entries_new RENAME TO ledger_entries",
    "CREATE INDEX ledger_entries_by_account ON ledger_entries (account, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for EntriesByPosting {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            create(manager, SQLITE).await?;
            return refuse_changes(manager, "ledger_entries").await;
        }
        briefly(
            manager,
            &["ALTER TABLE ledger_entries DROP CONSTRAINT IF EXISTS ledger_entries_pkey"],
        )
        .await
    }
}
