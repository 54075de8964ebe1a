//! The market as people run it: the release binary, in a process of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{OPERATOR, sign_in};
use journeys::postgres::OwnDatabase;
use platform::config::Config;

/// The longest that a market may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// Ticks of a processor's time in a second, as Linux shows it to programs (`USER_HZ`: 100 everywhere).
const TICKS: f64 = 100.0;

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

/// What a market stands on while it is measured: a folder, a database, its settings; all of them empty at first.
pub struct Ground {
    folder: PathBuf,
    database: Option<OwnDatabase>,
    settings: Vec<(&'static str, String)>,
}

impl Ground {
    /// An empty one.
    pub async fn lay(stand: &Stand) -> anyhow::Result<Self> {
        let name = format!("bench_{:016x}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder)?;
        let mut settings = vec![
            ("CHONOI_TELEMETRY_FILTER", "warn".to_owned()),
            ("CHONOI_SECURITY_REQUESTS_PER_MINUTE", "0".to_owned()),
        ];
        let mut database = None;
        if let Stand::Postgres { url, redis } = stand {
            let own = OwnDatabase::create(url, "bench").await?;
            settings.push(("CHONOI_DATABASE_URL", own.url.clone()));
            settings.push(("CHONOI_EVENTS_REDIS_URL", redis.clone()));
            settings.push(("CHONOI_EVENTS_PREFIX", name));
            database = Some(own);
        }
        Ok(Self { folder, database, settings })
    }

    /// Makes somebody an operator; where the market was never started, accounts is migrated by that.
    pub fn add_operator(&self) -> anyhow::Result<()> {
        let binary = binary();
        let password = self.folder.join("password");
        std::fs::write(&password, OPERATOR.1)?;
        let added = Command::new(&binary)
            .args(["operator", "add", "--email", OPERATOR.0, "--password-file"])
            .arg(&password)
            .arg("--data-dir")
            .arg(self.data())
            .envs(self.settings.iter().cloned())
            .output()
            .with_context(|| format!("{binary} does not start"))?;
        ensure!(added.status.success(), "operator add: {}", String::from_utf8_lossy(&added.stderr));
        Ok(())
    }

    /// Starts a market on it and waits until it is ready.
    pub async fn serve(&self) -> anyhow::Result<Serving> {
        // Made before the clock runs: to make a client takes longer than to ask with it.
        let asker = reqwest::Client::builder().timeout(READY_WITHIN).build()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url = format!("http://127.0.0.1:{port}");
        let ready = format!("{url}/readyz");
        let begun = Instant::now();
        let child = Command::new(binary())
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(self.data())
            .envs(self.settings.iter().cloned())
            .stdout(Stdio::null())
            .spawn()?;
        let answers = || async {
            asker.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success())
        };
        while !answers().await {
            ensure!(begun.elapsed() < READY_WITHIN, "the market is not ready");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let ready_after = begun.elapsed();
        Ok(Serving { child, ready_after, api: Api::at(&url)? })
    }

    /// The configuration by which a program finds the same databases.
    pub fn config(&self) -> Config {
        let mut config = Config::default();
        config.database.data_dir = self.data().display().to_string();
        if let Some(database) = &self.database {
            config.database.url.clone_from(&database.url);
        }
        config
    }

    /// Takes it away.
    pub async fn clear(self) -> anyhow::Result<()> {
        let _ = std::fs::remove_dir_all(&self.folder);
        match self.database {
            Some(database) => database.remove().await,
            None => Ok(()),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// A process of the market that is ready.
pub struct Serving {
    child: Child,
    ready_after: Duration,
    api: Api,
}

impl Serving {
    /// How long it took from the start of the process until it was ready.
    pub const fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// The API, as nobody.
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// Resident memory now.
    pub fn resident_mib(&self) -> anyhow::Result<f64> {
        memory_mib(self.child.id(), "VmRSS:")
    }

    /// The most resident memory since it was forgotten, or since the start.
    pub fn most_mib(&self) -> anyhow::Result<f64> {
        memory_mib(self.child.id(), "VmHWM:")
    }

    /// Forgets the most resident memory so far (proc(5), clear_refs): the most is what there is now.
    pub fn forget_most(&self) -> anyhow::Result<()> {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")
            .context("the kernel does not forget the most memory of a process")
    }

    /// Seconds of processor that it took since its start.
    pub fn processor_seconds(&self) -> anyhow::Result<f64> {
        processor_seconds(&self.child.id().to_string())
    }

    /// Stops it as an operator would.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(told.success(), "the market cannot be stopped");
        let status = tokio::task::spawn_blocking(move || self.child.wait()).await??;
        ensure!(status.success(), "the market ended with {status}");
        Ok(())
    }
}

/// A running market with its operator.
pub struct MarketProcess {
    serving: Serving,
    ground: Ground,
    operator: Api,
}

impl MarketProcess {
    /// Starts it on ground of its own.
    pub async fn start(stand: &Stand) -> anyhow::Result<Self> {
        let ground = Ground::lay(stand).await?;
        ground.add_operator()?;
        let serving = ground.serve().await?;
        let operator = sign_in(serving.api(), OPERATOR.0, OPERATOR.1).await?;
        Ok(Self { serving, ground, operator })
    }

    /// Its process.
    pub const fn serving(&self) -> &Serving {
        &self.serving
    }

    /// Address of the market.
    pub fn url(&self) -> &str {
        self.serving.api.url()
    }

    /// The API, as nobody.
    pub const fn api(&self) -> &Api {
        &self.serving.api
    }

    /// The API, as the operator.
    pub const fn operator(&self) -> &Api {
        &self.operator
    }

    /// The configuration by which a program finds its databases.
    pub fn config(&self) -> Config {
        self.ground.config()
    }

    /// Stops it and clears up.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.serving.stop().await?;
        self.ground.clear().await
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

/// Seconds of processor that a process took since its start, or "self" (proc(5), stat: utime and stime).
pub fn processor_seconds(process: &str) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name before may hold anything, but for its last bracket.
    let (_, behind) = stat.rsplit_once(')').context("no stat")?;
    let mut ticks = 0.0;
    for field in behind.split_whitespace().skip(11).take(2) {
        ticks += field.parse::<f64>()?;
    }
    Ok(ticks / TICKS)
}
