//! Who makes, renames and removes the databases of this process's pools: one connection for all of them, on
//! a thread of its own, since a connection belongs to a runtime and every test has another.
//!
//! As long as the process lives, this connection holds an advisory lock on the process's number, which the
//! names of its databases begin with. So whoever comes later sees which databases nobody uses any more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::{mpsc, oneshot};

use crate::own::url_of;

/// What the names of all databases of pools begin with.
const PREFIX: &str = "pool";
/// How often it is looked whether a database's connections are gone, and the pause between.
const LOOKS: usize = 2_500;
const PAUSE: Duration = Duration::from_millis(2);

/// The clerks of this process, by their servers.
static CLERKS: Mutex<BTreeMap<String, Arc<Clerk>>> = Mutex::new(BTreeMap::new());

/// The clerk of a server.
#[derive(Debug)]
pub(crate) struct Clerk {
    server: String,
    process: i64,
    named: AtomicU32,
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
enum Work {
    Statement(String),
    /// Ends all connections to a database and gives it another name: who was told of the old one finds nothing.
    Rename {
        from: String,
        to: String,
    },
}

#[derive(Debug)]
struct Order {
    work: Work,
    done: oneshot::Sender<anyhow::Result<()>>,
}

impl Clerk {
    /// The one of a server, whose URL names a database of its own.
    pub(crate) fn of(server: &str) -> anyhow::Result<Arc<Self>> {
        let mut clerks = CLERKS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clerk) = clerks.get(server) {
            return Ok(Arc::clone(clerk));
        }
        let clerk = Arc::new(Self::start(server)?);
        clerks.insert(server.to_owned(), Arc::clone(&clerk));
        Ok(clerk)
    }

    fn start(server: &str) -> anyhow::Result<Self> {
        let process = i64::from(rand::random::<u32>());
        let (orders, ordered) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let url = server.to_owned();
        std::thread::Builder::new()
            .name("test-databases".to_owned())
            .spawn(move || runtime.block_on(serve(url, process, ordered)))?;
        Ok(Self { server: server.to_owned(), process, named: AtomicU32::new(0), orders })
    }

    /// A name that no database had before.
    pub(crate) fn name(&self) -> String {
        let number = self.named.fetch_add(1, Ordering::Relaxed);
        format!("{PREFIX}_{:08x}_{number:04x}", self.process)
    }

    /// The URL of a database of this server.
    pub(crate) fn url_of(&self, name: &str) -> anyhow::Result<String> {
        url_of(&self.server, name)
    }

    /// Makes an empty database.
    pub(crate) async fn create(&self, name: &str) -> anyhow::Result<()> {
        self.order(Work::Statement(format!("CREATE DATABASE \"{name}\""))).await
    }

    /// Makes a copy of a database that nobody is connected to.
    pub(crate) async fn copy(&self, template: &str, name: &str) -> anyhow::Result<()> {
        // Copying files is much quicker than copying by the log, which is the way by default.
        let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" STRATEGY FILE_COPY");
        self.order(Work::Statement(copy)).await
    }

    /// Ends all connections to a database and gives it another name.
    pub(crate) async fn rename(&self, from: &str, to: &str) -> anyhow::Result<()> {
        self.order(Work::Rename { from: from.to_owned(), to: to.to_owned() }).await
    }

    /// Removes a database, whoever is connected to it.
    pub(crate) async fn remove(&self, name: &str) -> anyhow::Result<()> {
        self.order(Work::Statement(format!("DROP DATABASE \"{name}\" WITH (FORCE)"))).await
    }

    async fn order(&self, work: Work) -> anyhow::Result<()> {
        let (done, outcome) = oneshot::channel();
        self.orders.send(Order { work, done }).map_err(|_| anyhow!("the clerk is gone"))?;
        outcome.await.context("the clerk is gone")?
    }
}

async fn serve(server: String, process: i64, mut ordered: mpsc::UnboundedReceiver<Order>) {
    let mut connection = begin(&server, process).await;
    while let Some(Order { work, done }) = ordered.recv().await {
        let outcome = match &mut connection {
            Ok(connection) => do_work(connection, work).await.map_err(anyhow::Error::from),
            Err(error) => Err(anyhow!("{error}")),
        };
        // Who ordered it may wait no more.
        let _ = done.send(outcome);
    }
}

/// Connects, says that this process lives, and removes what others left.
async fn begin(server: &str, process: i64) -> sqlx::Result<PgConnection> {
    let mut connection = PgConnection::connect(server).await?;
    let hold = format!("SELECT pg_advisory_lock({process})");
    connection.execute(AssertSqlSafe(hold)).await?;
    remove_left_overs(&mut connection).await?;
    Ok(connection)
}

/// Removes the databases of processes that are no more: nothing tells a test that it is its process's last.
async fn remove_left_overs(connection: &mut PgConnection) -> sqlx::Result<()> {
    let question =
        format!("SELECT datname::text FROM pg_database WHERE datname ~ '^{PREFIX}_[0-9a-f]{{8}}_'");
    let names = sqlx::query_scalar::<_, String>(AssertSqlSafe(question));
    let names: Vec<String> = names.fetch_all(&mut *connection).await?;
    for name in names {
        let process = name.split('_').nth(1).and_then(|hex| i64::from_str_radix(hex, 16).ok());
        let Some(process) = process else { continue };
        let lock = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)").bind(process);
        if lock.fetch_one(&mut *connection).await? {
            let remove = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            connection.execute(AssertSqlSafe(remove)).await?;
            let unlock = format!("SELECT pg_advisory_unlock({process})");
            connection.execute(AssertSqlSafe(unlock)).await?;
        }
    }
    Ok(())
}

async fn do_work(connection: &mut PgConnection, work: Work) -> sqlx::Result<()> {
    match work {
        Work::Statement(statement) => connection.execute(AssertSqlSafe(statement)).await.map(drop),
        Work::Rename { from, to } => {
            end_connections(connection, &from).await?;
            let rename = format!("ALTER DATABASE \"{from}\" RENAME TO \"{to}\"");
            connection.execute(AssertSqlSafe(rename)).await.map(drop)
        }
    }
}

/// Ends all connections to a database and waits until they are gone. PostgreSQL's own wait looks only ten times a
/// second; most are gone within a few milliseconds.
async fn end_connections(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    const END: &str =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    for _ in 0..LOOKS {
        let there = sqlx::query_scalar::<_, i64>(END).bind(name.to_owned());
        if there.fetch_one(&mut *connection).await? == 0 {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
