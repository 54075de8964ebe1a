//! What providers call. A call is verified before anything is believed, stored before anything is
//! done, and answered at once.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::Payments;
use crate::providers::card::stripe::webhook::SIGNATURE_HEADER;
use crate::providers::feeds::{Proof, sepay};
use crate::providers::sandbox_bank::{TransferRefused, TransferRequest};
use crate::usecases::record_card_event::{RecordCardEventError, record_card_event};
use crate::usecases::record_feed_event::{RecordError, record_feed_event};

/// No provider sends more.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// An event of Stripe's holds a whole object: a dispute with its evidence is the largest.
const MAX_CARD_EVENT_BYTES: usize = 512 * 1024;

/// The doors of payments; those of feeds that are not configured do not exist.
pub fn routes(payments: Payments) -> Router {
    let mut routes = Router::new().route("/webhooks/sepay", post(told_by_sepay));
    if payments.0.casso.is_some() {
        routes = routes.route("/webhooks/casso", post(told_by_casso));
    }
    if payments.0.payos.is_some() {
        routes = routes.route("/webhooks/payos", post(told_by_payos));
    }
    if payments.0.card.is_some() {
        let door = post(told_by_stripe).layer(DefaultBodyLimit::max(MAX_CARD_EVENT_BYTES));
        routes = routes.route("/webhooks/stripe", door);
    }
    if payments.0.sandbox.is_some() {
        routes = routes
            .route("/sandbox/bank/transfers", post(transfer))
            .route("/sandbox/bank/scanned", post(scanned));
    }
    routes.layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).with_state(payments)
}

async fn told_by_sepay(
    State(payments): State<Payments>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let proof = sepay::Proof {
        authorization: text(&headers, "authorization"),
        timestamp: text(&headers, "x-sepay-timestamp"),
        signature: text(&headers, "x-sepay-signature"),
    };
    record(&payments, Proof::Sepay(proof), &body).await
}

async fn told_by_casso(
    State(payments): State<Payments>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    record(&payments, Proof::Casso(text(&headers, "x-casso-signature")), &body).await
}

async fn told_by_payos(State(payments): State<Payments>, body: Bytes) -> Response {
    record(&payments, Proof::Payos, &body).await
}

async fn told_by_stripe(
    State(payments): State<Payments>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match record_card_event(&payments, text(&headers, SIGNATURE_HEADER), &body).await {
        Ok(()) => Json(json!({ "received": true })).into_response(),
        Err(RecordCardEventError::Disbelieved(reason)) => {
            let body = Json(json!({ "received": false, "error": reason.to_string() }));
            (StatusCode::UNAUTHORIZED, body).into_response()
        }
        Err(RecordCardEventError::Database(error)) => {
            // Not stored, so not acknowledged: the provider sends it again.
            tracing::error!(%error, "a card event could not be stored");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "received": false }))).into_response()
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Every feed takes 200 for an answer; SePay wants `success` in it, too.
async fn record(payments: &Payments, proof: Proof<'_>, body: &[u8]) -> Response {
    match record_feed_event(payments, proof, body).await {
        Ok(()) => Json(json!({ "success": true })).into_response(),
        Err(RecordError::Disbelieved(reason)) => {
            let body = Json(json!({ "success": false, "error": reason.to_string() }));
            (StatusCode::UNAUTHORIZED, body).into_response()
        }
        Err(error @ (RecordError::Database(_) | RecordError::Unanswered(_))) => {
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
        Err(reason) => refused(&reason),
    }
}

fn refused(reason: &TransferRefused) -> Response {
    let body = Json(json!({ "status": "refused", "error": reason.to_string() }));
    (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
}

/// A QR that is scanned by a form, for browsers without scripts.
#[derive(Deserialize)]
struct Scanned {
    payload: String,
    #[serde(default)]
    payer: String,
}

/// Transfers what a QR asks for, and goes back to the page that showed it.
async fn scanned(
    State(payments): State<Payments>,
    headers: HeaderMap,
    Form(Scanned { payload, payer }): Form<Scanned>,
) -> Response {
    let request = TransferRequest { payload: Some(payload), payer, ..TransferRequest::default() };
    let Some(bank) = &payments.0.sandbox else { return StatusCode::NOT_FOUND.into_response() };
    match (bank.transfer(&request), headers.get(header::REFERER)) {
        (Ok(_), Some(page)) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, page.clone())]).into_response()
        }
        (Ok(accepted), None) => (StatusCode::ACCEPTED, Json(accepted)).into_response(),
        (Err(reason), _) => refused(&reason),
    }
}
