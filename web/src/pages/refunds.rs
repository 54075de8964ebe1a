//! Refunds: a shop gives money of an order back; the shopper says to which account, where nobody knows.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::views::MoneyView;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "refund.html")]
struct RefundPage {
    chrome: Chrome,
    shop_id: String,
    about: About,
    order: Option<OrderView>,
    banks: Vec<BankView>,
    form: FormState,
}

/// Which payment and which order of it.
#[derive(Clone, Debug, Deserialize)]
pub struct About {
    payment: String,
    order: String,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Value>,
    order: Option<OrderView>,
    banks: Vec<BankView>,
}

#[derive(Deserialize)]
struct OrderView {
    number: String,
    total: MoneyView,
    contact: ContactView,
    lines: Vec<LineView>,
}

#[derive(Deserialize)]
struct ContactView {
    name: String,
}

#[derive(Deserialize)]
struct LineView {
    id: String,
    title: String,
    quantity: i64,
    total: MoneyView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankView {
    bin: String,
    short_name: String,
}

#[derive(Deserialize)]
struct Refunded {
    refund: RefundView,
}

#[derive(Deserialize)]
struct RefundView {
    status: String,
}

const SHOW: &str = "query($order: ID!) { me { id } banks { bin shortName } order(id: $order) { number
  total { amount formatted } contact { name } lines { id title quantity total { amount formatted } } } }";
const REFUND: &str = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
  refund { status } userErrors { code message path } } }";
const PROVIDE: &str =
    "mutation($input: ProvideRefundAccountInput!) { provideRefundAccount(input: $input) {
  refund { id } userErrors { code message path } } }";

/// `GET /my-shops/{id}/refund`
pub async fn form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(about): Query<About>,
) -> PageResult<Response> {
    form_with(&state, &visitor, id, about, FormState::with_key()).await
}

async fn form_with(
    state: &AppState,
    visitor: &Visitor,
    shop_id: String,
    about: About,
    form: FormState,
) -> PageResult<Response> {
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, SHOW, json!({ "order": about.order })),
        Chrome::of(state, visitor)
    )?;
    data.me.ok_or(PageError::SignInFirst)?;
    let Data { order, banks, .. } = data;
    Ok(render(&RefundPage { chrome, shop_id, about, order, banks, form }))
}

/// `POST /my-shops/{id}/refund`
pub async fn refund(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let about = About { payment: given("payment").to_owned(), order: given("order").to_owned() };
    let mut input = json!({
        "paymentId": about.payment, "orderId": about.order, "reason": given("reason"),
        "idempotencyKey": given("idempotency_key"),
    });
    let lines: Vec<Value> = fields
        .iter()
        .filter_map(|(name, quantity)| {
            let line = name.strip_prefix("line-")?;
            let quantity = quantity.trim().parse::<i64>().ok().filter(|pieces| *pieces > 0)?;
            Some(json!({ "orderLineId": line, "quantity": quantity }))
        })
        .collect();
    if !lines.is_empty() {
        input["lines"] = lines.into();
    }
    if !given("amount").is_empty() {
        let amount = super::counter::whole_amount(given("amount"));
        input["amount"] = json!({ "amount": amount, "currency": "VND" });
    }
    if !given("number").is_empty() {
        input["bankAccount"] = account(&given);
    }
    match state.graphql.change::<Refunded>(&visitor, REFUND, json!({ "input": input })).await? {
        Ok(Refunded { refund }) => {
            let notice = match refund.status.as_str() {
                "REQUESTED" => "refund.needs_account",
                "NEEDS_APPROVAL" => "refund.needs_approval",
                _ => "refund.done",
            };
            Ok(go(&format!("/my-shops/{id}/money"), Some(notice), state.secure))
        }
        Err(errors) => {
            form_with(&state, &visitor, id, about, FormState::refused(fields, errors)).await
        }
    }
}

/// `POST /checkout/{id}/refunds/{refund}`: where the shopper wants the money.
pub async fn provide_account(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, refund)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let token = visitor.checkout_token(&id);
    let input = json!({ "refundId": refund, "token": token, "account": account(&given) });
    let done = state.graphql.change::<Value>(&visitor, PROVIDE, json!({ "input": input })).await?;
    let notice = if done.is_ok() { "refund.account_taken" } else { "refund.account_refused" };
    Ok(go(&format!("/checkout/{id}"), Some(notice), state.secure))
}

fn account<'a>(given: &impl Fn(&str) -> &'a str) -> Value {
    json!({ "bin": given("bin"), "number": given("number"), "holder": given("holder") })
}
