//! Paying a checkout by card: to the card provider's page, which leads back to the checkout.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::forms::go;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "pay_by_card.html")]
struct CardPage {
    chrome: Chrome,
    id: String,
    url: String,
}

#[derive(Deserialize)]
struct Data {
    checkout: Option<Checkout>,
}

#[derive(Deserialize)]
struct Checkout {
    payment: Option<Payment>,
}

#[derive(Deserialize)]
struct Payment {
    card: Option<Card>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    redirect_url: Option<String>,
}

const PAY: &str = "mutation($input: PayByCardInput!) { payByCard(input: $input) {
  payment { id } userErrors { code message path } } }";
const WHERE: &str = "query($id: ID!, $token: String) { checkout(id: $id, token: $token) {
  payment { card { redirectUrl } } } }";

/// `POST /checkout/{id}/card`
pub async fn begin(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let input = json!({ "checkoutId": id, "token": visitor.checkout_token(&id) });
    match state.graphql.change::<Value>(&visitor, PAY, json!({ "input": input })).await? {
        Ok(_) => Ok(go(&format!("/checkout/{id}/card"), None, state.secure)),
        Err(_refused) => Ok(go(&format!("/checkout/{id}"), Some("pay.card_refused"), state.secure)),
    }
}

/// `GET /checkout/{id}/card`: goes on to the provider's page by itself. Not by a redirect of the form:
/// our pages let forms lead to ourselves only.
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let variables = json!({ "id": id, "token": visitor.checkout_token(&id) });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(&visitor, WHERE, variables),
        Chrome::of(&state, &visitor)
    )?;
    let checkout = data.checkout.ok_or(PageError::NotFound)?;
    let card = checkout.payment.and_then(|payment| payment.card);
    let Some(url) = card.and_then(|card| card.redirect_url).filter(|url| is_page(url)) else {
        return Ok(go(&format!("/checkout/{id}"), None, state.secure));
    };
    let refresh = HeaderValue::from_str(&format!("0;url={url}"));
    let mut page = render(&CardPage { chrome, id, url });
    if let Ok(refresh) = refresh {
        page.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(page)
}

/// A page that a browser may be sent to.
fn is_page(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
