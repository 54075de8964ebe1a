//! A shop's goods: list, add, price, stock, hide.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::{Me, own_shop};
use super::stalls::After;
use super::views::{CategoryView, Nodes, PRODUCT_FIELDS, ProductView, Stall, to_choose};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

type Fields = HashMap<String, String>;
type Outcome = Result<Value, Vec<UserError>>;

#[derive(Template)]
#[template(path = "products.html")]
struct ProductsPage {
    chrome: Chrome,
    shop: ShopGoods,
    categories: Vec<CategoryView>,
    form: FormState,
    key: String,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<ShopGoods>>,
    categories: Vec<Stall>,
}

#[derive(Deserialize)]
struct ShopGoods {
    id: String,
    name: String,
    products: Nodes<ProductView>,
}

const CREATE: &str = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
  product { id } userErrors { code message path } } }";
const ADJUST: &str = "mutation($input: AdjustStockInput!) { adjustStock(input: $input) {
  product { id } userErrors { code message path } } }";
const SET_PRICE: &str = "mutation($input: SetPriceInput!) { setPrice(input: $input) {
  product { id } userErrors { code message path } } }";
const PUBLISH: &str = "mutation($shop: ID!, $product: ID!) {
  publishProduct(input: {shopId: $shop, productId: $product}) { product { id } userErrors { code message } } }";
const UNPUBLISH: &str = "mutation($shop: ID!, $product: ID!) {
  unpublishProduct(input: {shopId: $shop, productId: $product}) { product { id } userErrors { code message } } }";

/// `GET /my-shops/{id}/products`
pub async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    list_with(&state, &visitor, &id, after, FormState::default()).await
}

async fn list_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    after: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    let fields = PRODUCT_FIELDS.replace("available ", "available stock ");
    let query = format!(
        "query($id: ID!, $after: String) {{ categories {{ slug name children {{ slug name }} }}
          me {{ shop(id: $id) {{ id name products(first: 30, after: $after) {{
            nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, &query, json!({ "id": id, "after": after })),
        Chrome::of(state, visitor)
    )?;
    let shop = own_shop(data.me)?;
    let next = shop.products.page_info.next_at(&format!("/my-shops/{}/products", shop.id));
    let categories = to_choose(data.categories);
    let key = hex::encode(rand::random::<[u8; 8]>());
    Ok(render(&ProductsPage { chrome, shop, categories, form, key, next }))
}

/// `POST /my-shops/{id}/products`
pub async fn create(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let input = json!({
        "shopId": id, "kind": "GOODS",
        "title": { "vi": given("title"), "en": given("title_en") },
        "description": { "vi": given("description"), "en": "" },
        "categorySlug": given("category"), "unit": given("unit"), "publish": true,
        "variants": [{
            "price": { "amount": plain_number(given("price")), "currency": "VND" },
            "stock": given("stock").parse::<i64>().unwrap_or(-1),
        }],
    });
    let outcome: Outcome =
        state.graphql.change(&visitor, CREATE, json!({ "input": input })).await?;
    after_change(&state, &visitor, &id, fields, outcome, "products.created").await
}

/// A price as people type it: `25.000`, `25,000 đ`, `25000`.
fn plain_number(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What the form beside a variant sends.
#[derive(Debug, Deserialize)]
pub struct StockChange {
    change: i64,
    idempotency_key: String,
}

/// `POST /my-shops/{id}/variants/{variant}/stock`
pub async fn adjust_stock(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, variant)): Path<(String, String)>,
    Form(change): Form<StockChange>,
) -> PageResult<Response> {
    let input = json!({
        "shopId": id, "variantId": variant, "change": change.change,
        "idempotencyKey": change.idempotency_key,
    });
    let outcome: Outcome =
        state.graphql.change(&visitor, ADJUST, json!({ "input": input })).await?;
    after_change(&state, &visitor, &id, Fields::new(), outcome, "products.changed").await
}

/// What the form beside a price sends.
#[derive(Debug, Deserialize)]
pub struct NewPrice {
    price: String,
}

/// `POST /my-shops/{id}/variants/{variant}/price`
pub async fn set_price(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, variant)): Path<(String, String)>,
    Form(NewPrice { price }): Form<NewPrice>,
) -> PageResult<Response> {
    let input = json!({
        "shopId": id, "variantId": variant,
        "price": { "amount": plain_number(&price), "currency": "VND" },
    });
    let outcome: Outcome =
        state.graphql.change(&visitor, SET_PRICE, json!({ "input": input })).await?;
    after_change(&state, &visitor, &id, Fields::new(), outcome, "products.changed").await
}

/// `POST /my-shops/{id}/products/{product}/{show|hide}`
pub async fn publish(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product, change)): Path<(String, String, String)>,
) -> PageResult<Response> {
    let operation = match change.as_str() {
        "show" => PUBLISH,
        "hide" => UNPUBLISH,
        _ => return Err(PageError::NotFound),
    };
    let variables = json!({ "shop": id, "product": product });
    let outcome: Outcome = state.graphql.change(&visitor, operation, variables).await?;
    after_change(&state, &visitor, &id, Fields::new(), outcome, "products.changed").await
}

async fn after_change(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    fields: Fields,
    outcome: Outcome,
    notice: &str,
) -> PageResult<Response> {
    match outcome {
        Ok(_) => Ok(go(&format!("/my-shops/{id}/products"), Some(notice), state.secure)),
        Err(errors) => {
            list_with(state, visitor, id, None, FormState::refused(fields, errors)).await
        }
    }
}
