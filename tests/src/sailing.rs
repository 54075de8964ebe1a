//! Boats of journeys: put on sale, sailing at chosen moments.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use serde_json::{Value, json};

use crate::shopping::{PATIENCE, TestShop};

/// A departure of a journey's boat.
#[derive(Clone, Debug)]
pub struct Sailing {
    /// The tour.
    pub product: String,
    /// The departure.
    pub departure: String,
    /// What carts take for one adult.
    pub variant: String,
}

/// The shop puts a boat with so many seats at so much on sale; gives the tour. All money comes back until
/// an hour before the start.
pub async fn put_on_sale(shop: &TestShop, capacity: i64, seat: i64) -> anyhow::Result<String> {
    let lunch = json!({ "code": "lunch", "title": { "vi": "Bữa trưa", "en": "Lunch" },
        "price": { "amount": "50000", "currency": "VND" } });
    let tour = json!({
        "durationMinutes": 120, "cutoffMinutes": 0, "capacity": capacity,
        "meetingPoint": { "text": { "vi": "Bến Ninh Kiều", "en": "" } },
        "options": [{ "code": "join-in", "kind": "JOIN_IN", "title": { "vi": "Đi ghép", "en": "" },
            "tickets": [{ "code": "adult", "age": "ADULT",
                "price": { "amount": seat.to_string(), "currency": "VND" } }] }],
        "addOns": [lunch],
        "cancellationPolicy": [{ "hoursBefore": 1, "refundBasisPoints": 10_000 }],
    });
    put_tour_on_sale(shop, "", &tour).await
}

/// The shop puts a tour (`TourInput`) with a Vietnamese description on sale; gives its id.
pub async fn put_tour_on_sale(
    shop: &TestShop,
    description: &str,
    tour: &Value,
) -> anyhow::Result<String> {
    let input = json!({
        "shopId": shop.id, "kind": "TOUR", "title": { "vi": "Chợ nổi", "en": "" },
        "description": { "vi": description, "en": "" }, "tour": tour, "publish": true,
    });
    let create = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
      product { id } userErrors { code message path } } }";
    let made = shop.owner.change(create, json!({ "input": input })).await?;
    let product = made["product"]["id"].as_str().context("no product")?.to_owned();
    wait_until_visible(&shop.owner, &product).await?;
    Ok(product)
}

async fn wait_until_visible(api: &Api, product: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    let query = "query($id: ID!) { product(id: $id) { id } }";
    while api.run(query, json!({ "id": product })).await?["product"].is_null() {
        ensure!(begun.elapsed() < PATIENCE, "the tour does not become visible");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Departures at moments (RFC 3339), in their order.
pub async fn schedule(
    shop: &TestShop,
    product: &str,
    starts_at: &[String],
) -> anyhow::Result<Vec<Sailing>> {
    let query = "mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) {
      schedule { departures { id departure { tickets { variantId ticket { ticketKind } } } } }
      userErrors { code message path } } }";
    let key = format!("sailing-{:016x}", rand::random::<u64>());
    let input = json!({
        "shopId": shop.id, "productId": product, "startsAt": starts_at, "idempotencyKey": key,
    });
    let done = shop.owner.change(query, json!({ "input": input })).await?;
    let made = done["schedule"]["departures"].as_array().cloned().unwrap_or_default();
    ensure!(made.len() == starts_at.len(), "{} departures, not {}", made.len(), starts_at.len());
    let sailing = |made: &Value| {
        let tickets = made["departure"]["tickets"].as_array().context("no tickets")?;
        let adult = tickets.iter().find(|one| one["ticket"]["ticketKind"] == "adult");
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
        Ok(Sailing {
            product: product.to_owned(),
            departure: text(made.get("id")).context("no departure")?,
            variant: text(adult.map(|one| &one["variantId"])).context("no ticket")?,
        })
    };
    made.iter().map(sailing).collect()
}

/// The moment in so many minutes, at a whole minute: boats leave on one.
pub fn in_minutes(minutes: u64) -> String {
    let clock = platform::clock::SystemClock;
    let moment = kernel::Clock::now(&clock).after(Duration::from_secs(minutes * 60)).micros();
    kernel::Timestamp::from_micros(moment - moment % 60_000_000).to_rfc3339()
}

/// Seats of a departure as its shop sees them: held and sold.
pub async fn seats(shop: &TestShop, departure: &str) -> anyhow::Result<(i64, i64)> {
    let query = "query($shop: ID!, $departure: ID!) { me { shop(id: $shop) {
      departure(id: $departure) { held sold } } } }";
    let found = shop.owner.run(query, json!({ "shop": shop.id, "departure": departure })).await?;
    let seats = &found["me"]["shop"]["departure"];
    let number = |name: &str| seats[name].as_i64().context("no seats");
    Ok((number("held")?, number("sold")?))
}

/// Waits until so many seats of a departure are held and sold.
pub async fn wait_for_seats(
    shop: &TestShop,
    departure: &str,
    wanted: (i64, i64),
) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let now = seats(shop, departure).await?;
        if now == wanted {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "seats stay {now:?}, not {wanted:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
