//! Answers that are lost on the way: the sandbox did what it was asked for, and our client does not know.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;

use super::*;
use crate::providers::card::{CardError, PaymentIntentRequest};

/// How long the client waits for one answer.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// Stands between the client and the sandbox. It passes every request on, and loses the answers to some.
struct Way {
    http: reqwest::Client,
    sandbox: String,
    /// How many of the next answers are lost.
    lost: AtomicUsize,
    /// How many requests went through.
    passed: AtomicUsize,
}

async fn pass(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await.unwrap();
    let url = format!("{}{}", way.sandbox, parts.uri);
    let mut onward = way.http.request(parts.method, url).body(body);
    for name in ["authorization", "content-type", "idempotency-key"] {
        if let Some(value) = parts.headers.get(name) {
            onward = onward.header(name, value);
        }
    }
    let answer = onward.send().await.unwrap();
    let status = answer.status();
    let body = answer.bytes().await.unwrap();
    way.passed.fetch_add(1, Ordering::SeqCst);
    let one_less = |left: usize| left.checked_sub(1);
    if way.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
        // Longer than anybody waits.
        tokio::time::sleep(PATIENCE * 3).await;
    }
    Response::builder().status(status).body(Body::from(body)).unwrap()
}

impl Stand {
    /// A client that reaches the sandbox over such a way.
    async fn over_a_bad_way(&self) -> (Stripe, Arc<Way>) {
        let way = Arc::new(Way {
            http: reqwest::Client::new(),
            sandbox: format!("{}/sandbox/stripe", self.url),
            lost: AtomicUsize::new(0),
            passed: AtomicUsize::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().fallback(pass).with_state(Arc::clone(&way));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let limits = Limits {
            whole_try: PATIENCE,
            first_pause: Duration::ZERO,
            longest_pause: Duration::ZERO,
            ..Limits::default()
        };
        let secret_key = SecretKey::new(DEVELOPMENT_SECRET_KEY);
        (Stripe::new(&StripeParts { secret_key, base_url, limits }).unwrap(), way)
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn an_answer_that_is_lost_is_asked_for_again_under_the_same_key_and_nothing_is_done_twice(database) {
        let stand = Stand::on(database).await;
        let (stripe, way) = stand.over_a_bad_way().await;
        way.lost.store(2, Ordering::SeqCst);
        let session = stripe.create_checkout_session(&stand.request(100_000), &new_key()).await.unwrap();
        assert_eq!(way.passed.load(Ordering::SeqCst), 3);
        assert_eq!(stand.look("checkout/sessions").await.1["data"].as_array().unwrap().len(), 1);
        stand.submit(&session, TestCard::Pays).await;
        let intent = stand.payment(&session).await.intent.unwrap();
        way.lost.store(2, Ordering::SeqCst);
        let refund = stripe.refund(&refund_of(&intent, 60_000), &new_key()).await.unwrap();
        assert_eq!(stand.payment(&session).await.refunded, Money::vnd(60_000));
        assert_eq!(stand.look("refunds").await.1["data"].as_array().unwrap().len(), 1);
        assert_eq!(stripe.get_refund(&refund.id).await.unwrap(), refund);
    }

    async fn after_the_last_try_nobody_knows_and_the_same_key_later_finds_what_was_done(database) {
        let stand = Stand::on(database.clone()).await;
        let (stripe, way) = stand.over_a_bad_way().await;
        let intent = stand.paid(100_000, TestCard::Pays).await.intent.unwrap();
        let (key, request) = (new_key(), refund_of(&intent, 60_000));
        way.lost.store(3, Ordering::SeqCst);
        let unknown = stripe.refund(&request, &key).await;
        assert!(matches!(unknown, Err(CardError::Unavailable(_))), "{unknown:?}");
        // Our process and the sandbox's end; both are started again.
        let stand = Stand::at(database, stand.clock.clone(), Ears::default()).await;
        let refund = stand.stripe.refund(&request, &key).await.unwrap();
        assert_eq!(refund.amount, Money::vnd(60_000));
        assert_eq!(stand.look("refunds").await.1["data"].as_array().unwrap().len(), 1);
        // With another key it would have been too much: that is why the key is stored first.
        assert!(stand.stripe.refund(&request, &new_key()).await.is_err());
    }

    async fn a_card_that_was_charged_behind_a_lost_answer_is_charged_once(database) {
        let stand = Stand::on(database).await;
        let request = PaymentIntentRequest {
            payment: payment_id(), amount: Money::vnd(90_000), description: None,
        };
        let intent = stand.stripe.create_payment_intent(&request, &new_key()).await.unwrap();
        let path = format!("payment_intents/{}/confirm", intent.id);
        let confirm = || stand.api(&path, Some("confirm:1"), "payment_method=pm_card_visa");
        // The first answer is not listened to.
        let first = tokio::time::timeout(Duration::ZERO, confirm()).await;
        assert!(first.is_err());
        let both = tokio::join!(confirm(), confirm());
        assert_eq!((both.0.0, &both.0), (200, &both.1));
        assert_eq!(stand.look("charges").await.1["data"].as_array().unwrap().len(), 1);
        let reference = CardPaymentReference::Intent(intent.id);
        assert_eq!(stand.stripe.get_payment(&reference).await.unwrap().captured, Money::vnd(90_000));
    }
}
