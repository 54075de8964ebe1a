//! Races through the whole market, around the end of the time in which seats can be paid: the bank tells
//! of a payment, the time runs out, and somebody else wants the seat, all within a few milliseconds.
//!
//! `services/catalog/src/tests/tours/ending.rs` runs ten thousand of them on holds alone, and
//! `tests/tests/saga/ends.rs` hundreds in all services on a clock that stands. Here each goes through the API,
//! the webhook and the clock of the machine. `CHONOI_TEST_RACES` asks for more.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::bank::{sepay_body, webhook};
use journeys::market::{Stand, TestMarket, WEBHOOK_SECRET};
use journeys::matching_set::Chance;
use journeys::sailing::{Sailing, in_minutes, put_on_sale, schedule, seats};
use journeys::shopping::{PATIENCE, TestShop, check_out_one, open_shop, patiently, pay, status};
use kernel::{Clock, Timestamp};
use platform::clock::SystemClock;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{end, on_each_stand};

/// Races that are under way at once.
const AT_ONCE: usize = 100;
/// How long a seat can be paid: longer than a checkout takes while all others begin, too.
const PAYMENT_SECONDS: u64 = 12;
const SEAT: i64 = 100_000;
/// How often a shopper's page asks: often enough, and so that asking is not all that the market does.
const ASKED_EVERY: Duration = Duration::from_millis(300);
/// How much the lead of the bank's calls changes with every race.
const LEAD_STEP_US: i64 = 2_000;
/// Departures of one request.
const SCHEDULED_AT_ONCE: usize = 100;

on_each_stand! { around_the_end_of_its_time_each_seat_has_one_owner }

/// How a race ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The money came in time: the first shopper has the seat.
    InTime,
    /// It came late, and somebody else has bought the seat.
    Late,
}

async fn around_the_end_of_its_time_each_seat_has_one_owner(stand: Stand) -> anyhow::Result<()> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let usual = if stand == Stand::Embedded { 200 } else { 100 };
    let races = asked("CHONOI_TEST_RACES").unwrap_or(usual) as usize;
    let seed = asked("CHONOI_TEST_SEED").unwrap_or_else(rand::random);
    println!("CHONOI_TEST_SEED={seed}");
    let mut chance = Chance::of(seed);

    let seconds = |config: &mut platform::config::Config| {
        config.market.payment_seconds = PAYMENT_SECONDS;
    };
    let market = Arc::new(TestMarket::start(stand, seconds).await?);
    let shop = Arc::new(open_shop(&market, "Xuồng một chỗ").await?);
    let product = put_on_sale(&shop, 1, SEAT).await?;
    let starts: Vec<String> =
        (0..races as u64).map(|place| in_minutes(3 * 1_440 + place)).collect();
    let mut boats = Vec::with_capacity(races);
    for some in starts.chunks(SCHEDULED_AT_ONCE) {
        boats.extend(schedule(&shop, &product, some).await?);
    }

    let lead = Arc::new(AtomicI64::new(10_000));
    let begun = Instant::now();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let running = boats.iter().cloned().enumerate().map(|(number, boat)| {
        let (market, places) = (Arc::clone(&market), Arc::clone(&places));
        let lead = Arc::clone(&lead);
        // From 5 ms before the end to 5 ms after it.
        let offset = chance.below(10_001) as i64 - 5_000;
        tokio::spawn(async move {
            let _place = places.acquire().await?;
            race(&market, &boat, number as u64, offset, &lead).await
        })
    });
    let running: Vec<_> = running.collect();
    let mut ended = Vec::with_capacity(races);
    for race in futures_util::future::join_all(running).await {
        ended.push(race??);
    }
    let took = begun.elapsed();
    let late = ended.iter().filter(|ended| **ended == Ended::Late).count();
    println!("{races} races in {took:?}: {} paid in time, {late} late", races - late);
    // A busy machine moves most of them to one side; both must have been seen.
    ensure!(late > 0 && late < races, "{late} of {races} were late");

    all_seats_sold_once(&shop, &boats).await?;
    refund_the_late(&market, late).await?;
    let market = Arc::into_inner(market).context("something still uses the market")?;
    end(market).await
}

