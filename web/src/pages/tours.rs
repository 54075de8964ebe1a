//! The page of a tour: choose a day, a departure, an option, and how many of each ticket.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Date, Duration};

use super::cart::{cart_key, create_cart};
use super::photos::PHOTO_FIELDS;
use super::reviews::{REVIEW_FIELDS, ReviewView};
use super::tour_views::{DEPARTURE_FIELDS, DepartureView, TOUR_FIELDS, TourView, duration};
use super::views::{MoneyView, Nodes, PRODUCT_FIELDS, ProductView, url_encode};
use crate::cookies::{self, Kept};
use crate::days::{self, Month};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::visitor::CartKey;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

/// How far ahead the first free day is looked for: as many days as the API tells at once.
const LOOK_AHEAD_DAYS: i64 = 99;
/// The largest number of one ticket in a form.
const MAX_QUANTITY: i64 = 200;

/// What a tour's page is about; every field is also a field of the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Chosen {
    /// The month of the calendar: `2026-12`.
    month: Option<String>,
    /// The day: `2026-12-01`.
    day: Option<String>,
    /// The departure.
    departure: Option<String>,
}

#[derive(Template)]
#[template(path = "tour.html")]
struct TourPage {
    chrome: Chrome,
    product: ProductView,
    tour: TourView,
    duration: String,
    calendar: Calendar,
    day: Option<String>,
    departures: Vec<DepartureView>,
    chosen: Option<Choice>,
    reviews: Vec<ReviewView>,
    form: FormState,
}

struct Calendar {
    title: String,
    previous: Option<String>,
    next: String,
    weeks: Vec<Vec<Cell>>,
    empty: bool,
}

/// A day of the calendar.
struct Cell {
    day: String,
    number: u8,
    seats: u32,
    price: String,
    on: bool,
}

/// A departure with what can be bought of it, as forms show it.
struct Choice {
    departure: DepartureView,
    options: Vec<OptionForm>,
    add_ons: Vec<Row>,
}

struct OptionForm {
    code: String,
    title: String,
    kind: String,
    minimum_party: Option<u32>,
    maximum_party: Option<u32>,
    rows: Vec<Row>,
    /// Whether any of it can be bought.
    open: bool,
}

struct Row {
    variant: String,
    label: String,
    price: String,
    available: u32,
    accompanied: bool,
    /// How many there are to begin with.
    value: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TourData {
    product: Option<ProductWithTour>,
    reviews: Option<Nodes<ReviewView>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductWithTour {
    #[serde(flatten)]
    product: ProductView,
    tour: Option<TourView>,
    travel_days: Vec<TravelDay>,
    #[serde(default)]
    departures: Option<Departures>,
}

#[derive(Deserialize)]
struct Departures {
    nodes: Vec<DepartureView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TravelDay {
    day: String,
    departures: u32,
    available_seats: u32,
    price_from: Option<MoneyView>,
}

/// The page of a tour, with what was wrong with a form on it.
pub async fn tour_with(
    state: &AppState,
    visitor: &Visitor,
    slug: &str,
    chosen: Chosen,
    form: FormState,
) -> PageResult<Response> {
    let today = days::today();
    let day = chosen.day.as_deref().and_then(days::read_day).filter(|day| *day >= today);
    let asked = chosen.month.as_deref().and_then(|month| Month::read(month, today));
    let asked = asked.or_else(|| day.map(Month::of));
    let (from, to) = match asked {
        Some(month) => (month.first().max(today), month.last().max(today)),
        None => (today, today.saturating_add(Duration::days(LOOK_AHEAD_DAYS))),
    };
    let query = format!(
        "query($slug: String!, $from: String!, $to: String!, $day: String!, $withDay: Boolean!) {{
          product(slug: $slug) {{ {PRODUCT_FIELDS} {PHOTO_FIELDS} tour {{ {TOUR_FIELDS} }}
            travelDays(from: $from, to: $to) {{ day departures availableSeats priceFrom {{ amount formatted }} }}
            departures(from: $day, to: $day, first: 50) @include(if: $withDay) {{ nodes {{ {DEPARTURE_FIELDS}
              tickets {{ variantId available price {{ amount formatted }} ticket {{ option ticketKind age residence admits }} }} }} }} }}
          reviews(slug: $slug, first: 3) {{ nodes {{ {REVIEW_FIELDS} }} }} }}"
    );
    let variables = json!({
        "slug": slug, "from": days::iso(from), "to": days::iso(to),
        "day": days::iso(day.unwrap_or(today)), "withDay": day.is_some(),
    });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<TourData>(visitor, &query, variables),
        Chrome::of(state, visitor)
    )?;
    let reviews = data.reviews.map(|reviews| reviews.nodes).unwrap_or_default();
    let data = data.product.ok_or(PageError::NotFound)?;
    // Nobody has described the tour yet: there is nothing to buy.
    let tour = data.tour.ok_or(PageError::NotFound)?;
    let first_free = data.travel_days.iter().find(|day| day.available_seats > 0);
    let month = asked.unwrap_or_else(|| {
        Month::of(first_free.and_then(|day| days::read_day(&day.day)).unwrap_or(today))
    });
    let departures = data.departures.map(|page| page.nodes).unwrap_or_default();
    let only = (departures.len() == 1).then(|| departures.first()).flatten();
    let wanted = chosen.departure.as_deref();
    let departure = departures.iter().find(|one| Some(one.id.as_str()) == wanted).or(only);
    let choice = departure.map(|departure| choice_of(departure, &tour, visitor));
    let calendar = calendar(month, today, day, slug, &data.travel_days);
    let duration = duration(tour.duration_minutes, &chrome.t);
    Ok(render(&TourPage {
        chrome,
        product: data.product,
        tour,
        duration,
        calendar,
        day: day.map(days::iso),
        departures,
        chosen: choice,
        reviews,
        form,
    }))
}

