//! The check-in page for a phone at the pier, and what its script asks for.
//!
//! The page goes on working without network: keys and guests were loaded before, scans wait on the
//! phone and are told later. The same nonce is one scan, however often it is sent.

use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::tour_views::{DEPARTURE_FIELDS, TICKET_FIELDS, TicketView, Titled, WithProduct};
use super::views::Nodes;
use crate::assets;
use crate::days;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Texts, Visitor};

/// Scans that the page's script sends at once.
const MAX_SCANS: usize = 200;

/// Which departure is checked in.
#[derive(Debug, Deserialize)]
pub struct Which {
    departure: Option<String>,
}

#[derive(Template)]
#[template(path = "check_in.html")]
struct CheckInPage {
    chrome: Chrome,
    shop: String,
    departures: Vec<DepartureChoice>,
    scripts: [String; 2],
    decoder: String,
}

struct DepartureChoice {
    id: String,
    title: String,
    time: String,
    day: String,
    /// Whether it leaves today: the phone keeps its guests even if nobody chose it.
    today: bool,
    chosen: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shop {
    departures: Nodes<Managed>,
    products: Nodes<Titled>,
}

#[derive(Deserialize)]
struct Managed {
    departure: WithProduct,
}

/// `GET /my-shops/{id}/check-in`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(Which { departure }): Query<Which>,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!, $from: String!, $to: String!) {{ me {{ shop(id: $id) {{ products(first: 100) {{ nodes {{ id title }} }}
          departures(from: $from, to: $to, first: 100) {{ nodes {{ departure {{ productId {DEPARTURE_FIELDS} }} }} }} }} }} }}"
    );
    // Yesterday's and tomorrow's, too: nights and rehearsals.
    let today = days::today();
    let (from, to) = (today.previous_day().unwrap_or(today), today.next_day().unwrap_or(today));
    let variables = json!({ "id": id, "from": days::iso(from), "to": days::iso(to) });
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<Shop>(&state, &visitor, &query, variables),
        Chrome::of(&state, &visitor)
    )?;
    let this_day = days::iso(today);
    let title = |product: &str| {
        let found = shop.products.nodes.iter().find(|one| one.id == product);
        found.map(|one| one.title.clone()).unwrap_or_default()
    };
    let departures = shop.departures.nodes.iter().map(|one| DepartureChoice {
        title: title(&one.departure.product_id),
        time: one.departure.departure.time().to_owned(),
        day: one.departure.departure.day_told(),
        today: one.departure.departure.day() == this_day,
        chosen: departure.as_ref() == Some(&one.departure.departure.id),
        id: one.departure.departure.id.clone(),
    });
    Ok(render(&CheckInPage {
        departures: departures.collect(),
        chrome,
        shop: id,
        scripts: [assets::address("offline.js"), assets::address("checkin.js")],
        decoder: assets::address("jsqr.min.js"),
    }))
}

/// What the phone keeps: who is expected, and the keys of genuine codes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    keys: Vec<Key>,
    tickets: Vec<Guest>,
    people: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    key_id: String,
    public_key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Guest {
    id: String,
    name: String,
    label: String,
    order: String,
    number: u32,
    status: String,
    departure: String,
    /// When it starts, as people here write it.
    when: String,
}

