//! Waiting lists through the API: who waits holds a token, and only that shows the place.

use proto::orders::{AddCartLineRequest, Cart, CartStatus};
use proto::tours::{
    GetWaitingListEntryRequest, JoinWaitingListRequest, WaitingListEntry, WaitingStatus,
};
use serde_json::{Value, json};

use crate::support::post;
use crate::tours::{departure_id, market_of_tours};

#[tokio::test]
async fn who_waits_is_told_the_place_and_asked_not_too_often() {
    let mut market = market_of_tours();
    market.settings.requests_per_minute = 1_000;
    market.catalog.on("join_waiting_list", |request: JoinWaitingListRequest| {
        assert_eq!((request.seats, request.locale.as_str(), request.email.as_str()), (2, "en", ""));
        Ok(WaitingListEntry {
            position: 3,
            claim_token: "secret".to_owned(),
            ..WaitingListEntry::default()
        })
    });
    let routes = market.routes();
    let query = "mutation($id: ID!) { joinWaitingList(input: {departureId: $id, seats: 2, name: \"Lê Minh\", phone: \"0900000123\"}) {
      entry { position claimToken } userErrors { code } } }";
    let mut refused = 0;
    for number in 0..12 {
        let answer = post(&routes, "", query, json!({ "id": departure_id(1) })).await;
        let payload = &answer["data"]["joinWaitingList"];
        if payload["userErrors"][0]["code"] == "RATE_LIMITED" {
            refused += 1;
        } else {
            assert_eq!(
                payload["entry"],
                json!({ "position": 3, "claimToken": "secret" }),
                "{number}: {answer}"
            );
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_place_in_the_list_is_shown_to_who_has_its_token_and_the_cart_carries_it() {
    let market = market_of_tours();
    market.catalog.on("get_waiting_list_entry", |request: GetWaitingListEntryRequest| {
        if request.claim_token != "secret" {
            return Err(tonic::Status::not_found("no such entry"));
        }
        Ok(WaitingListEntry {
            departure_id: departure_id(1),
            seats: 2,
            status: WaitingStatus::Offered.into(),
            offered_at: 1,
            offer_expires_at: 900_000_001,
            ..WaitingListEntry::default()
        })
    });
    market.orders.on("add_cart_line", |request: AddCartLineRequest| {
        assert_eq!(request.claim_token, "secret");
        Ok(Cart { status: CartStatus::Open.into(), ..Cart::default() })
    });
    let routes = market.routes();
    let query = "query($token: String!) { waitingListEntry(claimToken: $token) {
      status seats position offerExpiresAt claimToken departure { id status } } }";
    let answer = post(&routes, "", query, json!({ "token": "secret" })).await;
    assert_eq!(
        answer["data"]["waitingListEntry"],
        json!({ "status": "OFFERED", "seats": 2, "position": null, "claimToken": null,
            "offerExpiresAt": "1970-01-01T00:15:00.000001Z",
            "departure": { "id": departure_id(1), "status": "OPEN" } }),
        "{answer}"
    );
    // Not even the shop or the operator sees it without the token.
    for who in ["", "a", "operator"] {
        let answer = post(&routes, who, query, json!({ "token": "wrong" })).await;
        assert_eq!(answer["data"]["waitingListEntry"], Value::Null, "{answer}");
    }
    let add = "mutation { addCartLine(input: {cartId: \"cart_1\", variantId: \"var_1\", claimToken: \"secret\"}) {
      cart { status } userErrors { code } } }";
    let answer = post(&routes, "", add, json!({})).await;
    assert_eq!(answer["data"]["addCartLine"]["userErrors"], json!([]), "{answer}");
}
