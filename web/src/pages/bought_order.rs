//! An order as its buyer sees it: called off before it is handed over, sent back in pieces after.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::order_detail::{BankView, ORDER_DETAIL_FIELDS, OrderDetail};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "bought_order.html")]
struct OrderPage {
    chrome: Chrome,
    checkout: String,
    order: OrderDetail,
    banks: Vec<BankView>,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    banks: Vec<BankView>,
    checkout: Option<CheckoutData>,
}

#[derive(Deserialize)]
struct CheckoutData {
    orders: Vec<OrderDetail>,
}

const CANCEL: &str = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) {
  order { id } userErrors { code message path } } }";
const RETURN: &str = "mutation($input: RequestReturnInput!) { requestReturn(input: $input) {
  order { id } userErrors { code message path } } }";

/// `GET /checkout/{id}/orders/{order}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((checkout, order)): Path<(String, String)>,
) -> PageResult<Response> {
    show_with(&state, &visitor, checkout, &order, FormState::with_key()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    checkout: String,
    order: &str,
    form: FormState,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!, $token: String) {{ banks {{ bin shortName }}
          checkout(id: $id, token: $token) {{ orders {{ {ORDER_DETAIL_FIELDS} }} }} }}"
    );
    let variables = json!({ "id": checkout, "token": visitor.checkout_token(&checkout) });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, &query, variables),
        Chrome::of(state, visitor)
    )?;
    let found = data.checkout.ok_or(PageError::NotFound)?.orders;
    let order = found.into_iter().find(|one| one.id == order).ok_or(PageError::NotFound)?;
    Ok(render(&OrderPage { chrome, checkout, order, banks: data.banks, form }))
}

/// `POST /checkout/{id}/orders/{order}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((checkout, order)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let input = asked(&visitor, &checkout, &order, &fields);
    change(&state, &visitor, (checkout, &order), CANCEL, input, "return.cancelled_notice", fields)
        .await
}

/// `POST /checkout/{id}/orders/{order}/return`
pub async fn send_back(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((checkout, order)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let mut input = asked(&visitor, &checkout, &order, &fields);
    let lines = fields.iter().filter_map(|(name, value)| {
        let line = name.strip_prefix("line-")?;
        let quantity: i64 = value.trim().parse().ok().filter(|quantity| *quantity != 0)?;
        Some(json!({ "orderLineId": line, "quantity": quantity }))
    });
    input["lines"] = lines.collect();
    change(&state, &visitor, (checkout, &order), RETURN, input, "return.requested_notice", fields)
        .await
}

async fn change(
    state: &AppState,
    visitor: &Visitor,
    (checkout, order): (String, &str),
    mutation: &str,
    input: Value,
    notice: &'static str,
    fields: HashMap<String, String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(visitor, mutation, json!({ "input": input })).await? {
        Ok(_) => {
            Ok(go(&format!("/checkout/{checkout}/orders/{order}"), Some(notice), state.secure))
        }
        Err(errors) => {
            show_with(state, visitor, checkout, order, FormState::refused(fields, errors)).await
        }
    }
}

/// What both forms say.
fn asked(
    visitor: &Visitor,
    checkout: &str,
    order: &str,
    fields: &HashMap<String, String>,
) -> Value {
    let given =
        |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let account = given("account_number").map(|number| {
        json!({ "bin": given("bank_bin").unwrap_or_default(), "number": number,
            "holder": given("account_holder").unwrap_or_default() })
    });
    json!({
        "orderId": order, "token": visitor.checkout_token(checkout), "bankAccount": account,
        "reason": given("reason").unwrap_or_default(),
        "idempotencyKey": given("idempotency_key").unwrap_or_default(),
    })
}
