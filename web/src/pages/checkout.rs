//! Checking out, and the QR page that turns to "paid" by itself.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cart::cart_of;
use super::part_payment::{self, PART_FIELDS, PartPaymentView};
use super::status_events;
use super::views::{CartView, MoneyView, ORDER_FIELDS, OrderView, QrView, WardView};
use crate::cookies::{self, Kept};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    chrome: Chrome,
    cart: CartView,
    wards: Vec<WardView>,
    form: FormState,
}

#[derive(Template)]
#[template(path = "pay.html")]
struct PayPage {
    chrome: Chrome,
    checkout: CheckoutView,
    banks: Vec<BankView>,
    sandbox: bool,
    tickets: bool,
    goods: bool,
    /// Where a guest finds the orders again whom no letter reaches.
    keep: Option<String>,
}

#[derive(Deserialize)]
struct Wards {
    wards: Vec<WardView>,
}

#[derive(Deserialize)]
struct Started {
    checkout: StartedCheckout,
}

#[derive(Deserialize)]
struct StartedCheckout {
    id: String,
    token: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    banks: Vec<BankView>,
    checkout: Option<CheckoutView>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CheckoutView {
    id: String,
    status: String,
    #[serde(default)]
    status_text: String,
    expires_at: String,
    may_extend: bool,
    total: MoneyView,
    orders: Vec<OrderView>,
    payment: Option<PaymentView>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentView {
    amount: MoneyView,
    #[serde(default)]
    refunds: Vec<RefundView>,
    standing: String,
    takes_cards: bool,
    card: Option<CardView>,
    part_payment: Option<PartPaymentView>,
    qr: Option<QrView>,
}

impl PaymentView {
    /// Whether the card's bank is at it.
    fn is_processing(&self) -> bool {
        self.standing == "PROCESSING"
    }

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

    /// Whether a card may pay: where a part came, its rest is awaited in the same way.
    fn offers_cards(&self) -> bool {
        self.takes_cards && self.part_payment.is_none()
    }
}

/// That a card is being paid by.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardView {
    #[expect(dead_code, reason = "a query must ask for some field")]
    redirect_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundView {
    id: String,
    amount: MoneyView,
    reason: String,
    status: String,
    needs_account: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankView {
    bin: String,
    short_name: String,
}

const START: &str = "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) {
  checkout { id token } userErrors { code message path } } }";
const CANCEL: &str = "mutation($input: CancelCheckoutInput!) { cancelCheckout(input: $input) {
  checkout { id } userErrors { code message path } } }";
const EXTEND: &str = "mutation($input: ExtendCheckoutInput!) { extendCheckout(input: $input) {
  checkout { status } userErrors { code message path } } }";
const CHANGED: &str =
    "subscription($id: ID!, $token: String) { checkoutChanged(id: $id, token: $token) { status } }";

/// `GET /checkout`
pub async fn form(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    form_with(&state, &visitor, FormState::with_key()).await
}

async fn form_with(state: &AppState, visitor: &Visitor, form: FormState) -> PageResult<Response> {
    let (cart, wards, chrome) = tokio::try_join!(
        cart_of(state, visitor),
        state.graphql.query::<Wards>(visitor, "{ wards { code name } }", json!({})),
        Chrome::of(state, visitor)
    )?;
    let Some(cart) = cart else { return Ok(go("/cart", None, state.secure)) };
    Ok(render(&CheckoutPage { chrome, cart, wards: wards.wards, form }))
}

