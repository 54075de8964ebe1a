//! Payments at a shop's counter: asked for by its members, told when the money comes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, header};
use futures_util::StreamExt;
use proto::accounts::{Actor, AuthenticateRequest, GetShopsRequest, ShopStatus, Shops};
use proto::events::event::Body as EventBody;
use proto::events::{CounterPaymentChanged, Event};
use proto::payments::{
    CounterPayment, CounterPaymentRequest, CreateCounterPaymentRequest, PartPayment, Payment,
    PaymentStatus, VietQr,
};
use serde_json::json;
use tower::ServiceExt;

use crate::support::{Market, SHOP_A, payment_id, post, shop, user_of, vnd};

const CREATE: &str =
    "mutation($input: CreateCounterPaymentInput!) { createCounterPayment(input: $input) {
  payment { id status reference note qr { payload memo } } userErrors { code path } } }";
const CHANGED: &str = "subscription($id: ID!) { counterPaymentChanged(id: $id) { status } }";

fn kept(status: PaymentStatus, amount: Option<proto::common::Money>) -> CounterPayment {
    let payment = Payment {
        id: payment_id(7),
        status: status.into(),
        amount,
        reference: "CN7K2M4QPX".to_owned(),
        qr: Some(VietQr { payload: "0002".to_owned(), ..VietQr::default() }),
        ..Payment::default()
    };
    CounterPayment { payment: Some(payment), shop_id: shop(SHOP_A).id, ..CounterPayment::default() }
}

fn input(shop_id: &str) -> serde_json::Value {
    let amount = json!({ "amount": "45000", "currency": "VND" });
    json!({ "input": { "shopId": shop_id, "amount": amount, "note": "hai cà phê", "idempotencyKey": "k" } })
}

#[tokio::test]
async fn a_member_asks_for_an_amount_and_gets_a_qr() {
    let market = Market::new();
    market.payments.on("create_counter_payment", |request: CreateCounterPaymentRequest| {
        assert_eq!((request.note.as_str(), request.idempotency_key.as_str()), ("hai cà phê", "k"));
        assert_eq!(request.amount, Some(vnd(45_000)));
        assert!(request.asked_by.starts_with("usr_") || request.asked_by.starts_with("user_"));
        Ok(kept(PaymentStatus::Pending, request.amount))
    });
    let routes = market.routes();
    let answer = post(&routes, "a", CREATE, input(&shop(SHOP_A).id)).await;
    let payment = &answer["data"]["createCounterPayment"]["payment"];
    assert_eq!(payment["reference"], "CN7K2M4QPX");
    assert_eq!(payment["qr"]["payload"], "0002");
    market.payments.take_calls();
    for stranger in ["", "buyer", "b"] {
        let answer = post(&routes, stranger, CREATE, input(&shop(SHOP_A).id)).await;
        assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer}");
    }
    assert!(market.payments.take_calls().is_empty());
}

#[tokio::test]
async fn a_shop_that_may_not_sell_asks_for_nothing() {
    let market = Market::new();
    market.accounts.on("get_shops", |_: GetShopsRequest| {
        let mut suspended = shop(SHOP_A);
        suspended.set_status(ShopStatus::Suspended);
        Ok(Shops { shops: vec![suspended] })
    });
    let answer = post(&market.routes(), "a", CREATE, input(&shop(SHOP_A).id)).await;
    let payload = &answer["data"]["createCounterPayment"];
    assert_eq!(payload["payment"], json!(null));
    assert_eq!(payload["userErrors"], json!([{ "code": "NOT_FOR_SALE", "path": ["shopId"] }]));
    assert!(market.payments.take_calls().is_empty());
}

fn listen(token: &str) -> Request<Body> {
    listen_to(token, CHANGED)
}

fn listen_to(token: &str, query: &str) -> Request<Body> {
    let body = json!({ "query": query, "variables": { "id": payment_id(7) } }).to_string();
    Request::post("/graphql/sse")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(body))
        .unwrap()
}

