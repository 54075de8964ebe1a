//! How old what people see of free seats may be: no answer to a question that is asked two seconds after a
//! change shows what was before it. On SQLite in one process and on PostgreSQL with Redis, answers kept as in
//! production, while others ask the same all the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::sailing::{Sailing, in_minutes, put_on_sale, schedule};
use journeys::shopping::{
    PATIENCE, TestShop, check_out_one, open_shop, page, patiently, pay, wait_for,
};
use serde_json::{Value, json};

/// The oldest that may be shown.
const OLDEST: Duration = Duration::from_secs(2);
const CAPACITY: i64 = 12;
/// Everybody asks so often.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// What somebody who is not signed in can ask of a departure.
#[derive(Clone)]
struct Looking {
    api: Api,
    boat: Sailing,
    slug: String,
    day: String,
}

impl Looking {
    async fn at(api: &Api, boat: Sailing) -> anyhow::Result<Self> {
        let query = "query($product: ID!, $departure: ID!) {
          product(id: $product) { slug } departure(id: $departure) { localStart } }";
        let ids = json!({ "product": boat.product, "departure": boat.departure });
        let found = api.run(query, ids).await?;
        let slug = found["product"]["slug"].as_str().context("no product")?.to_owned();
        let start = found["departure"]["localStart"].as_str().context("no departure")?;
        let day = start.get(..10).context("no day")?.to_owned();
        Ok(Self { api: api.clone(), boat, slug, day })
    }

    /// Free seats: in the list of departures, of the departure, of the tour's day.
    async fn told(&self) -> anyhow::Result<Vec<i64>> {
        let query = "query($product: ID!, $departure: ID!, $day: String!) {
          departures(productId: $product, from: $day, to: $day) { nodes { id availableSeats } }
          departure(id: $departure) { availableSeats }
          product(id: $product) { travelDays(from: $day, to: $day) { availableSeats } } }";
        let asked = json!({
            "product": self.boat.product, "departure": self.boat.departure, "day": self.day,
        });
        let found = patiently(|| self.api.run(query, asked.clone())).await?;
        let listed = found["departures"]["nodes"].as_array().cloned().unwrap_or_default();
        let listed = listed.into_iter().find(|one| one["id"] == self.boat.departure.as_str());
        let seats = [
            listed.unwrap_or_default()["availableSeats"].clone(),
            found["departure"]["availableSeats"].clone(),
            found["product"]["travelDays"][0]["availableSeats"].clone(),
        ];
        seats.iter().map(|seats| seats.as_i64().with_context(|| found.to_string())).collect()
    }

    /// Free seats on the tour's page: in its calendar, and at the departure.
    async fn shown(&self) -> anyhow::Result<Vec<i64>> {
        let path = format!("/p/{}?day={}", self.slug, self.day);
        let html = page(&self.api, &path, "", None).await?;
        let number = |place: &str, before: &str, after: &str| -> Option<i64> {
            let (_, from) = html.split_once(place)?;
            let (_, from) = from.split_once(before)?;
            let (number, _) = from.split_once(after)?;
            number.trim().parse().ok()
        };
        let day = format!("data-day=\"{}\"", self.day);
        let in_calendar = number(&day, "<span class=\"seats\">", " chỗ");
        let at_departure = number("data-test=\"departure\"", "còn ", " chỗ");
        let both = [in_calendar, at_departure];
        both.into_iter().map(|seats| seats.with_context(|| html.clone())).collect()
    }

    /// Waits until everything shows a change that was just made. What was asked too long after it must.
    async fn sees(&self, wanted: i64, change: &str) -> anyhow::Result<()> {
        let changed = Instant::now();
        let mut oldest = Duration::ZERO;
        loop {
            let asked = changed.elapsed();
            let (told, shown) = tokio::try_join!(self.told(), self.shown())?;
            if told.iter().chain(&shown).all(|seats| *seats == wanted) {
                println!("{change}: seen after {:?}, stale at {oldest:?}", changed.elapsed());
                return Ok(());
            }
            ensure!(asked < OLDEST, "{change}: asked {asked:?} after it: {told:?} {shown:?}");
            oldest = asked;
            tokio::time::sleep(ASKED_EVERY).await;
        }
    }

    /// Asks on and on, as many people do who look at the same boat.
    async fn ask_until(self, stop: Arc<AtomicBool>) -> anyhow::Result<()> {
        while !stop.load(Ordering::Relaxed) {
            self.told().await?;
            self.shown().await?;
            tokio::time::sleep(ASKED_EVERY).await;
        }
        Ok(())
    }
}

