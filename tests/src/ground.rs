//! What a market of a test stands on: its configuration, a folder, a database; nothing of it is left to the next.
//! Migrations run once a process: files are copies of what they made, databases come from a pool.

use std::ffi::OsString;
use std::path::PathBuf;

use chonoi::market::{Databases, migrate};
use chonoi::roles::Role;
use platform::config::Config;
use test_databases::{LentDatabase, Pool};
use tokio::sync::OnceCell;

use crate::market::{Stand, required};

/// The ground of a market.
#[derive(Debug)]
pub struct Ground {
    /// The configuration that names it.
    pub config: Box<Config>,
    folder: PathBuf,
    database: Option<LentDatabase>,
}

/// The files of an empty market: name and bytes of each.
static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
/// Empty markets on PostgreSQL.
static DATABASES: Pool = Pool::new();

impl Ground {
    /// A ground with an empty market on it.
    pub async fn lay(stand: Stand) -> anyhow::Result<Self> {
        let mut ground = Self::bare()?;
        if stand == Stand::Servers {
            let server = required("CHONOI_TEST_POSTGRES_URL");
            let database = DATABASES.take(&server, |url| Box::pin(migrate_database(url))).await?;
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
    pub fn clear(self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let Some(database) = self.database {
            DATABASES.give_back(database);
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
    ground.clear();
    Ok(files)
}

async fn migrate_database(url: String) -> anyhow::Result<()> {
    let mut ground = Ground::bare()?;
    ground.config.database.url = url;
    migrated(&ground.config).await?;
    ground.clear();
    Ok(())
}

async fn migrated(config: &Config) -> anyhow::Result<()> {
    let databases = Databases::open(config, &Role::ALL).await?;
    migrate(&databases).await?;
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(())
}
