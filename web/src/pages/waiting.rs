//! A guest's own page of a waiting list: the place in it, and the seats that are kept once some are free.
//!
//! Its address holds the token that proves the place: who has it may take the seats.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::tour_views::{DEPARTURE_FIELDS, DepartureView};
use super::tours::put_tickets;
use crate::forms::FormState;
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage {
    chrome: Chrome,
    token: String,
    entry: EntryView,
    rows: Vec<Row>,
    form: FormState,
}

/// A ticket kind that the kept seats can be taken as.
struct Row {
    variant: String,
    option: String,
    label: String,
    price: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    waiting_list_entry: Option<EntryView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryView {
    status: String,
    seats: u32,
    position: Option<u32>,
    offer_expires_at: Option<String>,
    departure: Option<DepartureView>,
}

/// `GET /waiting/{token}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    show_with(&state, &visitor, token, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    form: FormState,
) -> PageResult<Response> {
    let query = format!(
        "query($token: String!) {{ waitingListEntry(claimToken: $token) {{ status seats position offerExpiresAt
          departure {{ {DEPARTURE_FIELDS}
            tickets {{ variantId available price {{ amount formatted }} ticket {{ option optionTitle ticketKind age residence admits }} }} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, &query, json!({ "token": token })),
        Chrome::of(state, visitor)
    )?;
    let entry = data.waiting_list_entry.ok_or(PageError::NotFound)?;
    let tickets = entry.departure.iter().flat_map(|departure| &departure.tickets);
    // Seats are kept, not the boat; add-ons are bought with the cart.
    let kept = tickets
        .filter(|one| one.ticket.age.as_deref().is_some_and(|age| age != "BOAT"))
        .map(|one| Row {
            variant: one.variant_id.clone(),
            option: one.ticket.option_title.clone().unwrap_or_default(),
            label: one.ticket.label(&chrome.t),
            price: one.price.formatted.clone(),
        });
    let rows = kept.collect();
    Ok(render(&WaitingPage { chrome, token, entry, rows, form }))
}

/// `POST /waiting/{token}`: fields `n.VARIANT` say how many of each; the cart takes the kept seats.
pub async fn take(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult<Response> {
    let wanted: Vec<(String, i64)> = fields
        .iter()
        .filter_map(|(name, value)| {
            let quantity = value.trim().parse::<i64>().ok().filter(|number| *number > 0)?;
            Some((name.strip_prefix("n.")?.to_owned(), quantity))
        })
        .collect();
    let errors = if wanted.is_empty() {
        vec![UserError {
            code: "REQUIRED".to_owned(),
            message: visitor.texts().say("tour.choose_some").to_owned(),
            path: None,
        }]
    } else {
        match put_tickets(&state, &visitor, &wanted, Some(&token)).await? {
            Ok(done) => return Ok(done),
            Err(errors) => errors,
        }
    };
    show_with(&state, &visitor, token, FormState::refused(HashMap::new(), errors)).await
}
