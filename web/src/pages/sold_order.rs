//! An order as its shop sees it: called off, and what its buyer wants to send back decided on.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::order_detail::{ORDER_DETAIL_FIELDS, OrderDetail};
use super::own_shop::{Me, own_shop};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "sold_order.html")]
struct OrderPage {
    chrome: Chrome,
    shop: ShopData,
    order: OrderDetail,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<ShopData>>,
    order: Option<OrderDetail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopData {
    id: String,
    name: String,
    slug: String,
    return_days: u32,
}

const CANCEL: &str = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) {
  order { id } userErrors { code message path } } }";
const APPROVE: &str = "mutation($input: ApproveReturnInput!) { approveReturn(input: $input) {
  order { id } userErrors { code message path } } }";
const DECLINE: &str = "mutation($input: DeclineReturnInput!) { declineReturn(input: $input) {
  order { id } userErrors { code message path } } }";
const POLICY: &str = "mutation($input: SetReturnPolicyInput!) { setReturnPolicy(input: $input) {
  days userErrors { code message path } } }";

/// `GET /my-shops/{id}/orders/{order}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((shop, order)): Path<(String, String)>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &shop, &order, FormState::with_key()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    shop: &str,
    order: &str,
    form: FormState,
) -> PageResult<Response> {
    let query = format!(
        "query($shop: ID!, $order: ID!) {{ me {{ shop(id: $shop) {{ id name slug returnDays }} }}
          order(id: $order) {{ {ORDER_DETAIL_FIELDS} }} }}"
    );
    let variables = json!({ "shop": shop, "order": order });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, &query, variables),
        Chrome::of(state, visitor)
    )?;
    let shop = own_shop(data.me)?;
    let order = data.order.filter(|order| order.shop.slug == shop.slug);
    let order = order.ok_or(PageError::NotFound)?;
    Ok(render(&OrderPage { chrome, shop, order, form }))
}

/// `POST /my-shops/{id}/orders/{order}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((shop, order)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let input = json!({
        "shopId": shop, "orderId": order, "reason": given("reason"),
        "idempotencyKey": given("idempotency_key"),
    });
    change(&state, &visitor, (&shop, &order), CANCEL, input, "return.cancelled_notice", fields)
        .await
}

/// `POST /my-shops/{id}/orders/{order}/returns/{return}/{decision}`
pub async fn decide(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((shop, order, id, decision)): Path<(String, String, String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let answer = fields.get("answer").map_or("", |text| text.trim());
    let mut input = json!({ "shopId": shop, "returnId": id, "answer": answer });
    let (mutation, notice) = match decision.as_str() {
        "approve" => {
            input["restock"] = fields.contains_key("restock").into();
            (APPROVE, "return.approved_notice")
        }
        "decline" => (DECLINE, "return.declined_notice"),
        _ => return Err(PageError::NotFound),
    };
    change(&state, &visitor, (&shop, &order), mutation, input, notice, fields).await
}

/// `POST /my-shops/{id}/return-policy`
pub async fn set_policy(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(shop): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let days: Option<u32> = fields.get("days").and_then(|days| days.trim().parse().ok());
    let Some(days) = days else { return Ok(go(&format!("/my-shops/{shop}"), None, state.secure)) };
    let input = json!({ "shopId": shop, "days": days });
    let done = state.graphql.change::<Value>(&visitor, POLICY, json!({ "input": input })).await?;
    let notice = done.is_ok().then_some("return.policy_notice");
    Ok(go(&format!("/my-shops/{shop}"), notice, state.secure))
}

async fn change(
    state: &AppState,
    visitor: &Visitor,
    (shop, order): (&str, &str),
    mutation: &str,
    input: Value,
    notice: &'static str,
    fields: HashMap<String, String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(visitor, mutation, json!({ "input": input })).await? {
        Ok(_) => Ok(go(&format!("/my-shops/{shop}/orders/{order}"), Some(notice), state.secure)),
        Err(errors) => {
            show_with(state, visitor, shop, order, FormState::refused(fields, errors)).await
        }
    }
}