/// Reads until a text comes; two seconds is what people at a counter are promised.
async fn hears(stream: &mut BodyDataStream, text: &str) {
    let heard = async {
        let mut all = String::new();
        while !all.contains(text) {
            let chunk =
                stream.next().await.unwrap_or_else(|| panic!("ended without {text}: {all}"));
            all.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(2), heard).await.unwrap();
}

#[tokio::test]
async fn the_counter_is_told_when_a_part_of_the_money_comes_with_the_qr_of_the_rest() {
    let market = Market::new();
    let received = Arc::new(Mutex::new(0));
    let now = Arc::clone(&received);
    market.payments.on("get_counter_payment", move |_: CounterPaymentRequest| {
        let mut found = kept(PaymentStatus::Pending, Some(vnd(45_000)));
        let received = *now.lock().unwrap();
        let part = PartPayment {
            received: Some(vnd(received)),
            missing: Some(vnd(45_000 - received)),
            qr: Some(VietQr { payload: "0003".to_owned(), ..VietQr::default() }),
        };
        if let Some(payment) = found.payment.as_mut().filter(|_| received > 0) {
            payment.part_payment = Some(part);
        }
        Ok(found)
    });
    let query = "subscription($id: ID!) { counterPaymentChanged(id: $id) { status partPayment {
      received { amount } missing { amount } qr { payload } } } }";
    let response = market.routes().oneshot(listen_to("a", query)).await.unwrap();
    let mut stream = response.into_body().into_data_stream();
    hears(&mut stream, "\"partPayment\":null").await;
    for (part, missing) in [(20_000, "25000"), (30_000, "15000")] {
        *received.lock().unwrap() = part;
        let changed = CounterPaymentChanged { payment_id: payment_id(7) };
        let body = Some(EventBody::CounterPaymentChanged(changed));
        market.events.send(Event { body, ..Event::default() }).unwrap();
        hears(&mut stream, &format!("\"missing\":{{\"amount\":\"{missing}\"}}")).await;
    }
}

#[tokio::test]
async fn the_counter_is_told_when_the_money_comes_and_strangers_are_told_nothing() {
    let market = Market::new();
    let status = Arc::new(Mutex::new(PaymentStatus::Pending));
    let now = Arc::clone(&status);
    market.payments.on("get_counter_payment", move |request: CounterPaymentRequest| {
        assert_eq!(request.payment_id, payment_id(7));
        Ok(kept(*now.lock().unwrap(), Some(vnd(45_000))))
    });
    let routes = market.routes();
    let response = routes.clone().oneshot(listen("a")).await.unwrap();
    let mut stream = response.into_body().into_data_stream();
    hears(&mut stream, "PENDING").await;
    *status.lock().unwrap() = PaymentStatus::Succeeded;
    let changed = CounterPaymentChanged { payment_id: payment_id(7) };
    let body = Some(EventBody::CounterPaymentChanged(changed));
    market.events.send(Event { body, ..Event::default() }).unwrap();
    hears(&mut stream, "SUCCEEDED").await;
    let refused = routes.oneshot(listen("b")).await.unwrap();
    let mut stream = refused.into_body().into_data_stream();
    hears(&mut stream, "NOT_FOUND").await;
}

#[tokio::test]
async fn who_is_let_go_while_listening_hears_no_more() {
    let market = Market::new();
    let let_go = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&let_go);
    market.accounts.on("authenticate", move |request: AuthenticateRequest| {
        let actor = user_of(&request.token)?;
        let gone = now.load(Ordering::SeqCst);
        Ok(if gone { Actor { memberships: Vec::new(), ..actor } } else { actor })
    });
    market.payments.on("get_counter_payment", |_: CounterPaymentRequest| {
        Ok(kept(PaymentStatus::Pending, Some(vnd(45_000))))
    });
    let response = market.routes().oneshot(listen("a-staff")).await.unwrap();
    let mut stream = response.into_body().into_data_stream();
    hears(&mut stream, "PENDING").await;
    let_go.store(true, Ordering::SeqCst);
    let changed = CounterPaymentChanged { payment_id: payment_id(7) };
    let body = Some(EventBody::CounterPaymentChanged(changed));
    market.events.send(Event { body, ..Event::default() }).unwrap();
    hears(&mut stream, "NOT_FOUND").await;
}
