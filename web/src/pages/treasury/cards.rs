//! What the card provider does with the market's money: payments that cardholders' banks contest, and the
//! payouts by which it comes to the bank. Disputes are answered at the provider; here they are seen.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::outcome::render;
use crate::pages::stalls::After;
use crate::pages::views::{MoneyView, Nodes, as_operator};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "disputes.html")]
struct DisputesPage {
    chrome: Chrome,
    disputes: Vec<DisputeView>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "card_payouts.html")]
struct CardPayoutsPage {
    chrome: Chrome,
    payouts: Vec<CardPayoutView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Disputes {
    disputes: Nodes<DisputeView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DisputeView {
    provider_id: String,
    status: String,
    reason: String,
    amount: MoneyView,
    borne: MoneyView,
    evidence_due_by: Option<String>,
    created_at: String,
    payment: Option<PaymentView>,
}

#[derive(Deserialize)]
struct PaymentView {
    reference: String,
}

impl DisputeView {
    /// Whether the provider waits for the market's answer.
    fn waits_for_us(&self) -> bool {
        matches!(self.status.as_str(), "needs_response" | "warning_needs_response")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardPayouts {
    card_payouts: Nodes<CardPayoutView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardPayoutView {
    provider_id: String,
    status: String,
    amount: MoneyView,
    arrives_at: String,
    bank_credit_id: Option<String>,
    rule: Option<String>,
}

const DISPUTES: &str = "query($after: String) { operations { disputes(first: 20, after: $after) {
  nodes { providerId status reason evidenceDueBy createdAt amount { amount formatted }
    borne { amount formatted } payment { reference } }
  pageInfo { hasNextPage endCursor } } } }";
const CARD_PAYOUTS: &str =
    "query($after: String) { operations { cardPayouts(first: 20, after: $after) {
  nodes { providerId status arrivesAt bankCreditId rule amount { amount formatted } }
  pageInfo { hasNextPage endCursor } } } }";

/// `GET /operations/money/disputes`
pub async fn disputes(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let variables = json!({ "after": after });
    let (operations, chrome) =
        as_operator::<Disputes>(&state, &visitor, DISPUTES, variables).await?;
    let found = operations.disputes;
    let next = found.page_info.next_at("/operations/money/disputes");
    Ok(render(&DisputesPage { chrome, disputes: found.nodes, next }))
}

/// `GET /operations/money/card-payouts`
pub async fn card_payouts(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let variables = json!({ "after": after });
    let (operations, chrome) =
        as_operator::<CardPayouts>(&state, &visitor, CARD_PAYOUTS, variables).await?;
    let found = operations.card_payouts;
    let next = found.page_info.next_at("/operations/money/card-payouts");
    Ok(render(&CardPayoutsPage { chrome, payouts: found.nodes, next }))
}