/// One race. The first shopper's money comes at the end of its time and `offset` µs; another one wants
/// the seat from then on, until it is theirs or sold.
async fn race(
    market: &TestMarket,
    boat: &Sailing,
    number: u64,
    offset: i64,
    lead: &AtomicI64,
) -> anyhow::Result<Ended> {
    let api = &market.api;
    let first = check_out_one(api, &boat.variant).await?;
    let first = first.map_err(|code| anyhow::anyhow!("the first shopper is refused: {code}"))?;
    let ends = first["expiresAt"].as_str().context("no end")?;
    let ends: Timestamp =
        time::OffsetDateTime::parse(ends, &time::format_description::well_known::Rfc3339)?.into();
    // The call takes as long as the machine is busy: it leaves earlier after a late one, later after
    // one in time, so that arrivals stay around the end.
    let moment = ends.micros() + offset - lead.load(Ordering::Relaxed);
    let paying = async {
        sleep_until(moment).await;
        let body = sepay_body(&first, 1_000_000 + number);
        patiently(|| async {
            let answer = webhook(market.url(), &body, WEBHOOK_SECRET, 0).await?;
            ensure!(answer == 200, "UNAVAILABLE: the webhook answered {answer}");
            Ok(())
        })
        .await
    };
    let wanting = async {
        sleep_until(ends.micros()).await;
        patiently(|| check_out_one(api, &boat.variant)).await
    };
    let (paid, mut second) = tokio::try_join!(paying, wanting)?;
    let () = paid;
    loop {
        if let Ok(second) = &second {
            // The second shopper pays at once, in time.
            pay(api, second).await?;
            until_paid(api, second).await?;
            let first = patiently(|| status(api, &first)).await?;
            ensure!(first == "EXPIRED", "two have the seat: the first is {first}");
            lead.fetch_add(LEAD_STEP_US, Ordering::Relaxed);
            return Ok(Ended::Late);
        }
        if patiently(|| status(api, &first)).await? == "PAID" {
            lead.fetch_sub(LEAD_STEP_US, Ordering::Relaxed);
            return Ok(Ended::InTime);
        }
        tokio::time::sleep(ASKED_EVERY).await;
        second = patiently(|| check_out_one(api, &boat.variant)).await?;
    }
}

async fn until_paid(api: &Api, checkout: &Value) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(ASKED_EVERY).await;
        let now = patiently(|| status(api, checkout)).await?;
        if now == "PAID" {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "the checkout is {now}");
    }
}

async fn sleep_until(micros: i64) {
    let left = micros - SystemClock.now().micros();
    if left > 0 {
        tokio::time::sleep(Duration::from_micros(left.cast_unsigned())).await;
    }
}

/// Every seat is sold, none is held: events of the last steps may still be on their way.
async fn all_seats_sold_once(shop: &TestShop, boats: &[Sailing]) -> anyhow::Result<()> {
    for boat in boats {
        let mut now = seats(shop, &boat.departure).await?;
        for _ in 0..200 {
            if now == (0, 1) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            now = seats(shop, &boat.departure).await?;
        }
        ensure!(now == (0, 1), "{}: {now:?} seats held and sold", boat.departure);
    }
    Ok(())
}

/// Every late payer waits in the operator's queue, and gets the money back.
async fn refund_the_late(market: &TestMarket, late: usize) -> anyhow::Result<()> {
    let list = "query($after: String) { operations { bankCredits(waitingOnly: true, first: 100, after: $after) {
      nodes { id state amount { amount } } pageInfo { hasNextPage endCursor } } } }";
    let (mut waiting, mut after) = (Vec::new(), Value::Null);
    loop {
        let found = market.operator.run(list, json!({ "after": after })).await?;
        let page = &found["operations"]["bankCredits"];
        waiting.extend(page["nodes"].as_array().cloned().unwrap_or_default());
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    ensure!(waiting.iter().all(|credit| credit["state"] == "LATE"), "{waiting:?}");
    ensure!(waiting.len() == late, "{} wait, {late} were late", waiting.len());
    let resolve = "mutation($input: ResolveBankCreditInput!) { resolveBankCredit(input: $input) {
      credit { id resolution } userErrors { code message path } } }";
    for credit in &waiting {
        let input = json!({ "creditId": credit["id"], "action": "REFUND", "reason": "Tiền đến trễ",
            "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "LE MINH" } });
        market.operator.change(resolve, json!({ "input": input })).await?;
    }
    let books = "{ operations { trialBalance { balanced lines { account debit { amount } credit { amount } } } } }";
    let books = market.operator.run(books, json!({})).await?;
    let books = &books["operations"]["trialBalance"];
    ensure!(books["balanced"] == true, "{books}");
    let lines = books["lines"].as_array().context("no lines")?;
    let refunds = lines.iter().find(|line| line["account"] == "refunds").context("no refunds")?;
    let number =
        |amount: &Value| amount.as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    let owed = number(&refunds["credit"]["amount"]) - number(&refunds["debit"]["amount"]);
    ensure!(owed == SEAT * late as i64, "{owed} go back, not {late} seats");
    let suspense = lines
        .iter()
        .filter(|line| line["account"].as_str().is_some_and(|name| name.starts_with("suspense:")));
    ensure!(suspense.into_iter().all(|line| line["debit"] == line["credit"]), "{books}");
    Ok(())
}
