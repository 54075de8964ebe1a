//! Databases for tests: a fresh one each, on SQLite and on PostgreSQL.
//!
//! PostgreSQL is never skipped: without `CHONOI_TEST_POSTGRES_URL` the test fails and says how to
//! get one (`make test` starts a throw-away server).
//!
//! Migrations run once a process and service. On SQLite each test gets a copy of the file that they made: one
//! write of a few hundred kilobytes. On PostgreSQL it gets a database of a pool, in which nothing is left of the
//! test that had it before.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sea_orm_migration::MigratorTrait;
use test_databases::{LentDatabase, Pool};
use tokio::sync::OnceCell;

pub use test_databases::required;

use crate::database::{Database, Location};

/// The environment variable with the URL of a PostgreSQL server for tests.
pub const POSTGRES_URL: &str = "CHONOI_TEST_POSTGRES_URL";
/// The environment variable with the URL of a Redis server for tests.
pub const REDIS_URL: &str = "CHONOI_TEST_REDIS_URL";
/// The schema of the service under test, in a database of its own.
const SCHEMA: &str = "service";

/// A database of a test; what it kept is gone for the next test.
#[derive(Debug)]
pub struct TestDatabase {
    /// The migrated, empty database.
    pub database: Database,
    folder: Option<tempfile::TempDir>,
    lent: Option<(Arc<Template>, LentDatabase)>,
}

/// What a migrator makes of nothing.
#[derive(Debug, Default)]
struct Template {
    /// The bytes of the file.
    sqlite: OnceCell<Vec<u8>>,
    postgres: Pool,
}

static TEMPLATES: LazyLock<Mutex<HashMap<TypeId, Arc<Template>>>> = LazyLock::new(Mutex::default);

fn template_of<M: 'static>() -> Arc<Template> {
    let mut known = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(TypeId::of::<M>()).or_default())
}

impl TestDatabase {
    /// An empty SQLite database.
    pub async fn sqlite<M: MigratorTrait + 'static>() -> Self {
        let template = template_of::<M>();
        let bytes = template.sqlite.get_or_init(migrated_file::<M>).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        std::fs::write(&path, bytes).expect("a copy of the migrated file");
        let database = Database::open(Location::File(&path)).await.expect("a SQLite database");
        Self { database, folder: Some(folder), lent: None }
    }

    /// An empty PostgreSQL database.
    pub async fn postgres<M: MigratorTrait + 'static>() -> Self {
        let server = required(POSTGRES_URL);
        let template = template_of::<M>();
        let lent = template.postgres.take(&server, migrate_database::<M>);
        let lent = lent.await.expect("a migrated database");
        let database = open(&lent.url).await;
        Self { database, folder: None, lent: Some((template, lent)) }
    }

    /// Ends the use of it. A test that fails before keeps its database for itself: something of it may still run.
    pub async fn close(self) {
        self.database.close().await.expect("connections close");
        if let Some((template, lent)) = self.lent {
            template.postgres.give_back(lent);
        }
        drop(self.folder);
    }
}

async fn migrated_file<M: MigratorTrait>() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("template.db");
    let database = Database::open(Location::File(&path)).await.expect("a SQLite database");
    M::up(database.writer(), None).await.expect("migrations run");
    database.close().await.expect("connections close");
    std::fs::read(&path).expect("the migrated file")
}

async fn migrate_database<M: MigratorTrait>(url: String) -> anyhow::Result<()> {
    let database = open(&url).await;
    M::up(database.writer(), None).await?;
    Ok(database.close().await?)
}

async fn open(url: &str) -> Database {
    let location = Location::Server { url, schema: SCHEMA, max_connections: 12 };
    Database::open(location).await.expect("a PostgreSQL database")
}

/// Makes two tests of each: one on SQLite, one on PostgreSQL. The body gets an empty, migrated
/// [`Database`](crate::database::Database).
#[macro_export]
macro_rules! on_each_database {
    ($migrator:path, $($(#[$attribute:meta])* async fn $name:ident($database:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn check($database: $crate::database::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = $crate::testing::TestDatabase::sqlite::<$migrator>().await;
                check(test.database.clone()).await;
                test.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let test = $crate::testing::TestDatabase::postgres::<$migrator>().await;
                check(test.database.clone()).await;
                test.close().await;
            }
        }
    )*};
}
