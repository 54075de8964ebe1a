//! The market as people run it: the release binary, in a process of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::OPERATOR;
use journeys::postgres::OwnDatabase;

/// What the market stands on.
#[derive(Clone, Debug)]
pub enum Stand {
    /// SQLite files, events in process.
    Sqlite,
    /// A durable PostgreSQL and Redis.
    Postgres {
        /// The server.
        url: String,
        /// Redis.
        redis: String,
    },
}

impl Stand {
    /// PostgreSQL and Redis.
    pub fn postgres(url: &str, redis: &str) -> Self {
        Self::Postgres { url: url.to_owned(), redis: redis.to_owned() }
    }

    /// The name in the table.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }
}

/// A running market.
pub struct MarketProcess {
    child: Child,
    folder: PathBuf,
    ready_after: Duration,
    api: Api,
    operator: Api,
}

impl MarketProcess {
    /// Starts it on an empty folder or database and waits until it is ready.
    pub async fn start(stand: &Stand) -> anyhow::Result<Self> {
        let name = format!("bench_{:016x}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder)?;
        let mut settings = vec![
            ("CHONOI_TELEMETRY_FILTER", "warn".to_owned()),
            ("CHONOI_SECURITY_REQUESTS_PER_MINUTE", "0".to_owned()),
        ];
        if let Stand::Postgres { url, redis } = stand {
            let database = OwnDatabase::create(url, "bench").await?;
            settings.push(("CHONOI_DATABASE_URL", database.url));
            settings.push(("CHONOI_EVENTS_REDIS_URL", redis.clone()));
            settings.push(("CHONOI_EVENTS_PREFIX", name));
        }
        let binary = binary();
        let password = folder.join("password");
        std::fs::write(&password, OPERATOR.1)?;
        let added = Command::new(&binary)
            .args(["operator", "add", "--email", OPERATOR.0, "--password-file"])
            .arg(&password)
            .arg("--data-dir")
            .arg(folder.join("operators-first"))
            .envs(settings.iter().cloned())
            .output()
            .with_context(|| format!("{binary} does not start"))?;
        ensure!(added.status.success(), "operator add: {}", String::from_utf8_lossy(&added.stderr));
        let data = match stand {
            // The time to an empty market is measured, so SQLite gets its operator's folder anew.
            Stand::Sqlite => folder.join("operators-first"),
            Stand::Postgres { .. } => folder.join("data"),
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let begun = Instant::now();
        let child = Command::new(&binary)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(&data)
            .envs(settings)
            .stdout(Stdio::null())
            .spawn()?;
        let api = Api::at(&format!("http://127.0.0.1:{port}"))?;
        while reqwest::get(format!("{}/readyz", api.url()))
            .await
            .map_or(true, |answer| !answer.status().is_success())
        {
            ensure!(begun.elapsed() < Duration::from_secs(30), "the market is not ready");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let ready_after = begun.elapsed();
        let operator = journeys::market::sign_in(&api, OPERATOR.0, OPERATOR.1).await?;
        Ok(Self { child, folder, ready_after, api, operator })
    }

    /// How long it took from start to ready.
    pub const fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Address of the market.
    pub fn url(&self) -> &str {
        self.api.url()
    }

    /// The API, as nobody.
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// The API, as the operator.
    pub const fn operator(&self) -> &Api {
        &self.operator
    }

    /// Resident memory now.
    pub fn resident_mib(&self) -> anyhow::Result<f64> {
        memory_mib(self.child.id(), "VmRSS:")
    }

    /// Stops it as an operator would, and clears up.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(told.success(), "the market cannot be stopped");
        let status = tokio::task::spawn_blocking(move || self.child.wait()).await??;
        ensure!(status.success(), "the market ended with {status}");
        let _ = std::fs::remove_dir_all(&self.folder);
        Ok(())
    }
}

/// The program that is measured.
pub fn binary() -> String {
    std::env::var("CHONOI_BENCH_BINARY").unwrap_or_else(|_| "target/release/chonoi".to_owned())
}

/// A process's memory, as Linux tells it (proc(5)): "VmRSS:" now, "VmHWM:" at its highest.
pub fn memory_mib(process: u32, which: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).context("no memory")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib / 1_024.0)
}
