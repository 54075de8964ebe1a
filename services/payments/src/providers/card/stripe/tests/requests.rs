//! What is sent, and what the answers become.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{Currency, Money, Timestamp};
use serde_json::{Value, json};
use wiremock::matchers::{any, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{balance_transaction, checkout, client, key, payment_id, refund, refund_object};
use crate::providers::card::stripe::{
    BASE_URL, Limits, SecretKey, Stripe, StripeMisconfigured, StripeParts, webhook,
};
use crate::providers::card::{
    CardError, CardPaymentReference, CardProvider, CardRefusal, DisputeStatus,
    PaymentIntentRequest, RefundStatus,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// A stand-in that gives every request one answer.
async fn answering(status: u16, answer: Value) -> (MockServer, Stripe) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_json(answer);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri(), PATIENCE);
    (server, client)
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

fn form(request: &Request) -> BTreeMap<String, String> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

#[tokio::test]
async fn a_page_is_asked_for_whole_dong_with_our_payment_on_it() {
    let (server, stripe) = answering(
        200,
        json!({ "id": "cs_1", "object": "checkout.session", "status": "open",
            "url": "https://checkout.stripe.com/c/pay/cs_1", "expires_at": 1_760_001_800 }),
    )
    .await;
    let request = checkout(Money::vnd(250_000));
    let session = stripe.create_checkout_session(&request, &key("pay_1:page")).await.unwrap();
    assert_eq!(session.id.as_str(), "cs_1");
    assert_eq!(session.expires_at, Timestamp::from_micros(1_760_001_800_000_000));

    let sent = only_request(&server).await;
    assert_eq!((sent.method.as_str(), sent.url.path()), ("POST", "/v1/checkout/sessions"));
    assert_eq!(header(&sent, "idempotency-key"), Some("pay_1:page"));
    assert_eq!(header(&sent, "authorization"), Some("Bearer sk_test_made_up"));
    assert_eq!(header(&sent, "stripe-version"), Some("2026-10-28.endive"));
    let payment = payment_id().to_string();
    let expected = [
        ("adaptive_pricing[enabled]", "false"),
        ("cancel_url", "https://chonoi.example/gio-hang"),
        ("client_reference_id", &payment),
        ("expires_at", "1760001800"),
        ("line_items[0][price_data][currency]", "vnd"),
        ("line_items[0][price_data][product_data][name]", "Chợ Nổi: 2 kg xoài & dừa"),
        ("line_items[0][price_data][unit_amount]", "250000"),
        ("line_items[0][quantity]", "1"),
        ("locale", "vi"),
        ("metadata[payment_id]", &payment),
        ("mode", "payment"),
        ("payment_intent_data[description]", "Chợ Nổi: 2 kg xoài & dừa"),
        ("payment_intent_data[metadata][payment_id]", &payment),
        ("payment_method_types[0]", "card"),
        ("success_url", "https://chonoi.example/thanh-toan?kq=1"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(form(&sent), BTreeMap::from(expected));
}

#[tokio::test]
async fn an_amount_that_stripe_cannot_express_is_never_sent() {
    let (server, stripe) = answering(200, json!({})).await;
    let odd = Money::new(5_124, Currency::Kwd);
    let intent = PaymentIntentRequest { payment: payment_id(), amount: odd, description: None };
    let refusals = [
        stripe.create_checkout_session(&checkout(odd), &key("k")).await.map(drop).unwrap_err(),
        stripe.create_payment_intent(&intent, &key("k")).await.map(drop).unwrap_err(),
        stripe.refund(&refund(odd), &key("k")).await.map(drop).unwrap_err(),
    ];
    for error in refusals {
        assert!(matches!(error, CardError::Refused(CardRefusal::NotRepresentable { .. })));
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refund_names_the_intent_the_amount_and_our_refund() {
    let (server, stripe) = answering(200, refund_object()).await;
    let refunded = stripe.refund(&refund(Money::vnd(1_000)), &key("refund:1")).await.unwrap();
    assert_eq!((refunded.status, refunded.amount), (RefundStatus::Succeeded, Money::vnd(1_000)));
    let sent = only_request(&server).await;
    assert_eq!(sent.url.path(), "/v1/refunds");
    assert_eq!(header(&sent, "idempotency-key"), Some("refund:1"));
    let body = String::from_utf8(sent.body).unwrap();
    assert_eq!(body, "payment_intent=pi_1&amount=1000&metadata%5Brefund_id%5D=refund_1");
}

#[tokio::test]
async fn the_refunds_of_an_intent_are_read_with_our_ids_and_those_by_hand_without() {
    let mut ours = refund_object();
    ours["metadata"] = json!({ "refund_id": "cret_1", "colour": "red" });
    let mut by_hand = refund_object();
    by_hand["metadata"] = json!({});
    let list =
        json!({ "object": "list", "data": [ours, by_hand, refund_object()], "has_more": false });
    let (server, stripe) = answering(200, list).await;
    let refunds = stripe.refunds_of(&"pi_1".parse().unwrap()).await.unwrap();
    let references: Vec<_> = refunds.iter().map(|refund| refund.reference.as_deref()).collect();
    assert_eq!(references, [Some("cret_1"), None, None]);
    let sent = only_request(&server).await;
    assert_eq!((sent.method.as_str(), sent.url.path()), ("GET", "/v1/refunds"));
    assert_eq!(sent.url.query(), Some("payment_intent=pi_1&limit=100"));
}

#[tokio::test]
async fn a_payment_is_read_with_its_charge_and_without_a_key() {
    let (server, stripe) = answering(
        200,
        json!({ "id": "pi_1", "object": "payment_intent", "amount": 250_000, "currency": "vnd",
            "status": "requires_payment_method", "latest_charge": null }),
    )
    .await;
    let reference = CardPaymentReference::Intent("pi_1".parse().unwrap());
    let payment = stripe.get_payment(&reference).await.unwrap();
    assert_eq!(payment.amount, Money::vnd(250_000));
    let sent = only_request(&server).await;
    assert_eq!(sent.method.as_str(), "GET");
    assert_eq!(sent.url.path(), "/v1/payment_intents/pi_1");
    assert_eq!(sent.url.query(), Some("expand%5B%5D=latest_charge"));
    assert_eq!(header(&sent, "idempotency-key"), None);
}

#[tokio::test]
async fn a_dispute_is_read_anew_by_its_id() {
    let (server, stripe) = answering(
        200,
        json!({ "id": "dp_1", "object": "dispute", "amount": 250_000, "currency": "vnd",
            "status": "lost", "reason": "fraudulent", "charge": "ch_1", "payment_intent": "pi_1",
            "balance_transactions": [balance_transaction("txn_3")],
            "evidence_details": { "due_by": 0 } }),
    )
    .await;
    let dispute = stripe.get_dispute(&"dp_1".parse().unwrap()).await.unwrap();
    assert_eq!((dispute.status, dispute.amount), (DisputeStatus::Lost, Money::vnd(250_000)));
    assert_eq!((dispute.balance_transactions.len(), dispute.evidence_due_by), (1, None));
    assert_eq!(only_request(&server).await.url.path(), "/v1/disputes/dp_1");
    assert_eq!(stripe.name(), webhook::FEED);
}

#[tokio::test]
async fn a_page_that_is_open_no_more_cannot_be_closed() {
    let error = json!({ "error": { "type": "invalid_request_error",
        "message": "Only Checkout Sessions with a status in [\"open\"] can be expired." } });
    let (server, stripe) = answering(400, error).await;
    let closed = stripe.expire_checkout_session(&"cs_1".parse().unwrap(), &key("close")).await;
    assert!(matches!(closed, Err(CardError::Refused(CardRefusal::Other { .. }))));
    assert_eq!(only_request(&server).await.url.path(), "/v1/checkout/sessions/cs_1/expire");
}

#[tokio::test]
async fn a_refusal_is_told_at_once_and_not_asked_again() {
    let missing =
        json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } });
    let (server, stripe) = answering(404, missing).await;
    let reference = CardPaymentReference::CheckoutSession("cs_1".parse().unwrap());
    let error = stripe.get_payment(&reference).await.unwrap_err();
    assert!(matches!(error, CardError::Refused(CardRefusal::NotFound)));
    only_request(&server).await;
}

#[tokio::test]
async fn an_answer_of_another_shape_is_unreadable_and_keeps_its_reason() {
    let (server, stripe) = answering(200, json!({ "id": "re_1", "object": "refund" })).await;
    let error = stripe.get_refund(&"re_1".parse().unwrap()).await.unwrap_err();
    let CardError::Unreadable(source) = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("missing field"), "{source}");
    only_request(&server).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_our_key() {
    let elsewhere = MockServer::start().await;
    let server = MockServer::start().await;
    let moved = ResponseTemplate::new(307).insert_header("location", elsewhere.uri().as_str());
    Mock::given(any()).respond_with(moved).mount(&server).await;
    let stripe = client(&server.uri(), PATIENCE);
    assert!(stripe.payout(&"po_1".parse().unwrap()).await.is_err());
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_page_of_a_payout_is_read_in_order() {
    let server = MockServer::start().await;
    let page = |first: usize, count: usize, has_more: bool| {
        let data: Vec<Value> =
            (first..first + count).map(|n| balance_transaction(&format!("txn_{n}"))).collect();
        let list = json!({ "object": "list", "data": data, "has_more": has_more });
        ResponseTemplate::new(200).set_body_json(list)
    };
    let listing = || {
        Mock::given(method("GET"))
            .and(path("/v1/balance_transactions"))
            .and(query_param("payout", "po_1"))
            .and(query_param("limit", "100"))
    };
    listing()
        .and(query_param_is_missing("starting_after"))
        .respond_with(page(0, 100, true))
        .mount(&server)
        .await;
    for (after, next) in [("txn_99", page(100, 100, true)), ("txn_199", page(200, 3, false))] {
        listing().and(query_param("starting_after", after)).respond_with(next).mount(&server).await;
    }
    let stripe = client(&server.uri(), PATIENCE);
    let all = stripe.payout_balance_transactions(&"po_1".parse().unwrap()).await.unwrap();
    let ids: Vec<String> = all.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(ids, (0..203).map(|n| format!("txn_{n}")).collect::<Vec<_>>());
    assert_eq!(all[202].net, Money::vnd(241_000));
}

#[tokio::test]
async fn movements_are_asked_for_since_a_moment_and_an_intent_is_given_up_under_its_key() {
    let list =
        json!({ "object": "list", "data": [balance_transaction("txn_1")], "has_more": false });
    let (server, stripe) = answering(200, list).await;
    let since = Timestamp::from_micros(1_760_000_000_999_999);
    let all = stripe.balance_transactions_since(since).await.unwrap();
    assert_eq!(all.len(), 1);
    let asked = only_request(&server).await;
    assert_eq!(asked.url.path(), "/v1/balance_transactions");
    let query: Vec<(String, String)> = asked.url.query_pairs().into_owned().collect();
    assert!(query.contains(&("created[gte]".to_owned(), "1760000000".to_owned())), "{query:?}");
    let gone = json!({ "error": { "type": "invalid_request_error",
        "code": "payment_intent_unexpected_state", "message": "It has succeeded." } });
    let (server, stripe) = answering(400, gone).await;
    let refused = stripe.cancel_payment_intent(&"pi_1".parse().unwrap(), &key("close")).await;
    assert!(matches!(refused, Err(CardError::Refused(_))), "{refused:?}");
    let asked = only_request(&server).await;
    assert_eq!(asked.url.path(), "/v1/payment_intents/pi_1/cancel");
    assert_eq!(asked.headers.get("idempotency-key").unwrap(), "close");
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let endless = json!({ "object": "list", "data": [], "has_more": true });
    let (server, stripe) = answering(200, endless).await;
    let listed = stripe.payout_balance_transactions(&"po_1".parse().unwrap()).await;
    assert!(matches!(listed, Err(CardError::Unreadable(_))));
    only_request(&server).await;
}

#[test]
fn a_key_is_not_shown_and_does_not_travel_in_the_clear() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = |secret_key: &str, base_url: &str| {
        let (secret_key, base_url) = (SecretKey::new(secret_key), base_url.to_owned());
        Stripe::new(&StripeParts { secret_key, base_url, limits: Limits::default() })
    };
    let stripe = made("sk_live_secret", BASE_URL).unwrap();
    assert!(!format!("{stripe:?}").contains("sk_live_secret"));
    assert!(!format!("{:?}", SecretKey::new("sk_live_secret")).contains("secret_"));
    assert!(made("sk_1", "http://localhost:8420").is_ok());
    assert!(made("sk_1", "http://[::1]:8420/").is_ok());
    for address in ["http://stripe.example", "http://127.0.0.1.example", "ftp://localhost"] {
        assert!(matches!(made("sk_1", address), Err(StripeMisconfigured::InTheClear)), "{address}");
    }
    assert!(matches!(made("sk_1", "stripe"), Err(StripeMisconfigured::Address(_))));
    for key in ["", "sk 1", "sk_1\n", "sk_ă"] {
        assert!(matches!(made(key, BASE_URL), Err(StripeMisconfigured::Key)));
    }
}
