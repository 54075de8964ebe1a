//! A guest's tickets: shown at the pier, printed, given back.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};

use super::tour_views::{TICKET_FIELDS, TicketView, percent};
use super::views::MoneyView;
use crate::cookies::{self, Kept};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

/// Tickets in one form.
const MAX_TICKETS: usize = 100;

#[derive(Template)]
#[template(path = "tickets.html")]
struct TicketsPage {
    chrome: Chrome,
    id: String,
    tickets: Vec<Shown>,
    add_ons: Vec<AddOnLine>,
    /// The link that opens these tickets on another phone.
    link: Option<String>,
    cancellable: bool,
    script: String,
}

/// A ticket, and what happened to its departure.
struct Shown {
    ticket: TicketView,
    moved: bool,
    for_whom: String,
}

struct AddOnLine {
    title: String,
    quantity: i64,
}

#[derive(Deserialize)]
struct Data {
    checkout: Option<CheckoutData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CheckoutData {
    status: String,
    tickets: Vec<TicketView>,
    orders: Vec<OrderData>,
}

#[derive(Deserialize)]
struct OrderData {
    lines: Vec<LineData>,
}

#[derive(Deserialize)]
struct LineData {
    title: String,
    quantity: i64,
    ticket: Option<LineTicket>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineTicket {
    departure_id: String,
    admits: u32,
}

async fn checkout_of(state: &AppState, visitor: &Visitor, id: &str) -> PageResult<CheckoutData> {
    let query = format!(
        "query($id: ID!, $token: String) {{ checkout(id: $id, token: $token) {{ status
          tickets {{ {TICKET_FIELDS} qrSvg }} orders {{ lines {{ title quantity ticket {{ departureId admits }} }} }} }} }}"
    );
    let variables = json!({ "id": id, "token": visitor.checkout_token(id) });
    let data: Data = state.graphql.query(visitor, &query, variables).await?;
    data.checkout.ok_or(PageError::NotFound)
}

/// `GET /checkout/{id}/tickets`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let (checkout, chrome) =
        tokio::try_join!(checkout_of(&state, &visitor, &id), Chrome::of(&state, &visitor))?;
    if checkout.status != "PAID" {
        return Ok(go(&format!("/checkout/{id}"), None, state.secure));
    }
    let texts = visitor.texts();
    let lines: Vec<_> = checkout.orders.iter().flat_map(|order| &order.lines).collect();
    // A ticket whose departure is none of those that were bought has been moved.
    let bought: Vec<_> =
        lines.iter().filter_map(|line| Some(line.ticket.as_ref()?.departure_id.as_str())).collect();
    let shown = checkout.tickets.into_iter().map(|ticket| Shown {
        moved: !bought.contains(&ticket.offer.departure_id.as_str()),
        for_whom: ticket.offer.label(&texts),
        ticket,
    });
    let shown: Vec<_> = shown.collect();
    let add_ons =
        lines.iter().filter(|line| line.ticket.as_ref().is_some_and(|one| one.admits == 0));
    let add_ons =
        add_ons.map(|line| AddOnLine { title: line.title.clone(), quantity: line.quantity });
    let own = visitor.checkouts.iter().find(|known| known.id == id);
    Ok(render(&TicketsPage {
        chrome,
        link: own.map(|key| format!("{}/t/{}/{}", state.public_url, key.id, key.token)),
        cancellable: shown.iter().any(|one| one.ticket.status == "VALID"),
        add_ons: add_ons.collect(),
        tickets: shown,
        id,
        script: crate::assets::address("offline.js"),
    }))
}

/// `GET /t/{checkout}/{token}`: a link that was sent to another phone. The secret goes into a
/// cookie at once, so that it stays in no address.
pub async fn open(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, token)): Path<(String, String)>,
) -> Response {
    opened(&state, &visitor, (&id, &token), "/tickets")
}

/// `GET /o/{checkout}/{token}`: as `open`, to the page of the checkout; letters have it.
pub async fn open_checkout(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, token)): Path<(String, String)>,
) -> Response {
    opened(&state, &visitor, (&id, &token), "")
}

fn opened(state: &AppState, visitor: &Visitor, (id, token): (&str, &str), page: &str) -> Response {
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !plain(id) || !plain(token) || id.len() + token.len() > 200 {
        return PageError::NotFound.into_response();
    }
    let kept = cookies::write(Kept::Checkouts, visitor.with_checkout(id, token), state.secure);
    let page = Redirect::to(&format!("/checkout/{id}{page}"));
    (CookieJar::new().add(kept), page).into_response()
}

