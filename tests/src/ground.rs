//! What a market of a test stands on: its configuration, a folder, a database of its own; gone at the end.

use std::path::PathBuf;

use anyhow::Context;
use platform::config::Config;
use sea_orm::ConnectionTrait;

use crate::market::{Stand, required};

/// The ground of a market.
#[derive(Debug)]
pub struct Ground {
    /// The configuration that names it.
    pub config: Config,
    folder: PathBuf,
    database: Option<(String, String)>,
}

impl Ground {
    /// A ground with nothing on it.
    pub async fn lay(stand: Stand) -> anyhow::Result<Self> {
        chonoi::choose_tls();
        let name = format!("journey_{:016x}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(&name);
        let mut config = Config::default();
        config.server.listen = "127.0.0.1:0".to_owned();
        config.server.shutdown_seconds = 5;
        config.database.data_dir = folder.display().to_string();
        config.security.requests_per_minute = 0;
        let mut database = None;
        if stand == Stand::Servers {
            let server = required("CHONOI_TEST_POSTGRES_URL");
            config.database.url = create_database(&server, &name).await?;
            config.database.max_connections = 40;
            config.events.redis_url = required("CHONOI_TEST_REDIS_URL");
            config.events.prefix.clone_from(&name);
            database = Some((server, name));
        }
        Ok(Self { config, folder, database })
    }

    /// Takes it away; nothing may stand on it any more.
    pub async fn clear(self) -> anyhow::Result<()> {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let Some((server, name)) = self.database {
            let connection = sea_orm::Database::connect(server).await?;
            connection
                .execute_unprepared(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))
                .await?;
            connection.close().await?;
        }
        Ok(())
    }
}

async fn create_database(server: &str, name: &str) -> anyhow::Result<String> {
    let connection = sea_orm::Database::connect(server).await?;
    connection.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await?;
    connection.close().await?;
    let (address, _) = server.rsplit_once('/').context("the PostgreSQL URL names no database")?;
    Ok(format!("{address}/{name}"))
}
