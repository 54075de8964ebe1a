//! Payments that are open again because what had paid them was taken back: each waits for other money.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::outcome::render;
use crate::pages::stalls::After;
use crate::pages::views::{MoneyView, Nodes, OfOperations};
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
    visitor.must_be_signed_in()?;
    let variables = json!({ "after": after });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<Operations>>(&visitor, REOPENED, variables),
        Chrome::of(&state, &visitor)
    )?;
    let payments = data.operations.payments;
    let next = payments.page_info.next_at("/operations/money/reopened");
    Ok(render(&ReopenedPage { chrome, payments: payments.nodes, next }))
}
