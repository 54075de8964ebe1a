//! Fault 8: PostgreSQL stopped at once and started again, Redis killed and back empty, Meilisearch away. Who
//! needs it is told so soon, the rest serves, and what happened meanwhile arrives when it is back.

use std::time::{Duration, Instant};

use anyhow::ensure;
use journeys::bank::{sepay_body, webhook};
use journeys::market::{Stand, TestMarket, WEBHOOK_SECRET};
use journeys::shopping::{add_line, create_cart, open_shop, sell, start_checkout};
use platform::config::SearchEngineKind;
use serde_json::{Value, json};

use super::own_servers::{OwnPostgres, OwnRedis};
use super::trade::{check_out, pay, persist, until_paid};

/// When who needs what is away must have been told so: the API's own limit is 10 s, the rest is for machines
/// that others keep busy.
const TOLD_WITHIN: Duration = Duration::from_secs(15);
/// Promised are 10 s; the rest is for machines that others keep busy.
const READY_AGAIN_WITHIN: Duration = Duration::from_secs(20);

async fn status_of(market: &TestMarket, door: &str) -> anyhow::Result<u16> {
    Ok(reqwest::get(format!("{}{door}", market.url())).await?.status().as_u16())
}

async fn until_ready(market: &TestMarket) -> anyhow::Result<()> {
    let begun = Instant::now();
    persist("being ready", || async move {
        let status = status_of(market, "/readyz").await?;
        ensure!(status == 200, "/readyz answers {status}");
        anyhow::Ok(())
    })
    .await?;
    ensure!(begun.elapsed() < READY_AGAIN_WITHIN, "ready again after {:?} only", begun.elapsed());
    Ok(())
}

/// What a shopper looks at.
async fn look_around(market: &TestMarket) -> anyhow::Result<Value> {
    let query = "{ products(first: 10) { nodes { title } } }";
    Ok(market.api.run(query, json!({})).await?["products"]["nodes"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_of_payments_the_market_shows_and_fills_carts() -> anyhow::Result<()> {
    let mut postgres = OwnPostgres::start().await?;
    let url = postgres.database("payments").await?;
    let market = TestMarket::start(Stand::Servers, |config| {
        config.database.url_payments = url;
    })
    .await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 10).await?;
    let begun = check_out(&market.api, &goods).await?;
    postgres.stop_at_once()?;

    ensure!(status_of(&market, "/healthz").await? == 200, "the process lives");
    ensure!(status_of(&market, "/readyz").await? == 503, "it is not whole");
    let shown = look_around(&market).await?;
    ensure!(shown.as_array().is_some_and(|all| all.len() == 1), "{shown}");
    let cart = create_cart(&market.api).await?;
    let added = add_line(&market.api, &cart, &goods, 1).await?;
    assert_eq!(added["userErrors"], json!([]));
    let asked = Instant::now();
    let started = start_checkout(&market.api, &cart, "khoa-cua-toi").await;
    ensure!(asked.elapsed() < TOLD_WITHIN, "told after {:?}", asked.elapsed());
    if let Ok(started) = &started {
        // Nobody may be asked for money by a payment that is not written down.
        ensure!(started["checkout"]["payment"].is_null(), "{started}");
    }
    // The bank is told to call again.
    let asked = Instant::now();
    let told = webhook(market.url(), &sepay_body(&begun, 1), WEBHOOK_SECRET, 0).await?;
    assert_eq!(told, 503);
    ensure!(asked.elapsed() < TOLD_WITHIN, "told after {:?}", asked.elapsed());

    postgres.go_on().await?;
    until_ready(&market).await?;
    pay(market.url(), &begun, 1).await?;
    until_paid(&market.api, &begun).await?;
    // The same cart under the same key: the shopper's app asks again.
    let (api, cart) = (&market.api, &cart);
    let resumed = persist("the checkout", || async move {
        let started = start_checkout(api, cart, "khoa-cua-toi").await?;
        ensure!(started["checkout"]["payment"]["qr"]["memo"].is_string(), "{started}");
        anyhow::Ok(started["checkout"].clone())
    })
    .await?;
    pay(market.url(), &resumed, 2).await?;
    until_paid(api, &resumed).await?;
    assert_eq!(market.end_after_outage().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_sales_go_on_and_what_they_tell_arrives_when_it_is_back_empty()
-> anyhow::Result<()> {
    let mut redis = OwnRedis::start().await?;
    let url = redis.url();
    let market = TestMarket::start(Stand::Servers, |config| config.events.redis_url = url).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 10).await?;
    let before = check_out(&market.api, &goods).await?;
    redis.kill();
    ensure!(status_of(&market, "/readyz").await? == 503, "it is not whole");
    look_around(&market).await?;
    let meanwhile = check_out(&market.api, &goods).await?;
    // Money is taken down although nobody can be told of it yet.
    pay(market.url(), &before, 1).await?;
    pay(market.url(), &meanwhile, 2).await?;
    redis.go_on().await?;
    until_ready(&market).await?;
    until_paid(&market.api, &before).await?;
    until_paid(&market.api, &meanwhile).await?;
    // Emptied between a call of the bank and what follows of it.
    let afterwards = check_out(&market.api, &goods).await?;
    pay(market.url(), &afterwards, 3).await?;
    redis.kill();
    redis.go_on().await?;
    until_paid(&market.api, &afterwards).await?;
    assert_eq!(market.end_after_outage().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_meilisearch_plain_queries_find_and_sales_go_on() -> anyhow::Result<()> {
    // Nobody listens there.
    let url = format!("http://127.0.0.1:{}", super::processes::free_port()?);
    let market = TestMarket::start(Stand::Servers, |config| {
        config.search.engine = SearchEngineKind::Meilisearch;
        config.search.meilisearch_url = url;
    })
    .await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài cát Hòa Lộc", 85_000, 10).await?;
    let asked = Instant::now();
    let query = "{ search(query: \"xoai cat\", first: 10) { nodes { product { title } } } }";
    let found = market.api.run(query, json!({})).await?;
    ensure!(asked.elapsed() < TOLD_WITHIN, "told after {:?}", asked.elapsed());
    let hits = found["search"]["nodes"].as_array().map(Vec::len);
    assert_eq!(hits, Some(1), "{found}");
    let checkout = check_out(&market.api, &goods).await?;
    pay(market.url(), &checkout, 1).await?;
    until_paid(&market.api, &checkout).await?;
    // What search missed waits for it; nobody has to look at it.
    let letters = chonoi::commands::waiting_dead_letters(market.config()).await?;
    ensure!(letters.is_empty(), "{letters:?}");
    let findings = market.end_after_outage().await?;
    let of_search = |finding: &String| finding.contains("catalog.index");
    ensure!(findings.iter().all(of_search), "search is away still, and nothing else: {findings:?}");
    Ok(())
}
