//! The till: a keypad for the amount, the QR as large as the screen, and green when the money came.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::part_payment::{self, PART_FIELDS, PartPaymentView};
use super::status_events;
use super::views::{MoneyView, Nodes, QrView};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "counter.html")]
struct KeypadPage {
    chrome: Chrome,
    shop: ShopView,
    form: FormState,
}

#[derive(Template)]
#[template(path = "counter_qr.html")]
struct QrPage {
    chrome: Chrome,
    shop_id: String,
    shop_name: String,
    payment: PaymentView,
    status_text: String,
    sandbox: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    id: String,
    name: String,
    status: String,
    counter_payments: Nodes<AskedView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedView {
    id: String,
    status: String,
    amount: MoneyView,
    note: Option<String>,
    created_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneShop {
    name: String,
    counter_payment: Option<PaymentView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentView {
    id: String,
    status: String,
    amount: MoneyView,
    note: Option<String>,
    expires_at: String,
    part_payment: Option<PartPaymentView>,
    qr: Option<QrView>,
}

impl PaymentView {
    /// What is to be paid now.
    fn to_pay(&self) -> &MoneyView {
        part_payment::to_pay(self.part_payment.as_ref(), &self.amount, self.qr.as_ref()).0
    }

    /// The QR of what is to be paid now, if anything is.
    fn qr_to_pay(&self) -> Option<&QrView> {
        part_payment::to_pay(self.part_payment.as_ref(), &self.amount, self.qr.as_ref()).1
    }

    /// What came so far and does not pay it.
    fn received(&self) -> &str {
        part_payment::received(self.part_payment.as_ref())
    }
}

#[derive(Deserialize)]
struct Asked {
    payment: AskedId,
}

#[derive(Deserialize)]
struct AskedId {
    id: String,
}

const SHOW: &str = "query($id: ID!) { me { shop(id: $id) { id name status
  counterPayments(first: 20) { nodes { id status note createdAt amount { amount formatted } } } } } }";
const CREATE: &str =
    "mutation($input: CreateCounterPaymentInput!) { createCounterPayment(input: $input) {
  payment { id } userErrors { code message path } } }";
const CANCEL: &str =
    "mutation($input: CancelCounterPaymentInput!) { cancelCounterPayment(input: $input) {
  payment { id } userErrors { code message path } } }";
const CHANGED: &str = "subscription($id: ID!) { counterPaymentChanged(id: $id) { status } }";

/// `GET /my-shops/{id}/counter`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &id, FormState::with_key()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    form: FormState,
) -> PageResult<Response> {
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(state, visitor, SHOW, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    Ok(render(&KeypadPage { chrome, shop, form }))
}

/// `POST /my-shops/{id}/counter`
pub async fn ask(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let input = json!({
        "shopId": id,
        "amount": { "amount": whole_amount(given("amount")), "currency": "VND" },
        "note": given("note"),
        "idempotencyKey": given("idempotency_key"),
    });
    match state.graphql.change::<Asked>(&visitor, CREATE, json!({ "input": input })).await? {
        Ok(Asked { payment }) => {
            Ok(go(&format!("/my-shops/{id}/counter/{}", payment.id), None, state.secure))
        }
        Err(errors) => show_with(&state, &visitor, &id, FormState::refused(fields, errors)).await,
    }
}

/// An amount of whole đồng as people type it: `45.000`, `45,000`, `45 000 ₫`. Anything else stays as
/// it is, and is refused.
pub fn whole_amount(typed: &str) -> String {
    typed.chars().filter(|sign| !matches!(sign, '.' | ',' | ' ' | '\u{a0}' | '₫' | 'đ')).collect()
}

/// `GET /my-shops/{id}/counter/{payment}`
pub async fn qr(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, payment)): Path<(String, String)>,
) -> PageResult<Response> {
    let one = format!(
        "query($id: ID!, $payment: ID!) {{ me {{ shop(id: $id) {{ name counterPayment(id: $payment) {{
          id status note expiresAt amount {{ amount formatted }} {PART_FIELDS}
          qr {{ payload svg bankName accountNumber accountHolder memo }} }} }} }} }}"
    );
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<OneShop>(&state, &visitor, &one, json!({ "id": id, "payment": payment })),
        Chrome::of(&state, &visitor)
    )?;
    let payment = shop.counter_payment.ok_or(PageError::NotFound)?;
    let status_text = chrome.t.of_kind("counter.status", &payment.status).to_owned();
    let (shop_id, shop_name, sandbox) = (id, shop.name, state.sandbox);
    Ok(render(&QrPage { chrome, shop_id, shop_name, payment, status_text, sandbox }))
}

/// `POST /my-shops/{id}/counter/{payment}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, payment)): Path<(String, String)>,
) -> PageResult<Response> {
    let input = json!({ "shopId": id, "paymentId": payment });
    let done = state.graphql.change::<Value>(&visitor, CANCEL, json!({ "input": input })).await?;
    match done {
        Ok(_) => Ok(go(&format!("/my-shops/{id}/counter"), None, state.secure)),
        // A refusal (already paid) shows itself on the page.
        Err(_) => Ok(go(&format!("/my-shops/{id}/counter/{payment}"), None, state.secure)),
    }
}

/// `GET /my-shops/{id}/counter/{payment}/events`: the status, whenever it changes.
pub async fn events(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((_, payment)): Path<(String, String)>,
) -> PageResult<Response> {
    let answer = state.graphql.subscribe(&visitor, CHANGED, json!({ "id": payment })).await?;
    if !answer.status().is_success() {
        return Err(PageError::NotFound);
    }
    Ok(status_events::forwarded(answer, "counterPaymentChanged").into_response())
}

#[cfg(test)]
mod tests {
    use super::whole_amount;

    #[test]
    fn amounts_are_read_as_people_type_them_and_nonsense_stays_nonsense() {
        for (typed, read) in [
            ("45.000", "45000"),
            ("1,250,000", "1250000"),
            ("45 000 ₫", "45000"),
            ("-5", "-5"),
            ("4e3", "4e3"),
        ] {
            assert_eq!(whole_amount(typed), read);
        }
    }
}
