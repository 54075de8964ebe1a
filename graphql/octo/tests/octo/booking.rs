//! What a reseller sees of a booking from its hold to its end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::asking::{Asked, Client};
use crate::support::market::{Market, departure_id, product_id};

const UUID: &str = "559aed3d-6d5b-4fe0-bfca-99f5e7218a56";

fn reservation() -> Value {
    json!({
        "uuid": UUID.to_uppercase(),
        "productId": product_id(1),
        "optionId": "join-in",
        "availabilityId": "2026-12-01T05:30:00+07:00",
        "unitItems": [
            { "unitId": "adult", "contact": { "firstName": "An", "lastName": "Nguyễn" } },
            { "unitId": "infant" },
        ],
    })
}

async fn reserve(client: &Client) -> Asked {
    client.post("/bookings", "/bookings", &reservation()).await
}

async fn confirm(client: &Client) -> Asked {
    let path = format!("/bookings/{UUID}/confirm");
    let body = json!({ "resellerReference": "R-1", "contact": { "firstName": "An" } });
    client.post("/bookings/{uuid}/confirm", &path, &body).await
}

#[tokio::test]
async fn a_hold_by_its_local_start_shows_seats_prices_and_guests_but_no_tickets() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/pricing");
    let booking = reserve(&client).await.json;
    assert_eq!(booking["uuid"], UUID, "written as everywhere");
    assert_eq!(booking["availabilityId"], departure_id(1, 0));
    assert_eq!(booking["availability"]["localDateTimeStart"], "2026-12-01T05:30:00+07:00");
    assert_eq!(booking["utcExpiresAt"], "2026-11-26T23:00:00Z");
    assert_eq!(booking["pricing"]["retail"], 250_000);
    assert_eq!(booking["pricing"]["currencyPrecision"], 0);
    assert_eq!(booking["cancellable"], true);
    let items = booking["unitItems"].as_array().unwrap();
    assert_eq!(items[0]["contact"]["fullName"], "An Nguyễn");
    assert_eq!(items[0]["unit"]["type"], "ADULT");
    assert_eq!(items[1]["pricing"]["retail"], 0);
    assert!(items.iter().all(|item| item["ticket"].is_null()));
}

#[tokio::test]
async fn the_same_uuid_is_the_same_booking_and_another_body_under_it_is_refused() {
    let market = Market::new();
    let client = Client::new(market.routes());
    let first = reserve(&client).await.json;
    let again = reserve(&client).await.json;
    assert_eq!(first, again);
    let mut other = reservation();
    other["unitItems"].as_array_mut().unwrap().push(json!({ "unitId": "adult" }));
    let refused = client.post("/bookings", "/bookings", &other).await;
    assert_eq!(refused.error(), "UNPROCESSABLE_ENTITY");
    let now = client.get("/bookings/{uuid}", &format!("/bookings/{UUID}")).await.json;
    assert_eq!(now["unitItems"].as_array().unwrap().len(), 2);
    let stranger = client.with_key("second");
    let asked = stranger.get("/bookings/{uuid}", &format!("/bookings/{UUID}")).await;
    assert_eq!(asked.error(), "INVALID_BOOKING_UUID", "another reseller's booking is nobody's");
}

#[tokio::test]
async fn a_confirmed_booking_carries_a_signed_code_a_guest() {
    let market = Market::new();
    let client = Client::new(market.routes());
    reserve(&client).await;
    let booking = confirm(&client).await.json;
    assert_eq!(booking["utcExpiresAt"], Value::Null);
    assert_eq!(booking["deliveryMethods"], json!(["TICKET"]));
    assert_eq!(booking["voucher"], Value::Null);
    assert_eq!(booking["supplierReference"], "CN-7K2M-Q4PD");
    for (number, item) in booking["unitItems"].as_array().unwrap().iter().enumerate() {
        let way = &item["ticket"]["deliveryOptions"];
        let code = format!("CN1.{}.signed", number + 1);
        assert_eq!(*way, json!([{ "deliveryFormat": "QRCODE", "deliveryValue": code }]));
    }
    assert_eq!(confirm(&client).await.json, booking, "twice is once");
}

#[tokio::test]
async fn a_hold_that_expired_cannot_be_confirmed() {
    let market = Market::new();
    let client = Client::new(market.routes());
    reserve(&client).await;
    market.clock.advance(Duration::from_secs(31 * 60));
    let refused = confirm(&client).await;
    assert_eq!((refused.error(), &refused.json["uuid"]), ("INVALID_BOOKING_UUID", &json!(UUID)));
}

#[tokio::test]
async fn a_booking_without_a_name_is_not_confirmed() {
    let market = Market::new();
    let client = Client::new(market.routes());
    reserve(&client).await;
    let path = format!("/bookings/{UUID}/confirm");
    for (contact, code) in [
        (json!({ "emailAddress": "an@chonoi.example" }), "UNPROCESSABLE_ENTITY"),
        (json!({ "fullName": "An", "emailAddress": "an@" }), "UNPROCESSABLE_ENTITY"),
        (json!({ "fullName": "a".repeat(201) }), "UNPROCESSABLE_ENTITY"),
        (json!("An"), "BAD_REQUEST"),
        (Value::Null, "BAD_REQUEST"),
    ] {
        let body = json!({ "contact": contact });
        let refused = client.post("/bookings/{uuid}/confirm", &path, &body).await;
        assert_eq!(refused.error(), code, "{body}");
    }
    let booking = client.get("/bookings/{uuid}", &format!("/bookings/{UUID}")).await.json;
    assert_eq!(booking["status"], "ON_HOLD");
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_name_and_null_takes_notes_away() {
    let market = Market::new();
    let client = Client::new(market.routes());
    let mut body = reservation();
    body["notes"] = json!("Ăn chay");
    client.post("/bookings", "/bookings", &body).await;
    let path = format!("/bookings/{UUID}");
    let referred = json!({ "resellerReference": "R-2" });
    let changed = client.patch("/bookings/{uuid}", &path, &referred).await.json;
    assert_eq!(
        (&changed["notes"], &changed["resellerReference"]),
        (&json!("Ăn chay"), &json!("R-2"))
    );
    let changed = client.patch("/bookings/{uuid}", &path, &json!({ "notes": null })).await.json;
    assert_eq!((&changed["notes"], &changed["resellerReference"]), (&Value::Null, &json!("R-2")));
    let later = json!({ "expirationMinutes": 90 });
    let changed = client.patch("/bookings/{uuid}", &path, &later).await.json;
    assert_eq!(changed["utcExpiresAt"], "2026-11-27T00:00:00Z");
}

#[tokio::test]
async fn a_booking_of_a_tour_that_went_off_the_shelf_is_still_shown() {
    let market = Market::new();
    let client = Client::new(market.routes());
    reserve(&client).await;
    market.catalog.on("get_products", |request: proto::catalog::GetProductsRequest| {
        let mut products = crate::support::market::products();
        products.retain(|product| request.hidden_too && request.ids.contains(&product.id));
        Ok(proto::catalog::Products { products })
    });
    let path = format!("/bookings/{UUID}");
    let booking = client.get("/bookings/{uuid}", &path).await.json;
    assert_eq!(booking["product"]["id"], product_id(1));
    let changed = client.patch("/bookings/{uuid}", &path, &json!({ "notes": "x" })).await.json;
    assert_eq!(changed["notes"], "x");
    let other = json!({ "productId": product_id(2) });
    assert_eq!(client.patch("/bookings/{uuid}", &path, &other).await.error(), "INVALID_PRODUCT_ID");
}
