//! The sandbox as our Stripe client, a browser and a webhook meet it: over loopback, on both databases.

mod disputes;
mod dropped;
mod keys;
mod pages;
mod paying;
mod payouts;
mod refunds;
mod shapes;
mod telling;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use kernel::{Clock, Locale, ManualClock, Money, PaymentId, Timestamp};
use platform::database::Database;
use platform::on_each_database;
use serde_json::Value;

use super::cards::TestCard;
use super::{DEVELOPMENT_SECRET_KEY, SandboxCard, SandboxCardParts, SandboxCardTerms};
use crate::providers::card::stripe::webhook::WebhookSecrets;
use crate::providers::card::stripe::{Limits, SecretKey, Stripe, StripeParts};
use crate::providers::card::{
    CardPayment, CardPaymentReference, CardProvider, CheckoutSession, CheckoutSessionRequest,
    IdempotencyKey, IntentId, Refund, RefundRequest,
};
use crate::providers::sandbox_bank::SandboxBank;

const WEBHOOK_SECRET: &str = "whsec_of_tests";
/// 15 January 2027, 8:00 UTC.
const BEGINNING: i64 = 1_800_000_000;

/// Who listens at the webhooks, and what they heard.
#[derive(Default)]
struct Heard {
    /// Bodies and signatures, as they came.
    events: Vec<(Bytes, String)>,
    /// Bodies of the bank's feed.
    credits: Vec<Value>,
    /// How many of the next calls are not taken.
    deaf: usize,
}

type Ears = Arc<Mutex<Heard>>;

struct Stand {
    sandbox: Arc<SandboxCard>,
    clock: ManualClock,
    stripe: Stripe,
    url: String,
    browser: reqwest::Client,
    ears: Ears,
}

