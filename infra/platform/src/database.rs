//! Databases: SQLite files and PostgreSQL schemas behind one type.
//!
//! SQLite has one writer connection, so that writers queue here instead of in the busy handler, and
//! several readers. Every writing transaction is IMMEDIATE: a deferred one fails half-way with
//! "database is locked". On PostgreSQL both are one pool.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, RuntimeErr, SqliteTransactionMode, SqlxError, Statement,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

/// How long a statement may run on PostgreSQL, and a SQLite writer may wait for its turn.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a caller waits for a free connection before it is told that the database is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// One service's database.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    published: Arc<Notify>,
    statements: Arc<AtomicU64>,
}

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Location<'a> {
    /// A SQLite file; it is made if it is missing.
    File(&'a Path),
    /// A PostgreSQL server, and the schema of the service on it; the schema is made if it is missing.
    Server {
        /// `postgres://user:password@host:port/database`
        url: &'a str,
        /// The schema that all tables of the service are in.
        schema: &'a str,
        /// The most connections of this process to it.
        max_connections: u32,
    },
}

impl Database {
    /// Opens the database. It says nothing of migrations: the service's migrator does those.
    pub async fn open(location: Location<'_>) -> Result<Self, DbErr> {
        let statements = Arc::new(AtomicU64::new(0));
        let (mut reader, mut writer) = match location {
            Location::File(path) => (open_file(path, 4).await?, open_file(path, 1).await?),
            Location::Server { url, schema, max_connections } => {
                let pool = open_server(url, schema, max_connections).await?;
                (pool.clone(), pool)
            }
        };
        for connection in [&mut reader, &mut writer] {
            let counter = Arc::clone(&statements);
            connection.set_metric_callback(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(Self { reader, writer, published: Arc::new(Notify::new()), statements })
    }

    /// Begins a writing transaction. Never begin a second one on the same database while one is
    /// held: on SQLite that would wait for itself.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await?;
        let wake = Arc::clone(&self.published);
        Ok(Transaction { inner, wake, publishes: AtomicBool::new(false) })
    }

    /// For reads outside a transaction.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection that migrations use, and what is a single statement.
    pub const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which kind of database this is.
    pub fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// How many statements were executed so far; tests count with it that lists are not N+1.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Wakes whenever a transaction that published an event was committed.
    pub(crate) fn published(&self) -> Arc<Notify> {
        Arc::clone(&self.published)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }

    /// Closes all connections; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await
    }
}

async fn open_file(path: &Path, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            // A transaction that SQLite itself undid (the disk was full) stays open in the driver's
            // count, and no other could begin on this connection.
            let fit = !connection.is_in_transaction();
            Box::pin(std::future::ready(Ok(fit)))
        })
        .map_sqlx_sqlite_opts(move |options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                // With WAL, NORMAL may lose the last commits when the machine (not the program)
                // dies. Money must not be lost, so every commit is on the disk.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(STATEMENT_TIMEOUT)
                .foreign_keys(true)
                .statement_cache_capacity(256)
                // The log is folded into the file every 64 MiB: a page that many transactions change
                // is copied once for all of them.
                .pragma("wal_autocheckpoint", "16000")
                // A writer whose pages do not fit writes them several times before it commits.
                .pragma("cache_size", if connections == 1 { "-131072" } else { "-4096" })
        });
    sea_orm::Database::connect(options).await
}

async fn open_server(
    url: &str,
    schema: &str,
    max_connections: u32,
) -> Result<DatabaseConnection, DbErr> {
    create_schema(url, schema).await?;
    let search_path = schema.to_owned();
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(max_connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(10))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |options| {
            options
                .options([
                    ("search_path", search_path.as_str()),
                    ("statement_timeout", "10s"),
                    ("lock_timeout", "5s"),
                    ("idle_in_transaction_session_timeout", "30s"),
                ])
                .statement_cache_capacity(256)
        });
    sea_orm::Database::connect(options).await
}

async fn create_schema(url: &str, schema: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await?;
    let found = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT 1 FROM pg_namespace WHERE nspname = $1",
        [schema.into()],
    );
    if connection.query_one_raw(found).await?.is_none() {
        let name = schema.replace('"', "");
        connection.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{name}\"")).await?;
    }
    connection.close().await
}

/// A writing transaction. Dropping it undoes everything.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    wake: Arc<Notify>,
    publishes: AtomicBool,
}

impl Transaction {
    /// Makes all changes lasting, and wakes the relay if events are among them.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await?;
        if self.publishes.load(Ordering::Relaxed) {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Undoes all changes.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }

    /// Notes that the transaction holds events for the relay.
    pub(crate) fn note_published(&self) {
        self.publishes.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}

/// The database's own words on a violated constraint, in lower case; `None` for other errors.
///
/// PostgreSQL names the constraint, SQLite the columns of a UNIQUE and the name of a CHECK.
pub fn violated_constraint(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) =
        error
    else {
        return None;
    };
    let source = source.as_database_error()?;
    let violated = source.is_unique_violation()
        || source.is_check_violation()
        || source.is_foreign_key_violation();
    violated.then(|| source.constraint().unwrap_or(source.message()).to_lowercase())
}

/// Whether a failure of several who share a transaction is none of their own: the database is away, or
/// a lock was not to be had. To try them one by one would only let each wait in vain. A deadlock is
/// not meant: alone, nobody is in it.
pub fn concerns_all(error: &DbErr) -> bool {
    is_transient(error) && !is_deadlock(error)
}

fn is_deadlock(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) =
        error
    else {
        return false;
    };
    let source = source.as_database_error();
    source.and_then(|source| source.code()).is_some_and(|code| code == "40P01")
}

/// Whether trying again may help: the connection failed, another transaction was in the way, or the disk
/// is full. What cannot be read or written as it is will not be better later, nor will a statement that
/// takes too long.
pub fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => match source.as_ref() {
            // 40001 serialization failure, 40P01 deadlock, 55P03 lock timeout, 57P… shutting down (57014
            // is the time limit of a statement), 53… no room on the disk, in memory or for connections; 5
            // and 6 are SQLite's BUSY and LOCKED, 13 its FULL and 778 what cannot be written (a quota).
            SqlxError::Database(source) => source.code().is_some_and(|code| {
                ["40001", "40P01", "55P03", "5", "6", "13", "778"].contains(&code.as_ref())
                    || code.starts_with("57P")
                    || code.starts_with("53")
            }),
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed => true,
            _ => false,
        },
        _ => false,
    }
}