impl Guest {
    fn of(ticket: &TicketView, texts: Texts) -> Self {
        let mut label = ticket.offer.label(&texts);
        if let Some(option) = &ticket.offer.option_title {
            label = format!("{label} · {option}");
        }
        Self {
            id: ticket.id.clone(),
            name: ticket.name().to_owned(),
            label,
            order: ticket.order_number.clone(),
            number: ticket.number,
            status: ticket.status.clone(),
            departure: ticket.offer.departure_id.clone(),
            when: texts.moment(&ticket.offer.starts_at),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptShop {
    ticket_keys: Vec<Key>,
    #[serde(default)]
    manifest: Option<KeptManifest>,
}

#[derive(Deserialize)]
struct KeptManifest {
    people: u32,
    tickets: Vec<TicketView>,
}

/// `GET /my-shops/{id}/check-in/data?departure=…`: for the page's script. Without a departure it is told
/// the keys only, by which it knows a genuine code.
pub async fn data(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(Which { departure }): Query<Which>,
) -> Response {
    let departure = departure.filter(|departure| !departure.is_empty());
    let (asked, manifest) = match &departure {
        None => ("", String::new()),
        Some(_) => (
            ", $departure: ID!",
            format!("manifest(departureId: $departure) {{ people tickets {{ {TICKET_FIELDS} }} }}"),
        ),
    };
    let query = format!(
        "query($id: ID!{asked}) {{ me {{ shop(id: $id) {{ ticketKeys {{ keyId publicKey }} {manifest} }} }} }}"
    );
    let variables = match departure {
        None => json!({ "id": id }),
        Some(departure) => json!({ "id": id, "departure": departure }),
    };
    let shop = match query_own_shop::<KeptShop>(&state, &visitor, &query, variables).await {
        Ok(shop) => shop,
        Err(error) => return refused(&error),
    };
    let texts = visitor.texts();
    let manifest = shop.manifest.unwrap_or(KeptManifest { people: 0, tickets: Vec::new() });
    let tickets = manifest.tickets.iter().map(|ticket| Guest::of(ticket, texts)).collect();
    private(&Kept { keys: shop.ticket_keys, tickets, people: manifest.people })
}

/// What the phone saw.
#[derive(Debug, Deserialize)]
pub struct Seen {
    departure: Option<String>,
    #[serde(default)]
    device: String,
    scans: Vec<Scan>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Scan {
    nonce: String,
    code: String,
    scanned_at: String,
    #[serde(default)]
    undo: bool,
}

#[derive(Deserialize)]
struct Redeemed {
    scans: Vec<Told>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    nonce: String,
    outcome: String,
    admitted: bool,
    message: String,
    admitted_at: Option<String>,
    ticket: Option<TicketView>,
}

/// `POST /my-shops/{id}/check-in/scans`: for the page's script.
pub async fn scans(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(seen): Json<Seen>,
) -> Response {
    if seen.scans.is_empty() || seen.scans.len() > MAX_SCANS {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let query = format!(
        "mutation($input: RedeemTicketsInput!) {{ redeemTickets(input: $input) {{
          scans {{ nonce outcome admitted message admittedAt ticket {{ {TICKET_FIELDS} }} }} userErrors {{ code message path }} }} }}"
    );
    let input = json!({
        "shopId": id, "departureId": seen.departure.filter(|departure| !departure.is_empty()),
        "device": seen.device, "scans": seen.scans,
    });
    let variables = json!({ "input": input });
    match state.graphql.change::<Redeemed>(&visitor, &query, variables).await {
        Err(error) => refused(&error),
        Ok(Err(errors)) => {
            let message = errors.first().map_or("", |error| error.message.as_str());
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "message": message }))).into_response()
        }
        Ok(Ok(redeemed)) => {
            let texts = visitor.texts();
            let told: Vec<_> = redeemed.scans.iter().map(|scan| told(scan, texts)).collect();
            private(&json!({ "scans": told }))
        }
    }
}

fn told(scan: &Told, texts: Texts) -> Value {
    json!({
        "nonce": scan.nonce, "outcome": scan.outcome, "admitted": scan.admitted,
        "message": scan.message,
        "at": scan.admitted_at.as_deref().map(|at| texts.moment(at)),
        "guest": scan.ticket.as_ref().map(|ticket| Guest::of(ticket, texts)),
    })
}

fn private(body: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}

/// A script is told by status: a redirect to the sign-in page would look like an answer.
fn refused(error: &PageError) -> Response {
    let status = match error {
        PageError::SignInFirst => StatusCode::UNAUTHORIZED,
        PageError::Forbidden => StatusCode::FORBIDDEN,
        PageError::NotFound => StatusCode::NOT_FOUND,
        PageError::TooMany => StatusCode::TOO_MANY_REQUESTS,
        PageError::Unavailable | PageError::Fault => StatusCode::SERVICE_UNAVAILABLE,
    };
    status.into_response()
}
