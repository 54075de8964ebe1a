//! TPC-B by pgbench on the same server: what its disk and its locks allow.

use std::process::Command;

use anyhow::{Context, ensure};

/// Transactions a second of 32 clients for ten seconds, scale 10.
pub fn run(url: &str) -> anyhow::Result<f64> {
    let pgbench = std::env::var("CHONOI_BENCH_PGBENCH").unwrap_or_else(|_| "pgbench".to_owned());
    let initialised = Command::new(&pgbench)
        .args(["--initialize", "--quiet", "--scale", "10", url])
        .output()
        .with_context(|| format!("{pgbench} does not start"))?;
    ensure!(initialised.status.success(), "pgbench --initialize: {initialised:?}");
    let mut rates = Vec::new();
    for _ in 0..3 {
        let run = Command::new(&pgbench)
            .args(["--client", "32", "--jobs", "2", "--time", "8", "--protocol", "prepared", url])
            .output()?;
        let text = String::from_utf8_lossy(&run.stdout);
        let rate = text
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
            .with_context(|| format!("pgbench printed no tps: {text}"))?;
        rates.push(rate);
    }
    Ok(crate::load::median(&mut rates))
}
