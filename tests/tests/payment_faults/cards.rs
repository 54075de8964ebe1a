//! Faults 4, 5 and 10 with cards: events in disorder, forged, and answers that are lost after the
//! provider did what it was asked for. The provider is the card sandbox, reached over a way that loses
//! answers; its events are kept back and told as the test likes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use journeys::market::{Stand, TestMarket};
use journeys::matching_set::Chance;
use journeys::peers::stripe_one;
use journeys::shopping::{TestShop, check_out_one, open_shop, owed, pay, sell, status, wait_for};
use kernel::Clock;
use payments::card::stripe::webhook::signature_header;
use payments::sandbox_card::{DEVELOPMENT_SECRET_KEY, DEVELOPMENT_WEBHOOK_SECRET};
use platform::clock::SystemClock;
use platform::config::{CardProviderKind, Config};
use serde_json::{Value, json};
use tokio::sync::SetOnce;

use super::books::Books;

/// What a request carries on to the sandbox.
const CARRIED: [&str; 3] = ["authorization", "content-type", "idempotency-key"];

/// Stands between the market and its card provider.
#[derive(Default)]
struct Way {
    /// Where the sandbox is, once the market has an address. The market asks before: it looks at its
    /// card account as soon as it runs.
    sandbox: SetOnce<String>,
    /// How many of the next answers to changes are lost.
    lost: AtomicUsize,
    /// How many were.
    were_lost: AtomicUsize,
    /// What the sandbox told, as it came.
    told: Mutex<Vec<Bytes>>,
}

async fn pass(State(way): State<Arc<Way>>, request: Request) -> Result<Response, StatusCode> {
    let bad = |_| StatusCode::BAD_GATEWAY;
    let sandbox = way.sandbox.wait().await;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 * 1024).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let changes = parts.method == "POST";
    let mut onward =
        reqwest::Client::new().request(parts.method, format!("{sandbox}{}", parts.uri)).body(body);
    for name in CARRIED {
        if let Some(value) = parts.headers.get(name) {
            onward = onward.header(name, value);
        }
    }
    let answer = onward.send().await.map_err(bad)?;
    let (code, body) = (answer.status(), answer.bytes().await.map_err(bad)?);
    let one_less = |left: usize| left.checked_sub(1);
    if changes && way.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
        way.were_lost.fetch_add(1, Ordering::SeqCst);
        return Err(StatusCode::GATEWAY_TIMEOUT);
    }
    Response::builder().status(code).body(Body::from(body)).map_err(|_| StatusCode::BAD_GATEWAY)
}

