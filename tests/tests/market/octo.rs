//! Shoppers on the market's own pages and resellers over OCTO race for the last seats of a boat, on
//! SQLite in one process and on PostgreSQL with Redis.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use journeys::market::{Stand, TestMarket};
use journeys::sailing::{Sailing, in_minutes, put_on_sale, schedule, wait_for_seats};
use journeys::shopping::{PATIENCE, TestShop, check_out_one, open_shop, pay, wait_for};
use serde_json::{Value, json};

/// Seats of the boat: fewer than either side wants.
const CAPACITY: i64 = 15;
const SHOPPERS: usize = 100;
const RESELLERS: usize = 20;
const SEAT: i64 = 100_000;

/// A reseller's client.
#[derive(Clone)]
pub struct Reseller {
    http: reqwest::Client,
    url: String,
    /// Its id.
    pub id: String,
    /// Its key.
    pub key: String,
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
    async fn book(&self, tour: &Sailing, uuid: &str) -> anyhow::Result<bool> {
        let body = json!({
            "uuid": uuid, "productId": tour.product, "optionId": "join-in",
            "availabilityId": tour.departure, "unitItems": [{ "unitId": "adult" }],
        });
        let held = self.ask(reqwest::Method::POST, "/bookings", &body).await?;
        if held["error"] == "UNPROCESSABLE_ENTITY" {
            // Nothing is left of it that could be confirmed.
            let path = format!("/bookings/{uuid}");
            let gone = self.ask(reqwest::Method::GET, &path, &Value::Null).await?;
            ensure!(gone["error"] == "INVALID_BOOKING_UUID", "a booking of no seat: {gone}");
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

/// The shop lets a reseller sell its tours; the number makes its name.
pub async fn add_reseller(
    market: &TestMarket,
    shop: &TestShop,
    number: usize,
) -> anyhow::Result<Reseller> {
    let query = "mutation($input: AddResellerInput!) { addReseller(input: $input) {
      reseller { id key } userErrors { code message path } } }";
    let input = json!({
        "shopId": shop.id, "name": format!("Đại lý {number}"),
        "contactEmail": format!("dai-ly-{number}@chonoi.example"),
    });
    let added = shop.owner.change(query, json!({ "input": input })).await?;
    Ok(Reseller {
        http: reqwest::Client::new(),
        url: market.url().to_owned(),
        id: added["reseller"]["id"].as_str().context("no id")?.to_owned(),
        key: added["reseller"]["key"].as_str().context("no key")?.to_owned(),
    })
}

async fn race(stand: Stand) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let shop = open_shop(&market, "Xuồng ba lá").await?;
    let product = put_on_sale(&shop, CAPACITY, SEAT).await?;
    let tour = schedule(&shop, &product, &[in_minutes(3 * 1_440)]).await?.remove(0);
    let tour = std::sync::Arc::new(tour);

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
    wait_for_seats(&shop, &tour.departure, (0, CAPACITY)).await?;
    // Each seat has one guest on the manifest, and nobody else stands on it.
    let list = "query($shop: ID!, $departure: ID!) { me { shop(id: $shop) {
      manifest(departureId: $departure) { tickets { code status } } } } }";
    let asked = json!({ "shop": shop.id, "departure": tour.departure });
    let found = shop.owner.run(list, asked).await?;
    let tickets = found["me"]["shop"]["manifest"]["tickets"].as_array().context("no tickets")?;
    ensure!(tickets.iter().all(|ticket| ticket["status"] == "VALID"), "{tickets:?}");
    let codes: BTreeSet<&str> =
        tickets.iter().filter_map(|ticket| ticket["code"].as_str()).collect();
    assert_eq!((tickets.len(), codes.len()), (CAPACITY as usize, CAPACITY as usize));
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