fn calendar(
    month: Month,
    today: Date,
    chosen: Option<Date>,
    slug: &str,
    travel_days: &[TravelDay],
) -> Calendar {
    let by_day: HashMap<&str, &TravelDay> =
        travel_days.iter().map(|day| (day.day.as_str(), day)).collect();
    let mut empty = true;
    let cell = |day: Option<Date>| {
        let Some(day) = day else {
            return Cell {
                day: String::new(),
                number: 0,
                seats: 0,
                price: String::new(),
                on: false,
            };
        };
        let text = days::iso(day);
        let travel = by_day.get(text.as_str()).filter(|travel| travel.departures > 0);
        let seats = travel.map_or(0, |travel| travel.available_seats);
        let price = travel.and_then(|travel| travel.price_from.as_ref()).map(short_price);
        Cell {
            number: day.day(),
            seats,
            price: price.unwrap_or_default(),
            on: chosen == Some(day),
            day: text,
        }
    };
    let weeks: Vec<Vec<Cell>> =
        month.weeks().into_iter().map(|week| week.into_iter().map(cell).collect()).collect();
    if weeks.iter().flatten().any(|cell| cell.seats > 0) {
        empty = false;
    }
    let href = |month: Month| format!("/p/{}?month={}#days", url_encode(slug), month.iso());
    let previous = (month != Month::of(today)).then(|| href(month.previous()));
    Calendar { title: month.title(), previous, next: href(month.next()), weeks, empty }
}

/// A price that fits a day of a calendar on a phone: `450k`.
fn short_price(price: &MoneyView) -> String {
    match price.amount.parse::<i64>() {
        Ok(amount) if amount >= 1_000 && amount % 1_000 == 0 => format!("{}k", amount / 1_000),
        _ => price.formatted.clone(),
    }
}

fn choice_of(departure: &DepartureView, tour: &TourView, visitor: &Visitor) -> Choice {
    let texts = visitor.texts();
    let find = |option: Option<&str>, kind: &str| {
        departure
            .tickets
            .iter()
            .find(|one| one.ticket.option.as_deref() == option && one.ticket.ticket_kind == kind)
    };
    let options = tour.options.iter().map(|option| {
        let rows: Vec<Row> = option
            .tickets
            .iter()
            .filter_map(|kind| {
                let sold = find(Some(&option.code), &kind.code)?;
                Some(Row {
                    variant: sold.variant_id.clone(),
                    label: kind.label(texts),
                    price: sold.price.formatted.clone(),
                    available: sold.available,
                    accompanied: kind.accompanied,
                    value: 0,
                })
            })
            .collect();
        let open = departure.for_sale && rows.iter().any(|row| row.available > 0);
        OptionForm {
            code: option.code.clone(),
            title: option.title.clone(),
            kind: option.kind.clone(),
            minimum_party: option.minimum_party,
            maximum_party: option.maximum_party,
            rows,
            open,
        }
    });
    let mut options: Vec<_> = options.collect();
    // One of the first ticket of each option: most people want at least one.
    for option in &mut options {
        if let Some(first) = option.rows.iter_mut().find(|row| row.available > 0) {
            first.value = 1;
        }
    }
    let add_ons = tour.add_ons.iter().filter_map(|add_on| {
        let sold = departure
            .tickets
            .iter()
            .find(|one| one.ticket.age.is_none() && one.ticket.ticket_kind == add_on.code)?;
        Some(Row {
            variant: sold.variant_id.clone(),
            label: add_on.title.clone(),
            price: sold.price.formatted.clone(),
            available: sold.available,
            accompanied: false,
            value: 0,
        })
    });
    Choice { departure: departure.clone(), options, add_ons: add_ons.collect() }
}

const ADD: &str = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
  cart { id } userErrors { code message path } } }";

