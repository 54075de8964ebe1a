//! `chonoi backup`: copies of all SQLite databases, of one moment, while the market runs.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use futures_util::future::try_join_all;
use platform::config::Config;
use platform::database::Database;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::arguments::Common;
use crate::market::Databases;
use crate::roles::Role;

/// Copies the databases of the configuration, and says what came out.
pub async fn run(common: &Common, folder: &Path) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    for copy in back_up(&config, folder).await? {
        println!("{} ({} bytes)", copy.display(), std::fs::metadata(&copy)?.len());
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies the databases of the configuration into a new or empty folder, which is a data folder then. Gives
/// the copies.
///
/// The databases of the services know of each other: an order has its payment in another one. So all copies are
/// of one moment, at which nobody was writing: what is in them is what a machine would find that lost its power
/// then, and a market goes on from there. Who wants to write meanwhile waits; above ten seconds they are told
/// that the market is busy.
pub async fn back_up(config: &Config, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let data = Path::new(&config.database.data_dir);
    for service in ["accounts", "catalog", "orders", "payments"] {
        if config.database.url_of(service).is_some() {
            bail!("{service} is on PostgreSQL: pg_dump makes its backup");
        }
        let file = data.join(format!("{service}.db"));
        ensure!(file.is_file(), "{} is missing: there is no market in this folder", file.display());
    }
    make_folder(folder)?;
    let databases = Databases::open(config, &Role::ALL).await?;
    let copies = copy_all(&databases, folder).await;
    for (_, database) in databases.all() {
        database.close().await?;
    }
    copies
}

/// What is in it is as secret as the data: only its owner may look into it.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let named = || folder.display().to_string();
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(named)?;
    let mut found = std::fs::read_dir(folder).with_context(named)?;
    ensure!(found.next().is_none(), "{} is not empty", named());
    Ok(())
}

async fn copy_all(databases: &Databases, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    // Nobody writes into any of them from here on; always in the same order, or two backups at once would wait
    // for each other.
    let mut held = Vec::new();
    for (service, database) in databases.all() {
        let transaction = database.begin().await;
        held.push(transaction.with_context(|| format!("{service} is written to all the time"))?);
    }
    let all = databases.all().into_iter();
    let copies =
        all.map(|(service, database)| copy(database, folder.join(format!("{service}.db"))));
    let copies = try_join_all(copies).await?;
    for transaction in held {
        transaction.rollback().await?;
    }
    // The names of the files are on the disk, too.
    std::fs::File::open(folder)?.sync_all()?;
    Ok(copies)
}

/// Source: sqlite.org/lang_vacuum.html, "VACUUM with an INTO clause". It reads only, so that it does not need
/// the place of who writes.
async fn copy(database: &Database, to: PathBuf) -> anyhow::Result<PathBuf> {
    let name = to.to_str().with_context(|| format!("{} is no UTF-8", to.display()))?;
    let vacuum = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO $1", [name.into()]);
    database.reader().execute_raw(vacuum).await.with_context(|| to.display().to_string())?;
    std::fs::File::open(&to)?.sync_all()?;
    Ok(to)
}
