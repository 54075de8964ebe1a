//! What a market of a test stands on: its configuration, a folder, a database of its own; gone at the end.
//! Migrations run once a process: each ground is a copy of what they made.

use std::ffi::OsString;
use std::path::PathBuf;

use chonoi::market::{Databases, migrate};
use chonoi::roles::Role;
use platform::config::Config;
use tokio::sync::OnceCell;

use crate::market::{Stand, required};
use crate::postgres::OwnDatabase;

/// The ground of a market.
#[derive(Debug)]
pub struct Ground {
    /// The configuration that names it.
    pub config: Box<Config>,
    folder: PathBuf,
    database: Option<OwnDatabase>,
}

/// The files of an empty market: name and bytes of each.
static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
/// An empty market on PostgreSQL. It goes with the throw-away server: nobody knows who copies it last.
static DATABASE: OnceCell<OwnDatabase> = OnceCell::const_new();

impl Ground {
    /// A ground with an empty market on it.
    pub async fn lay(stand: Stand) -> anyhow::Result<Self> {
        let mut ground = Self::bare()?;
        if stand == Stand::Servers {
            let database = DATABASE
                .get_or_try_init(|| Box::pin(migrated_database()))
                .await?
                .copy("journey")
                .await?;
            ground.config.database.url.clone_from(&database.url);
            ground.config.database.max_connections = 40;
            ground.config.events.redis_url = required("CHONOI_TEST_REDIS_URL");
            ground.config.events.prefix.clone_from(&database.name);
            ground.database = Some(database);
        } else {
            for (name, bytes) in FILES.get_or_try_init(|| Box::pin(migrated_files())).await? {
                std::fs::write(ground.folder.join(name), bytes)?;
            }
        }
        Ok(ground)
    }

    fn bare() -> anyhow::Result<Self> {
        chonoi::choose_tls();
        let folder = std::env::temp_dir().join(format!("journey_{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&folder)?;
        let mut config = Box::<Config>::default();
        config.server.listen = "127.0.0.1:0".to_owned();
        config.server.shutdown_seconds = 5;
        config.database.data_dir = folder.display().to_string();
        config.security.requests_per_minute = 0;
        Ok(Self { config, folder, database: None })
    }

    /// Takes it away; nothing may stand on it any more.
    pub async fn clear(self) -> anyhow::Result<()> {
        let _ = std::fs::remove_dir_all(&self.folder);
        match self.database {
            Some(database) => database.remove().await,
            None => Ok(()),
        }
    }
}

async fn migrated_files() -> anyhow::Result<Vec<(OsString, Vec<u8>)>> {
    let ground = Ground::bare()?;
    migrated(&ground.config).await?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&ground.folder)? {
        let entry = entry?;
        files.push((entry.file_name(), std::fs::read(entry.path())?));
    }
    ground.clear().await?;
    Ok(files)
}

async fn migrated_database() -> anyhow::Result<OwnDatabase> {
    let mut ground = Ground::bare()?;
    let database = OwnDatabase::create(&required("CHONOI_TEST_POSTGRES_URL"), "empty").await?;
    ground.config.database.url.clone_from(&database.url);
    migrated(&ground.config).await?;
    ground.clear().await?;
    Ok(database)
}

async fn migrated(config: &Config) -> anyhow::Result<()> {
    let databases = Databases::open(config, &Role::ALL).await?;
    migrate(&databases).await?;
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(())
}