/// `POST /checkout`
pub async fn start(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let Some(key) = &visitor.cart else { return Ok(go("/cart", None, state.secure)) };
    let given =
        |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let method = given("method").filter(|method| matches!(*method, "PICKUP" | "TICKET"));
    let method = method.unwrap_or("SHIP");
    let input = json!({
        "cartId": key.id, "cartToken": key.token,
        "contact": { "name": given("name").unwrap_or_default(), "phone": given("phone"), "email": given("email") },
        "delivery": {
            "method": method,
            "wardCode": given("ward_code"), "address": given("address"), "note": given("note"),
        },
        "payWith": "VIETQR", "idempotencyKey": given("idempotency_key").unwrap_or_default(),
    });
    match state.graphql.change::<Started>(&visitor, START, json!({ "input": input })).await? {
        Ok(Started { checkout }) => {
            let page = Redirect::to(&format!("/checkout/{}", checkout.id));
            let Some(token) = checkout.token else { return Ok(page.into_response()) };
            let kept = visitor.with_checkout(&checkout.id, &token);
            let kept = cookies::write(Kept::Checkouts, kept, state.secure);
            Ok((CookieJar::new().add(kept), page).into_response())
        }
        Err(errors) => form_with(&state, &visitor, FormState::refused(fields, errors)).await,
    }
}

/// `GET /checkout/{id}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!, $token: String) {{ banks {{ bin shortName }} checkout(id: $id, token: $token) {{ id status expiresAt mayExtend
          total {{ amount formatted }} orders {{ {ORDER_FIELDS} contact {{ email }} }}
          payment {{ amount {{ amount formatted }} refunds {{ id reason status needsAccount amount {{ amount formatted }} }} standing takesCards card {{ redirectUrl }} {PART_FIELDS} qr {{ payload svg bankName accountNumber accountHolder memo }} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(
            &visitor,
            &query,
            json!({ "id": id, "token": visitor.checkout_token(&id) })
        ),
        Chrome::of(&state, &visitor)
    )?;
    let banks = data.banks;
    let mut checkout = data.checkout.ok_or(PageError::NotFound)?;
    checkout.status_text = visitor.texts().of_kind("pay", &checkout.status).to_owned();
    let tickets = checkout.orders.iter().any(OrderView::has_tickets);
    let mut lines = checkout.orders.iter().flat_map(|order| &order.lines);
    let goods = lines.any(|line| line.ticket.is_none());
    let written_to = checkout.orders.iter().any(|order| order.contact.email.is_some());
    let guest = chrome.person.is_none() && !written_to && !checkout.orders.is_empty();
    let keep = visitor.remembered(&id).filter(|_| guest).map(|token| {
        format!("{}/o/{}/{token}", state.public_url.trim_end_matches('/'), checkout.id)
    });
    let sandbox = state.sandbox;
    Ok(render(&PayPage { chrome, checkout, banks, sandbox, tickets, goods, keep }))
}

/// `POST /checkout/{id}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let input = json!({ "checkoutId": id, "token": visitor.checkout_token(&id) });
    // A refusal (already paid) shows itself on the page.
    let _ = state.graphql.change::<Value>(&visitor, CANCEL, json!({ "input": input })).await?;
    Ok(go(&format!("/checkout/{id}"), None, state.secure))
}

/// `POST /checkout/{id}/extend`: the shopper has sent the transfer.
pub async fn extend(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let input = json!({ "checkoutId": id, "token": visitor.checkout_token(&id) });
    let asked = state.graphql.change::<Value>(&visitor, EXTEND, json!({ "input": input })).await?;
    // One that is paid by now is given as it is, too.
    let waits = asked.is_ok_and(|answer| answer["checkout"]["status"] == "AWAITING_PAYMENT");
    let notice = if waits { "pay.extended" } else { "pay.not_extended" };
    Ok(go(&format!("/checkout/{id}"), Some(notice), state.secure))
}

/// `GET /checkout/{id}/events`: the status, whenever it changes, as server-sent events.
pub async fn events(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let variables = json!({ "id": id, "token": visitor.checkout_token(&id) });
    let answer = state.graphql.subscribe(&visitor, CHANGED, variables).await?;
    if !answer.status().is_success() {
        return Err(PageError::NotFound);
    }
    Ok(status_events::forwarded(answer, "checkoutChanged").into_response())
}
