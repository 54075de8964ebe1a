//! Lists are read in few calls, however long they are.

use serde_json::json;

use crate::support::asking::Client;
use crate::support::market::{Market, departure_id, product_id};

#[tokio::test]
async fn a_list_of_products_takes_two_calls_however_many_there_are() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/pricing,octo/content");
    client.get("/products", "/products").await;
    let calls: Vec<_> = market.catalog.take_calls().into_iter().collect();
    assert_eq!(calls, [("get_tours", 1), ("list_products", 1)]);
    assert!(market.accounts.take_calls().is_empty());
}

#[tokio::test]
async fn a_list_of_bookings_reads_tours_and_departures_of_all_at_once() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_capabilities("octo/pricing");
    for number in 0..8_u128 {
        let tour = 1 + number % 2;
        let body = json!({
            "productId": product_id(tour),
            "optionId": "private",
            "availabilityId": departure_id(tour, number),
            "unitItems": [{ "unitId": "boat" }],
            "resellerReference": "R",
        });
        let booked = client.post("/bookings", "/bookings", &body).await;
        assert_eq!(booked.json["status"], "ON_HOLD");
    }
    market.catalog.take_calls();
    market.orders.take_calls();
    let found = client.get("/bookings", "/bookings?resellerReference=R").await.json;
    assert_eq!(found.as_array().unwrap().len(), 8);
    let calls: Vec<_> = market.catalog.take_calls().into_iter().collect();
    assert_eq!(calls, [("get_departures", 1), ("get_products", 1), ("get_tours", 1)]);
    let calls: Vec<_> = market.orders.take_calls().into_iter().collect();
    assert_eq!(calls, [("authenticate_reseller", 1), ("list_bookings", 1)]);
}

#[tokio::test]
async fn a_calendar_of_a_hundred_days_takes_three_calls() {
    let market = Market::new();
    let client = Client::new(market.routes());
    let asked = json!({
        "productId": product_id(1), "optionId": "join-in",
        "localDateStart": "2026-12-01", "localDateEnd": "2027-03-10",
    });
    let days = client.post("/availability/calendar", "/availability/calendar", &asked).await.json;
    assert_eq!(days.as_array().unwrap().len(), 100);
    let calls: Vec<_> = market.catalog.take_calls().into_iter().collect();
    assert_eq!(calls, [("get_products", 1), ("get_tours", 1), ("list_departures", 1)]);
}
