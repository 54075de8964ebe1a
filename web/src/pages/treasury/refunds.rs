//! Refunds by where they stand, and the transfers of them that the bank did not make.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::pages::narrowed::{Narrowed, Tab, next_of, tabs};
use crate::pages::views::{MoneyView, Named, Nodes, as_operator};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "refunds.html")]
struct RefundsPage {
    chrome: Chrome,
    form: FormState,
    tabs: Vec<Tab>,
    refunds: Vec<RefundView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Operations {
    refunds: Nodes<RefundView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundView {
    id: String,
    reference: String,
    status: String,
    reason: String,
    to_card: bool,
    by_shop: bool,
    amount: MoneyView,
    account: Option<AccountView>,
    requested_by: Option<Named>,
    approved_by: Option<Named>,
    changed_at: String,
}

#[derive(Deserialize)]
struct AccountView {
    number: String,
    holder: String,
}

impl RefundView {
    /// Whether it may still be taken back: nothing was sent.
    fn may_be_cancelled(&self) -> bool {
        matches!(self.status.as_str(), "REQUESTED" | "NEEDS_APPROVAL" | "APPROVED")
    }

    /// Whether a person may say that its transfer was not made; of a card the provider says it.
    fn may_fail(&self) -> bool {
        self.status == "SENT" && !self.to_card
    }
}

const PATH: &str = "/operations/money/refunds";
/// Where a refund may stand, as the API names it.
const STATES: [&str; 7] =
    ["REQUESTED", "NEEDS_APPROVAL", "APPROVED", "SENT", "SUCCEEDED", "FAILED", "CANCELLED"];
const REFUNDS: &str = "query($state: RefundStatus, $after: String) { operations {
  refunds(status: $state, first: 20, after: $after) { nodes { id reference status reason toCard byShop changedAt
    amount { amount formatted } account { number holder } requestedBy { name } approvedBy { name } }
    pageInfo { hasNextPage endCursor } } } }";
const FAIL: &str = "mutation($id: ID!) { failRefund(input: {refundId: $id}) {
  refund { id } userErrors { code message path } } }";

/// `GET /operations/money/refunds`
pub async fn refunds(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(asked): Query<Narrowed>,
) -> PageResult<Response> {
    show_with(&state, &visitor, asked, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    asked: Narrowed,
    form: FormState,
) -> PageResult<Response> {
    let chosen = asked.state(&STATES);
    let variables = json!({ "state": chosen, "after": asked.after });
    let (operations, chrome) =
        as_operator::<Operations>(state, visitor, REFUNDS, variables).await?;
    let refunds = operations.refunds;
    let next = next_of(&refunds.page_info, PATH, chosen);
    let tabs = tabs(PATH, &STATES, chosen);
    Ok(render(&RefundsPage { chrome, form, tabs, refunds: refunds.nodes, next }))
}

/// `POST /operations/money/refunds/{id}/fail`
pub async fn fail_refund(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(&visitor, FAIL, json!({ "id": id })).await? {
        Ok(_) => Ok(go(PATH, Some("refunds.failed"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, Narrowed::default(), form).await
        }
    }
}