/// `POST /cart/tickets`: fields `n.VARIANT` say how many of each.
pub async fn add(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult<Response> {
    let field =
        |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let slug = field("slug").unwrap_or_default();
    // In the order of the form: adults stand before those who may not travel alone.
    let wanted: Vec<(&str, i64)> = fields
        .iter()
        .filter_map(|(name, value)| {
            let quantity = value.trim().parse::<i64>().ok().filter(|number| *number > 0)?;
            Some((name.strip_prefix("n.")?, quantity.min(MAX_QUANTITY)))
        })
        .collect();
    let back = Chosen { month: None, day: field("day"), departure: field("departure") };
    if wanted.is_empty() {
        let nothing = UserError {
            code: "REQUIRED".to_owned(),
            message: visitor.texts().say("tour.choose_some").to_owned(),
            path: None,
        };
        let form = FormState::refused(HashMap::new(), vec![nothing]);
        return tour_with(&state, &visitor, &slug, back, form).await;
    }
    let wanted = wanted.into_iter().map(|(variant, quantity)| (variant.to_owned(), quantity));
    match put_tickets(&state, &visitor, &wanted.collect::<Vec<_>>(), None).await? {
        Ok(done) => Ok(done),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            tour_with(&state, &visitor, &slug, back, form).await
        }
    }
}

/// Puts tickets into the cart, so many of each variant, and shows it; or says why none of them can be
/// bought. A token of a waiting list's offer takes the seats that are kept.
pub async fn put_tickets(
    state: &AppState,
    visitor: &Visitor,
    wanted: &[(String, i64)],
    claim_token: Option<&str>,
) -> PageResult<Result<Response, Vec<UserError>>> {
    let mut key = cart_key(state, visitor).await?;
    for (index, (variant, quantity)) in wanted.iter().enumerate() {
        let mut outcome = put(state, visitor, &key, (variant, *quantity), claim_token).await?;
        if index == 0 && outcome.as_ref().is_err_and(|errors| is_over(errors)) {
            // The old cart has become an order: what is added now begins a new one.
            key = create_cart(state, visitor).await?;
            outcome = put(state, visitor, &key, (variant, *quantity), claim_token).await?;
        }
        if let Err(errors) = outcome {
            if index == 0 {
                return Ok(Err(errors));
            }
            // A part is in the cart: the cart shows it, and says that something is missing.
            return Ok(Ok(kept(state, &key, "cart.partly_added")));
        }
    }
    Ok(Ok(kept(state, &key, "cart.added")))
}

fn is_over(errors: &[UserError]) -> bool {
    errors.iter().any(|error| matches!(error.code.as_str(), "CART_ALREADY_CHECKED_OUT"))
}

async fn put(
    state: &AppState,
    visitor: &Visitor,
    key: &CartKey,
    (variant, quantity): (&str, i64),
    claim_token: Option<&str>,
) -> PageResult<Result<Value, Vec<UserError>>> {
    let input = json!({
        "cartId": key.id, "cartToken": key.token, "variantId": variant, "quantity": quantity,
        "claimToken": claim_token,
    });
    state.graphql.change(visitor, ADD, json!({ "input": input })).await
}

fn kept(state: &AppState, key: &CartKey, notice: &str) -> Response {
    let cart = cookies::write(Kept::Cart, format!("{}.{}", key.id, key.token), state.secure);
    let notice = cookies::write(Kept::Notice, notice.to_owned(), state.secure);
    (CookieJar::new().add(cart).add(notice), Redirect::to("/cart")).into_response()
}

/// What the waiting list's form sends.
#[derive(Debug, Deserialize)]
pub struct Waiting {
    slug: String,
    day: String,
    seats: u32,
    name: String,
    phone: String,
}

const WAIT: &str = "mutation($input: JoinWaitingListInput!) { joinWaitingList(input: $input) {
  entry { claimToken } userErrors { code message path } } }";

#[derive(Deserialize)]
struct Joined {
    entry: JoinedEntry,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JoinedEntry {
    claim_token: String,
}

/// `POST /departures/{id}/wait`
pub async fn wait(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(departure): Path<String>,
    Form(waiting): Form<Waiting>,
) -> PageResult<Response> {
    let input = json!({
        "departureId": departure, "seats": waiting.seats, "name": waiting.name, "phone": waiting.phone,
    });
    let outcome = state.graphql.change::<Joined>(&visitor, WAIT, json!({ "input": input })).await?;
    match outcome {
        Ok(Joined { entry }) => {
            let page = format!("/waiting/{}", url_encode(&entry.claim_token));
            Ok(go(&page, Some("tour.waiting_noted"), state.secure))
        }
        Err(errors) => {
            let back = Chosen { month: None, day: Some(waiting.day), departure: Some(departure) };
            let form = FormState::refused(HashMap::new(), errors);
            tour_with(&state, &visitor, &waiting.slug, back, form).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_fits_a_day_of_the_calendar() {
        let price =
            |amount: &str| MoneyView { amount: amount.to_owned(), formatted: "full".to_owned() };
        assert_eq!(short_price(&price("450000")), "450k");
        assert_eq!(short_price(&price("450500")), "full");
        assert_eq!(short_price(&price("500")), "full");
    }
}
