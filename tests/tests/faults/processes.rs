//! Processes of the market, as they are run: the binary that `cargo build` made. They may be killed, stopped
//! and started again; none outlives its test.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chonoi::api::Api;
use journeys::market::{OPERATOR, WEBHOOK_SECRET, required, sign_in};
use journeys::postgres::OwnDatabase;
use serde_json::Value;

use super::proxy::Proxy;

/// Settings as environment variables.
pub type Settings = BTreeMap<String, String>;

/// The longest that a process of a debug build may take to be ready, beside others of other tests.
pub const STARTS_WITHIN: Duration = Duration::from_secs(40);
/// How long what follows by events may take, with processes that take over from dead ones.
pub const CATCHES_UP_WITHIN: Duration = Duration::from_secs(40);

/// The program that is tested.
pub fn binary() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).context("the test is in no folder")?;
    let binary = folder.join("chonoi");
    ensure!(
        binary.exists(),
        "{} is missing: run `make test`, or `cargo build --workspace` first",
        binary.display()
    );
    Ok(binary)
}

/// A TCP port of this machine that is free, and that the system gives to no connection: what is killed is
/// started on the same port again.
pub fn free_port() -> anyhow::Result<u16> {
    /// Below the ports that Linux gives to connections (32768 to 60999).
    const FIRST: u16 = 16_000;
    const COUNT: u16 = 16_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Processes of tests begin at places of their own.
    let begin = (std::process::id() % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let next = NEXT.fetch_add(1, Ordering::SeqCst);
        let port = FIRST + (begin + next % COUNT) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free")
}

/// Runs a command of the program to its end.
pub fn run(settings: &Settings, words: &[&str]) -> anyhow::Result<Output> {
    Ok(Command::new(binary()?).args(words).envs(settings).stdin(Stdio::null()).output()?)
}

/// Makes the operator of every test market an operator.
pub fn add_operator(settings: &Settings, folder: &Path) -> anyhow::Result<()> {
    let password = folder.join("password");
    std::fs::write(&password, OPERATOR.1)?;
    let password = password.display().to_string();
    let words = ["operator", "add", "--email", OPERATOR.0, "--password-file", &password];
    let added = run(settings, &words)?;
    ensure!(added.status.success(), "operator add: {}", String::from_utf8_lossy(&added.stderr));
    Ok(())
}

/// What does not hold by `chonoi doctor`, once what is on its way has arrived.
pub async fn findings(settings: &Settings) -> anyhow::Result<Vec<String>> {
    let begun = Instant::now();
    loop {
        let told = run(settings, &["doctor", "--json"])?;
        let answer: Value = serde_json::from_slice(&told.stdout).with_context(|| {
            format!("the doctor said: {}", String::from_utf8_lossy(&told.stderr))
        })?;
        let findings = answer["findings"].as_array().context("no findings")?;
        if findings.is_empty() || begun.elapsed() > CATCHES_UP_WITHIN {
            return Ok(findings.iter().map(ToString::to_string).collect());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// A process of some roles.
pub struct Process {
    command: Command,
    child: Option<Child>,
    url: String,
    log: PathBuf,
}

impl Process {
    /// Starts `serve` with these roles (none: all), listening on a port of its own. `wrapper` goes before the
    /// program, as in `sh -c … PROGRAM`.
    pub fn start(
        wrapper: &[&str],
        roles: &[&str],
        port: u16,
        settings: &Settings,
        log: PathBuf,
    ) -> anyhow::Result<Self> {
        let binary = binary()?;
        let listen = format!("127.0.0.1:{port}");
        let mut command = match wrapper.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&binary);
                command
            }
            None => Command::new(&binary),
        };
        command.arg("serve").args(roles).args(["--listen", &listen]).envs(settings);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = Self { command, child: None, url: format!("http://{listen}"), log };
        process.go_on()?;
        Ok(process)
    }

    /// Starts it again, as it was.
    pub fn go_on(&mut self) -> anyhow::Result<()> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log)?;
        self.child = Some(self.command.stderr(log).spawn().context("it cannot be started")?);
        Ok(())
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its number.
    pub fn id(&self) -> anyhow::Result<u32> {
        Ok(self.child.as_ref().context("it does not run")?.id())
    }

    /// What it logged.
    pub fn logged(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }

    /// Waits until it is ready; gives how long that took.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        loop {
            if self.is_ready().await {
                return Ok(begun.elapsed());
            }
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait()?
            {
                bail!("it ended with {status} while it started: {}", self.last_words());
            }
            ensure!(begun.elapsed() < STARTS_WITHIN, "it is not ready: {}", self.last_words());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether it says that it is ready.
    pub async fn is_ready(&self) -> bool {
        let answer = client().get(format!("{}/readyz", self.url)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Tells it to stop (SIGTERM), and does not wait.
    pub fn tell_to_stop(&self) -> anyhow::Result<()> {
        let told = Command::new("kill").args(["-TERM", &self.id()?.to_string()]).status()?;
        ensure!(told.success(), "it cannot be told to stop");
        Ok(())
    }

    /// Waits for its end, at most so long.
    pub async fn ended(&mut self, at_most: Duration) -> anyhow::Result<ExitStatus> {
        let begun = Instant::now();
        let child = self.child.as_mut().context("it does not run")?;
        loop {
            if let Some(status) = child.try_wait()? {
                self.child = None;
                return Ok(status);
            }
            ensure!(begun.elapsed() < at_most, "it has not ended after {at_most:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops it as an operator would; it must end well.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.tell_to_stop()?;
        let status = self.ended(Duration::from_secs(60)).await?;
        ensure!(status.success(), "it ended with {status}: {}", self.last_words());
        Ok(())
    }

    fn last_words(&self) -> String {
        let text = self.logged().unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(10).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// One that never asks on a connection that may be closing.
fn client() -> &'static reqwest::Client {
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    CLIENT.get_or_init(|| {
        chonoi::choose_tls();
        let builder = reqwest::Client::builder().pool_max_idle_per_host(0);
        builder.timeout(Duration::from_secs(5)).build().unwrap_or_default()
    })
}

/// A folder that is gone when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty one.
    pub fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("faults_{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Something in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The settings of a market in one process on SQLite, in a folder.
pub fn embedded(data: &Path) -> Settings {
    let mut settings = of_tests();
    settings.insert("CHONOI_DATABASE_DATA_DIR".to_owned(), data.display().to_string());
    settings
}

fn of_tests() -> Settings {
    let set = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let settings = [
        ("CHONOI_BANK_SEPAY_HMAC_SECRET", WEBHOOK_SECRET),
        ("CHONOI_SECURITY_REQUESTS_PER_MINUTE", "0"),
    ];
    settings.map(set).into()
}

/// A market in one process on SQLite files.
pub struct Alone {
    /// Its process.
    pub process: Process,
    /// How it is set up.
    pub settings: Settings,
    /// The API, as nobody.
    pub api: Api,
    /// The API, as the operator.
    pub operator: Api,
}

impl Alone {
    /// Starts it, on the data that are in the folder, or on none.
    pub async fn start(
        wrapper: &[&str],
        settings: Settings,
        folder: &Folder,
    ) -> anyhow::Result<Self> {
        add_operator(&settings, folder.path())?;
        let log = folder.join("market.log");
        let mut process = Process::start(wrapper, &[], free_port()?, &settings, log)?;
        process.wait_until_ready().await?;
        let api = Api::at(process.url())?;
        let operator = sign_in(&api, OPERATOR.0, OPERATOR.1).await?;
        Ok(Self { process, settings, api, operator })
    }
}

/// The roles, each in a process of its own.
pub const ROLES: [&str; 6] = ["accounts", "catalog", "orders", "payments", "gateway", "web"];

/// A market of six processes on the PostgreSQL and Redis of the tests.
pub struct Fleet {
    processes: BTreeMap<&'static str, Process>,
    /// How it is set up.
    pub settings: Settings,
    // After the processes: they use it to their end.
    _folder: Folder,
    database: OwnDatabase,
    /// The API, as nobody.
    pub api: Api,
    /// The API, as the operator.
    pub operator: Api,
}

impl Fleet {
    /// Starts it on an empty database.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_behind(&[]).await
    }

    /// The same with proxies before some roles, for all others and for who comes from outside.
    pub async fn start_behind(proxies: &[(&str, &Proxy)]) -> anyhow::Result<Self> {
        let folder = Folder::new()?;
        let server = required("CHONOI_TEST_POSTGRES_URL");
        let database = OwnDatabase::create(&server, "faults").await?;
        let mut ports = BTreeMap::new();
        let mut settings = of_tests();
        for role in ROLES {
            let port = free_port()?;
            let proxy = proxies.iter().find(|(before, _)| *before == role).map(|(_, proxy)| *proxy);
            let address = proxy.map_or(port, |proxy| proxy.before(port));
            let variable = format!("CHONOI_LINKS_{}", role.to_uppercase());
            settings.insert(variable, format!("http://127.0.0.1:{address}"));
            ports.insert(role, port);
        }
        for (variable, value) in [
            ("CHONOI_DATABASE_URL", database.url.clone()),
            ("CHONOI_DATABASE_DATA_DIR", folder.join("data").display().to_string()),
            ("CHONOI_EVENTS_REDIS_URL", required("CHONOI_TEST_REDIS_URL")),
            ("CHONOI_EVENTS_PREFIX", database.name.clone()),
            ("CHONOI_SERVER_PUBLIC_URL", settings["CHONOI_LINKS_GATEWAY"].clone()),
        ] {
            settings.insert(variable.to_owned(), value);
        }
        let migrated = run(&settings, &["migrate"])?;
        let words = String::from_utf8_lossy(&migrated.stderr).into_owned();
        ensure!(migrated.status.success(), "migrate: {words}");
        add_operator(&settings, folder.path())?;
        let mut processes = BTreeMap::new();
        for (role, port) in ports {
            let log = folder.join(&format!("{role}.log"));
            processes.insert(role, Process::start(&[], &[role], port, &settings, log)?);
        }
        for process in processes.values_mut() {
            process.wait_until_ready().await?;
        }
        let api = Api::at(&settings["CHONOI_LINKS_GATEWAY"])?;
        let operator = sign_in(&api, OPERATOR.0, OPERATOR.1).await?;
        Ok(Self { processes, settings, _folder: folder, database, api, operator })
    }

    /// The process of a role.
    pub fn process(&mut self, role: &str) -> anyhow::Result<&mut Process> {
        self.processes.get_mut(role).with_context(|| format!("there is no role {role}"))
    }

    /// Stops all of it, after the doctor has looked at it; gives what does not hold.
    pub async fn end(mut self) -> anyhow::Result<Vec<String>> {
        let findings = findings(&self.settings).await?;
        for process in self.processes.values() {
            process.tell_to_stop()?;
        }
        for process in self.processes.values_mut() {
            process.ended(Duration::from_secs(60)).await?;
        }
        self.database.remove().await?;
        Ok(findings)
    }
}
