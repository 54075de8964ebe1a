//! Fault 11: the clock of the machine is ten minutes off, or more than a year ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, ensure};
use journeys::bank::{sepay_body, webhook};
use journeys::market::{OPERATOR, Stand, TestMarket, WEBHOOK_SECRET, sign_in};
use journeys::shopping::{check_out_one, open_shop, owed, pay, sell, wait_for};
use kernel::{Clock, Timestamp};
use platform::clock::SystemClock;
use serde_json::{Value, json};

const TEN_MINUTES: i64 = 600;
const FOUR_HUNDRED_DAYS: i64 = 400 * 86_400;

/// The machine's clock, so many seconds off.
#[derive(Debug, Default)]
struct Skewed(AtomicI64);

impl Skewed {
    fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        let off = self.0.load(Ordering::SeqCst) * 1_000_000;
        Timestamp::from_micros(SystemClock.now().micros() + off)
    }
}

async fn bought(market: &TestMarket, variant: &str) -> anyhow::Result<Value> {
    let checkout = check_out_one(&market.api, variant).await?;
    checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))
}

/// Sales that began by the right clock are paid by the wrong one, and the other way round.
async fn minutes_off(stand: Stand, seconds: i64) -> anyhow::Result<()> {
    let clock = Arc::new(Skewed::default());
    let market = TestMarket::start_by(Arc::clone(&clock) as _, stand, |_| {}).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 10).await?;
    let begun = bought(&market, &goods).await?;
    clock.set(seconds);
    let begun_meanwhile = bought(&market, &goods).await?;
    // Calls are believed for five minutes by the market's clock: what the bank signs by the right one is
    // refused, and the bank calls again when the clock is right.
    let call = sepay_body(&begun, 1);
    let told = webhook(market.url(), &call, WEBHOOK_SECRET, 0).await?;
    assert_eq!(told, 401, "the clock is {seconds} s off");
    // The sandbox bank has the market's clock.
    pay(&market.api, &begun_meanwhile).await?;
    wait_for(&market.api, &begun_meanwhile, "PAID").await?;
    // Sessions and carts are as good as before.
    owed(&shop).await?;
    clock.set(0);
    let begun_afterwards = bought(&market, &goods).await?;
    assert_eq!(webhook(market.url(), &call, WEBHOOK_SECRET, 0).await?, 200);
    wait_for(&market.api, &begun, "PAID").await?;
    pay(&market.api, &begun_afterwards).await?;
    wait_for(&market.api, &begun_afterwards, "PAID").await?;
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_ahead_nothing_ends_that_has_time_embedded() -> anyhow::Result<()> {
    minutes_off(Stand::Embedded, TEN_MINUTES).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_behind_nothing_is_lost_servers() -> anyhow::Result<()> {
    minutes_off(Stand::Servers, -TEN_MINUTES).await
}

/// What was held is for sale again, and nobody is signed in any more.
async fn a_year_ahead(stand: Stand) -> anyhow::Result<()> {
    let clock = Arc::new(Skewed::default());
    let market = TestMarket::start_by(Arc::clone(&clock) as _, stand, |_| {}).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 1).await?;
    let held = bought(&market, &goods).await?;
    let refused = check_out_one(&market.api, &goods).await?;
    ensure!(refused.is_err(), "the only piece was sold twice: {refused:?}");
    owed(&shop).await?;
    clock.set(FOUR_HUNDRED_DAYS);
    wait_for(&market.api, &held, "EXPIRED").await?;
    assert!(owed(&shop).await.is_err(), "a session lasts thirty days");
    let asked = "{ operations { bankCredits(first: 1) { nodes { id } } } }";
    assert!(market.operator.run(asked, json!({})).await.is_err(), "the operator's, too");
    let begun = std::time::Instant::now();
    let again = loop {
        match check_out_one(&market.api, &goods).await? {
            Ok(checkout) => break checkout,
            Err(refusal) => {
                let patient = begun.elapsed() < journeys::shopping::PATIENCE;
                ensure!(patient, "the piece is not for sale again: {refusal}");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    };
    pay(&market.api, &again).await?;
    wait_for(&market.api, &again, "PAID").await?;
    let operator = sign_in(&market.api, OPERATOR.0, OPERATOR.1).await?;
    let found = operator.run(asked, json!({})).await?;
    let credits = found["operations"]["bankCredits"]["nodes"].as_array().context("no credits")?;
    assert_eq!(credits.len(), 1);
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_ahead_holds_and_sessions_are_over_embedded() -> anyhow::Result<()> {
    a_year_ahead(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_ahead_holds_and_sessions_are_over_servers() -> anyhow::Result<()> {
    a_year_ahead(Stand::Servers).await
}
