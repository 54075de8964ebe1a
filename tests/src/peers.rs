//! Programs of others that judge the market. They are installed by `make test` and never skipped.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// No task takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks Stripe's own library (npm's `stripe`, tests/peers) for a list of tasks; gives what came of each:
/// `{"ok": …}` or `{"error": …}`.
pub async fn stripe(tasks: &[Value]) -> anyhow::Result<Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    ensure!(
        folder.join("node_modules/stripe").exists(),
        "tests/peers is not installed: run `make test`, or `npm ci --prefix tests/peers` first"
    );
    let mut node = Command::new("node")
        .arg("stripe.mjs")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("node (18 or newer) cannot be started")?;
    let mut input = node.stdin.take().context("node takes no tasks")?;
    input.write_all(json!(tasks).to_string().as_bytes()).await?;
    drop(input);
    let output = tokio::time::timeout(PATIENCE, node.wait_with_output()).await??;
    ensure!(output.status.success(), "node ended with {}", output.status);
    let outcomes: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    ensure!(outcomes.len() == tasks.len(), "{} outcomes of {} tasks", outcomes.len(), tasks.len());
    Ok(outcomes)
}

/// What one task came to; an error if it failed.
pub async fn stripe_one(task: Value) -> anyhow::Result<Value> {
    let outcome = stripe(&[task]).await?.into_iter().next().unwrap_or_default();
    match outcome.get("ok") {
        Some(ok) => Ok(ok.clone()),
        None => bail!("Stripe's library says {}", outcome["error"]),
    }
}
