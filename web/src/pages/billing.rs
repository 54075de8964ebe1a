//! Resellers' accounts, for operators of the market: what each owes, and the bills that ask for it.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::stalls::After;
use super::views::{MoneyView, Named, Nodes, OfOperations, QrView, as_operator};
use crate::forms::{FormState, go, new_key};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "billing.html")]
struct BillingPage {
    chrome: Chrome,
    accounts: Vec<AccountView>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "reseller_bills.html")]
struct BillsPage {
    chrome: Chrome,
    account: AccountView,
    bills: Vec<BillView>,
    next: Option<String>,
    /// Made with the form: sending the form twice is one bill.
    key: String,
    form: FormState,
}

#[derive(Deserialize)]
struct Accounts {
    resellers: Nodes<AccountView>,
}

#[derive(Deserialize)]
struct OneAccount {
    reseller: Option<AccountView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountView {
    id: String,
    name: Option<String>,
    contact_email: Option<String>,
    shop: Option<Named>,
    open: MoneyView,
    billed: MoneyView,
    bills: Option<Nodes<BillView>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BillView {
    id: String,
    until: String,
    line_count: i64,
    payment: Option<PaymentView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentView {
    status: String,
    amount: MoneyView,
    expires_at: String,
    qr: Option<QrView>,
}

const LIST: &str = "query($after: String) { operations { resellers(first: 30, after: $after) {
  nodes { id name contactEmail shop { name } open { amount formatted } billed { amount formatted } }
  pageInfo { hasNextPage endCursor } } } }";
const ONE: &str = "query($id: ID!, $after: String) { operations { reseller(id: $id) {
  id name contactEmail shop { name } open { amount formatted } billed { amount formatted }
  bills(first: 12, after: $after) { nodes { id until lineCount payment { status expiresAt amount { amount formatted }
    qr { svg bankName accountNumber accountHolder memo openAmount } } }
    pageInfo { hasNextPage endCursor } } } } }";
const BILL: &str = "mutation($input: BillResellerInput!) { billReseller(input: $input) {
  bill { id } userErrors { code message path } } }";
const CANCEL: &str = "mutation($id: ID!) { cancelResellerBill(input: {billId: $id}) {
  bill { id } userErrors { code message } } }";

/// `GET /operations/resellers`
pub async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let (operations, chrome) =
        as_operator::<Accounts>(&state, &visitor, LIST, json!({ "after": after })).await?;
    let found = operations.resellers;
    let next = found.page_info.next_at("/operations/resellers");
    Ok(render(&BillingPage { chrome, accounts: found.nodes, next }))
}

/// `GET /operations/resellers/{id}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &id, after, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    after: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<OneAccount>>(
            visitor,
            ONE,
            json!({ "id": id, "after": after })
        ),
        Chrome::of(state, visitor)
    )?;
    let mut account = data.operations.reseller.ok_or(PageError::NotFound)?;
    let bills = account.bills.take().ok_or(PageError::NotFound)?;
    let next = bills.page_info.next_at(&format!("/operations/resellers/{id}"));
    let key = new_key();
    Ok(render(&BillsPage { chrome, account, bills: bills.nodes, next, key, form }))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    until: String,
    key: String,
}

/// `POST /operations/resellers/{id}/bills`
pub async fn bill(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Wanted { until, key }): Form<Wanted>,
) -> PageResult<Response> {
    let input = json!({ "resellerId": id, "until": until, "idempotencyKey": key });
    match state.graphql.change::<Value>(&visitor, BILL, json!({ "input": input })).await? {
        Ok(_) => {
            Ok(go(&format!("/operations/resellers/{id}"), Some("billing.billed"), state.secure))
        }
        Err(errors) => {
            let typed = HashMap::from([("until".to_owned(), until)]);
            show_with(&state, &visitor, &id, None, FormState::refused(typed, errors)).await
        }
    }
}

/// `POST /operations/resellers/{id}/bills/{bill}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, bill)): Path<(String, String)>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(&visitor, CANCEL, json!({ "id": bill })).await? {
        Ok(_) => {
            Ok(go(&format!("/operations/resellers/{id}"), Some("billing.cancelled"), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, &id, None, form).await
        }
    }
}