/// A reseller, whose bookings come through another door.
struct Reseller {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Reseller {
    async fn of(shop: &TestShop, url: &str) -> anyhow::Result<Self> {
        let query = "mutation($input: AddResellerInput!) { addReseller(input: $input) {
          reseller { key } userErrors { code message path } } }";
        let input = json!({
            "shopId": shop.id, "name": "Đại lý", "contactEmail": "dai-ly@chonoi.example",
        });
        let added = shop.owner.change(query, json!({ "input": input })).await?;
        let key = added["reseller"]["key"].as_str().context("no key")?.to_owned();
        Ok(Self { http: reqwest::Client::new(), url: url.to_owned(), key })
    }

    /// Every call may be repeated.
    async fn ask(
        &self,
        method: &reqwest::Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let begun = Instant::now();
        loop {
            let address = format!("{}/octo{path}", self.url);
            let request = self.http.request(method.clone(), address).bearer_auth(&self.key);
            let request = request.header("octo-capabilities", "octo/pricing");
            let answer: Value = request.json(body).send().await?.json().await?;
            if answer["error"] != "INTERNAL_SERVER_ERROR" || begun.elapsed() > PATIENCE {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn free_seats_are_never_shown_as_they_were_two_seconds_ago(
    stand: Stand,
) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let api = &market.api;
    let shop = open_shop(&market, "Xuồng đông khách").await?;
    let product = put_on_sale(&shop, CAPACITY, 100_000).await?;
    let boat = schedule(&shop, &product, &[in_minutes(3 * 1_440)]).await?.remove(0);
    let reseller = Reseller::of(&shop, market.url()).await?;
    let looking = Looking::at(api, boat.clone()).await?;
    looking.sees(CAPACITY, "at first").await?;
    let stop = Arc::new(AtomicBool::new(false));
    let others: Vec<_> =
        (0..3).map(|_| tokio::spawn(looking.clone().ask_until(Arc::clone(&stop)))).collect();

    // Held by a shopper, and bought.
    let bought = checked_out(api, &boat).await?;
    looking.sees(11, "held in a checkout").await?;
    pay(api, &bought).await?;
    wait_for(api, &bought, "PAID").await?;
    looking.sees(11, "bought").await?;
    // Held by a reseller, past the public API; and let go.
    let uuid = "00000000-0000-4000-8000-000000000001";
    let booking = json!({
        "uuid": uuid, "productId": boat.product, "optionId": "join-in",
        "availabilityId": boat.departure, "unitItems": [{ "unitId": "adult" }],
    });
    let held = reseller.ask(&reqwest::Method::POST, "/bookings", &booking).await?;
    ensure!(held["status"] == "ON_HOLD", "{held}");
    looking.sees(10, "held by a reseller").await?;
    let path = format!("/bookings/{uuid}/cancel");
    let ended = reseller.ask(&reqwest::Method::POST, &path, &json!({})).await?;
    ensure!(ended["status"] == "CANCELLED", "{ended}");
    looking.sees(11, "let go by a reseller").await?;
    // Held by a shopper who thinks better of it: catalog hears of it by an event.
    let left = checked_out(api, &boat).await?;
    looking.sees(10, "held in another checkout").await?;
    let cancel = "mutation($id: ID!, $token: String) {
      cancelCheckout(input: {checkoutId: $id, token: $token}) {
        checkout { status } userErrors { code message } } }";
    api.change(cancel, json!({ "id": left["id"], "token": left["token"] })).await?;
    looking.sees(11, "given up by a shopper").await?;
    // The shop puts in more chairs.
    let update = "mutation($input: UpdateDepartureInput!) { updateDeparture(input: $input) {
      departure { id } userErrors { code message path } } }";
    let input = json!({ "shopId": shop.id, "departureId": boat.departure, "capacity": 20 });
    shop.owner.change(update, json!({ "input": input })).await?;
    looking.sees(19, "more seats").await?;

    stop.store(true, Ordering::Relaxed);
    for other in others {
        other.await??;
    }
    let findings = market.end().await?;
    ensure!(findings.is_empty(), "{findings:?}");
    Ok(())
}

async fn checked_out(api: &Api, boat: &Sailing) -> anyhow::Result<Value> {
    let checkout = check_out_one(api, &boat.variant).await?;
    checkout.map_err(|code| anyhow::anyhow!("refused: {code}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn free_seats_are_never_shown_as_they_were_two_seconds_ago_embedded() -> anyhow::Result<()> {
    free_seats_are_never_shown_as_they_were_two_seconds_ago(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn free_seats_are_never_shown_as_they_were_two_seconds_ago_servers() -> anyhow::Result<()> {
    free_seats_are_never_shown_as_they_were_two_seconds_ago(Stand::Servers).await
}
