//! The form in which an owner corrects what is said of a shop.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::{Me, own_shop};
use super::shops::kinds_of_shops;
use super::tour_views::Translations;
use super::views::WardView;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "shop_editor.html")]
struct EditorPage {
    chrome: Chrome,
    shop: EditedShop,
    wards: Vec<WardView>,
    kinds: Vec<(&'static str, &'static str)>,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<EditedShop>>,
    wards: Vec<WardView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EditedShop {
    id: String,
    name: String,
    kind: String,
    status: String,
    approved_at: Option<String>,
    tax_code: Option<String>,
    ward: Option<WardView>,
    address: Option<String>,
    phone: Option<String>,
    about: Translations,
}

impl EditedShop {
    /// Whether who sells by law may still be corrected: it was not submitted, or it was refused.
    fn is_open(&self) -> bool {
        self.status == "DRAFT" || (self.status == "SUSPENDED" && self.approved_at.is_none())
    }

    fn fields(&self) -> HashMap<String, String> {
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let fields = [
            ("name", self.name.clone()),
            ("kind", self.kind.clone()),
            ("tax_code", given(&self.tax_code)),
            ("ward_code", self.ward.as_ref().map(|ward| ward.code.clone()).unwrap_or_default()),
            ("address", given(&self.address)),
            ("phone", given(&self.phone)),
            ("about", self.about.vi.clone()),
            ("about_en", self.about.en.clone()),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

const ASK: &str = "query($id: ID!) { wards { code name } me { shop(id: $id) {
  id name kind status approvedAt taxCode ward { code name } address phone about { vi en } } } }";
const UPDATE: &str = "mutation($input: UpdateShopInput!) { updateShop(input: $input) {
  shop { id } userErrors { code message path } } }";

/// `GET /my-shops/{id}/details`
pub async fn form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    show(&state, &visitor, &id, None).await
}

/// The form as it came back, or else with what is said of the shop now.
async fn show(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    came_back: Option<FormState>,
) -> PageResult<Response> {
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, ASK, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let shop = own_shop(data.me)?;
    let form = came_back.unwrap_or_else(|| FormState::filled(shop.fields()));
    let (wards, kinds) = (data.wards, kinds_of_shops(visitor.texts()));
    Ok(render(&EditorPage { chrome, shop, wards, kinds, form }))
}

/// `POST /my-shops/{id}/details`
pub async fn save(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let mut input = json!({
        "shopId": id, "name": given("name"), "wardCode": given("ward_code"),
        "address": given("address"), "phone": given("phone"),
        "about": { "vi": given("about"), "en": given("about_en") },
    });
    // The form has them as long as they may be corrected.
    if let Some((kind, _)) =
        kinds_of_shops(visitor.texts()).iter().find(|(kind, _)| *kind == given("kind"))
    {
        input["kind"] = json!(kind);
        input["taxCode"] = json!(given("tax_code"));
    }
    match state.graphql.change::<Value>(&visitor, UPDATE, json!({ "input": input })).await? {
        Ok(_) => Ok(go(&format!("/my-shops/{id}"), Some("manage.details_saved"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(fields, errors);
            show(&state, &visitor, &id, Some(form)).await
        }
    }
}
