//! Answers as HTTP.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use kernel::Locale;
use serde::Serialize;

use super::negotiation::Form;
use crate::execution::Answer;
use crate::failure::{Failure, seconds};

/// The body of an answer: without `data` where nothing was run (GraphQL specification, 7.1).
#[derive(Serialize)]
pub struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

impl<'a> Body<'a> {
    /// The body of an answer.
    pub fn of(response: &'a GraphqlResponse, executed: bool) -> Self {
        Self { errors: &response.errors, data: executed.then_some(&response.data) }
    }

    /// The body as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        // Values of the library have no keys but strings: they can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// One answer.
pub fn one(answer: &Answer, form: Form) -> Response {
    json(status_in(answer, form), form, body_of(answer))
}

fn body_of(answer: &Answer) -> Bytes {
    let written = || Body::of(&answer.response, answer.executed).to_json().into();
    answer.body.clone().unwrap_or_else(written)
}

/// The answers to a batch, in its order.
pub fn many(answers: &[Answer], form: Form) -> Response {
    let mut body = vec![b'['];
    for (index, answer) in answers.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&body_of(answer));
    }
    body.push(b']');
    json(StatusCode::OK, form, body.into())
}

/// The answer to a request that holds no operation, or none that may be looked at.
pub fn refused(status: StatusCode, failure: Failure, form: Form, locale: Locale) -> Response {
    let retry_after = match &failure {
        Failure::RateLimited { retry_after } => Some(seconds(*retry_after)),
        _ => None,
    };
    let answer = Answer::refused(failure, locale);
    let mut response = json(status, form, body_of(&answer));
    if let Some(wait) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}

/// The HTTP status of an answer (GraphQL over HTTP, 6.4): clients of the older form get 200 for
/// every operation that could be understood.
fn status_in(answer: &Answer, form: Form) -> StatusCode {
    let status = answer.status;
    match form {
        _ if answer.executed => StatusCode::OK,
        Form::Json if status == StatusCode::BAD_REQUEST => StatusCode::OK,
        Form::Json | Form::GraphqlResponse => status,
    }
}

fn json(status: StatusCode, form: Form, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, form.media_type());
    // Answers depend on the session and on the language.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}
