//! The tables that every service has for itself: outbox, inbox, dead letters, idempotency.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, RuntimeErr};

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

/// Runs statements that both databases accept, with the types said in each database's words. On SQLite they
/// are done together or not at all, whatever the migration says of transactions.
pub(crate) async fn create(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        let tx = manager.begin().await?;
        run(&tx, statements).await?;
        return tx.commit().await;
    }
    run(manager, statements).await
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
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

/// The longest that a change of a large table waits for its lock on PostgreSQL: who comes after it waits
/// behind it, whatever they want.
const LOCK_WAIT_MS: u32 = 300;
/// How often it is tried, with a pause between.
const LOCK_TRIES: usize = 120;

/// Runs statements on PostgreSQL in one transaction that holds its locks for a moment only, and waits for
/// them no longer: while others hold them it lets everybody else pass and tries again. What is made may be
/// there already from a migration that was interrupted.
pub(crate) async fn briefly(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let mut tries = 1;
    loop {
        match in_one_transaction(manager, statements).await {
            Err(error) if tries < LOCK_TRIES && is_lock_timeout(&error) => {
                tries += 1;
                manager.get_connection().execute_unprepared("SELECT pg_sleep(0.2)").await?;
            }
            done => return done,
        }
    }
}

async fn in_one_transaction(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let tx = manager.begin().await?;
    let patience = format!("SET LOCAL lock_timeout = {LOCK_WAIT_MS}");
    tx.get_connection().execute_unprepared(&patience).await?;
    create(&tx, statements).await?;
    tx.commit().await
}

/// Adds columns to a table that may be large; each with a constant for the rows there are, or nothing. Those
/// that are there from a migration that was interrupted stay.
pub(crate) async fn add_columns(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[(&str, &str)],
) -> Result<(), DbErr> {
    let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    for (name, kind) in columns {
        if !sqlite {
            let add = format!("ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}");
            briefly(manager, &[&add]).await?;
        } else if !manager.has_column(table, name).await? {
            create(manager, &[&format!("ALTER TABLE {table} ADD COLUMN {name} {kind}")]).await?;
        }
    }
    Ok(())
}

/// An index of a table that may be large and is written to all the time.
pub(crate) struct IndexWhileUsed {
    /// Its name.
    pub name: &'static str,
    /// Of what: table, columns, condition.
    pub of: &'static str,
}

/// Makes an index while everybody goes on to write: PostgreSQL builds it beside them, in no transaction.
pub(crate) async fn index_while_used(
    manager: &SchemaManager<'_>,
    index: &IndexWhileUsed,
) -> Result<(), DbErr> {
    let IndexWhileUsed { name, of } = index;
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Sqlite {
        db.execute_unprepared(&format!("CREATE INDEX IF NOT EXISTS {name} ON {of}")).await?;
        return Ok(());
    }
    let mut tries = 1;
    loop {
        match make_index(db, name, of).await {
            Err(error) if tries < LOCK_TRIES && is_lock_timeout(&error) => tries += 1,
            done => return done,
        }
    }
}

async fn make_index(db: &impl ConnectionTrait, name: &str, of: &str) -> Result<(), DbErr> {
    // One that was interrupted is there and is no good.
    db.execute_unprepared(&format!("DROP INDEX IF EXISTS {name}")).await?;
    db.execute_unprepared(&format!("CREATE INDEX CONCURRENTLY {name} ON {of}")).await?;
    Ok(())
}

/// PostgreSQL's 55P03: `lock_not_available`.
fn is_lock_timeout(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "55P03")
}

/// A CHECK that takes the place of another on PostgreSQL.
pub(crate) struct NewCheck {
    /// The table, which may be large.
    pub table: &'static str,
    /// The names of those that it takes the place of.
    pub instead_of: &'static [&'static str],
    /// Its name.
    pub name: &'static str,
    /// What it asks.
    pub check: &'static str,
    /// What else is said of the table with it, if anything; it must take no time.
    pub with: Option<&'static str>,
}

/// Puts a CHECK in the place of others: first for rows that are written from now on, under a lock of a
/// moment; then it is proven of the rows there are, while everybody reads and writes.
pub(crate) async fn replace_check(
    manager: &SchemaManager<'_>,
    new: &NewCheck,
) -> Result<(), DbErr> {
    let NewCheck { table, instead_of, name, check, with } = new;
    let gone = instead_of.iter().chain([name]);
    let mut changes: Vec<String> =
        gone.map(|name| format!("DROP CONSTRAINT IF EXISTS {name}")).collect();
    changes.push(format!("ADD CONSTRAINT {name} CHECK ({check}) NOT VALID"));
    changes.extend(with.map(ToOwned::to_owned));
    let first = format!("ALTER TABLE {table} {}", changes.join(", "));
    briefly(manager, &[&first]).await?;
    let then = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}");
    briefly(manager, &[&then]).await
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
