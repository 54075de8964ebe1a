//! A shop, as its people see it: orders, money owed.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::stalls::After;
use super::views::{MoneyView, Nodes, ORDER_FIELDS, OrderView};
use crate::forms::go;
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "manage.html")]
struct ManagePage {
    chrome: Chrome,
    shop: ManagedShop,
    next: Option<String>,
}

/// That the shop is paid to another account soon: who has no e-mail address reads of it here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NextAccount {
    counts_from: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedShop {
    id: String,
    slug: String,
    name: String,
    status: String,
    status_reason: Option<String>,
    next_bank_account: Option<NextAccount>,
    approved_at: Option<String>,
    balance: BalanceView,
    return_days: u32,
    letters_wanted: bool,
    orders: Nodes<OrderView>,
    payments: Nodes<PaymentView>,
}

impl ManagedShop {
    /// Whether it may be sent to the operators: it never was, or they refused it.
    fn may_be_submitted(&self) -> bool {
        self.status == "DRAFT" || (self.status == "SUSPENDED" && self.approved_at.is_none())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BalanceView {
    owed: MoneyView,
    pending: MoneyView,
    paid_out: MoneyView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentView {
    payment_id: String,
    order_id: String,
    status: String,
    reference: String,
    created_at: String,
    amount: MoneyView,
}

const SUBMIT: &str = "mutation($id: ID!) { submitShop(input: {shopId: $id}) { shop { id } userErrors { code message } } }";
const FULFIL: &str = "mutation($shop: ID!, $order: ID!) {
  fulfilOrder(input: {shopId: $shop, orderId: $order}) { order { id } userErrors { code message } } }";

const SET_LETTERS: &str = "mutation($shop: ID!, $wanted: Boolean!) {
  setShopLetters(input: {shopId: $shop, wanted: $wanted}) { wanted userErrors { code message } } }";

/// `GET /my-shops/{id}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!, $after: String) {{ me {{ shop(id: $id) {{ id slug name status statusReason nextBankAccount {{ countsFrom }} approvedAt returnDays lettersWanted
          balance {{ owed {{ amount formatted }} pending {{ amount formatted }} paidOut {{ amount formatted }} }}
          orders(first: 20, after: $after) {{ nodes {{ {ORDER_FIELDS} }} pageInfo {{ hasNextPage endCursor }} }}
          payments(first: 20) {{ nodes {{ paymentId orderId status reference createdAt amount {{ amount formatted }} }} }} }} }} }}"
    );
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ManagedShop>(
            &state,
            &visitor,
            &query,
            json!({ "id": id, "after": after })
        ),
        Chrome::of(&state, &visitor)
    )?;
    let next = shop.orders.page_info.next_at(&format!("/my-shops/{}", shop.id));
    Ok(render(&ManagePage { chrome, shop, next }))
}

/// `POST /my-shops/{id}/submit`
pub async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let done = state.graphql.change::<Value>(&visitor, SUBMIT, json!({ "id": id })).await?;
    let notice = done.is_ok().then_some("manage.submitted");
    Ok(go(&format!("/my-shops/{id}"), notice, state.secure))
}

/// `POST /my-shops/{id}/orders/{order}/fulfil`
pub async fn fulfil(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, order)): Path<(String, String)>,
) -> PageResult<Response> {
    let done = state
        .graphql
        .change::<Value>(&visitor, FULFIL, json!({ "shop": id, "order": order }))
        .await?;
    let notice = done.is_ok().then_some("order.fulfilled_notice");
    Ok(go(&format!("/my-shops/{id}"), notice, state.secure))
}

/// What the form of letters sends.
#[derive(Debug, Deserialize)]
pub struct Letters {
    /// `yes`, or anything else.
    wanted: String,
}

/// `POST /my-shops/{id}/letters`: whether who is signed in gets letters of the shop's orders.
pub async fn set_letters(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Letters { wanted }): Form<Letters>,
) -> PageResult<Response> {
    let variables = json!({ "shop": id, "wanted": wanted == "yes" });
    let done = state.graphql.change::<Value>(&visitor, SET_LETTERS, variables).await?;
    let notice = done.is_ok().then_some("letters.saved");
    Ok(go(&format!("/my-shops/{id}"), notice, state.secure))
}
