//! Where a shop's money lands: the shop's own account, its feed and its statements, what came to it, and
//! what is to be given back out of it.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::order_detail::BankView;
use super::own_shop::{Me, own_shop};
use super::views::{MoneyView, Nodes, QrView};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::upload::{FileForm, send_file};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "direct.html")]
struct DirectPage {
    chrome: Chrome,
    shop: ShopView,
    banks: Vec<BankView>,
    /// Refunds that the shop is to send now.
    to_send: Vec<RefundView>,
    /// The key of the feed that nobody sees again.
    feed_key: Option<String>,
    webhook_url: String,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<ShopView>>,
    banks: Vec<BankView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    id: String,
    name: String,
    direct_payments: DirectView,
    refunds: Nodes<RefundView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DirectView {
    allowed: bool,
    wanted: String,
    landing: String,
    effective_at: Option<String>,
    account: Option<AccountView>,
    changes: Vec<ChangeView>,
    credits: Nodes<CreditView>,
}

#[derive(Deserialize)]
struct AccountView {
    number: String,
    holder: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangeView {
    what: String,
    account_number: Option<String>,
    changed_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditView {
    state: String,
    resolution: Option<String>,
    amount: MoneyView,
    memo: String,
    booked_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundView {
    amount: MoneyView,
    reason: String,
    shop_qr: Option<QrView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    feed_key: Option<String>,
}

const SHOW: &str = "query($id: ID!) { banks { bin shortName } me { shop(id: $id) { id name
  directPayments { allowed wanted landing effectiveAt account { number holder }
    changes { what accountNumber changedAt }
    credits(first: 20) { nodes { state resolution memo bookedAt amount { amount formatted } } } }
  refunds(first: 100, status: APPROVED) { nodes { reason amount { amount formatted }
    shopQr { svg bankName accountNumber accountHolder memo } } } } } }";
const SET: &str =
    "mutation($input: SetPaymentDestinationInput!) { setPaymentDestination(input: $input) {
  feedKey userErrors { code message path } } }";
const UPLOAD: &str = "mutation($shopId: ID!, $file: Upload!) {
  importShopStatement(input: {shopId: $shopId, file: $file}) { statement { id } userErrors { code message path } } }";

/// `GET /my-shops/{id}/direct`
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
    feed_key: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, SHOW, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let mut shop = own_shop(data.me)?;
    let refunds = std::mem::take(&mut shop.refunds.nodes).into_iter();
    let to_send = refunds.filter(|refund| refund.shop_qr.is_some()).collect();
    let webhook_url = format!("{}/webhooks/sepay", state.public_url);
    let banks = data.banks;
    Ok(render(&DirectPage { chrome, shop, banks, to_send, feed_key, webhook_url, form }))
}

/// `POST /my-shops/{id}/direct`: the answer itself shows the feed's key, and nothing else ever does.
pub async fn set(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let account = (!given("number").is_empty()).then(
        || json!({ "bin": given("bin"), "number": given("number"), "holder": given("holder") }),
    );
    let destination =
        if given("destination") == "MARKETPLACE" { "MARKETPLACE" } else { "SHOP_ACCOUNT" };
    let input = json!({
        "shopId": id, "destination": destination, "bankAccount": account,
        "newFeedKey": given("new_feed_key") == "yes",
    });
    match state.graphql.change::<Set>(&visitor, SET, json!({ "input": input })).await? {
        Ok(Set { feed_key }) => {
            show_with(&state, &visitor, &id, feed_key, FormState::default()).await
        }
        Err(errors) => {
            show_with(&state, &visitor, &id, None, FormState::refused(fields, errors)).await
        }
    }
}

/// `POST /my-shops/{id}/direct/statements`
pub async fn upload(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    parts: Multipart,
) -> PageResult<Response> {
    let variables = json!({ "shopId": id, "file": null });
    let form = FileForm { headers, parts };
    match send_file::<Value>(&state, &visitor, UPLOAD, variables, form).await? {
        Ok(_) => {
            let to = format!("/my-shops/{id}/direct");
            Ok(go(&to, Some("direct.statement_taken"), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, &id, None, form).await
        }
    }
}
