//! How pages ask: operations of the public API, over the gateway's HTTP.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use http_body_util::Limited;
use platform::upstream::Upstream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{PageError, Visitor};

/// The largest answer that a page reads.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Asks the gateway.
#[derive(Clone)]
pub struct GraphqlClient {
    upstream: Upstream,
}

/// A refusal of the business, in the visitor's language.
#[derive(Clone, Debug, Deserialize)]
pub struct UserError {
    /// Which refusal.
    pub code: String,
    /// What people read.
    pub message: String,
    /// The field of the input that it is about.
    #[serde(default)]
    pub path: Option<Vec<String>>,
}

/// What every mutation answers besides its result.
#[derive(Debug, Deserialize)]
struct Payload<T> {
    #[serde(rename = "userErrors", default)]
    user_errors: Vec<UserError>,
    #[serde(flatten, bound(deserialize = "T: DeserializeOwned"))]
    result: T,
}

#[derive(Debug, Deserialize)]
struct Answer {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<TopError>,
}

#[derive(Debug, Deserialize)]
struct TopError {
    message: String,
    #[serde(default)]
    extensions: Option<Value>,
}

impl GraphqlClient {
    /// Asks over an HTTP service.
    pub const fn new(upstream: Upstream) -> Self {
        Self { upstream }
    }

    /// Runs a query.
    pub async fn query<T: DeserializeOwned>(
        &self,
        visitor: &Visitor,
        query: &str,
        variables: Value,
    ) -> Result<T, PageError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = visitor.request("application/json").body(Body::from(body));
        let data = self.send(request.map_err(PageError::fault)?).await?;
        serde_json::from_value(data).map_err(PageError::fault)
    }

    /// Runs a mutation of one field; refusals are data.
    pub async fn change<T: DeserializeOwned>(
        &self,
        visitor: &Visitor,
        query: &str,
        variables: Value,
    ) -> Result<Result<T, Vec<UserError>>, PageError> {
        let data: Value = self.query(visitor, query, variables).await?;
        payload_of(data)
    }

    /// Runs a mutation with one file (GraphQL multipart request specification).
    pub async fn upload<T: DeserializeOwned>(
        &self,
        visitor: &Visitor,
        query: &str,
        variables: Value,
        (name, file): (&str, &[u8]),
    ) -> Result<Result<T, Vec<UserError>>, PageError> {
        // What could end the header is left out of the name.
        let name: String = name.chars().filter(|sign| !sign.is_control() && *sign != '"').collect();
        // The boundary cannot stand in the file: it is made of the file's own hash.
        let boundary = format!("chonoi{}", hex::encode(sha2_of(file)));
        let operations = json!({ "query": query, "variables": variables }).to_string();
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"0\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let request = visitor
            .request(&format!("multipart/form-data; boundary={boundary}"))
            .header("apollo-require-preflight", "true")
            .body(Body::from(body));
        payload_of(self.send(request.map_err(PageError::fault)?).await?)
    }

    /// Opens a subscription; the answer is a stream of server-sent events.
    pub async fn subscribe(
        &self,
        visitor: &Visitor,
        query: &str,
        variables: Value,
    ) -> Result<Response<Body>, PageError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = visitor
            .request("application/json")
            .uri("/graphql/sse")
            .body(Body::from(body))
            .map_err(PageError::fault)?;
        request
            .headers_mut()
            .insert(header::ACCEPT, header::HeaderValue::from_static("text/event-stream"));
        Ok(self.call(request).await)
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        match self.upstream.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    async fn send(&self, request: Request<Body>) -> Result<Value, PageError> {
        let response = self.call(request).await;
        let status = response.status();
        if matches!(
            status,
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE
        ) {
            return Err(PageError::Unavailable);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(PageError::TooMany);
        }
        let bytes = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await
            .map_err(PageError::fault_of)?
            .to_bytes();
        let answer: Answer = serde_json::from_slice(&bytes).map_err(PageError::fault)?;
        match (answer.errors.first(), answer.data) {
            (Some(error), _) => Err(top_error(error)),
            (None, Some(data)) => Ok(data),
            (None, None) => Err(PageError::fault_text("the gateway gave neither data nor errors")),
        }
    }
}

fn payload_of<T: DeserializeOwned>(data: Value) -> Result<Result<T, Vec<UserError>>, PageError> {
    let Value::Object(fields) = data else {
        return Err(PageError::fault_text("the mutation gave no object"));
    };
    let payload = fields.into_iter().next().map(|(_, payload)| payload);
    let payload = payload.ok_or_else(|| PageError::fault_text("the mutation gave no field"))?;
    let refused: RefusedOnly = serde_json::from_value(payload.clone()).map_err(PageError::fault)?;
    if !refused.user_errors.is_empty() {
        return Ok(Err(refused.user_errors));
    }
    let payload: Payload<T> = serde_json::from_value(payload).map_err(PageError::fault)?;
    debug_assert!(payload.user_errors.is_empty(), "refusals were looked at before");
    Ok(Ok(payload.result))
}

#[derive(Debug, Deserialize)]
struct RefusedOnly {
    #[serde(rename = "userErrors", default)]
    user_errors: Vec<UserError>,
}

fn top_error(error: &TopError) -> PageError {
    let code = error.extensions.as_ref().and_then(|extensions| extensions["code"].as_str());
    match code {
        Some("UNAUTHENTICATED") => PageError::SignInFirst,
        Some("FORBIDDEN") => PageError::Forbidden,
        Some("NOT_FOUND") => PageError::NotFound,
        Some("RATE_LIMITED") => PageError::TooMany,
        Some("UNAVAILABLE") => PageError::Unavailable,
        _ => PageError::fault_text(&error.message),
    }
}

fn sha2_of(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}
