//! Payouts by where they stand, and what the bank did with them where no statement says it: it made the
//! transfer, refused it, or gave the money back by a credit.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::waiting::{WaitingCredit, of_amount};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::pages::narrowed::{Narrowed, Tab, next_of, tabs};
use crate::pages::views::{MoneyView, Named, Nodes, as_operator};
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "payouts.html")]
struct PayoutsPage {
    chrome: Chrome,
    form: FormState,
    tabs: Vec<Tab>,
    payouts: Vec<PayoutView>,
    waiting: Vec<WaitingCredit>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Operations {
    payouts: Nodes<PayoutView>,
    waiting: Nodes<WaitingCredit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayoutView {
    id: String,
    reference: String,
    status: String,
    amount: MoneyView,
    account: Option<AccountView>,
    made_by: Option<Named>,
    approved_by: Option<Named>,
    changed_at: String,
}

#[derive(Deserialize)]
struct AccountView {
    number: String,
    holder: String,
}

impl PayoutView {
    /// The credits by which its money may have come back.
    fn candidates<'a>(&self, waiting: &'a [WaitingCredit]) -> Vec<&'a WaitingCredit> {
        of_amount(waiting, &self.amount)
    }
}

const PATH: &str = "/operations/money/payouts";
/// Where a payout may stand, as the API names it.
const STATES: [&str; 6] = ["DRAFT", "APPROVED", "SENT", "PAID", "RETURNED", "DISCARDED"];
const PAYOUTS: &str = "query($state: PayoutStatus, $after: String) { operations {
  payouts(status: $state, first: 20, after: $after) { nodes { id reference status changedAt
    amount { amount formatted } account { number holder } madeBy { name } approvedBy { name } }
    pageInfo { hasNextPage endCursor } }
  waiting: bankCredits(waitingOnly: true, first: 100) { nodes {
    id memo receivedAt accountNumber amount { amount formatted } } } } }";
const SETTLE: &str = "mutation($input: SettlePayoutInput!) { settlePayout(input: $input) {
  payout { id } userErrors { code message path } } }";

/// `GET /operations/money/payouts`
pub async fn payouts(
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
        as_operator::<Operations>(state, visitor, PAYOUTS, variables).await?;
    let Operations { payouts, waiting } = operations;
    let next = next_of(&payouts.page_info, PATH, chosen);
    let tabs = tabs(PATH, &STATES, chosen);
    let (payouts, waiting) = (payouts.nodes, waiting.nodes);
    Ok(render(&PayoutsPage { chrome, form, tabs, payouts, waiting, next }))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Settled {
    outcome: String,
    /// The credit by which the money came back, if it had gone.
    #[serde(default)]
    credit: String,
}

/// `POST /operations/money/payouts/{id}/settle`
pub async fn settle_payout(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Settled { outcome, credit }): Form<Settled>,
) -> PageResult<Response> {
    if !matches!(outcome.as_str(), "PAID" | "RETURNED") {
        return Err(PageError::NotFound);
    }
    let mut input = json!({ "payoutId": id, "outcome": outcome });
    if !credit.is_empty() {
        input["bankCreditId"] = credit.into();
    }
    match state.graphql.change::<Value>(&visitor, SETTLE, json!({ "input": input })).await? {
        Ok(_) => Ok(go(PATH, Some("payouts.settled"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, Narrowed::default(), form).await
        }
    }
}
