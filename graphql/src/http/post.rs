//! `POST /graphql`

use std::sync::Arc;

use async_graphql::BatchRequest;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures_util::future::join_all;

use super::negotiation::Form;
use super::{answers, body};
use crate::caller::Caller;
use crate::execution::{Way, execute};
use crate::failure::Failure;
use crate::gateway::Inner;

/// `POST /graphql`: one operation, a batch, or an operation with a file.
pub async fn handle(
    State(gateway): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(form) = Form::of(&headers) else {
        let failure = Failure::BadInput("the answer would be application/json".to_owned());
        return answers::refused(StatusCode::NOT_ACCEPTABLE, failure, Form::Json, caller.locale);
    };
    match body::read(&gateway, &caller, &headers, body).await {
        // The file is a part of the request: its turn ends with the answer.
        Ok((BatchRequest::Single(request), _turn)) => {
            answers::one(&execute(&gateway, &caller, request, Way::Post).await, form)
        }
        Ok((BatchRequest::Batch(requests), _turn)) => {
            let runs = requests.into_iter().map(|one| execute(&gateway, &caller, one, Way::Post));
            answers::many(&join_all(runs).await, form)
        }
        Err((status, failure)) => answers::refused(status, failure, form, caller.locale),
    }
}
