//! Where operators begin: the shops and credits that wait, and whether the books balance.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::views::{MoneyView, Named, Nodes, PaidTo, as_operator, url_encode};
use crate::forms::go;
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "operations.html")]
struct OperationsPage {
    chrome: Chrome,
    shops: Vec<WaitingShop>,
    /// Where the shops that wait go on.
    next_waiting: Option<String>,
    all_shops: Vec<ShopName>,
    /// Where the shops that sell go on.
    next_shops: Option<String>,
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

/// What an operator looks at before a shop may sell: the taxes that are withheld hang on what it is by law.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WaitingShop {
    id: String,
    name: String,
    kind: String,
    tax_code: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    ward: Option<Named>,
    owner: Option<Named>,
    bank_account: Option<PaidTo>,
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

const SHOW: &str = "query($waiting: String, $selling: String) { operations {
  shops(status: SUBMITTED, first: 50, after: $waiting) { nodes { id name kind taxCode address phone ward { name }
    owner { name } bankAccount { number holder } } pageInfo { hasNextPage endCursor } }
  bankCredits(waitingOnly: true, first: 50) { nodes { state memo receivedAt amount { amount formatted } expected { amount formatted } } }
  allShops: shops(status: APPROVED, first: 100, after: $selling) { nodes { id name } pageInfo { hasNextPage endCursor } }
  trialBalance { balanced lines { account debit { amount formatted } credit { amount formatted } } } } }";
const ALLOW: &str = "mutation($id: ID!, $allowed: Boolean!) { allowDirectPayments(input: {shopId: $id, allowed: $allowed}) { directPayments { allowed } userErrors { code message } } }";

/// How far the lists of shops were turned.
#[derive(Debug, Deserialize)]
pub struct Turned {
    /// Behind which of the shops that wait.
    waiting: Option<String>,
    /// Behind which of the shops that sell.
    selling: Option<String>,
}

/// `GET /operations`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(Turned { waiting, selling }): Query<Turned>,
) -> PageResult<Response> {
    let turned = json!({ "waiting": waiting, "selling": selling });
    let (operations, chrome) = as_operator::<Operations>(&state, &visitor, SHOW, turned).await?;
    let Operations { shops, all_shops, bank_credits, trial_balance } = operations;
    let next = |list: &str, cursor: &str| format!("/operations?{list}={}", url_encode(cursor));
    Ok(render(&OperationsPage {
        chrome,
        next_waiting: shops.page_info.next().map(|cursor| next("waiting", cursor)),
        next_shops: all_shops.page_info.next().map(|cursor| next("selling", cursor)),
        shops: shops.nodes,
        all_shops: all_shops.nodes,
        credits: bank_credits.nodes,
        balanced: trial_balance.balanced,
        lines: trial_balance.lines,
    }))
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
