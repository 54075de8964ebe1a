//! Shoppers on the market's own pages and resellers over OCTO race for the last seats of a boat, on
//! SQLite in one process and on PostgreSQL with Redis.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{PATIENCE, TestShop, check_out_one, open_shop, pay, wait_for};
use serde_json::{Value, json};

/// Seats of the boat.
const CAPACITY: i64 = 40;
const SHOPPERS: usize = 100;
const RESELLERS: usize = 20;
const SEAT: i64 = 100_000;

/// A reseller's client.
#[derive(Clone)]
struct Reseller {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Reseller {
    async fn ask(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let begun = Instant::now();
        loop {
            let request = self.http.request(method.clone(), format!("{}/octo{path}", self.url));
            let request =
                request.bearer_auth(&self.key).header("octo-capabilities", "octo/pricing");
            let answer: Value = request.json(body).send().await?.json().await?;
            // A busy market is asked again, as resellers' programs do: every call may be repeated.
            if answer["error"] != "INTERNAL_SERVER_ERROR" || begun.elapsed() > PATIENCE {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Books one seat, or is told that there is none.
    async fn book(&self, tour: &Tour, uuid: &str) -> anyhow::Result<bool> {
        let body = json!({
            "uuid": uuid, "productId": tour.product, "optionId": "join-in",
            "availabilityId": tour.departure, "unitItems": [{ "unitId": "adult" }],
        });
        let held = self.ask(reqwest::Method::POST, "/bookings", &body).await?;
        if held["error"] == "UNPROCESSABLE_ENTITY" {
            return Ok(false);
        }
        ensure!(held["status"] == "ON_HOLD", "the hold came to {held}");
        let confirm = json!({ "contact": { "fullName": "Khách đoàn" }, "resellerReference": uuid });
        let path = format!("/bookings/{uuid}/confirm");
        let sold = self.ask(reqwest::Method::POST, &path, &confirm).await?;
        ensure!(sold["status"] == "CONFIRMED", "the confirmation came to {sold}");
        let code = &sold["unitItems"][0]["ticket"]["deliveryOptions"][0]["deliveryValue"];
        ensure!(code.as_str().is_some_and(|code| !code.is_empty()), "no code in {sold}");
        let again = self.ask(reqwest::Method::POST, &path, &confirm).await?;
        ensure!(again["unitItems"] == sold["unitItems"], "confirmed twice: {again}");
        Ok(true)
    }
}

/// A tour with one departure.
struct Tour {
    product: String,
    departure: String,
    variant: String,
}

async fn put_on_sale(shop: &TestShop) -> anyhow::Result<Tour> {
    let tour = json!({
        "durationMinutes": 120, "cutoffMinutes": 10, "capacity": CAPACITY,
        "meetingPoint": { "text": { "vi": "Bến Ninh Kiều", "en": "" } },
        "options": [{ "code": "join-in", "kind": "JOIN_IN", "title": { "vi": "Đi ghép", "en": "" },
            "tickets": [{ "code": "adult", "age": "ADULT",
                "price": { "amount": SEAT.to_string(), "currency": "VND" } }] }],
        "cancellationPolicy": [{ "hoursBefore": 1, "refundBasisPoints": 10_000 }],
    });
    let input = json!({
        "shopId": shop.id, "kind": "TOUR", "title": { "vi": "Chợ nổi", "en": "" },
        "description": { "vi": "", "en": "" }, "tour": tour, "publish": true,
    });
    let create = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
      product { id } userErrors { code message path } } }";
    let made = shop.owner.change(create, json!({ "input": input })).await?;
    let product = made["product"]["id"].as_str().context("no product")?.to_owned();
    let schedule = "mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) {
      schedule { departures { id departure { tickets { variantId } } } } userErrors { code message path } } }";
    let starts = platform::clock::SystemClock;
    let starts = kernel::Clock::now(&starts).after(Duration::from_secs(3 * 86_400)).micros();
    // Boats leave on a whole minute.
    let starts = kernel::Timestamp::from_micros(starts - starts % 60_000_000).to_rfc3339();
    let input = json!({
        "shopId": shop.id, "productId": product, "startsAt": [starts], "idempotencyKey": "journey-of-octo",
    });
    let done = shop.owner.change(schedule, json!({ "input": input })).await?;
    let made = &done["schedule"]["departures"][0];
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    Ok(Tour {
        product,
        departure: text(&made["id"]).context("no departure")?,
        variant: text(&made["departure"]["tickets"][0]["variantId"]).context("no ticket")?,
    })
}

