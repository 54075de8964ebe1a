//! The way to Stripe: one request, a few careful tries, one answer.
//!
//! What cannot be repeated safely cannot be sent: a reading changes nothing, and a change needs a
//! key. So every request may be tried again, always with the key of the first try.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rand::RngExt;
use reqwest::{Request, RequestBuilder, Url, redirect};
use serde::de::DeserializeOwned;

use super::failures::{Judgement, judge};
use super::forms::Form;
use super::{API_VERSION, StripeParts};
use crate::providers::card::{CardError, IdempotencyKey};

/// How often a request is sent at most.
const MAX_TRIES: u32 = 3;
/// No answer that we ask for is larger: a page has a hundred small objects.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SHOULD_RETRY: &str = "stripe-should-retry";

/// Stripe's secret or restricted key. It is shown to nobody but Stripe.
#[derive(Clone)]
pub struct SecretKey(String);

impl SecretKey {
    /// A key as the dashboard shows it.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// How long and how patiently Stripe is asked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To be connected.
    pub connect: Duration,
    /// For one try, from connecting to the last byte. A call is three tries at most.
    pub whole_try: Duration,
    /// Before the second try, at most: the pause is drawn between nothing and this, and doubles.
    pub first_pause: Duration,
    /// Before any try, at most, even where Stripe asks for a longer rest.
    pub longest_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole_try: Duration::from_secs(20),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(4),
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum StripeMisconfigured {
    /// The key is empty, or has characters that no key has.
    #[error("the Stripe key is not a key")]
    Key,
    /// The address cannot be read.
    #[error("the address of Stripe cannot be read")]
    Address(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The key would travel in the clear over a network.
    #[error("the address of Stripe must begin with https:// (http:// on this machine only)")]
    InTheClear,
    /// The HTTP client cannot be built.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

/// The way to Stripe.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    limits: Limits,
}

impl Transport {
    pub(super) fn new(parts: &StripeParts) -> Result<Self, StripeMisconfigured> {
        let base = base(&parts.base_url)?;
        let headers = headers(&parts.secret_key)?;
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(parts.limits.connect)
            .timeout(parts.limits.whole_try)
            // Stripe redirects nobody; whoever does must not get the key.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(StripeMisconfigured::Client)?;
        Ok(Self { http, base, limits: parts.limits })
    }

    /// Reads a thing.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Form,
    ) -> Result<T, CardError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.set_query(Some(&encoded(query)));
        }
        self.send(self.http.get(url)).await
    }

    /// Changes a thing, once however often it is sent.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &Form,
        key: &IdempotencyKey,
    ) -> Result<T, CardError> {
        let request = self
            .http
            .post(self.url(path)?)
            .header(IDEMPOTENCY_KEY, key.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encoded(form));
        self.send(request).await
    }

    fn url(&self, path: &str) -> Result<Url, CardError> {
        self.base.join(path).map_err(|error| CardError::Unreadable(Box::new(error)))
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CardError> {
        let request = request.build().map_err(unavailable)?;
        let mut tries = 1;
        loop {
            // The body is a text in memory, so a copy can always be had.
            let copy = request.try_clone().ok_or(CardError::Unavailable("no copy".into()))?;
            let failed = match self.once(copy).await {
                Ok(body) => {
                    return serde_json::from_slice(&body)
                        .map_err(|error| CardError::Unreadable(Box::new(error)));
                }
                Err(failed) => failed,
            };
            let Judgement { error, again } = failed.judgement;
            tracing::warn!(path = request.url().path(), tries, again, %error, "Stripe did not do it");
            if !again || tries >= MAX_TRIES {
                return Err(error);
            }
            tokio::time::sleep(self.pause(tries, failed.rest)).await;
            tries += 1;
        }
    }

    /// A random part of a pause that doubles with every try, and no less than the rest that Stripe
    /// asks for, within bounds.
    fn pause(&self, tries: u32, rest: Option<Duration>) -> Duration {
        let longest = self.limits.longest_pause;
        let ceiling = (self.limits.first_pause * 2_u32.saturating_pow(tries - 1)).min(longest);
        let drawn = rand::rng().random_range(0..=ceiling.as_micros() as u64);
        Duration::from_micros(drawn).max(rest.unwrap_or_default().min(longest))
    }

    async fn once(&self, request: Request) -> Result<Vec<u8>, Failed> {
        let mut answer = self.http.execute(request).await.map_err(Failed::on_the_way)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(Failed::on_the_way)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Failed::too_long());
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() { Ok(body) } else { Err(Failed::judged(status, &headers, &body)) }
    }
}

/// A try that brought nothing.
struct Failed {
    judgement: Judgement,
    /// How long Stripe asks us to rest.
    rest: Option<Duration>,
}

impl Failed {
    /// Nobody knows how far it came, so the caller is told of nothing better.
    fn on_the_way(error: reqwest::Error) -> Self {
        Self { judgement: Judgement { error: unavailable(error), again: true }, rest: None }
    }

    fn too_long() -> Self {
        let error = CardError::Unreadable("the answer is too long".into());
        Self { judgement: Judgement { error, again: false }, rest: None }
    }

    fn judged(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let should_retry = text(SHOULD_RETRY).and_then(|word| word.parse().ok());
        let rest = text(header::RETRY_AFTER.as_str()).and_then(|word| word.parse().ok());
        Self { judgement: judge(status, should_retry, body), rest: rest.map(Duration::from_secs) }
    }
}

fn unavailable(error: reqwest::Error) -> CardError {
    CardError::Unavailable(Box::new(error))
}

fn encoded(form: &Form) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn headers(key: &SecretKey) -> Result<HeaderMap, StripeMisconfigured> {
    let SecretKey(key) = key;
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(StripeMisconfigured::Key);
    }
    let mut bearer: HeaderValue =
        format!("Bearer {key}").parse().map_err(|_| StripeMisconfigured::Key)?;
    bearer.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (header::AUTHORIZATION, bearer),
        (STRIPE_VERSION, HeaderValue::from_static(API_VERSION)),
    ]))
}

fn base(address: &str) -> Result<Url, StripeMisconfigured> {
    let unreadable = |error| StripeMisconfigured::Address(Box::new(error));
    let url = Url::parse(&format!("{}/", address.trim_end_matches('/'))).map_err(unreadable)?;
    // An IPv6 address stands in brackets here.
    let host = url.host_str().unwrap_or_default();
    let on_this_machine = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => Ok(url),
        "http" if on_this_machine => Ok(url),
        _ => Err(StripeMisconfigured::InTheClear),
    }
}
