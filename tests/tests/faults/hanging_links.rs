//! Fault 9: what a part of the market needs is slow, silent or breaks off. Who asks is answered in time, who
//! needs other parts does not notice, and all goes on when the link is well again.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket, required};
use journeys::postgres::OwnDatabase;
use journeys::shopping::{add_line, create_cart, open_shop, open_shop_at, sell, start_checkout};
use serde_json::json;

use super::processes::Fleet;
use super::proxy::Proxy;
use super::trade::{check_out, pay, until_paid};

/// The API's own limit is 10 s; the rest is for machines that others keep busy.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// What needs nothing of the hanging part. A stalled link would hold it for ten seconds.
const NOT_HELD_UP: Duration = Duration::from_secs(5);

/// A checkout that cannot get its payment now: it is answered in time, and shoppers who only look are not held up
/// by it.
async fn is_answered_in_time(api: &Api, goods: &str) -> anyhow::Result<()> {
    let cart = create_cart(api).await?;
    add_line(api, &cart, goods, 1).await?;
    let checkout = async {
        let asked = Instant::now();
        let answer = start_checkout(api, &cart, "khoa-khong-duoc").await;
        (answer, asked.elapsed())
    };
    let looking = async {
        let query = "{ products(first: 10) { nodes { id title } } }";
        let mut longest = Duration::ZERO;
        for _ in 0..20 {
            let asked = Instant::now();
            api.run(query, json!({})).await?;
            let filled = create_cart(api).await?;
            add_line(api, &filled, goods, 1).await?;
            longest = longest.max(asked.elapsed());
        }
        anyhow::Ok(longest)
    };
    let ((answer, took), longest) = tokio::join!(checkout, looking);
    ensure!(took < ANSWERED_WITHIN, "answered after {took:?}");
    if let Ok(answer) = answer {
        ensure!(answer["checkout"]["payment"].is_null(), "{answer}");
    }
    let longest = longest?;
    ensure!(longest < NOT_HELD_UP, "others waited {longest:?}");
    Ok(())
}

/// A whole sale. Transfers have the bank's ids.
async fn sale(api: &Api, goods: &str, transfer: u64) -> anyhow::Result<()> {
    let checkout = check_out(api, goods).await?;
    pay(api.url(), &checkout, transfer).await?;
    until_paid(api, &checkout).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_hangs_holds_nobody_up_for_long_and_its_connections_are_made_anew()
-> anyhow::Result<()> {
    let proxy = Proxy::start().await?;
    let mut fleet = Fleet::start_behind(&[("payments", &proxy)]).await?;
    let shop = open_shop_at(&fleet.api, &fleet.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100).await?;
    sale(&fleet.api, &goods, 1).await?;
    proxy.stall();
    is_answered_in_time(&fleet.api, &goods).await?;
    proxy.pass(Duration::ZERO);
    sale(&fleet.api, &goods, 2).await?;
    proxy.break_off();
    sale(&fleet.api, &goods, 3).await?;
    proxy.pass(Duration::from_millis(30));
    sale(&fleet.api, &goods, 4).await?;
    proxy.pass(Duration::ZERO);
    // The machine is gone, and its connections do not know: who asks on them hears nothing until they are
    // given up (HTTP/2 pings of 20 s, and 5 s for the answer), and asks again.
    proxy.hang();
    let checkout = check_out(&fleet.api, &goods).await?;
    // The bank has a way of its own.
    pay(fleet.process("payments")?.url(), &checkout, 5).await?;
    until_paid(&fleet.api, &checkout).await?;
    // What hangs would hold up the end of the processes.
    proxy.break_off();
    assert_eq!(fleet.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_holds_nobody_up_for_long() -> anyhow::Result<()> {
    let proxy = Proxy::start().await?;
    // A database for payments on the server of the tests, through the proxy.
    let server = required("CHONOI_TEST_POSTGRES_URL");
    let database = OwnDatabase::create(&server, "faults").await?;
    let (login, rest) = server.rsplit_once('@').context("the URL has no login")?;
    let (address, _) = rest.split_once('/').context("the URL names no database")?;
    let (host, port) = address.rsplit_once(':').context("the URL names no port")?;
    let url = format!("{login}@{host}:{}/{}", proxy.before(port.parse()?), database.name);
    let market = TestMarket::start(Stand::Servers, |config| {
        config.database.url_payments = url;
    })
    .await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100).await?;
    let api = &market.api;
    sale(api, &goods, 1).await?;
    proxy.stall();
    is_answered_in_time(api, &goods).await?;
    proxy.pass(Duration::ZERO);
    sale(api, &goods, 2).await?;
    proxy.break_off();
    sale(api, &goods, 3).await?;
    proxy.pass(Duration::from_millis(10));
    sale(api, &goods, 4).await?;
    proxy.pass(Duration::ZERO);
    assert_eq!(market.end_after_outage().await?, Vec::<String>::new());
    database.remove().await
}
