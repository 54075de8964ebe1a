//! The doors of the sandbox: Stripe's API, the pages of shoppers, and doors for trouble that a test or
//! a person makes by hand.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use platform::secrets;
use serde_json::Value;
use uuid::Uuid;

use super::changing::{Answer, Change, change};
use super::objects::{
    BalanceTransaction, Charge, Dispute, Event, Intent, Payout, Refund, Session, Thing,
};
use super::refusals::{Refusal, Trouble};
use super::{SandboxCard, disputing, pages, paying_out, reading};

/// Our client sends small forms.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// As Stripe bounds them.
const MAX_KEY_LENGTH: usize = 255;
/// Where Stripe's API is mounted; the base address of a client is this without `/v1`.
const API: &str = "/sandbox/stripe/v1";

type Sandbox = State<Arc<SandboxCard>>;
/// The change of a thing that the address names.
type OfId = fn(String) -> Change;

/// All doors of the sandbox.
pub fn routes(sandbox: &Arc<SandboxCard>) -> Router {
    let kinds: [(&'static str, &'static str); 8] = [
        ("checkout/sessions", Session::KIND),
        ("payment_intents", Intent::KIND),
        ("charges", Charge::KIND),
        ("refunds", Refund::KIND),
        ("balance_transactions", BalanceTransaction::KIND),
        ("disputes", Dispute::KIND),
        ("payouts", Payout::KIND),
        ("events", Event::KIND),
    ];
    let mut api = Router::new().route(&format!("{API}/balance"), get(balance));
    for (path, kind) in kinds {
        let list = move |sandbox: Sandbox, query: RawQuery| listed(sandbox, query, path, kind);
        let one = move |sandbox: Sandbox, id: Path<String>, query: RawQuery| {
            found(sandbox, id, query, kind)
        };
        api = api
            .route(&format!("{API}/{path}"), get(list))
            .route(&format!("{API}/{path}/{{id}}"), get(one));
    }
    for (path, wish) in [
        ("checkout/sessions", Change::CreateSession),
        ("payment_intents", Change::CreateIntent),
        ("refunds", Change::CreateRefund),
        ("payouts", Change::CreatePayout),
    ] {
        let door = move |sandbox: Sandbox, headers: HeaderMap, body: Bytes| {
            changed(sandbox, headers, body, wish)
        };
        api = api.route(&format!("{API}/{path}"), post(door));
    }
    let of_id: [(&str, OfId); 5] = [
        ("checkout/sessions/{id}/expire", Change::ExpireSession),
        ("payment_intents/{id}/confirm", Change::ConfirmIntent),
        ("payment_intents/{id}/cancel", Change::CancelIntent),
        ("disputes/{id}", Change::AnswerDispute),
        ("disputes/{id}/close", Change::CloseDispute),
    ];
    for (path, wish) in of_id {
        let door = move |sandbox: Sandbox, id: Path<String>, headers: HeaderMap, body: Bytes| {
            changed(sandbox, headers, body, wish(id.0))
        };
        api = api.route(&format!("{API}/{path}"), post(door));
    }
    let api = api.route_layer(from_fn_with_state(Arc::clone(sandbox), authorize));
    let doors = Router::new()
        .route("/sandbox/card/checkout.css", get(pages::style))
        .route("/sandbox/card/checkout/{session}", get(pages::show))
        .route("/sandbox/card/checkout/{session}/pay", post(pages::pay))
        .route("/sandbox/card/checkout/{session}/bank", get(pages::ask).post(pages::answer))
        .route("/sandbox/card/payouts", post(pay_out))
        .route("/sandbox/card/charges/{id}/dispute", post(dispute))
        .route("/sandbox/card/disputes/{id}/{outcome}", post(decide));
    api.merge(doors).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).with_state(Arc::clone(sandbox))
}

