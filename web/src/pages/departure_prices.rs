//! What one departure costs instead of what its tour says: a price a ticket, nothing where the tour's stays.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::tour_views::{DEPARTURE_FIELDS, DepartureView, OfferView};
use super::views::MoneyView;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Texts, Visitor};

#[derive(Template)]
#[template(path = "departure_prices.html")]
struct PricesPage {
    chrome: Chrome,
    shop: String,
    departure: DepartureView,
    rows: Vec<Row>,
    form: FormState,
}

/// What can be bought, and what it costs.
struct Row {
    /// The field of the form.
    field: String,
    label: String,
    /// What it costs now.
    now: String,
    /// Its own price in đồng; empty: the tour's.
    own: String,
}

#[derive(Deserialize)]
struct Shop {
    departure: Option<Managed>,
}

#[derive(Deserialize)]
struct Managed {
    prices: Vec<OwnPrice>,
    departure: DepartureView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnPrice {
    option: Option<String>,
    ticket_kind: String,
    price: MoneyView,
}

impl OwnPrice {
    /// Whether it is the price of a ticket or an add-on.
    fn is_of(&self, offer: &OfferView) -> bool {
        let in_option = self.option.is_none() || self.option == offer.option;
        in_option && self.ticket_kind == offer.ticket_kind
    }
}

/// The field of a ticket's price; codes hold no dots.
fn field_of(offer: &OfferView) -> String {
    format!("price.{}.{}", offer.option.as_deref().unwrap_or_default(), offer.ticket_kind)
}

impl Managed {
    fn rows(&self, form: &FormState, texts: Texts) -> Vec<Row> {
        let row = |ticket: &super::tour_views::DepartureTicketView| {
            let (offer, field) = (&ticket.ticket, field_of(&ticket.ticket));
            let own = self.prices.iter().find(|price| price.is_of(offer));
            let typed = form.value(&field);
            let named = [offer.option_title.clone().unwrap_or_default(), offer.label(&texts)];
            let named: Vec<String> = named.into_iter().filter(|part| !part.is_empty()).collect();
            Row {
                // An add-on has no name of its own here.
                label: if named.is_empty() {
                    offer.ticket_kind.clone()
                } else {
                    named.join(" · ")
                },
                now: ticket.price.formatted.clone(),
                own: match (typed.is_empty(), own) {
                    (true, Some(own)) => own.price.amount.clone(),
                    _ => typed.to_owned(),
                },
                field,
            }
        };
        self.departure.tickets.iter().map(row).collect()
    }
}

async fn load(
    state: &AppState,
    visitor: &Visitor,
    shop: &str,
    departure: &str,
) -> PageResult<Managed> {
    let query = format!(
        "query($id: ID!, $departure: ID!) {{ me {{ shop(id: $id) {{ departure(id: $departure) {{
          prices {{ option ticketKind price {{ amount formatted }} }}
          departure {{ {DEPARTURE_FIELDS} tickets {{ variantId available price {{ amount formatted }}
            ticket {{ option optionTitle ticketKind age residence admits }} }} }} }} }} }} }}"
    );
    let variables = json!({ "id": shop, "departure": departure });
    let shop = query_own_shop::<Shop>(state, visitor, &query, variables).await?;
    shop.departure.ok_or(PageError::NotFound)
}

/// `GET /my-shops/{id}/departures/{departure}/prices`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, departure)): Path<(String, String)>,
) -> PageResult<Response> {
    show_with(&state, &visitor, id, &departure, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    shop: String,
    departure: &str,
    form: FormState,
) -> PageResult<Response> {
    let (managed, chrome) =
        tokio::try_join!(load(state, visitor, &shop, departure), Chrome::of(state, visitor))?;
    let rows = managed.rows(&form, visitor.texts());
    Ok(render(&PricesPage { chrome, shop, departure: managed.departure, rows, form }))
}

const UPDATE: &str = "mutation($input: UpdateDepartureInput!) { updateDeparture(input: $input) {
  departure { id } userErrors { code message path } } }";

/// `POST /my-shops/{id}/departures/{departure}/prices`: all of them; an empty field is the tour's price.
pub async fn save(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, departure)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let input = json!({ "shopId": id, "departureId": departure, "prices": prices_of(&fields) });
    let variables = json!({ "input": input });
    match state.graphql.change::<Value>(&visitor, UPDATE, variables).await? {
        Ok(_) => {
            let page = format!("/my-shops/{id}/departures/{departure}/prices");
            Ok(go(&page, Some("products.changed"), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(fields, errors);
            show_with(&state, &visitor, id, &departure, form).await
        }
    }
}

/// The prices that were typed, in the order of their fields.
fn prices_of(fields: &HashMap<String, String>) -> Vec<Value> {
    let mut typed: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.trim()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    typed.sort_unstable();
    let price = |(name, text): (&str, &str)| {
        let (option, kind) = name.strip_prefix("price.")?.split_once('.')?;
        let option = (!option.is_empty()).then_some(option);
        // As people here group digits; what else stands there is for the API to refuse.
        let amount = text.replace(['.', ',', ' '], "");
        Some(json!({ "option": option, "ticketKind": kind,
                     "price": { "amount": amount, "currency": "VND" } }))
    };
    typed.into_iter().filter_map(price).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_is_no_price_of_its_own() {
        let fields = [
            ("price.join-in.adult", "600.000"),
            ("price.join-in.child", " "),
            ("price..lunch", "0"),
            ("price.x", "5"),
            ("capacity", "12"),
        ];
        let fields: HashMap<String, String> =
            fields.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let price = |option: Option<&str>, kind: &str, amount: &str| {
            json!({ "option": option, "ticketKind": kind,
                    "price": { "amount": amount, "currency": "VND" } })
        };
        assert_eq!(
            prices_of(&fields),
            [price(None, "lunch", "0"), price(Some("join-in"), "adult", "600000")]
        );
    }
}