async fn keep(State(way): State<Arc<Way>>, body: Bytes) -> StatusCode {
    match way.told.lock() {
        Ok(mut told) => {
            told.push(body);
            StatusCode::OK
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Way {
    /// Listens, and gives itself with its address.
    async fn open() -> anyhow::Result<(Arc<Self>, String)> {
        let way = Arc::new(Self::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let routes =
            Router::new().route("/events", post(keep)).fallback(pass).with_state(Arc::clone(&way));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok((way, url))
    }

    /// A market that takes cards over this way. Its sandbox tells this way, not the market.
    async fn market(self: &Arc<Self>, stand: Stand, url: &str) -> anyhow::Result<TestMarket> {
        let change = |config: &mut Config| {
            config.card.provider = CardProviderKind::Stripe;
            config.card.url = url.to_owned();
            config.card.secret_key = DEVELOPMENT_SECRET_KEY.to_owned();
            config.card.webhook_secret = DEVELOPMENT_WEBHOOK_SECRET.to_owned();
            config.sandbox_card.webhook_url = format!("{url}/events");
        };
        let market = TestMarket::start(stand, change).await?;
        let _ = self.sandbox.set(format!("{}/sandbox/stripe", market.url()));
        Ok(market)
    }

    /// Waits until the sandbox told of a kind of event so many times; gives all that it told.
    async fn heard(&self, kind: &str, times: usize) -> anyhow::Result<Vec<Bytes>> {
        for _ in 0..400 {
            let told = self.told.lock().map(|told| told.clone()).unwrap_or_default();
            let wanted = format!("\"type\":\"{kind}\"");
            let has = |body: &&Bytes| String::from_utf8_lossy(body).contains(&wanted);
            if told.iter().filter(has).count() >= times {
                return Ok(told);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the sandbox did not tell of {kind}")
    }
}

/// Tells the market of an event, as Stripe would now; gives the status.
async fn tell(market: &TestMarket, body: &Bytes, signature: Option<&str>) -> anyhow::Result<u16> {
    let mut request = reqwest::Client::new()
        .post(format!("{}/webhooks/stripe", market.url()))
        .header("content-type", "application/json")
        .body(body.clone());
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    Ok(request.send().await?.status().as_u16())
}

fn signed_now(body: &Bytes) -> String {
    signature_header(DEVELOPMENT_WEBHOOK_SECRET, SystemClock.now(), body)
}

/// A checkout that is to be paid by card, and the page for it.
async fn by_card(market: &TestMarket, goods: &str) -> anyhow::Result<(Value, String)> {
    let checkout = check_out_one(&market.api, goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    let query = "mutation($input: PayByCardInput!) { payByCard(input: $input) {
      payment { id card { redirectUrl } } userErrors { code message } } }";
    let input = json!({ "checkoutId": checkout["id"], "token": checkout["token"] });
    let asked = market.api.attempt(query, json!({ "input": input })).await?;
    let page = asked["payment"]["card"]["redirectUrl"].as_str();
    Ok((checkout, page.with_context(|| asked.to_string())?.to_owned()))
}

/// The shopper pays on the page.
async fn submit(page: &str, number: &str) -> anyhow::Result<()> {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let sent = browser
        .post(format!("{page}/pay"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("number={number}"));
    let answer = sent.send().await?.status();
    ensure!(answer == 303, "the page answers {answer}");
    Ok(())
}

async fn goods(market: &TestMarket) -> anyhow::Result<(TestShop, String)> {
    let shop = open_shop(market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 200_000, 50).await?;
    Ok((shop, goods))
}

/// What the sandbox has of a kind, newest first.
async fn at_the_sandbox(market: &TestMarket, path: &str) -> anyhow::Result<Vec<Value>> {
    let url = format!("{}/sandbox/stripe/v1/{path}?limit=100", market.url());
    let answer = reqwest::Client::new().get(url).bearer_auth(DEVELOPMENT_SECRET_KEY).send().await?;
    let list: Value = serde_json::from_str(&answer.text().await?)?;
    Ok(list["data"].as_array().cloned().unwrap_or_default())
}

/// Fault 10: the provider did it, and its answer is lost, again and again.
async fn what_was_done_behind_a_lost_answer_is_done_once(stand: Stand) -> anyhow::Result<()> {
    let (way, url) = Way::open().await?;
    let market = way.market(stand, &url).await?;
    let (_shop, goods) = goods(&market).await?;
    way.lost.store(2, Ordering::SeqCst);
    let (checkout, page) = by_card(&market, &goods).await?;
    assert_eq!(way.were_lost.load(Ordering::SeqCst), 2);
    assert_eq!(at_the_sandbox(&market, "checkout/sessions").await?.len(), 1);
    submit(&page, "4242424242424242").await?;
    // The market does not hear of it; the shopper gives up waiting, and pays by transfer.
    pay(&market.api, &checkout).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    // What the card paid came second and goes back. More answers are lost than one call is tried: the
    // refund is asked for again later, under its key.
    way.lost.store(4, Ordering::SeqCst);
    for body in way.heard("checkout.session.completed", 1).await? {
        assert_eq!(tell(&market, &body, Some(&signed_now(&body))).await?, 200);
    }
    let begun = std::time::Instant::now();
    while way.lost.load(Ordering::SeqCst) > 0
        || at_the_sandbox(&market, "refunds").await?.is_empty()
    {
        ensure!(begun.elapsed() < Duration::from_secs(40), "the refund is not asked for again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let refunds = at_the_sandbox(&market, "refunds").await?;
    assert_eq!((refunds.len(), &refunds[0]["amount"]), (1, &json!(200_000)));
    assert_eq!(at_the_sandbox(&market, "charges").await?.len(), 1);
    assert_eq!(way.were_lost.load(Ordering::SeqCst), 6);
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_behind_a_lost_answer_is_done_once_embedded() -> anyhow::Result<()> {
    what_was_done_behind_a_lost_answer_is_done_once(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_behind_a_lost_answer_is_done_once_servers() -> anyhow::Result<()> {
    what_was_done_behind_a_lost_answer_is_done_once(Stand::Servers).await
}

/// Fault 4: all that happened to four payments is told in disorder, twice, and long after: what paid
/// them, a dispute, and a refund before what it gives back. The same end as if it had been told in
/// order.
async fn events_in_disorder_come_to_the_same_end(stand: Stand) -> anyhow::Result<()> {
    let (way, url) = Way::open().await?;
    let market = way.market(stand, &url).await?;
    let (shop, goods) = goods(&market).await?;
    let mut checkouts = Vec::new();
    // The second is contested as soon as it is paid.
    let cards = ["4242424242424242", "4000000000000259", "4000000000000077", "4242424242424242"];
    for number in cards {
        let (checkout, page) = by_card(&market, &goods).await?;
        submit(&page, number).await?;
        checkouts.push(checkout);
    }
    way.heard("checkout.session.completed", cards.len()).await?;
    let told = way.heard("charge.dispute.funds_withdrawn", 1).await?;
    let mut chance = Chance::of(20_261_127);
    tell_in_disorder(&market, told, &mut chance).await?;
    for checkout in &checkouts {
        wait_for(&market.api, checkout, "PAID").await?;
    }
    let refunded = refund_to_card(&shop, &checkouts[0], 50_000).await?;
    let told = way.heard("charge.refunded", 1).await?;
    // What is old comes again with what is new, in any order, and changes nothing.
    let before = owed(&shop).await?;
    tell_in_disorder(&market, told, &mut chance).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(owed(&shop).await?, before);
    let books = Books::of(&market).await?;
    let postings =
        |kind: &str| format!("SELECT COUNT(*) FROM ledger_postings WHERE kind = '{kind}'");
    for (kind, times) in [("card_captured", 4), ("card_returned", 1), ("dispute_moved", 1)] {
        assert_eq!(books.number(&postings(kind)).await?, times, "{kind}");
    }
    let succeeded = "SELECT COUNT(*) FROM refunds WHERE method = 'card' AND status = 'succeeded'";
    assert_eq!(books.number(succeeded).await?, 1, "{refunded}");
    assert_eq!(books.number("SELECT COUNT(*) FROM card_disputes").await?, 1);
    books.close().await?;
    assert_eq!(at_the_sandbox(&market, "refunds").await?.len(), 1);
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

/// Tells of events in an order of chance, and once more the other way round.
async fn tell_in_disorder(
    market: &TestMarket,
    mut told: Vec<Bytes>,
    chance: &mut Chance,
) -> anyhow::Result<()> {
    told.reverse();
    for place in (1..told.len()).rev() {
        told.swap(place, chance.below(place + 1));
    }
    for body in told.iter().chain(told.iter().rev()) {
        assert_eq!(tell(market, body, Some(&signed_now(body))).await?, 200);
    }
    Ok(())
}

/// The shop gives something of a checkout back; it goes to the card.
async fn refund_to_card(shop: &TestShop, checkout: &Value, amount: i64) -> anyhow::Result<Value> {
    let input = json!({
        "paymentId": checkout["payment"]["id"], "orderId": checkout["orders"][0]["id"],
        "amount": { "amount": amount.to_string() }, "reason": "dập một quả",
        "idempotencyKey": "hoan-vao-the",
    });
    let query = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      refund { id toCard } userErrors { code message path } } }";
    let asked = shop.owner.attempt(query, json!({ "input": input })).await?;
    ensure!(asked["refund"]["toCard"] == true, "{asked}");
    Ok(asked["refund"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_in_disorder_come_to_the_same_end_embedded() -> anyhow::Result<()> {
    events_in_disorder_come_to_the_same_end(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_in_disorder_come_to_the_same_end_servers() -> anyhow::Result<()> {
    events_in_disorder_come_to_the_same_end(Stand::Servers).await
}

/// Fault 5, with signatures made by Stripe's own library.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_stripe_signed_lately_and_whole_is_believed() -> anyhow::Result<()> {
    let (way, url) = Way::open().await?;
    let market = way.market(Stand::Embedded, &url).await?;
    let (_shop, goods) = goods(&market).await?;
    let (checkout, page) = by_card(&market, &goods).await?;
    submit(&page, "4242424242424242").await?;
    let told = way.heard("checkout.session.completed", 1).await?;
    let body = told.last().context("nothing was told")?.clone();
    let payload = String::from_utf8(body.to_vec())?;
    let now = SystemClock.now().micros() / 1_000_000;
    let sign = async |secret: &str, at: i64| -> anyhow::Result<String> {
        let task = json!({ "task": "sign", "payload": payload, "secret": secret, "at": at });
        Ok(stripe_one(task).await?.as_str().unwrap_or_default().to_owned())
    };
    let good = sign(DEVELOPMENT_WEBHOOK_SECRET, now).await?;
    let old = sign(DEVELOPMENT_WEBHOOK_SECRET, now - 302).await?;
    let early = sign(DEVELOPMENT_WEBHOOK_SECRET, now + 400).await?;
    let other = sign("whsec_another", now).await?;
    let altered = Bytes::from(payload.replacen("200000", "200001", 1));
    ensure!(altered != body, "nothing was altered");
    let books = Books::of(&market).await?;
    let mut expected = books.quiet_counts().await?;
    let forged: [(&str, &Bytes, Option<&str>); 7] = [
        ("wrong secret", &body, Some(&other)),
        ("302 s old", &body, Some(&old)),
        ("of the future", &body, Some(&early)),
        ("altered byte", &altered, Some(&good)),
        ("no header", &body, None),
        ("an empty header", &body, Some("")),
        ("no signature in it", &body, Some("t=1,v0=aa")),
    ];
    for (what, body, signature) in forged {
        assert_eq!(tell(&market, body, signature).await?, 401, "{what}");
    }
    *expected.entry("feed_rejections".to_owned()).or_default() += forged.len() as i64;
    assert_eq!(books.quiet_counts().await?, expected);
    assert_eq!(status(&market.api, &checkout).await?, "AWAITING_PAYMENT");
    // The same event, signed well by Stripe's library, pays.
    assert_eq!(tell(&market, &body, Some(&good)).await?, 200);
    wait_for(&market.api, &checkout, "PAID").await?;
    books.close().await?;
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}
