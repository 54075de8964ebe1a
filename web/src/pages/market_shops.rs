//! The market's shops, for operators: each by where it stands, let to sell, refused or stopped with a
//! reason that the shop reads.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::narrowed::{Narrowed, Tab, next_of, tabs};
use super::views::{Named, Nodes, PaidTo, as_operator};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "market_shops.html")]
struct ShopsPage {
    chrome: Chrome,
    form: FormState,
    tabs: Vec<Tab>,
    shops: Vec<ShopView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Operations {
    shops: Nodes<ShopView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    id: String,
    slug: String,
    name: String,
    kind: String,
    status: String,
    status_reason: Option<String>,
    tax_code: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    created_at: String,
    approved_at: Option<String>,
    ward: Option<Named>,
    owner: Option<Named>,
    bank_account: Option<PaidTo>,
}

impl ShopView {
    /// Whether an operator may let it sell: one that was refused asks again first.
    fn may_be_approved(&self) -> bool {
        self.waits() || (self.status == "SUSPENDED" && self.approved_at.is_some())
    }

    /// Whether an operator may refuse it, or stop it from selling.
    fn may_be_stopped(&self) -> bool {
        self.waits() || self.status == "APPROVED"
    }

    fn waits(&self) -> bool {
        self.status == "SUBMITTED"
    }
}

const PATH: &str = "/operations/shops";
/// Where a shop may stand, as the API names it.
const STATES: [&str; 5] = ["SUBMITTED", "APPROVED", "SUSPENDED", "DRAFT", "CLOSED"];
const SHOPS: &str = "query($state: ShopStatus, $after: String) { operations {
  shops(status: $state, first: 20, after: $after) { nodes { id slug name kind status statusReason taxCode address phone
    createdAt approvedAt ward { name } owner { name } bankAccount { number holder } } pageInfo { hasNextPage endCursor } } } }";
const APPROVE: &str = "mutation($id: ID!) { approveShop(input: {shopId: $id}) {
  shop { id } userErrors { code message path } } }";
const SUSPEND: &str = "mutation($input: ShopDecisionInput!) { suspendShop(input: $input) {
  shop { id } userErrors { code message path } } }";

/// `GET /operations/shops`
pub async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(asked): Query<Narrowed>,
) -> PageResult<Response> {
    list_with(&state, &visitor, asked, FormState::default()).await
}

async fn list_with(
    state: &AppState,
    visitor: &Visitor,
    asked: Narrowed,
    form: FormState,
) -> PageResult<Response> {
    let chosen = asked.state(&STATES);
    let variables = json!({ "state": chosen, "after": asked.after });
    let (operations, chrome) = as_operator::<Operations>(state, visitor, SHOPS, variables).await?;
    let shops = operations.shops;
    let next = next_of(&shops.page_info, PATH, chosen);
    let tabs = tabs(PATH, &STATES, chosen);
    Ok(render(&ShopsPage { chrome, form, tabs, shops: shops.nodes, next }))
}

/// `POST /operations/shops/{id}/approve`
pub async fn approve(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(&visitor, APPROVE, json!({ "id": id })).await? {
        Ok(_) => Ok(go("/operations", Some("operations.approved"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            list_with(&state, &visitor, Narrowed::default(), form).await
        }
    }
}

/// What the form of a shop that shall not sell sends.
#[derive(Debug, Deserialize)]
pub struct Stopped {
    reason: String,
}

/// `POST /operations/shops/{id}/suspend`: refuses one that waits, or stops one that sells.
pub async fn suspend(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Stopped { reason }): Form<Stopped>,
) -> PageResult<Response> {
    let variables = json!({ "input": { "shopId": id, "reason": reason.trim() } });
    match state.graphql.change::<Value>(&visitor, SUSPEND, variables).await? {
        Ok(_) => Ok(go(PATH, Some("market.stopped"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            list_with(&state, &visitor, Narrowed::default(), form).await
        }
    }
}
