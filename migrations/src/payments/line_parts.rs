//! Fewer rows and index entries of a transfer: what is taken of a sale or given back with a refund stands in
//! the row of its line, and an entry of the ledger is there once by its posting and place alone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::shared::{NewCheck, briefly, create, refuse_changes, replace_check};

/// Adds the parts of a line to `shop_lines`. Lines from before keep their parts in rows beside them.
pub(super) struct LineParts;

impl MigrationName for LineParts {
    fn name(&self) -> &'static str {
        "m2026_11_28_000110_line_parts"
    }
}

/// A CHECK that names `kind` would keep it from being made anew for further kinds: whoever does that drops
/// the triggers first and makes them again.
const PARTS_ON_SQLITE: &[&str] = &[
    "ALTER TABLE shop_lines ADD COLUMN fee_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE shop_lines ADD COLUMN vat_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE shop_lines ADD COLUMN pit_minor BIGINT NOT NULL DEFAULT 0",
    "CREATE TRIGGER shop_lines_parts_inserted BEFORE INSERT ON shop_lines
     WHEN NEW.kind NOT IN ('sale', 'refund')
        AND (NEW.fee_minor <> 0 OR NEW.vat_minor <> 0 OR NEW.pit_minor <> 0)
     BEGIN SELECT RAISE(ABORT, 'a line of this kind has no parts'); END",
    "CREATE TRIGGER shop_lines_parts_updated
     BEFORE UPDATE OF kind, fee_minor, vat_minor, pit_minor ON shop_lines
     WHEN NEW.kind NOT IN ('sale', 'refund')
        AND (NEW.fee_minor <> 0 OR NEW.vat_minor <> 0 OR NEW.pit_minor <> 0)
     BEGIN SELECT RAISE(ABORT, 'a line of this kind has no parts'); END",
];

const PARTS_ON_POSTGRES: &str =
    "ALTER TABLE shop_lines ADD COLUMN IF NOT EXISTS fee_minor BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN IF NOT EXISTS vat_minor BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN IF NOT EXISTS pit_minor BIGINT NOT NULL DEFAULT 0";

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
            return create(manager, PARTS_ON_SQLITE).await;
        }
        briefly(manager, &[PARTS_ON_POSTGRES]).await?;
        replace_check(manager, &ONLY_OF).await
    }

    /// On PostgreSQL each step is a transaction of its own, or the first's lock would last until the end.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

/// Takes the index on the ids of entries away: lists of all accounts go by posting and place.
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

    /// The copy of a large ledger takes its time: cut off, it leaves everything as it was.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
