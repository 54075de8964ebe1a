//! Who sells a shop's tours elsewhere: added, shown their key once, revoked.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::views::MoneyView;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "resellers.html")]
struct ResellersPage {
    chrome: Chrome,
    shop: ShopView,
    octo_url: String,
    /// Who was added just now, with the key that nobody sees again.
    added: Option<Added>,
    form: FormState,
}

#[derive(Deserialize)]
struct ShopView {
    id: String,
    name: String,
    resellers: Vec<ResellerView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResellerView {
    id: String,
    name: String,
    contact_email: String,
    active: bool,
    created_at: String,
    owed: Option<MoneyView>,
}

#[derive(Deserialize)]
struct Payload {
    reseller: Added,
}

#[derive(Deserialize)]
struct Added {
    name: String,
    key: String,
}

const RESELLERS: &str = "query($id: ID!) { me { shop(id: $id) { id name
  resellers { id name contactEmail active createdAt owed { amount formatted } } } } }";
const ADD: &str = "mutation($input: AddResellerInput!) { addReseller(input: $input) {
  reseller { name key } userErrors { code message path } } }";
const REVOKE: &str = "mutation($shop: ID!, $reseller: ID!) {
  revokeReseller(input: {shopId: $shop, resellerId: $reseller}) { reseller { id } userErrors { code message } } }";

/// `GET /my-shops/{id}/resellers`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &id, None, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    added: Option<Added>,
    form: FormState,
) -> PageResult<Response> {
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(state, visitor, RESELLERS, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let octo_url = format!("{}/octo", state.public_url);
    Ok(render(&ResellersPage { chrome, shop, octo_url, added, form }))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Reseller {
    name: String,
    email: String,
}

/// `POST /my-shops/{id}/resellers`: the answer itself shows the key, and nothing else ever does.
pub async fn add(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(reseller): Form<Reseller>,
) -> PageResult<Response> {
    let input = json!({ "shopId": id, "name": reseller.name, "contactEmail": reseller.email });
    match state.graphql.change::<Payload>(&visitor, ADD, json!({ "input": input })).await? {
        Ok(Payload { reseller }) => {
            show_with(&state, &visitor, &id, Some(reseller), FormState::default()).await
        }
        Err(errors) => {
            let typed = [("name", reseller.name), ("email", reseller.email)];
            let typed: HashMap<String, String> =
                typed.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
            show_with(&state, &visitor, &id, None, FormState::refused(typed, errors)).await
        }
    }
}

/// `POST /my-shops/{id}/resellers/{reseller}/revoke`
pub async fn revoke(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, reseller)): Path<(String, String)>,
) -> PageResult<Response> {
    let asked = json!({ "shop": id, "reseller": reseller });
    let done = state.graphql.change::<Value>(&visitor, REVOKE, asked).await?;
    let notice = done.is_ok().then_some("resellers.revoked_notice");
    Ok(go(&format!("/my-shops/{id}/resellers"), notice, state.secure))
}
