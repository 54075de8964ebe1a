//! What the card sandbox of development remembers: its objects, the keys of requests, and what it
//! still has to tell. A market in production keeps these tables empty.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Makes the tables `sandbox_card_…`.
pub(super) struct SandboxCard;

impl MigrationName for SandboxCard {
    fn name(&self) -> &'static str {
        "m2026_11_27_000100_sandbox_card"
    }
}

const TABLES: &[&str] = &[
    // Locking this row puts all that the sandbox does into one order.
    "CREATE TABLE sandbox_card_head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sequence BIGINT NOT NULL,
        paid_out_on INTEGER NOT NULL
    )",
    "CREATE TABLE sandbox_card_objects (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        sequence BIGINT NOT NULL CONSTRAINT sandbox_card_objects_sequence UNIQUE,
        intent TEXT,
        payout TEXT,
        settled_in TEXT,
        due_at BIGINT,
        body TEXT NOT NULL
    )",
    "CREATE INDEX sandbox_card_objects_by_kind ON sandbox_card_objects (kind, sequence)",
    "CREATE INDEX sandbox_card_objects_of_intent ON sandbox_card_objects (intent, kind)
        WHERE intent IS NOT NULL",
    "CREATE INDEX sandbox_card_objects_of_payout ON sandbox_card_objects (payout, sequence)
        WHERE payout IS NOT NULL",
    // What no payout has netted yet, by currency.
    "CREATE INDEX sandbox_card_objects_unpaid ON sandbox_card_objects (settled_in, sequence)
        WHERE settled_in IS NOT NULL AND payout IS NULL",
    "CREATE INDEX sandbox_card_objects_due ON sandbox_card_objects (due_at)
        WHERE due_at IS NOT NULL",
    "CREATE TABLE sandbox_card_keys (
        key TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        status INTEGER NOT NULL,
        answer TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE INDEX sandbox_card_keys_by_age ON sandbox_card_keys (created_at)",
    "CREATE TABLE sandbox_card_deliveries (
        sequence BIGINT PRIMARY KEY,
        channel TEXT NOT NULL CHECK (channel IN ('webhook', 'bank')),
        about TEXT NOT NULL REFERENCES sandbox_card_objects (id),
        attempts INTEGER NOT NULL,
        next_at BIGINT NOT NULL,
        delivered_at BIGINT
    )",
    "CREATE INDEX sandbox_card_deliveries_waiting ON sandbox_card_deliveries (channel, sequence)
        WHERE delivered_at IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for SandboxCard {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await?;
        let head = "INSERT INTO sandbox_card_head VALUES (1, 0, 0)";
        manager.get_connection().execute_unprepared(head).await?;
        Ok(())
    }
}

/// Notes when things were made, by which lists are asked for.
pub(super) struct SandboxCardCreated;

impl MigrationName for SandboxCardCreated {
    fn name(&self) -> &'static str {
        "m2026_11_28_000100_sandbox_card_created"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SandboxCardCreated {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let created = match manager.get_database_backend() {
            DbBackend::Sqlite => "json_extract(body, '$.created')",
            _ => "CAST(CAST(body AS json) ->> 'created' AS BIGINT)",
        };
        for text in [
            "ALTER TABLE sandbox_card_objects ADD COLUMN created BIGINT NOT NULL DEFAULT 0",
            &format!("UPDATE sandbox_card_objects SET created = COALESCE({created}, 0)"),
            "CREATE INDEX sandbox_card_objects_by_age ON sandbox_card_objects (kind, created)",
        ] {
            db.execute_unprepared(text).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