#[derive(Template)]
#[template(path = "cancel_tickets.html")]
struct CancelPage {
    chrome: Chrome,
    id: String,
    tickets: Vec<TicketView>,
    quote: Option<Quote>,
    banks: Vec<BankView>,
    form: FormState,
}

#[derive(Deserialize)]
struct BankView {
    bin: String,
    #[serde(rename = "shortName")]
    short_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    refund: MoneyView,
    account_needed: bool,
    tickets: Vec<QuotedTicket>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuotedTicket {
    ticket_id: String,
    refund: MoneyView,
    refund_basis_points: u32,
}

impl CancelPage {
    fn quoted(&self, ticket: &str) -> Option<&QuotedTicket> {
        let quote = self.quote.as_ref()?;
        quote.tickets.iter().find(|quoted| quoted.ticket_id == ticket)
    }

    fn percent(&self, quoted: &QuotedTicket) -> String {
        percent(quoted.refund_basis_points)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuoteData {
    quote_ticket_cancellation: QuotePayload,
    banks: Vec<BankView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuotePayload {
    cancellation: Option<Quote>,
    user_errors: Vec<UserError>,
}

const QUOTE: &str = "query($id: ID!, $token: String, $tickets: [ID!]!) { banks { bin shortName }
  quoteTicketCancellation(checkoutId: $id, token: $token, ticketIds: $tickets) {
    cancellation { refund { amount formatted } accountNeeded tickets { ticketId refund { amount formatted } refundBasisPoints } }
    userErrors { code message path } } }";
const CANCEL: &str = "mutation($input: CancelTicketsInput!) { cancelTickets(input: $input) {
  cancellation { id } userErrors { code message path } } }";

/// The tickets that a form or an address names.
fn named(fields: &[(String, String)]) -> Vec<String> {
    let tickets = fields.iter().filter(|(name, _)| name == "ticket");
    tickets.map(|(_, value)| value.clone()).take(MAX_TICKETS).collect()
}

/// `GET /checkout/{id}/tickets/cancel?ticket=…`: what would come back, before anything is done.
pub async fn ask(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(fields): Query<Vec<(String, String)>>,
) -> PageResult<Response> {
    ask_with(&state, &visitor, &id, named(&fields), FormState::with_key()).await
}

async fn ask_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    wanted: Vec<String>,
    form: FormState,
) -> PageResult<Response> {
    let (checkout, chrome) =
        tokio::try_join!(checkout_of(state, visitor, id), Chrome::of(state, visitor))?;
    let valid = checkout.tickets.into_iter().filter(|ticket| ticket.status == "VALID");
    let mut tickets: Vec<_> =
        valid.filter(|ticket| wanted.is_empty() || wanted.contains(&ticket.id)).collect();
    // Tickets of one order go back together: those of another one in a step of their own.
    let order = tickets.first().map(|ticket| ticket.order_number.clone()).unwrap_or_default();
    tickets.retain(|ticket| ticket.order_number == order);
    if tickets.is_empty() {
        return Ok(go(&format!("/checkout/{id}/tickets"), None, state.secure));
    }
    let ids: Vec<_> = tickets.iter().map(|ticket| &ticket.id).collect();
    let variables = json!({ "id": id, "token": visitor.checkout_token(id), "tickets": ids });
    let data: QuoteData = state.graphql.query(visitor, QUOTE, variables).await?;
    let QuotePayload { cancellation, user_errors } = data.quote_ticket_cancellation;
    let form = if user_errors.is_empty() { form } else { form.also(user_errors) };
    let (id, banks) = (id.to_owned(), data.banks);
    Ok(render(&CancelPage { chrome, id, tickets, quote: cancellation, banks, form }))
}

/// `POST /checkout/{id}/tickets/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult<Response> {
    let wanted = named(&fields);
    let values: HashMap<String, String> = fields.into_iter().collect();
    let given =
        |name: &str| values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let account = given("account_number").map(|number| {
        json!({ "bin": given("bank_bin").unwrap_or_default(), "number": number,
            "holder": given("account_holder").unwrap_or_default() })
    });
    let input = json!({
        "checkoutId": id, "token": visitor.checkout_token(&id), "ticketIds": wanted,
        "reason": given("reason").unwrap_or_default(), "bankAccount": account,
        "idempotencyKey": given("idempotency_key").unwrap_or_default(),
    });
    let variables = json!({ "input": input });
    match state.graphql.change::<Value>(&visitor, CANCEL, variables).await? {
        Ok(_) => Ok(go(
            &format!("/checkout/{id}/tickets"),
            Some("ticket.cancelled_notice"),
            state.secure,
        )),
        Err(errors) => {
            ask_with(&state, &visitor, &id, wanted, FormState::refused(values, errors)).await
        }
    }
}
