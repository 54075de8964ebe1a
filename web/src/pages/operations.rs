//! What operators do: approve shops, see what waits, see that the books balance.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::views::{MoneyView, Named, Nodes, OfOperations};
use crate::forms::go;
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "operations.html")]
struct OperationsPage {
    chrome: Chrome,
    shops: Vec<WaitingShop>,
    all_shops: Vec<ShopName>,
    credits: Vec<CreditView>,
    lines: Vec<LineView>,
    balanced: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    shops: Nodes<WaitingShop>,
    all_shops: Nodes<ShopName>,
    bank_credits: Nodes<CreditView>,
    trial_balance: TrialBalanceView,
}

#[derive(Deserialize)]
struct ShopName {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct WaitingShop {
    id: String,
    name: String,
    address: Option<String>,
    phone: Option<String>,
    ward: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditView {
    state: String,
    amount: MoneyView,
    expected: Option<MoneyView>,
    memo: String,
    received_at: String,
}

#[derive(Deserialize)]
struct TrialBalanceView {
    balanced: bool,
    lines: Vec<LineView>,
}

#[derive(Deserialize)]
struct LineView {
    account: String,
    debit: MoneyView,
    credit: MoneyView,
}

const SHOW: &str = "{ operations {
  shops(status: SUBMITTED, first: 50) { nodes { id name address phone ward { name } } }
  bankCredits(waitingOnly: true, first: 50) { nodes { state memo receivedAt amount { amount formatted } expected { amount formatted } } }
  allShops: shops(status: APPROVED, first: 100) { nodes { id name } }
  trialBalance { balanced lines { account debit { amount formatted } credit { amount formatted } } } } }";
const ALLOW: &str = "mutation($id: ID!, $allowed: Boolean!) { allowDirectPayments(input: {shopId: $id, allowed: $allowed}) { directPayments { allowed } userErrors { code message } } }";
const APPROVE: &str = "mutation($id: ID!) { approveShop(input: {shopId: $id}) { shop { id } userErrors { code message } } }";

/// `GET /operations`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<Operations>>(&visitor, SHOW, json!({})),
        Chrome::of(&state, &visitor)
    )?;
    let Operations { shops, all_shops, bank_credits, trial_balance } = data.operations;
    Ok(render(&OperationsPage {
        chrome,
        shops: shops.nodes,
        all_shops: all_shops.nodes,
        credits: bank_credits.nodes,
        balanced: trial_balance.balanced,
        lines: trial_balance.lines,
    }))
}

/// `POST /operations/shops/{id}/approve`
pub async fn approve(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let done = state.graphql.change::<Value>(&visitor, APPROVE, json!({ "id": id })).await?;
    Ok(go("/operations", done.is_ok().then_some("operations.approved"), state.secure))
}

/// What the form of a shop's own account sends.
#[derive(Debug, Deserialize)]
pub struct AllowDirect {
    shop: String,
    allowed: String,
}

/// `POST /operations/direct`
pub async fn allow_direct(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(asked): Form<AllowDirect>,
) -> PageResult<Response> {
    let variables = json!({ "id": asked.shop, "allowed": asked.allowed == "yes" });
    let done = state.graphql.change::<Value>(&visitor, ALLOW, variables).await?;
    Ok(go("/operations", done.is_ok().then_some("operations.direct_done"), state.secure))
}
