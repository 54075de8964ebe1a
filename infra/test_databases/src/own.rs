//! A database that is made for one test or measurement, and removed at its end.

use anyhow::Context;
use sea_orm::sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A database of its own.
#[derive(Debug)]
pub struct OwnDatabase {
    server: String,
    /// Its name.
    pub name: String,
    /// Its URL.
    pub url: String,
}

impl OwnDatabase {
    /// Makes an empty one. The server's URL names a database of its own, from which this is done.
    pub async fn create(server: &str, prefix: &str) -> anyhow::Result<Self> {
        let name = format!("{prefix}_{:016x}", rand::random::<u64>());
        execute(server, format!("CREATE DATABASE \"{name}\"")).await?;
        let url = url_of(server, &name)?;
        Ok(Self { server: server.to_owned(), name, url })
    }

    /// Removes it, whoever is connected to it.
    pub async fn remove(self) -> anyhow::Result<()> {
        execute(&self.server, format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name)).await
    }
}

/// The URL of another database of the same server.
pub(crate) fn url_of(server: &str, name: &str) -> anyhow::Result<String> {
    let (address, _) = server.rsplit_once('/').context("the PostgreSQL URL names no database")?;
    Ok(format!("{address}/{name}"))
}

async fn execute(server: &str, statement: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(server).await?;
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(connection.close().await?)
}