async fn hear_event(State(ears): State<Ears>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut heard = ears.lock().unwrap();
    if heard.deaf > 0 {
        heard.deaf -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    heard.events.push((body, signature));
    StatusCode::OK
}

async fn hear_credit(State(ears): State<Ears>, body: Bytes) -> StatusCode {
    let mut heard = ears.lock().unwrap();
    if heard.deaf > 0 {
        heard.deaf -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    heard.credits.push(serde_json::from_slice(&body).unwrap());
    StatusCode::OK
}

impl Stand {
    async fn on(database: Database) -> Self {
        let clock = ManualClock::at(Timestamp::from_micros(BEGINNING * 1_000_000));
        Self::at(database, clock, Ears::default()).await
    }

    /// A sandbox of a process: another one on the same database is what a restart leaves.
    async fn at(database: Database, clock: ManualClock, ears: Ears) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let bank = SandboxBank::new(format!("{url}/bank"), "s".to_owned(), Arc::clone(&shared));
        let parts = SandboxCardParts {
            secret_key: DEVELOPMENT_SECRET_KEY.to_owned(),
            webhook_url: format!("{url}/events"),
            webhook_secret: WEBHOOK_SECRET.to_owned(),
            public_url: url.clone(),
            terms: SandboxCardTerms::default(),
        };
        let bank = Some((Arc::new(bank), "0011009090909".to_owned()));
        let sandbox = Arc::new(SandboxCard::new(parts, database, shared, bank));
        let listening = Router::new()
            .route("/events", post(hear_event))
            .route("/bank", post(hear_credit))
            .with_state(Arc::clone(&ears));
        let routes = sandbox.routes().merge(listening);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let stripe = client(&format!("{url}/sandbox/stripe"), DEVELOPMENT_SECRET_KEY);
        let browser =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { sandbox, clock, stripe, url, browser, ears }
    }

    fn request(&self, amount: i64) -> CheckoutSessionRequest {
        CheckoutSessionRequest {
            payment: payment_id(),
            amount: Money::vnd(amount),
            description: "Chợ Nổi: 2 kg xoài & dừa".to_owned(),
            locale: Locale::Vi,
            success_url: "https://chonoi.example/xong?trang={CHECKOUT_SESSION_ID}".to_owned(),
            cancel_url: "https://chonoi.example/gio-hang".to_owned(),
            expires_at: self.clock.now().after(Duration::from_secs(3_600)),
        }
    }

    async fn session(&self, amount: i64) -> CheckoutSession {
        let request = self.request(amount);
        self.stripe.create_checkout_session(&request, &new_key()).await.unwrap()
    }

    /// The shopper pays on the page.
    async fn submit(&self, session: &CheckoutSession, card: TestCard) -> reqwest::Response {
        let url = format!("{}/pay", session.url);
        self.post(&url, &format!("number={}", card.number())).await
    }

    async fn post(&self, url: &str, form: &str) -> reqwest::Response {
        self.browser
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .send()
            .await
            .unwrap()
    }

    /// A request to the API as our client would send it.
    async fn api(&self, path: &str, key: Option<&str>, form: &str) -> (u16, Value) {
        let mut request = self
            .browser
            .post(format!("{}/sandbox/stripe/v1/{path}", self.url))
            .bearer_auth(DEVELOPMENT_SECRET_KEY)
            .body(form.to_owned());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), json_of(answer).await)
    }

    async fn look(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/sandbox/stripe/v1/{path}", self.url);
        let answer =
            self.browser.get(url).bearer_auth(DEVELOPMENT_SECRET_KEY).send().await.unwrap();
        (answer.status().as_u16(), json_of(answer).await)
    }

    /// A door for trouble.
    async fn door(&self, path: &str) -> (u16, Value) {
        let answer = self.post(&format!("{}/sandbox/card/{path}", self.url), "").await;
        (answer.status().as_u16(), json_of(answer).await)
    }

    /// A page that a card paid.
    async fn paid(&self, amount: i64, card: TestCard) -> CardPayment {
        let session = self.session(amount).await;
        assert_eq!(self.submit(&session, card).await.status(), 303);
        self.payment(&session).await
    }

    async fn payment(&self, session: &CheckoutSession) -> CardPayment {
        let reference = CardPaymentReference::CheckoutSession(session.id.clone());
        self.stripe.get_payment(&reference).await.unwrap()
    }

    async fn refund(&self, intent: &IntentId, amount: i64) -> Refund {
        self.stripe.refund(&refund_of(intent, amount), &new_key()).await.unwrap()
    }

    /// What the webhook heard: each event verified and named.
    fn heard(&self) -> Vec<String> {
        let secrets = WebhookSecrets::new([WEBHOOK_SECRET.to_owned()]).unwrap();
        let heard = self.ears.lock().unwrap();
        let told = heard.events.iter().map(|(body, signature)| {
            secrets.verify(Some(signature), body, self.clock.now()).unwrap();
            let event: Value = serde_json::from_slice(body).unwrap();
            event["type"].as_str().unwrap().to_owned()
        });
        told.collect()
    }
}

async fn json_of(answer: reqwest::Response) -> Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
}

fn client(base_url: &str, secret_key: &str) -> Stripe {
    let limits =
        Limits { first_pause: Duration::ZERO, longest_pause: Duration::ZERO, ..Limits::default() };
    let (secret_key, base_url) = (SecretKey::new(secret_key), base_url.to_owned());
    Stripe::new(&StripeParts { secret_key, base_url, limits }).unwrap()
}

fn new_key() -> IdempotencyKey {
    IdempotencyKey::new(uuid::Uuid::now_v7().to_string()).unwrap()
}

fn payment_id() -> PaymentId {
    PaymentId::from_uuid(uuid::Uuid::from_u128(7))
}

fn refund_of(intent: &IntentId, amount: i64) -> RefundRequest {
    let (intent, amount) = (intent.clone(), Money::vnd(amount));
    RefundRequest { intent, amount, reference: "refund_1".to_owned() }
}