/// Lets nobody in without the secret key.
async fn authorize(State(sandbox): Sandbox, request: Request, next: Next) -> Response {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let shown = header.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    if secrets::same(shown.as_bytes(), sandbox.parts.secret_key.as_bytes()) {
        next.run(request).await
    } else {
        answered(Answer::refused(&Refusal::unauthorized()))
    }
}

async fn changed(
    State(sandbox): Sandbox,
    headers: HeaderMap,
    body: Bytes,
    wish: Change,
) -> Response {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    if key.is_some_and(|key| key.is_empty() || key.len() > MAX_KEY_LENGTH) {
        let message = "Idempotency keys have 1 to 255 characters.";
        return answered(Answer::refused(&Refusal::invalid(message)));
    }
    told(change(&sandbox, wish, key, &body).await)
}

async fn found(
    State(sandbox): Sandbox,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    kind: &'static str,
) -> Response {
    let read = async {
        sandbox.catch_up().await?;
        let query = query.unwrap_or_default();
        reading::one(sandbox.database.reader(), kind, &id, query.as_bytes()).await
    };
    told(read.await.map(seen))
}

async fn listed(
    State(sandbox): Sandbox,
    RawQuery(query): RawQuery,
    path: &'static str,
    kind: &'static str,
) -> Response {
    let read = async {
        sandbox.catch_up().await?;
        let (url, query) = (format!("/v1/{path}"), query.unwrap_or_default());
        reading::list(sandbox.database.reader(), kind, &url, query.as_bytes()).await
    };
    told(read.await.map(seen))
}

async fn balance(State(sandbox): Sandbox) -> Response {
    let read = reading::balance(sandbox.database.reader(), sandbox.clock.now());
    told(read.await.map(seen))
}

/// `POST /sandbox/card/payouts`: everything is paid out now, and is at the bank at once.
async fn pay_out(State(sandbox): Sandbox) -> Response {
    let payouts = sandbox.write(async |book| paying_out::pay_out(book, true).await).await;
    let data = payouts.map(|payouts| payouts.iter().map(Thing::shown).collect::<Vec<Value>>());
    told(data.map(|data| seen(super::showing::list("/sandbox/card/payouts", data, false))))
}

/// `POST /sandbox/card/charges/{id}/dispute`: the customer contests a charge.
async fn dispute(State(sandbox): Sandbox, Path(id): Path<String>) -> Response {
    let opened = sandbox.write(async |book| {
        let charge: Charge = book.get(&id).await?;
        if charge.failure.is_some() {
            return Err(Refusal::invalid("The charge failed: there is nothing to dispute.").into());
        }
        disputing::open(book, charge, "fraudulent").await
    });
    told(opened.await.map(|dispute| seen(dispute.shown())))
}

/// `POST /sandbox/card/disputes/{id}/won` or `…/lost`: the bank decides.
async fn decide(State(sandbox): Sandbox, Path((id, outcome)): Path<(String, String)>) -> Response {
    let won = match outcome.as_str() {
        "won" => true,
        "lost" => false,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let decided = sandbox.write(async |book| {
        let dispute = disputing::open_dispute(book, &id).await?;
        disputing::decide(book, dispute, won).await
    });
    told(decided.await.map(|dispute| seen(dispute.shown())))
}

fn seen(body: Value) -> Answer {
    Answer { status: StatusCode::OK, body, replayed: false }
}

fn told(outcome: Result<Answer, Trouble>) -> Response {
    match outcome {
        Ok(answer) => answered(answer),
        Err(Trouble::Refused(refusal)) => answered(Answer::refused(&refusal)),
        Err(trouble) => {
            tracing::error!(%trouble, "the card sandbox could not do it");
            answered(Answer {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                body: reading::fault(),
                replayed: false,
            })
        }
    }
}

fn answered(answer: Answer) -> Response {
    let mut response = (answer.status, Json(answer.body)).into_response();
    let headers = response.headers_mut();
    if let Ok(id) = format!("req_{}", Uuid::now_v7().simple()).parse() {
        headers.insert("request-id", id);
    }
    if answer.replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
