//! What a running market holds in memory at most while it reads a statement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::market::{Databases, payments_parts};
use chonoi::roles::Role;
use payments::Payments;
use platform::clock::SystemClock;
use platform::outbox;

use crate::load::median;
use crate::process::{MarketProcess, Stand};
use crate::report::Report;
use crate::statements::{LINES, statement};

/// How long a statement may take until its last event is published.
const PATIENCE: Duration = Duration::from_secs(180);

/// Three statements on one market.
///
/// They are put where `importBankStatement` puts them; the market's own worker reads them, and its relay
/// gives the events of their payments to the consumers. Orders does not know the checkouts of these
/// payments: tickets and letters are no part of this.
pub async fn measure(report: &mut Report, stand: &Stand) -> anyhow::Result<()> {
    let market = MarketProcess::start(stand).await?;
    let config = market.config();
    let databases = Databases::open(&config, &[Role::Payments]).await?;
    let database = databases.payments.clone().context("payments has no database")?;
    let parts = payments_parts(&config, database.clone(), Arc::new(SystemClock), "")?;
    let account = parts.receiving_account.account.clone();
    let payments = Payments::new(parts);
    let (mut most, mut before) = (Vec::new(), Vec::new());
    let mut forgotten = true;
    for run in 0..3 {
        let file = statement(&database, run, &account).await?;
        forgotten &= market.serving().forget_most().is_ok();
        before.push(market.serving().resident_mib()?);
        let begun = Instant::now();
        let taken = payments.import_statement("bench.csv", file.into_bytes(), "bench").await?;
        loop {
            let now = payments.statement(taken.id).await?.context("the statement is gone")?;
            let read = now.counts.credits_new == u64::from(LINES);
            if read && outbox::pending(&database).await? == 0 {
                break;
            }
            ensure!(now.problem.is_none() && begun.elapsed() < PATIENCE, "it stays at {now:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        most.push(market.serving().most_mib()?);
    }
    // Some kernels do not let it be forgotten; then filling the market counts, too.
    let since = if forgotten { "" } else { "; the most since the start" };
    report.row(
        &format!("memory at most, the whole market, during such a statement, {}", stand.name()),
        &format!("{:.0} MiB", median(&mut most)),
        &format!("before it {:.0} MiB{since}", median(&mut before)),
    );
    database.close().await?;
    market.stop().await
}
