//! Payments that are open again because what had paid them was taken back: each waits for other money.

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
#[template(path = "reopened.html")]
struct ReopenedPage {
    chrome: Chrome,
    payments: Vec<PaymentView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Operations {
    payments: Nodes<PaymentView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentView {
    reference: String,
    status: String,
    amount: MoneyView,
    created_at: String,
    reopened_at: Option<String>,
}

const REOPENED: &str = "query($after: String) { operations {
  payments(reopenedOnly: true, first: 20, after: $after) { nodes { reference status createdAt reopenedAt
    amount { amount formatted } } pageInfo { hasNextPage endCursor } } } }";

/// `GET /operations/money/reopened`
pub async fn reopened(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let variables = json!({ "after": after });
    let (operations, chrome) =
        as_operator::<Operations>(&state, &visitor, REOPENED, variables).await?;
    let payments = operations.payments;
    let next = payments.page_info.next_at("/operations/money/reopened");
    Ok(render(&ReopenedPage { chrome, payments: payments.nodes, next }))
}
