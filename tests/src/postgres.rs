//! Databases on a PostgreSQL server: one for a test or a measurement, gone at its end.

use anyhow::Context;
use sea_orm::ConnectionTrait;

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
        Self::made(server, prefix, "").await
    }

    /// A copy of this one, to which nobody may be connected.
    pub async fn copy(&self, prefix: &str) -> anyhow::Result<Self> {
        // Copying files is much quicker than copying by the log, which is the way by default.
        let of = format!(" TEMPLATE \"{}\" STRATEGY FILE_COPY", self.name);
        Self::made(&self.server, prefix, &of).await
    }

    async fn made(server: &str, prefix: &str, of: &str) -> anyhow::Result<Self> {
        let name = format!("{prefix}_{:016x}", rand::random::<u64>());
        execute(server, &format!("CREATE DATABASE \"{name}\"{of}")).await?;
        let (address, _) =
            server.rsplit_once('/').context("the PostgreSQL URL names no database")?;
        let url = format!("{address}/{name}");
        Ok(Self { server: server.to_owned(), name, url })
    }

    /// Removes it, whoever is connected to it.
    pub async fn remove(self) -> anyhow::Result<()> {
        execute(&self.server, &format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name)).await
    }
}

async fn execute(server: &str, statement: &str) -> anyhow::Result<()> {
    let connection = sea_orm::Database::connect(server).await?;
    connection.execute_unprepared(statement).await?;
    Ok(connection.close().await?)
}
