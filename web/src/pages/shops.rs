//! The shops of who is signed in, and opening one.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::views::{Nodes, WardView};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Texts, Visitor};

#[derive(Template)]
#[template(path = "my_shops.html")]
struct MyShopsPage {
    chrome: Chrome,
    shops: Vec<MyShop>,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me>,
}

#[derive(Deserialize)]
struct Me {
    shops: Nodes<MyShop>,
}

#[derive(Deserialize)]
struct MyShop {
    id: String,
    name: String,
    status: String,
}

/// `GET /my-shops`
pub async fn list(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    let query = "{ me { shops { nodes { id name status } } } }";
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(&visitor, query, json!({})),
        Chrome::of(&state, &visitor)
    )?;
    let shops = data.me.ok_or(PageError::SignInFirst)?.shops.nodes;
    Ok(render(&MyShopsPage { chrome, shops }))
}

#[derive(Template)]
#[template(path = "open_shop.html")]
struct OpenShopPage {
    chrome: Chrome,
    wards: Vec<WardView>,
    banks: Vec<BankView>,
    kinds: Vec<(&'static str, &'static str)>,
    form: FormState,
}

#[derive(Deserialize)]
struct Choices {
    wards: Vec<WardView>,
    banks: Vec<BankView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankView {
    bin: String,
    short_name: String,
}

#[derive(Deserialize)]
struct Opened {
    shop: OpenedShop,
}

#[derive(Deserialize)]
struct OpenedShop {
    id: String,
}

const OPEN: &str = "mutation($input: OpenShopInput!) { openShop(input: $input) {
  shop { id } userErrors { code message path } } }";

/// `GET /shops/open`
pub async fn open_form(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    if visitor.session.is_none() {
        return Ok(go("/sign-in?to=/shops/open", None, state.secure));
    }
    form_with(&state, &visitor, FormState::default()).await
}

async fn form_with(state: &AppState, visitor: &Visitor, form: FormState) -> PageResult<Response> {
    let query = "{ wards { code name } banks { bin shortName } }";
    let (choices, chrome) = tokio::try_join!(
        state.graphql.query::<Choices>(visitor, query, json!({})),
        Chrome::of(state, visitor)
    )?;
    let kinds = kinds_of_shops(visitor.texts());
    let Choices { wards, banks } = choices;
    Ok(render(&OpenShopPage { chrome, wards, banks, kinds, form }))
}

/// What a shop may be by law, in the API's words and in people's.
pub fn kinds_of_shops(texts: Texts) -> Vec<(&'static str, &'static str)> {
    let kinds = ["HOUSEHOLD", "COMPANY", "COOPERATIVE", "TOUR_OPERATOR"];
    kinds.into_iter().map(|kind| (kind, texts.of_kind("openshop", kind))).collect()
}

/// `POST /shops/open`
pub async fn open(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let kind = match given("kind") {
        kind @ ("COMPANY" | "COOPERATIVE" | "TOUR_OPERATOR") => kind,
        _ => "HOUSEHOLD",
    };
    let input = json!({
        "name": given("name"), "kind": kind, "taxCode": given("tax_code"),
        "wardCode": given("ward_code"), "address": given("address"), "phone": given("phone"),
        "bankAccount": { "bin": given("bin"), "number": given("number"), "holder": given("holder") },
    });
    match state.graphql.change::<Opened>(&visitor, OPEN, json!({ "input": input })).await? {
        Ok(Opened { shop }) => {
            Ok(go(&format!("/my-shops/{}", shop.id), Some("openshop.opened"), state.secure))
        }
        Err(errors) => form_with(&state, &visitor, FormState::refused(fields, errors)).await,
    }
}
