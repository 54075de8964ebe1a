//! Databases for tests: a fresh one each, on SQLite and on PostgreSQL.
//!
//! PostgreSQL is never skipped: without `CHONOI_TEST_POSTGRES_URL` the test fails and says how to
//! get one (`make test` starts a throw-away server).
//!
//! Migrations run once a process and service; each test gets a copy of what they made.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::MigratorTrait;
use tokio::sync::OnceCell;

use crate::database::{Database, Location};

/// The environment variable with the URL of a PostgreSQL server for tests.
pub const POSTGRES_URL: &str = "CHONOI_TEST_POSTGRES_URL";
/// The environment variable with the URL of a Redis server for tests.
pub const REDIS_URL: &str = "CHONOI_TEST_REDIS_URL";
/// The schema of the service under test, in a database of its own.
const SCHEMA: &str = "service";

/// A database of a test; what it kept goes when the test ends.
#[derive(Debug)]
pub struct TestDatabase {
    /// The migrated, empty database.
    pub database: Database,
    folder: Option<tempfile::TempDir>,
    name: Option<String>,
}

/// What a migrator makes of nothing.
#[derive(Debug, Default)]
struct Template {
    /// The bytes of the file.
    sqlite: OnceCell<Vec<u8>>,
    /// The name of the database.
    postgres: OnceCell<String>,
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
        Self { database, folder: Some(folder), name: None }
    }

    /// An empty PostgreSQL database.
    pub async fn postgres<M: MigratorTrait + 'static>() -> Self {
        let server = required(POSTGRES_URL);
        let template = template_of::<M>();
        let template = template.postgres.get_or_init(|| migrated_database::<M>(&server)).await;
        let name = name();
        create_database(&server, &name, Some(template)).await.expect("a copy of the migrated one");
        let database = open(&server, &name).await;
        Self { database, folder: None, name: Some(name) }
    }

    /// Removes what the test kept.
    pub async fn close(self) {
        self.database.close().await.expect("connections close");
        if let Some(name) = &self.name {
            drop_database(&required(POSTGRES_URL), name).await.expect("the database goes");
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

/// A database that stays as long as the throw-away server does: nobody knows who is the last to copy it.
async fn migrated_database<M: MigratorTrait>(server: &str) -> String {
    let name = name();
    create_database(server, &name, None).await.expect("a database");
    let database = open(server, &name).await;
    M::up(database.writer(), None).await.expect("migrations run");
    database.close().await.expect("connections close");
    name
}

async fn open(server: &str, name: &str) -> Database {
    let url = database_url(server, name);
    let location = Location::Server { url: &url, schema: SCHEMA, max_connections: 12 };
    Database::open(location).await.expect("a PostgreSQL database")
}

fn name() -> String {
    format!("test_{}", uuid::Uuid::now_v7().simple())
}

/// The URL of another database of the same server.
fn database_url(server: &str, name: &str) -> String {
    let (address, _) = server.rsplit_once('/').expect("a PostgreSQL URL names a database");
    format!("{address}/{name}")
}

/// Makes a database: an empty one, or a copy of one that nobody is connected to.
async fn create_database(server: &str, name: &str, template: Option<&str>) -> Result<(), DbErr> {
    // Copying files is much quicker than copying by the log, which is the way by default.
    let copied = template
        .map(|template| format!(" TEMPLATE \"{template}\" STRATEGY FILE_COPY"))
        .unwrap_or_default();
    execute(server, &format!("CREATE DATABASE \"{name}\"{copied}")).await
}

/// Removes a database, whoever is connected to it.
async fn drop_database(server: &str, name: &str) -> Result<(), DbErr> {
    execute(server, &format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await
}

async fn execute(server: &str, statement: &str) -> Result<(), DbErr> {
    let connection = sea_orm::Database::connect(server).await?;
    connection.execute_unprepared(statement).await?;
    connection.close().await
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
