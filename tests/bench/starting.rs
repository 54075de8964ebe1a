//! A market's start, and what it holds in memory before anybody comes.

use std::time::Duration;

use journeys::market::{OPERATOR, sign_in};

use crate::load::median;
use crate::process::{Ground, Serving, Stand};
use crate::report::Report;

/// How long a market is left alone before its memory is read.
const QUIET: Duration = Duration::from_secs(2);

/// Starts markets on nothing, and then again on what the first start left.
pub async fn measure(report: &mut Report, stand: &Stand) -> anyhow::Result<()> {
    let (mut first, mut again) = (Vec::new(), Vec::new());
    let (mut idle, mut idle_again) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let ground = Ground::lay(stand).await?;
        let market = ground.serve().await?;
        first.push(milliseconds(&market));
        tokio::time::sleep(QUIET).await;
        idle.push(market.resident_mib()?);
        market.stop().await?;

        ground.add_operator()?;
        let market = ground.serve().await?;
        again.push(milliseconds(&market));
        sign_in(market.api(), OPERATOR.0, OPERATOR.1).await?;
        tokio::time::sleep(QUIET).await;
        idle_again.push(market.resident_mib()?);
        market.stop().await?;
        ground.clear().await?;
    }
    let name = stand.name();
    let nothing = match stand {
        Stand::Sqlite => "no data folder yet",
        Stand::Postgres { .. } => "an empty database",
    };
    for (what, starts) in [
        (format!("{nothing}, all migrations"), &mut first),
        ("nothing to migrate".to_owned(), &mut again),
    ] {
        report.row(
            &format!("process start to ready, {what}, {name}"),
            &format!("{:.0} ms", median(starts)),
            "aim ≤ 1000 ms",
        );
    }
    for (what, figures) in
        [("idle, after its first start", &mut idle), ("idle, after a sign-in", &mut idle_again)]
    {
        report.row(
            &format!("memory, {what}, {name}"),
            &format!("{:.0} MiB", median(figures)),
            "aim ≤ 100 MiB",
        );
    }
    Ok(())
}

fn milliseconds(market: &Serving) -> f64 {
    market.ready_after().as_secs_f64() * 1_000.0
}
