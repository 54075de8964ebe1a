//! Asking the door, with every answer checked against the document.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::openapi::{self, Operation};

/// What was answered so far: operations with their status, or the code of their error.
pub type Seen = Arc<Mutex<BTreeSet<(Operation, String)>>>;

/// Who asks.
#[derive(Clone)]
pub struct Client {
    routes: Router,
    key: String,
    language: &'static str,
    capabilities: &'static str,
    seen: Seen,
}

/// An answer that was checked.
#[derive(Debug)]
pub struct Asked {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Client {
    /// A reseller with the key "good", who reads English.
    pub fn new(routes: Router) -> Self {
        let (key, seen) = ("good".to_owned(), Seen::default());
        Self { routes, key, language: "en", capabilities: "", seen }
    }

    /// The same with another key, or none.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// The same with capabilities.
    pub fn with_capabilities(&self, capabilities: &'static str) -> Self {
        Self { capabilities, ..self.clone() }
    }

    /// The same in a language.
    pub fn with_language(&self, language: &'static str) -> Self {
        Self { language, ..self.clone() }
    }

    /// What was answered so far.
    pub fn seen(&self) -> Seen {
        Arc::clone(&self.seen)
    }

    /// Asks for what is at a path; `template` is the path as the document writes it.
    pub async fn get(&self, template: &str, path: &str) -> Asked {
        self.ask("get", template, path, None).await
    }

    /// Asks with a body.
    pub async fn post(&self, template: &str, path: &str, body: &Value) -> Asked {
        self.ask("post", template, path, Some(body.to_string())).await
    }

    /// Changes what is at a path.
    pub async fn patch(&self, template: &str, path: &str, body: &Value) -> Asked {
        self.ask("patch", template, path, Some(body.to_string())).await
    }

    /// Asks, and checks the answer.
    pub async fn ask(
        &self,
        method: &str,
        template: &str,
        path: &str,
        body: Option<String>,
    ) -> Asked {
        let units = body.as_deref().is_some_and(|body| body.contains("\"units\""));
        let asked = self.send(method, path, body).await;
        openapi::check(
            template,
            method,
            asked.status.as_u16(),
            &asked.json,
            self.capabilities,
            units,
        );
        let operation = Operation { path: template.to_owned(), method: method.to_owned() };
        let outcome = asked.json["error"].as_str().unwrap_or("200").to_owned();
        self.seen.lock().unwrap().insert((operation, outcome));
        asked
    }

    /// Asks without a check against the document, for what it does not foresee.
    pub async fn send(&self, method: &str, path: &str, body: Option<String>) -> Asked {
        let mut request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(format!("/octo{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header("octo-capabilities", self.capabilities);
        if !self.key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        }
        let request = request.body(Body::from(body.unwrap_or_default())).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
        Asked { status, headers, json }
    }
}

impl Asked {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the error.
    pub fn error(&self) -> &str {
        self.json["error"].as_str().unwrap_or("(none)")
    }
}
