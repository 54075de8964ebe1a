//! `make bench`: how fast the market is, beside what bounds it, in one run.
//!
//! Most figures are medians of three. The client runs on the same cores as the servers, so only ratios
//! within one run mean anything; the table says beside each figure what it is to be compared with.
//! What it prints are the tables of docs/benchmarks.md.

mod baseline;
mod load;
mod matching;
mod pgbench;
mod process;
mod reading;
mod reconciling;
mod report;
mod sales;
mod starting;
mod statement_memory;
mod statements;

use std::time::Duration;

use anyhow::Context;

use crate::process::{MarketProcess, Stand, processor_seconds};
use crate::report::Report;
use crate::sales::Sold;

/// Of what most figures are.
const OF_THREE: &str = "median of 3";
/// How long one measurement of sales runs.
const SPAN: Duration = Duration::from_secs(4);

/// As in the program that is measured, so that the baseline is not the slower for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    chonoi::choose_tls();
    let mut report = Report::default();
    // `bench selling`: only that part.
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|name| name == part);
    let postgres = std::env::var("CHONOI_BENCH_POSTGRES_URL")
        .context("CHONOI_BENCH_POSTGRES_URL is not set: run `make bench`")?;
    let redis =
        std::env::var("CHONOI_BENCH_REDIS_URL").context("CHONOI_BENCH_REDIS_URL is not set")?;
    let stands = [Stand::Sqlite, Stand::postgres(&postgres, &redis)];

    report.circumstances();
    if wanted("start") {
        report.heading("Start and memory, everything in one process", OF_THREE);
        for stand in &stands {
            starting::measure(&mut report, stand).await?;
        }
    }
    if wanted("matching") {
        report.heading("Matching, in memory, one thread", OF_THREE);
        matching::measure(&mut report)?;
    }
    if wanted("reading") {
        let products = reading::PRODUCTS;
        report.heading(&format!("Reading, 32 connections, {products} products"), OF_THREE);
        for stand in &stands {
            reading::measure(&mut report, stand).await?;
        }
    }
    let tpcb =
        if wanted("statements") || wanted("selling") { pgbench::run(&postgres)? } else { 0.0 };
    let beside = format!("{tpcb:.0} tx/s");
    if wanted("statements") {
        let what = "Statements, imported until matched, charged, posted and committed";
        report.heading(what, OF_THREE);
        report.row("pgbench TPC-B, 32 clients, the same server", &beside, "");
        for stand in &stands {
            statements::measure(&mut report, stand, tpcb).await?;
            statement_memory::measure(&mut report, stand).await?;
        }
    }
    if wanted("reconciling") {
        let what = "Files: `chonoi reconcile`, no server and no database";
        report.heading(what, "one measurement");
        reconciling::measure(&mut report)?;
    }
    if wanted("selling") {
        report.heading(
            "Whole sales: createCart, addCartLine, startCheckout, transfer, until paid and posted",
            OF_THREE,
        );
        report.row("pgbench TPC-B, 32 clients, the same server", &beside, "");
        for stand in &stands {
            selling(&mut report, stand, tpcb).await?;
        }
    }
    report.print();
    Ok(())
}

async fn selling(report: &mut Report, stand: &Stand, tpcb: f64) -> anyhow::Result<()> {
    let market = MarketProcess::start(stand).await?;
    let shop = sales::open_shop(&market).await?;
    let variants = sales::import(&shop, 100).await?;
    for shoppers in [1, 8, 32] {
        let mut rates = Vec::new();
        let mut last = None;
        let before = (market.serving().processor_seconds()?, processor_seconds("self")?);
        let mut count = 0_usize;
        for _ in 0..3 {
            let measured = sales::sell(&market, &variants, shoppers, SPAN).await?;
            rates.push(measured.sales.per_second);
            count += measured.sales.answers;
            last = Some(measured);
        }
        let thousands = f64::from(count.max(1) as u32) / 1_000.0;
        let markets = (market.serving().processor_seconds()? - before.0) / thousands;
        let clients = (processor_seconds("self")? - before.1) / thousands;
        let rate = load::median(&mut rates);
        let slowest = last.as_ref().map_or(0.0, |sold: &Sold| sold.sales.p99_ms);
        let compared = match stand {
            Stand::Sqlite => String::new(),
            Stand::Postgres { .. } => {
                format!("{:.2} × pgbench, aim ≥ 0.2 at its best", rate / tpcb)
            }
        };
        let name = stand.name();
        report.row(
            &format!("sales, {shoppers} shoppers, {name}"),
            &format!("{rate:.0}/s, p99 {slowest:.0} ms"),
            &compared,
        );
        report.row(
            &format!("processor for a sale, {shoppers} shoppers, {name}"),
            &format!("market {markets:.1} ms, this client {clients:.1} ms"),
            match stand {
                Stand::Sqlite => "",
                Stand::Postgres { .. } => "without what PostgreSQL and Redis take",
            },
        );
        if let Some(Sold { paid, .. }) = last {
            report.row(
                &format!("transfer to \"paid\", {shoppers} shoppers, {name}"),
                &format!("p50 {:.0} ms, p99 {:.0} ms", paid.p50_ms, paid.p99_ms),
                "aim p99 ≤ 150 ms",
            );
        }
    }
    report.row(
        &format!("memory after selling, {}", stand.name()),
        &format!("{:.0} MiB", market.serving().resident_mib()?),
        "",
    );
    market.stop().await
}
