//! A reseller's program over HTTP, with every answer checked against OCTO's document, by the check of the
//! door's own tests.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use journeys::shopping::PATIENCE;
use serde_json::Value;

pub use openapi::{Operation, operations};

#[expect(clippy::unwrap_used, reason = "what cannot be checked fails the test")]
#[path = "../../../../graphql/octo/tests/octo/support/openapi.rs"]
mod openapi;
#[expect(clippy::unwrap_used, reason = "what cannot be checked fails the test")]
#[path = "../../../../graphql/octo/tests/octo/support/schema.rs"]
mod schema;

/// An operation, and how it was answered: the code of an error, or what [`success`] says.
pub type Answered = (Operation, String);

/// How an answer that is no error is told from those with other capabilities.
pub fn success(capabilities: &str) -> String {
    format!("200 with {capabilities:?}")
}

/// Who asks, and what was answered so far.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
    capabilities: &'static str,
    seen: Arc<Mutex<BTreeSet<Answered>>>,
}

/// What came back.
struct Answer {
    status: u16,
    json: Value,
}

impl Client {
    /// A reseller with a key.
    pub fn new(url: &str, key: &str) -> Self {
        let (url, key) = (url.to_owned(), key.to_owned());
        Self { http: reqwest::Client::new(), url, key, capabilities: "", seen: Arc::default() }
    }

    /// The same with another key, or none.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// The same with capabilities, in the order in which the market names them.
    pub fn with_capabilities(&self, capabilities: &'static str) -> Self {
        Self { capabilities, ..self.clone() }
    }

    /// What was answered so far, to whomever.
    pub fn seen(&self) -> BTreeSet<Answered> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for what is at a path; `template` is the path as the document writes it.
    pub async fn get(&self, template: &str, path: &str) -> anyhow::Result<Value> {
        self.ask("get", template, path, String::new()).await
    }

    /// Asks with a body.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask("post", path, path, body.to_string()).await
    }

    /// Does something to a booking: `step` is what follows its UUID in the path.
    pub async fn booking(
        &self,
        method: &str,
        uuid: &str,
        step: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (template, path) =
            (format!("/bookings/{{uuid}}{step}"), format!("/bookings/{uuid}{step}"));
        self.ask(method, &template, &path, body).await
    }

    /// Asks, checks the answer and notes it. A busy market is asked again, as resellers' programs do: every
    /// call may be repeated.
    pub async fn ask(
        &self,
        method: &str,
        template: &str,
        path: &str,
        body: String,
    ) -> anyhow::Result<Value> {
        let begun = Instant::now();
        let units = body.contains("\"units\"");
        loop {
            let Answer { status, json } = self.send(method, path, body.clone()).await?;
            openapi::check(template, method, status, &json, self.capabilities, units);
            if json["error"] == "INTERNAL_SERVER_ERROR" && begun.elapsed() < PATIENCE {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            let code = json["error"].as_str().map(ToOwned::to_owned);
            let outcome = code.unwrap_or_else(|| success(self.capabilities));
            let operation = Operation { path: template.to_owned(), method: method.to_owned() };
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert((operation, outcome));
            return Ok(json);
        }
    }

    /// Asks for what the document does not know, and checks that the refusal is one of OCTO's errors.
    pub async fn ask_beyond(&self, method: &str, path: &str) -> anyhow::Result<u16> {
        let Answer { status, json } = self.send(method, path, String::new()).await?;
        openapi::check_other_error(&json);
        Ok(status)
    }

    async fn send(&self, method: &str, path: &str, body: String) -> anyhow::Result<Answer> {
        let place = format!("{method} {path}");
        let method: reqwest::Method = method.to_uppercase().parse()?;
        let mut request = self
            .http
            .request(method, format!("{}/octo{path}", self.url))
            .header("accept-language", "en")
            .header("octo-capabilities", self.capabilities)
            .header("content-type", "application/json")
            .body(body);
        if !self.key.is_empty() {
            request = request.bearer_auth(&self.key);
        }
        let response = request.send().await.with_context(|| place.clone())?;
        let status = response.status().as_u16();
        let header =
            |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        ensure!(header("content-type") == Some("application/json"), "{place} {status}: no JSON");
        ensure!(
            header("octo-capabilities") == Some(self.capabilities),
            "{place} {status}: other capabilities"
        );
        let json = response.json().await.with_context(|| place)?;
        Ok(Answer { status, json })
    }
}
