//! `GET /graphql`

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Request;
use async_graphql::http::GraphiQLSource;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::negotiation::{Form, asks_for};
use super::{answers, body};
use crate::caller::Caller;
use crate::execution::{Way, execute};
use crate::failure::Failure;
use crate::gateway::Inner;

/// The parameters of a question in an address.
pub type Parameters = HashMap<String, String>;

/// `GET /graphql`: a question, or the explorer for who opens the address in a browser.
pub async fn handle(
    State(gateway): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Response {
    if gateway.settings.explorer && parameters.is_empty() && asks_for(&headers, "text/html") {
        return explorer();
    }
    let Some(form) = Form::of(&headers) else {
        let failure = Failure::BadInput("the answer would be application/json".to_owned());
        return answers::refused(StatusCode::NOT_ACCEPTABLE, failure, Form::Json, caller.locale);
    };
    match read(parameters) {
        Ok(request) => answers::one(&execute(&gateway, &caller, request, Way::Get).await, form),
        Err(text) => {
            let failure = Failure::BadInput(text);
            answers::refused(StatusCode::BAD_REQUEST, failure, form, caller.locale)
        }
    }
}

/// The request in an address: `variables` and `extensions` are JSON.
pub fn read(parameters: Parameters) -> Result<Request, String> {
    let mut fields = serde_json::Map::new();
    for (name, text) in parameters {
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(text),
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => {
                serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?
            }
            _ => continue,
        };
        fields.insert(name, value);
    }
    body::request(Value::Object(fields))
}

fn explorer() -> Response {
    let page = GraphiQLSource::build()
        .endpoint("/graphql")
        .subscription_endpoint("/graphql/ws")
        .title("Chợ Nổi: API")
        .finish();
    Html(page).into_response()
}