async fn add_reseller(
    market: &TestMarket,
    shop: &TestShop,
    number: usize,
) -> anyhow::Result<Reseller> {
    let query = "mutation($input: AddResellerInput!) { addReseller(input: $input) {
      reseller { key } userErrors { code message path } } }";
    let input = json!({
        "shopId": shop.id, "name": format!("Đại lý {number}"),
        "contactEmail": format!("dai-ly-{number}@chonoi.example"),
    });
    let added = shop.owner.change(query, json!({ "input": input })).await?;
    Ok(Reseller {
        http: reqwest::Client::new(),
        url: market.url().to_owned(),
        key: added["reseller"]["key"].as_str().context("no key")?.to_owned(),
    })
}

/// Seats of the departure as its shop sees them: held and sold.
async fn seats(shop: &TestShop, tour: &Tour) -> anyhow::Result<(i64, i64)> {
    let query = "query($shop: ID!, $departure: ID!) { me { shop(id: $shop) {
      departure(id: $departure) { held sold } } } }";
    let asked = json!({ "shop": shop.id, "departure": tour.departure });
    let found = shop.owner.run(query, asked).await?;
    let seats = &found["me"]["shop"]["departure"];
    let number = |name: &str| seats[name].as_i64().context("no seats");
    Ok((number("held")?, number("sold")?))
}

async fn wait_until_visible(api: &Api, tour: &Tour) -> anyhow::Result<()> {
    let begun = Instant::now();
    let query = "query($id: ID!) { product(id: $id) { id } }";
    while api.run(query, json!({ "id": tour.product })).await?["product"].is_null() {
        ensure!(begun.elapsed() < PATIENCE, "the tour does not become visible");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn race(stand: Stand) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let shop = open_shop(&market, "Xuồng ba lá").await?;
    let tour = std::sync::Arc::new(put_on_sale(&shop).await?);
    wait_until_visible(&market.api, &tour).await?;

    let shoppers = (0..SHOPPERS).map(|_| {
        let (api, tour) = (market.api.clone(), tour.clone());
        tokio::spawn(async move {
            let outcome = check_out_one(&api, &tour.variant).await?;
            if let Ok(checkout) = &outcome {
                pay(&api, checkout).await?;
                wait_for(&api, checkout, "PAID").await?;
            }
            anyhow::Ok(i64::from(outcome.is_ok()))
        })
    });
    let mut resellers = Vec::with_capacity(RESELLERS);
    for number in 0..RESELLERS {
        resellers.push(add_reseller(&market, &shop, number).await?);
    }
    let bookers = resellers.iter().cloned().enumerate().map(|(number, reseller)| {
        let tour = tour.clone();
        tokio::spawn(async move {
            let uuid = format!("00000000-0000-4000-8000-{number:012}");
            anyhow::Ok(i64::from(reseller.book(&tour, &uuid).await?))
        })
    });
    let mut sold = [0, 0];
    let (shoppers, bookers) = tokio::join!(
        futures_util::future::join_all(shoppers),
        futures_util::future::join_all(bookers)
    );
    for (kind, outcomes) in [shoppers, bookers].into_iter().enumerate() {
        for outcome in outcomes {
            sold[kind] += outcome??;
        }
    }
    assert_eq!(sold[0] + sold[1], CAPACITY, "shoppers and resellers: {sold:?}");
    let begun = Instant::now();
    while seats(&shop, &tour).await? != (0, CAPACITY) {
        ensure!(begun.elapsed() < PATIENCE, "seats stay {:?}", seats(&shop, &tour).await?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let question = json!({
        "productId": tour.product, "optionId": "join-in", "availabilityIds": [tour.departure],
    });
    let told = resellers[0].ask(reqwest::Method::POST, "/availability", &question).await?;
    assert_eq!((&told[0]["status"], &told[0]["vacancies"]), (&json!("SOLD_OUT"), &json!(0)));
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_shoppers_and_twenty_resellers_share_the_last_seats_embedded()
-> anyhow::Result<()> {
    race(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_shoppers_and_twenty_resellers_share_the_last_seats_servers() -> anyhow::Result<()>
{
    race(Stand::Servers).await
}
