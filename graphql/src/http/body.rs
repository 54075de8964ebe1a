//! Reading bodies: bounded, and only what cannot be sent by a page of somebody else.

use async_graphql::http::{MultipartOptions, receive_batch_body};
use async_graphql::{BatchRequest, ParseRequestError, Request};
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderMap, StatusCode};
use futures_util::io::Cursor;
use platform::large_bodies::Busy;
use serde_json::Value;
use tokio::sync::SemaphorePermit;

use super::negotiation::{Sent, sent};
use crate::caller::{Caller, Session};
use crate::failure::{Failure, Limit};
use crate::gateway::Inner;
use crate::limits::{MAX_BATCH, MAX_BODY_BYTES, MAX_FILE_BYTES, MAX_UPLOAD_BYTES, within};

/// Headers that a form of another page cannot send: one of them must stand beside a multipart body.
const PREFLIGHT_HEADERS: [&str; 3] =
    ["x-chonoi-csrf", "apollo-require-preflight", "graphql-preflight"];

/// Why a body was not taken, with its HTTP status.
pub type Refused = (StatusCode, Failure);

/// The turn of a large body: held as long as anything of the body is.
pub type Turn<'a> = Option<SemaphorePermit<'a>>;

/// The operations in a body, and its turn. Only who is signed in may send a large one.
pub async fn read<'a>(
    gateway: &'a Inner,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<(BatchRequest, Turn<'a>), Refused> {
    let mut turn = None;
    let requests = match sent(headers) {
        Sent::Json => parse(&bytes(body, MAX_BODY_BYTES).await?)?,
        Sent::Multipart(content_type) => {
            if !PREFLIGHT_HEADERS.iter().any(|name| headers.contains_key(*name)) {
                let text = "a multipart request needs the header x-chonoi-csrf".to_owned();
                return Err((StatusCode::BAD_REQUEST, Failure::BadInput(text)));
            }
            let session = Session::new(caller.token.clone());
            let is_signed_in = matches!(session.actor(&gateway.accounts).await, Ok(Some(_)));
            let bytes = if is_signed_in {
                let length = body.size_hint().upper();
                turn = gateway.large_bodies.turn(length).await.map_err(|Busy| busy())?;
                let reading = bytes(body, MAX_UPLOAD_BYTES);
                gateway.large_bodies.read(reading).await.map_err(|Busy| busy())??
            } else {
                bytes_of_nobody(body).await?
            };
            multipart(&content_type, bytes).await?
        }
        Sent::Other => {
            let text = "the body must be application/json in UTF-8".to_owned();
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, Failure::BadInput(text)));
        }
    };
    if let BatchRequest::Batch(requests) = &requests {
        within(Limit::Batch, requests.len(), MAX_BATCH)
            .map_err(|failure| (StatusCode::BAD_REQUEST, failure))?;
    }
    Ok((requests, turn))
}

fn busy() -> Refused {
    (StatusCode::SERVICE_UNAVAILABLE, Failure::Unavailable)
}

/// A body of nobody. They may have been somebody, whose session has ended: who sends what somebody may send is
/// asked to sign in.
async fn bytes_of_nobody(body: Body) -> Result<Bytes, Refused> {
    let signs_in = body.size_hint().lower() <= MAX_FILE_BYTES as u64;
    bytes(body, MAX_BODY_BYTES).await.map_err(|refused| {
        if signs_in { (StatusCode::UNAUTHORIZED, Failure::Unauthenticated) } else { refused }
    })
}

async fn bytes(body: Body, allowed: usize) -> Result<Bytes, Refused> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let too_large = |found| {
        let failure = Failure::LimitExceeded { limit: Limit::BodyBytes, allowed, found };
        (StatusCode::PAYLOAD_TOO_LARGE, failure)
    };
    if announced > allowed {
        return Err(too_large(announced));
    }
    // It can only fail by being too long, or by the client leaving, who reads no answer.
    to_bytes(body, allowed).await.map_err(|_| too_large(allowed + 1))
}

fn parse(bytes: &[u8]) -> Result<BatchRequest, Refused> {
    let bad = |text: String| (StatusCode::BAD_REQUEST, Failure::BadInput(text));
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| bad(format!("no JSON: {error}")))?;
    match value {
        Value::Array(items) if items.is_empty() => Err(bad("the batch is empty".to_owned())),
        Value::Array(items) => {
            within(Limit::Batch, items.len(), MAX_BATCH)
                .map_err(|failure| (StatusCode::BAD_REQUEST, failure))?;
            let requests = items.into_iter().map(|item| request(item).map_err(&bad));
            Ok(BatchRequest::Batch(requests.collect::<Result<_, _>>()?))
        }
        item => Ok(BatchRequest::Single(request(item).map_err(bad)?)),
    }
}

/// The parameters of a request (GraphQL over HTTP, 5.1).
pub fn request(value: Value) -> Result<Request, String> {
    let Value::Object(mut fields) = value else { return Err("no object".to_owned()) };
    let mut take = |name: &str| fields.remove(name).filter(|value| !value.is_null());
    let text = |name: &str, value: Option<Value>| match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name} is not a string")),
    };
    let map = |name: &str, value: Option<Value>| match value {
        None => Ok(None),
        Some(value @ Value::Object(_)) => Ok(Some(value)),
        Some(_) => Err(format!("{name} is not a map")),
    };
    let mut request = Request::new(text("query", take("query"))?.unwrap_or_default());
    request.operation_name =
        text("operationName", take("operationName"))?.filter(|name| !name.is_empty());
    if let Some(variables) = map("variables", take("variables"))? {
        request.variables = async_graphql::Variables::from_json(variables);
    }
    if let Some(extensions) = map("extensions", take("extensions"))? {
        request.extensions =
            serde_json::from_value(extensions).map_err(|error| format!("extensions: {error}"))?;
    }
    if request.query.is_empty() && !request.extensions.contains_key("persistedQuery") {
        return Err("there is no query".to_owned());
    }
    Ok(request)
}

/// The GraphQL multipart request specification.
async fn multipart(content_type: &str, bytes: Bytes) -> Result<BatchRequest, Refused> {
    let options = MultipartOptions::default().max_file_size(MAX_UPLOAD_BYTES).max_num_files(1);
    receive_batch_body(Some(content_type), Cursor::new(bytes), options).await.map_err(|error| {
        match error {
            ParseRequestError::PayloadTooLarge => {
                let (limit, allowed) = (Limit::BodyBytes, MAX_UPLOAD_BYTES);
                let failure = Failure::LimitExceeded { limit, allowed, found: allowed + 1 };
                (StatusCode::PAYLOAD_TOO_LARGE, failure)
            }
            other => (StatusCode::BAD_REQUEST, Failure::BadInput(other.to_string())),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_of_the_wrong_kind_are_refused_and_null_is_as_good_as_nothing() {
        let fine = json!({ "query": "{ a }", "operationName": null, "variables": null, "extensions": null });
        assert_eq!(request(fine).unwrap().query, "{ a }");
        for (wrong, why) in [
            (json!([]), "no object"),
            (json!({}), "there is no query"),
            (json!({ "query": 1 }), "query is not a string"),
            (json!({ "query": "{ a }", "operationName": {} }), "operationName is not a string"),
            (json!({ "query": "{ a }", "variables": [] }), "variables is not a map"),
            (json!({ "query": "{ a }", "variables": "{}" }), "variables is not a map"),
            (json!({ "query": "{ a }", "extensions": 0 }), "extensions is not a map"),
        ] {
            assert_eq!(request(wrong).unwrap_err(), why);
        }
    }
}
