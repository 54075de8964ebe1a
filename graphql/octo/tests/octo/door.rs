//! The door itself: keys, bounds, languages, paths.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::asking::Client;
use crate::support::market::Market;
use crate::support::openapi::check_other_error;

#[tokio::test]
async fn a_reseller_may_ask_so_often_in_a_minute_and_does_not_take_from_others() {
    let mut market = Market::new();
    market.settings.requests_per_minute = 3;
    let client = Client::new(market.routes());
    for _ in 0..3 {
        client.get("/products", "/products").await;
    }
    let refused = client.send("get", "/products", None).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    check_other_error(&refused.json);
    client.with_key("second").get("/products", "/products").await;
}

#[tokio::test]
async fn keys_cannot_be_tried_out_at_will() {
    let mut market = Market::new();
    market.settings.requests_per_minute = 3;
    let client = Client::new(market.routes());
    for key in ["a", "b", ""] {
        client.with_key(key).get("/supplier", "/supplier").await;
    }
    let refused = client.with_key("c").send("get", "/supplier", None).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    client.get("/supplier", "/supplier").await;
}

#[tokio::test]
async fn paths_are_found_with_and_without_a_slash_and_others_are_refused_in_octos_words() {
    let market = Market::new();
    let client = Client::new(market.routes());
    for path in ["/products", "/products/", "/supplier/", "/capabilities/"] {
        client.get(path.trim_end_matches('/'), path).await;
    }
    for (method, path, status) in [
        ("get", "/orders", StatusCode::NOT_FOUND),
        ("get", "/bookings/x/refund", StatusCode::NOT_FOUND),
        ("delete", "/products", StatusCode::METHOD_NOT_ALLOWED),
        ("get", "/availability", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let refused = client.send(method, path, None).await;
        assert_eq!((refused.status, refused.error()), (status, "BAD_REQUEST"), "{method} {path}");
        check_other_error(&refused.json);
    }
}

#[tokio::test]
async fn an_id_that_no_text_has_is_refused_in_octos_words() {
    let market = Market::new();
    let client = Client::new(market.routes());
    for (method, template, path) in [
        ("get", "/products/{id}", "/products/%FF"),
        ("get", "/bookings/{uuid}", "/bookings/%FF"),
        ("patch", "/bookings/{uuid}", "/bookings/%FF"),
        ("post", "/bookings/{uuid}/confirm", "/bookings/%FF/confirm"),
        ("post", "/bookings/{uuid}/extend", "/bookings/%FF/extend"),
        ("post", "/bookings/{uuid}/cancel", "/bookings/%FF/cancel"),
    ] {
        let refused = client.ask(method, template, path, None).await;
        assert_eq!(refused.error(), "BAD_REQUEST", "{method} {path}");
        let stranger = client.with_key("").ask(method, template, path, None).await;
        assert_eq!(stranger.error(), "UNAUTHORIZED", "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let market = Market::new();
    let client = Client::new(market.routes());
    let body = json!({ "notes": "a".repeat(70_000) }).to_string();
    let refused = client.ask("post", "/bookings", "/bookings", Some(body)).await;
    assert_eq!(refused.error(), "BAD_REQUEST");
    assert!(refused.json["errorMessage"].as_str().unwrap().contains("65536"));
    assert!(!market.orders.take_calls().contains_key("reserve_booking"));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_language_of_the_request() {
    let market = Market::new();
    let client = Client::new(market.routes()).with_key("");
    let english = client.get("/products", "/products").await;
    assert!(english.json["errorMessage"].as_str().unwrap().contains("API Key"));
    let vietnamese = client.with_language("vi").get("/products", "/products").await;
    assert!(vietnamese.json["errorMessage"].as_str().unwrap().contains("khóa API"));
    let unsaid = client.with_language("").get("/products", "/products").await;
    assert_eq!(unsaid.json, vietnamese.json, "Vietnamese comes first");
}
