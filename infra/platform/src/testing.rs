//! Databases for tests: a fresh one each, on SQLite and on PostgreSQL.
//!
//! PostgreSQL is never skipped: without `CHONOI_TEST_POSTGRES_URL` the test fails and says how to
//! get one (`make test` starts a throw-away server).

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::database::{Database, Location};

/// The environment variable with the URL of a PostgreSQL server for tests.
pub const POSTGRES_URL: &str = "CHONOI_TEST_POSTGRES_URL";
/// The environment variable with the URL of a Redis server for tests.
pub const REDIS_URL: &str = "CHONOI_TEST_REDIS_URL";

/// A database of a test; what it kept goes when the test ends.
#[derive(Debug)]
pub struct TestDatabase {
    /// The migrated, empty database.
    pub database: Database,
    folder: Option<tempfile::TempDir>,
    schema: Option<String>,
}

impl TestDatabase {
    /// An empty SQLite database.
    pub async fn sqlite<M: MigratorTrait>() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        let database = Database::open(Location::File(&path)).await.expect("a SQLite database");
        M::up(database.writer(), None).await.expect("migrations run");
        Self { database, folder: Some(folder), schema: None }
    }

    /// An empty PostgreSQL schema.
    pub async fn postgres<M: MigratorTrait>() -> Self {
        let url = required(POSTGRES_URL);
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        let location = Location::Server { url: &url, schema: &schema, max_connections: 12 };
        let database = Database::open(location).await.expect("a PostgreSQL database");
        M::up(database.writer(), None).await.expect("migrations run");
        Self { database, folder: None, schema: Some(schema) }
    }

    /// Removes what the test kept.
    pub async fn close(self) {
        if let Some(schema) = &self.schema {
            let drop = format!("DROP SCHEMA \"{schema}\" CASCADE");
            self.database.writer().execute_unprepared(&drop).await.expect("the schema goes");
        }
        self.database.close().await.expect("connections close");
        drop(self.folder);
    }
}

/// The value of an environment variable that tests need.
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `make test`, or `eval $(make -s services)` first")
    })
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
