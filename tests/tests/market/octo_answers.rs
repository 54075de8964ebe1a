//! Every endpoint of OCTO on the whole market, on both stands: gone through with every capability and with
//! every error that a reseller can cause. Each answer is checked against OCTO's document, and at the end
//! that none which it foresees was left out.

mod client;
mod refusals;

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use journeys::market::{Stand, TestMarket};
use journeys::sailing::{Sailing, in_minutes, put_on_sale, put_tour_on_sale, schedule};
use journeys::shopping::{TestShop, open_shop};
use serde_json::{Value, json};

use self::client::{Client, Operation, operations, success};
use crate::octo::add_reseller;

const CAPABILITIES: [&str; 4] = ["", "octo/pricing", "octo/content", "octo/pricing, octo/content"];

/// What the shop offers: a tour with departures, and another one.
struct River {
    tour: String,
    /// Tonight: nothing of it comes back.
    tonight: Sailing,
    /// In one and a half days: half of it comes back.
    near: Sailing,
    /// In three days: all of it comes back.
    far: Sailing,
    /// In four days; nobody has a seat among others.
    charter: Sailing,
    other: Sailing,
}

impl River {
    /// A booking of adults.
    fn booking(&self, uuid: &str, sailing: &Sailing, adults: usize) -> Value {
        json!({
            "uuid": uuid, "productId": self.tour, "optionId": "join-in",
            "availabilityId": sailing.departure,
            "unitItems": vec![json!({ "unitId": "adult" }); adults],
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_what_octo_promises_embedded() -> anyhow::Result<()> {
    every_answer_is_what_octo_promises(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_what_octo_promises_servers() -> anyhow::Result<()> {
    every_answer_is_what_octo_promises(Stand::Servers).await
}

async fn every_answer_is_what_octo_promises(stand: Stand) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let shop = open_shop(&market, "Thuyền chợ nổi").await?;
    let river = put_on_river(&shop).await?;
    let reseller = add_reseller(&market, &shop, 1).await?;
    let client = Client::new(market.url(), &reseller.key);
    for (number, capabilities) in CAPABILITIES.into_iter().enumerate() {
        let client = client.with_capabilities(capabilities);
        read(&client, &river).await?;
        live(&client, &river, number).await?;
        charter(&client, &river).await?;
    }
    end_otherwise(&client.with_capabilities(CAPABILITIES[3]), &shop, &river).await?;
    refusals::of_reads(&client, &river).await?;
    refusals::of_reservations(&client, &river).await?;
    refusals::of_bookings(&client, &river).await?;
    let revoked = add_reseller(&market, &shop, 2).await?;
    revoke(&shop, &revoked.id).await?;
    refusals::of_strangers(&client, &revoked.key).await?;

    let mut expected = BTreeSet::new();
    for (operation, errors) in operations() {
        let successes = CAPABILITIES.map(|capabilities| (operation.clone(), success(capabilities)));
        expected.extend(successes);
        let errors = errors.into_iter().filter(|code| can_be_caused(&operation, code));
        expected.extend(errors.map(|code| (operation.clone(), code)));
    }
    assert!(expected.len() > 90, "{} answers are foreseen", expected.len());
    let seen = client.seen();
    let missing: Vec<_> = expected.difference(&seen).collect();
    assert!(missing.is_empty(), "never answered: {missing:#?}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

/// Whether a reseller can cause an error that the document foresees: not a fault of ours, and not the
/// refusal of an id that no confirmation names.
fn can_be_caused(operation: &Operation, code: &str) -> bool {
    let unnamed = ["INVALID_PRODUCT_ID", "INVALID_OPTION_ID", "INVALID_AVAILABILITY_ID"];
    let confirms = operation.path.ends_with("/confirm");
    code != "INTERNAL_SERVER_ERROR" && !(confirms && unnamed.contains(&code))
}

async fn put_on_river(shop: &TestShop) -> anyhow::Result<River> {
    let price = |amount: i64| json!({ "amount": amount.to_string(), "currency": "VND" });
    let words = |vi: &str, en: &str| json!({ "vi": vi, "en": en });
    let tour = json!({
        "durationMinutes": 180, "cutoffMinutes": 0, "capacity": 12, "languages": ["vi", "en"],
        "meetingPoint": { "text": words("Bến Ninh Kiều, cổng số 2", "Ninh Kiều pier, gate 2"),
            "latitude": 10.0327, "longitude": 105.7882 },
        "itinerary": [{ "atMinute": 40, "title": words("Chợ nổi Cái Răng", "Cái Răng market") }],
        "included": [words("Nước suối", "Water")], "excluded": [words("Bữa trưa", "")],
        "options": [
            { "code": "join-in", "kind": "JOIN_IN", "title": words("Đi ghép", "Join in"),
              "maximumParty": 8,
              "tickets": [
                { "code": "adult", "age": "ADULT", "minimumAge": 11, "price": price(200_000) },
                { "code": "child", "age": "CHILD", "minimumAge": 4, "maximumAge": 10,
                  "price": price(100_000), "accompanied": true },
                { "code": "infant", "age": "INFANT", "maximumAge": 3, "seats": 0,
                  "price": price(0), "accompanied": true },
              ] },
            { "code": "private", "kind": "PRIVATE", "title": words("Bao thuyền", "Private boat"),
              "maximumParty": 10,
              "tickets": [{ "code": "boat", "age": "BOAT", "price": price(2_000_000) }] },
        ],
        "cancellationPolicy": [
            { "hoursBefore": 48, "refundBasisPoints": 10_000 },
            { "hoursBefore": 24, "refundBasisPoints": 5_000 },
        ],
    });
    let tour = put_tour_on_sale(shop, "Xuồng nhỏ. Ngắm chợ lúc bình minh.", &tour).await?;
    // The last minute of today is still to come, whenever the test runs.
    let tonight = format!("{}T23:59:00+07:00", chonoi::days::from_today(0)?);
    let (near, far, charter) = (in_minutes(36 * 60), in_minutes(72 * 60), in_minutes(96 * 60));
    let sailings = schedule(shop, &tour, &[tonight, near, far, charter]).await?;
    let [tonight, near, far, charter] =
        <[Sailing; 4]>::try_from(sailings).ok().context("not four departures")?;
    let other = put_on_sale(shop, 10, 100_000).await?;
    let other = schedule(shop, &other, &[in_minutes(72 * 60)]).await?.remove(0);
    Ok(River { tour, tonight, near, far, charter, other })
}

/// Everything that is only read, without units and with them.
async fn read(client: &Client, river: &River) -> anyhow::Result<()> {
    client.get("/capabilities", "/capabilities").await?;
    client.get("/supplier", "/supplier").await?;
    let products = client.get("/products", "/products").await?;
    ensure!(products.as_array().is_some_and(|found| found.len() == 2), "{products}");
    client.get("/products/{id}", &format!("/products/{}", river.tour)).await?;
    let sailings = [&river.tonight, &river.near, &river.far, &river.charter];
    let ids = sailings.map(|sailing| sailing.departure.as_str());
    for (option, unit) in [("join-in", "adult"), ("private", "boat")] {
        let named = json!({ "productId": river.tour, "optionId": option, "availabilityIds": ids });
        let found = client.post("/availability", &named).await?;
        let found = found.as_array().context("no list")?;
        ensure!(found.len() == ids.len(), "{found:?}");
        let (from, to) = (local_day(&found[0])?, local_day(&found[3])?);
        let mut question = json!({
            "productId": river.tour, "optionId": option,
            "localDateStart": from, "localDateEnd": to,
        });
        for units in [None, Some(json!([{ "id": unit, "quantity": 1 }]))] {
            if let Some(units) = units {
                question["units"] = units;
            }
            let found = client.post("/availability", &question).await?;
            ensure!(found.as_array().is_some_and(|found| found.len() == ids.len()), "{found}");
            let days = client.post("/availability/calendar", &question).await?;
            let open = |day: &&Value| day["available"] == true;
            let open = days.as_array().context("no list")?.iter().filter(open).count();
            // Seats that were just given back may be on their way: then no boat is free as a whole.
            ensure!(open == ids.len() || option == "private", "{days}");
        }
    }
    Ok(())
}

fn local_day(availability: &Value) -> anyhow::Result<&str> {
    let start = availability["localDateTimeStart"].as_str();
    start.and_then(|start| start.get(..10)).context("no start")
}

/// A booking from its hold to its end, with everything that can be said of it.
async fn live(client: &Client, river: &River, number: usize) -> anyhow::Result<()> {
    let uuid = format!("00000000-0000-4000-8000-{number:012}");
    let mut body = river.booking(&uuid, &river.far, 1);
    body["notes"] = json!("Ăn chay");
    body["expirationMinutes"] = json!(20);
    body["contact"] = json!({ "firstName": "Minh", "lastName": "Lê" });
    body["unitItems"] = json!([
        { "unitId": "adult", "resellerReference": "G-1", "contact": {
            "fullName": "Lê Minh", "emailAddress": "minh@chonoi.example",
            "phoneNumber": "+84900000456", "locales": ["vi"], "country": "VN",
            "postalCode": "94000", "notes": "Ghế trước",
        } },
        { "unitId": "child" }, { "unitId": "infant" },
    ]);
    let held = client.post("/bookings", &body).await?;
    ensure!(held["status"] == "ON_HOLD", "the hold came to {held}");
    let guest = &held["unitItems"][0];
    ensure!(guest["contact"]["fullName"] == "Lê Minh", "who comes was forgotten: {held}");
    ensure!(guest["resellerReference"] == "G-1", "{held}");
    let again = client.post("/bookings", &body).await?;
    ensure!(again["id"] == held["id"], "the same UUID is another booking: {again}");

    let longer = json!({ "expirationMinutes": 60 });
    let longer = client.booking("post", &uuid, "/extend", &longer).await?;
    ensure!(longer["utcExpiresAt"] != held["utcExpiresAt"], "it ends as before: {longer}");
    let reference = format!("R-{number}");
    let change = json!({
        "availabilityId": river.near.departure, "notes": null, "expirationMinutes": 90,
        "resellerReference": reference,
    });
    let moved = client.booking("patch", &uuid, "", &change).await?;
    ensure!(moved["availabilityId"] == river.near.departure && moved["notes"].is_null(), "{moved}");
    ensure!(moved["unitItems"][0]["contact"] == guest["contact"], "{moved}");
    let back = json!({ "availabilityId": river.far.departure });
    client.booking("patch", &uuid, "", &back).await?;

    let confirmation = json!({
        "contact": { "fullName": "Lê Minh", "emailAddress": "minh@chonoi.example" },
        "unitItems": [{ "uuid": held["unitItems"][1]["uuid"], "unitId": "child",
            "contact": { "fullName": "Lê Bé" } }],
    });
    let sold = client.booking("post", &uuid, "/confirm", &confirmation).await?;
    ensure!(sold["status"] == "CONFIRMED", "the confirmation came to {sold}");
    let read = client.booking("get", &uuid, "", &Value::Null).await?;
    ensure!(read["unitItems"] == sold["unitItems"], "it reads {read}");
    let order = sold["supplierReference"].as_str().context("no supplierReference")?;
    let day = local_day(&sold["availability"])?;
    for search in [
        format!("resellerReference={reference}"),
        format!("supplierReference={order}"),
        format!("localDate={day}"),
        format!(
            "localDateStart={day}&localDateEnd={day}&productId={}&optionId=join-in",
            river.tour
        ),
    ] {
        let found = client.get("/bookings", &format!("/bookings?{search}")).await?;
        let mut found = found.as_array().context("no list")?.iter();
        ensure!(found.any(|booking| booking["uuid"] == uuid), "not found by {search}");
    }
    let gone = client.booking("post", &uuid, "/cancel", &json!({ "reason": "Mưa" })).await?;
    ensure!(gone["status"] == "CANCELLED" && gone["cancellation"]["refund"] == "FULL", "{gone}");
    Ok(())
}

/// The boat to oneself, under a UUID of the market's; given back before it is confirmed.
async fn charter(client: &Client, river: &River) -> anyhow::Result<()> {
    let body = json!({
        "productId": river.tour, "optionId": "private", "availabilityId": river.charter.departure,
        "unitItems": [{ "unitId": "boat" }],
    });
    let held = client.post("/bookings", &body).await?;
    ensure!(held["status"] == "ON_HOLD", "the hold came to {held}");
    let uuid = held["uuid"].as_str().context("no uuid")?;
    let gone = client.booking("post", uuid, "/cancel", &Value::Null).await?;
    ensure!(gone["status"] == "CANCELLED" && gone["cancellation"]["refund"] == "FULL", "{gone}");
    Ok(())
}

/// Bookings of which less comes back than all, and one whose guests are on board.
async fn end_otherwise(client: &Client, shop: &TestShop, river: &River) -> anyhow::Result<()> {
    let uuid = |number: usize| format!("00000000-0000-4000-9000-{number:012}");
    let (half, nothing, on_board) = (uuid(1), uuid(2), uuid(3));
    sell(client, river, &half, &river.near).await?;
    let gone = client.booking("post", &half, "/cancel", &json!({})).await?;
    ensure!(gone["cancellation"]["refund"] == "PARTIAL", "{gone}");

    sell(client, river, &nothing, &river.tonight).await?;
    let kept = client.booking("post", &nothing, "/cancel", &json!({})).await?;
    ensure!(kept["error"] == "UNPROCESSABLE_ENTITY", "nothing comes back, and yet {kept}");
    let gone = client.booking("post", &nothing, "/cancel", &json!({ "force": true })).await?;
    ensure!(gone["cancellation"]["refund"] == "NONE", "{gone}");

    let sold = sell(client, river, &on_board, &river.tonight).await?;
    let code = &sold["unitItems"][0]["ticket"]["deliveryOptions"][0]["deliveryValue"];
    let query = "mutation($input: RedeemTicketsInput!) { redeemTickets(input: $input) {
      scans { outcome } userErrors { code message path } } }";
    let input = json!({ "shopId": shop.id, "departureId": river.tonight.departure,
        "scans": [{ "nonce": "octo-scan-0000000001", "code": code }] });
    let told = shop.owner.change(query, json!({ "input": input })).await?;
    ensure!(told["scans"][0]["outcome"] == "ADMITTED", "{told}");
    let read = client.booking("get", &on_board, "", &Value::Null).await?;
    ensure!(read["status"] == "REDEEMED" && read["utcRedeemedAt"].is_string(), "{read}");
    let kept = client.booking("post", &on_board, "/cancel", &json!({ "force": true })).await?;
    ensure!(kept["error"] == "UNPROCESSABLE_ENTITY", "a guest on board, and yet {kept}");
    Ok(())
}

/// An adult's seat, confirmed.
async fn sell(
    client: &Client,
    river: &River,
    uuid: &str,
    sailing: &Sailing,
) -> anyhow::Result<Value> {
    client.post("/bookings", &river.booking(uuid, sailing, 1)).await?;
    let confirmation = json!({ "contact": { "fullName": "Lê Minh" } });
    let sold = client.booking("post", uuid, "/confirm", &confirmation).await?;
    ensure!(sold["status"] == "CONFIRMED", "the confirmation came to {sold}");
    Ok(sold)
}

async fn revoke(shop: &TestShop, reseller: &str) -> anyhow::Result<()> {
    let query = "mutation($input: RevokeResellerInput!) { revokeReseller(input: $input) {
      reseller { active } userErrors { code message } } }";
    let input = json!({ "shopId": shop.id, "resellerId": reseller });
    let revoked = shop.owner.change(query, json!({ "input": input })).await?;
    ensure!(revoked["reseller"]["active"] == false, "{revoked}");
    Ok(())
}
