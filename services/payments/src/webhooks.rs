//! What providers call. A call is verified before anything is believed, stored before anything is
//! done, and answered at once.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;

use crate::Payments;
use crate::providers::feeds::sepay::Proof;
use crate::providers::sandbox_bank::TransferRequest;
use crate::usecases::record_feed_event::{RecordError, record_sepay_event};

/// No provider sends more.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The doors of payments.
pub fn routes(payments: Payments) -> Router {
    let mut routes = Router::new().route("/webhooks/sepay", post(sepay));
    if payments.0.sandbox.is_some() {
        routes = routes.route("/sandbox/bank/transfers", post(transfer));
    }
    routes.layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).with_state(payments)
}

async fn sepay(State(payments): State<Payments>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let proof = Proof {
        authorization: text("authorization"),
        timestamp: text("x-sepay-timestamp"),
        signature: text("x-sepay-signature"),
    };
    match record_sepay_event(&payments, proof, &body).await {
        Ok(()) => Json(json!({ "success": true })).into_response(),
        Err(RecordError::Disbelieved(reason)) => {
            let body = Json(json!({ "success": false, "error": reason.to_string() }));
            (StatusCode::UNAUTHORIZED, body).into_response()
        }
        Err(RecordError::Database(error)) => {
            // Not stored, so not acknowledged: the provider sends it again.
            tracing::error!(%error, "a feed event could not be stored");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "success": false }))).into_response()
        }
    }
}

async fn transfer(
    State(payments): State<Payments>,
    Json(request): Json<TransferRequest>,
) -> Response {
    let Some(bank) = &payments.0.sandbox else { return StatusCode::NOT_FOUND.into_response() };
    match bank.transfer(&request) {
        Ok(accepted) => (StatusCode::ACCEPTED, Json(accepted)).into_response(),
        Err(refused) => {
            let body = Json(json!({ "status": "refused", "error": refused.to_string() }));
            (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
        }
    }
}
