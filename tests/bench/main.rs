//! `make bench`: how fast the market is, beside what bounds it, in one run.
//!
//! Figures are medians of three. The client runs on the same cores as the servers, so only ratios
//! within one run mean anything; the table says beside each figure what it is to be compared with.

mod baseline;
mod load;
mod matching;
mod pgbench;
mod process;
mod reconciling;
mod report;
mod sales;
mod statements;

use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use crate::baseline::Baseline;
use crate::load::{Load, Measured};
use crate::process::{MarketProcess, Stand};
use crate::report::Report;
use crate::sales::Sold;

/// Products in the market while reading is measured.
const PRODUCTS: usize = 10_000;
/// The fields of a product that all reading benchmarks ask for.
const FIELDS: &str =
    "id slug title unit shop { name slug } variants { id available price { amount formatted } }";
/// How long one measurement runs.
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

    if wanted("start") {
        report.heading("Start and memory (SQLite, everything in one process)");
        start_and_idle(&mut report).await?;
    }
    if wanted("matching") {
        report.heading("Matching, in memory, one thread");
        matching::measure(&mut report)?;
    }
    if wanted("reconciling") {
        report.heading("Files: chonoi reconcile");
        reconciling::measure(&mut report)?;
    }
    if wanted("reading") {
        report.heading(&format!("Reading, 32 connections, {PRODUCTS} products"));
        for stand in [Stand::Sqlite, Stand::postgres(&postgres, &redis)] {
            reading(&mut report, &stand).await?;
        }
    }
    let tpcb =
        if wanted("statements") || wanted("selling") { pgbench::run(&postgres)? } else { 0.0 };
    if wanted("statements") {
        report.heading("Statements");
        report.row("pgbench TPC-B, 32 clients, the same server", &format!("{tpcb:.0} tx/s"), "");
        for stand in [Stand::Sqlite, Stand::postgres(&postgres, &redis)] {
            statements::measure(&mut report, &stand, tpcb).await?;
        }
    }
    if wanted("selling") {
        report.heading(
            "Whole sales: createCart, addCartLine, startCheckout, transfer, until paid and posted",
        );
        report.row("pgbench TPC-B, 32 clients, the same server", &format!("{tpcb:.0} tx/s"), "");
        for stand in [Stand::Sqlite, Stand::postgres(&postgres, &redis)] {
            selling(&mut report, &stand, tpcb).await?;
        }
    }
    report.print();
    Ok(())
}

async fn start_and_idle(report: &mut Report) -> anyhow::Result<()> {
    let mut starts = Vec::new();
    let mut idle = Vec::new();
    for _ in 0..3 {
        let market = MarketProcess::start(&Stand::Sqlite).await?;
        starts.push(market.ready_after().as_secs_f64() * 1_000.0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        idle.push(market.resident_mib()?);
        market.stop().await?;
    }
    report.row(
        "start to ready, empty data folder",
        &format!("{:.0} ms", load::median(&mut starts)),
        "aim ≤ 1000 ms",
    );
    report.row("memory, idle", &format!("{:.0} MiB", load::median(&mut idle)), "aim ≤ 100 MiB");
    Ok(())
}

async fn reading(report: &mut Report, stand: &Stand) -> anyhow::Result<()> {
    let market = MarketProcess::start(stand).await?;
    let shop = sales::open_shop(&market).await?;
    sales::import(&shop, PRODUCTS).await?;
    sales::wait_for_index(&market, PRODUCTS).await?;

    let list = json!({ "query": format!("{{ products(first: 20) {{ nodes {{ {FIELDS} }} }} }}") });
    let found = market.api().run(list["query"].as_str().unwrap_or_default(), json!({})).await?;
    let slug = found["products"]["nodes"][0]["slug"].as_str().context("no product")?.to_owned();
    let one = json!({
        "query": format!("query($slug: String!) {{ product(slug: $slug) {{ {FIELDS} }} }}"),
        "variables": { "slug": slug },
    });
    let search = json!({ "query": format!(
        "{{ search(query: \"banh pia sau rieng\", first: 20) {{ totalCount nodes {{ product {{ {FIELDS} }} }} facets {{ name values {{ value count }} }} }} }}"
    ) });
    let answer = market
        .api()
        .run(one["query"].as_str().unwrap_or_default(), one["variables"].clone())
        .await?;
    let baseline = Baseline::start(&found["products"]["nodes"], &answer["product"]).await?;
    let url = format!("{}/graphql", market.url());

    let name = stand.name();
    let bare = measure(&baseline.bare_url(), None).await?;
    report.row("bare axum route, JSON of a list of 20", &bare.text(), "");
    for (what, body) in [("list of 20", &list), ("product", &one)] {
        let memory = measure(&baseline.graphql_url(), Some(body)).await?;
        let ours = measure(&url, Some(body)).await?;
        report.row(&format!("{what}: async-graphql from memory"), &memory.text(), "");
        report.row(
            &format!("{what}: the market on {name}"),
            &ours.text(),
            &format!("{:.2} × from memory, aim ≥ 0.5", ours.per_second / memory.per_second),
        );
    }
    let found = measure(&url, Some(&search)).await?;
    report.row(&format!("search over {PRODUCTS}: the market on {name}"), &found.text(), "");
    let page = measure(&format!("{}/p/{slug}", market.url()), None).await?;
    report.row(&format!("product page, HTML: the market on {name}"), &page.text(), "");
    report.row(
        &format!("memory after this load, {name}"),
        &format!("{:.0} MiB", market.resident_mib()?),
        "",
    );
    market.stop().await
}

async fn selling(report: &mut Report, stand: &Stand, tpcb: f64) -> anyhow::Result<()> {
    let market = MarketProcess::start(stand).await?;
    let shop = sales::open_shop(&market).await?;
    let variants = sales::import(&shop, 100).await?;
    for shoppers in [1, 8, 32] {
        let mut rates = Vec::new();
        let mut last = None;
        for _ in 0..3 {
            let measured = sales::sell(&market, &variants, shoppers, SPAN).await?;
            rates.push(measured.sales.per_second);
            last = Some(measured);
        }
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
        &format!("{:.0} MiB", market.resident_mib()?),
        "",
    );
    market.stop().await
}

/// Three runs of one request; the one in the middle.
async fn measure(url: &str, body: Option<&Value>) -> anyhow::Result<Measured> {
    let load = Load::new(url, body)?;
    load.run(8, Duration::from_millis(500)).await?;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(load.run(32, SPAN / 2).await?);
    }
    runs.sort_by(|left, right| left.per_second.total_cmp(&right.per_second));
    Ok(runs.swap_remove(1))
}
