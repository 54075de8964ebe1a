//! The tables that every service has for itself: outbox, inbox, dead letters, idempotency.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Makes outbox, inbox, dead letters and idempotency.
#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_11_23_000000_shared"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(outbox()).await?;
        // Only what waits is in the index, so it stays small however long events are kept.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX outbox_waiting ON outbox (seq) WHERE published_at IS NULL",
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL",
            )
            .await?;
        manager.create_table(inbox()).await?;
        manager.create_table(dead_letters()).await?;
        manager.create_table(idempotency()).await
    }
}

fn outbox() -> TableCreateStatement {
    Table::create()
        .table("outbox")
        .col(ColumnDef::new("seq").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("event_id").uuid().not_null().unique_key())
        .col(ColumnDef::new("topic").text().not_null())
        .col(ColumnDef::new("aggregate").text().not_null())
        .col(ColumnDef::new("payload").blob().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("published_at").big_integer())
        .to_owned()
}

fn inbox() -> TableCreateStatement {
    Table::create()
        .table("inbox")
        .col(ColumnDef::new("consumer").text().not_null())
        .col(ColumnDef::new("event_id").uuid().not_null())
        .col(ColumnDef::new("received_at").big_integer().not_null())
        .primary_key(Index::create().col("consumer").col("event_id"))
        .to_owned()
}

fn dead_letters() -> TableCreateStatement {
    Table::create()
        .table("dead_letters")
        .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("consumer").text().not_null())
        .col(ColumnDef::new("event_id").uuid().not_null())
        .col(ColumnDef::new("payload").blob().not_null())
        .col(ColumnDef::new("error").text().not_null())
        .col(ColumnDef::new("failed_at").big_integer().not_null())
        .col(ColumnDef::new("replayed_at").big_integer())
        .to_owned()
}

fn idempotency() -> TableCreateStatement {
    Table::create()
        .table("idempotency")
        .col(ColumnDef::new("scope").text().not_null())
        .col(ColumnDef::new("key").text().not_null())
        .col(ColumnDef::new("body_hash").blob().not_null())
        .col(ColumnDef::new("answer").blob().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("scope").col("key"))
        .to_owned()
}

/// Runs statements that both databases accept, with the types said in each database's words.
pub(crate) async fn create(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (uuid, blob, serial) = match manager.get_database_backend() {
        DbBackend::Sqlite => ("BLOB", "BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT"),
        _ => ("UUID", "BYTEA", "BIGSERIAL PRIMARY KEY"),
    };
    for statement in statements {
        let statement =
            statement.replace("{uuid}", uuid).replace("{blob}", blob).replace("{serial}", serial);
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Makes a table append only: the database itself refuses UPDATE and DELETE.
pub(crate) async fn refuse_changes(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Sqlite {
        for change in ["UPDATE", "DELETE"] {
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table}
                     BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
                ))
                .await?;
        }
        return Ok(());
    }
    connection
        .execute_unprepared(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$",
        )
        .await?;
    connection
        .execute_unprepared(&format!(
            "CREATE TRIGGER {table}_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ))
        .await?;
    Ok(())
}
