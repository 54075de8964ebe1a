//! A PostgreSQL and a Redis of one test, which may be stopped, emptied and started again without harm to
//! others.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use sea_orm::ConnectionTrait;

use super::processes::{Folder, free_port};

/// How long a server may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
const PASSWORD: &str = "mat-khau-cua-mot-phep-thu";

/// A PostgreSQL. Commits outlive its process, not the machine: that is what is tested.
pub struct OwnPostgres {
    programs: PathBuf,
    port: u16,
    child: Option<Child>,
    // After the process: it uses it to its end.
    folder: Folder,
}

impl OwnPostgres {
    /// Makes it and starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let (programs, folder) = (programs()?, Folder::new()?);
        if let Some((user, group)) = owner()? {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let password = folder.join("password");
        std::fs::write(&password, PASSWORD)?;
        let mut initdb = as_owner(&programs.join("initdb"), folder.path())?;
        initdb.args(["-U", "chonoi", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]);
        initdb.args(["--no-sync", "-D"]).arg(folder.join("data"));
        initdb.arg(format!("--pwfile={}", password.display()));
        let made = initdb.output().context("initdb does not start")?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut postgres = Self { programs, port: free_port()?, child: None, folder };
        postgres.go_on().await?;
        Ok(postgres)
    }

    /// The URL of a database in it, which is made.
    pub async fn database(&self, name: &str) -> anyhow::Result<String> {
        let connection = sea_orm::Database::connect(self.url("postgres")).await?;
        connection.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await?;
        connection.close().await?;
        Ok(self.url(name))
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://chonoi:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Starts it (again) and waits until it answers.
    pub async fn go_on(&mut self) -> anyhow::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("postgres.log"))?;
        let mut server = as_owner(&self.programs.join("postgres"), self.folder.path())?;
        server.arg("-D").arg(self.folder.join("data")).args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=150",
            "shared_buffers=32MB",
        ] {
            server.args(["-c", setting]);
        }
        self.child = Some(server.stdout(Stdio::null()).stderr(log).spawn()?);
        let begun = Instant::now();
        loop {
            if let Ok(connection) = sea_orm::Database::connect(self.url("postgres")).await {
                return Ok(connection.close().await?);
            }
            let child = self.child.as_mut().context("it was not started")?;
            if let Some(status) = child.try_wait()? {
                bail!("PostgreSQL ended with {status}: {}", self.logged());
            }
            ensure!(
                begun.elapsed() < STARTS_WITHIN,
                "PostgreSQL does not start: {}",
                self.logged()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops it as `pg_ctl -m immediate` does: connections break, and nothing is written any more.
    pub fn stop_at_once(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        // SIGQUIT is "immediate" (PostgreSQL's documentation, "Shutting Down the Server").
        let told = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status()?;
        ensure!(told.success(), "PostgreSQL cannot be told to stop");
        child.wait()?;
        Ok(())
    }

    fn logged(&self) -> String {
        std::fs::read_to_string(self.folder.join("postgres.log")).unwrap_or_default()
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        let _ = self.stop_at_once();
    }
}

/// Where Debian puts PostgreSQL's programs: of its newest version.
fn programs() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let found = versions.filter_map(Result::ok).map(|version| version.path().join("bin"));
    let version = |programs: &PathBuf| {
        let name = programs.parent().and_then(Path::file_name);
        name.and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok())
    };
    let newest = found.filter(|programs| programs.join("initdb").exists()).max_by_key(version);
    newest.context("PostgreSQL is missing: infra/scripts/install-debian-packages.sh postgresql")
}

/// Who runs PostgreSQL where tests run as root, whom it refuses: the user of Debian's package.
fn owner() -> anyhow::Result<Option<(u32, u32)>> {
    if std::fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let number = |option: &str| {
        let told = Command::new("id").args([option, "postgres"]).output()?;
        ensure!(told.status.success(), "there is no user postgres");
        Ok(String::from_utf8(told.stdout)?.trim().parse::<u32>()?)
    };
    Ok(Some((number("-u")?, number("-g")?)))
}

/// A program, run by who may run it, in a folder that is theirs.
fn as_owner(program: &Path, folder: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner()? {
        command.uid(user).gid(group);
    }
    command.current_dir(folder).stdin(Stdio::null());
    Ok(command)
}

/// A Redis that keeps nothing on the disk: killed, it is empty.
pub struct OwnRedis {
    port: u16,
    child: Option<Child>,
    // After the process: it uses it to its end.
    folder: Folder,
}

impl OwnRedis {
    /// Starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let mut redis = Self { port: free_port()?, child: None, folder: Folder::new()? };
        redis.go_on().await?;
        Ok(redis)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it (again), empty, and waits until it listens.
    pub async fn go_on(&mut self) -> anyhow::Result<()> {
        let port = self.port.to_string();
        let child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("Redis is missing: infra/scripts/install-debian-packages.sh redis-server")?;
        self.child = Some(child);
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            ensure!(begun.elapsed() < STARTS_WITHIN, "Redis does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.kill();
    }
}
