//! A tour operator's desk: tours of a shop, their departures, seats sold.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Date, Weekday};

use super::own_shop::{Me, own_shop, query_own_shop};
use super::tour_views::{DEPARTURE_FIELDS, DepartureView};
use super::views::{CategoryView, Nodes, PRODUCT_FIELDS, ProductView};
use crate::days::{self, Month};
use crate::forms::{FormState, go, new_key};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

type Fields = HashMap<String, String>;

/// Times of day in one form.
const MAX_TIMES: usize = 12;
/// Days of the week as RFC 5545 writes them, from Monday.
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

#[derive(Template)]
#[template(path = "tours.html")]
struct ToursPage {
    chrome: Chrome,
    shop: ShopTours,
    categories: Vec<CategoryView>,
    today: Vec<DepartureView>,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<ShopTours>>,
    categories: Vec<CategoryView>,
}

#[derive(Deserialize)]
struct ShopTours {
    id: String,
    name: String,
    products: Nodes<ProductView>,
}

/// `GET /my-shops/{id}/tours`
pub async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    list_with(&state, &visitor, &id, FormState::default()).await
}

async fn list_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    form: FormState,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!) {{ categories {{ slug name }} me {{ shop(id: $id) {{ id name
          products(first: 100) {{ nodes {{ {PRODUCT_FIELDS} }} }} }} }} }}"
    );
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, &query, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let mut shop = own_shop(data.me)?;
    shop.products.nodes.retain(ProductView::is_tour);
    let today = days::iso(days::today());
    let departures = departures_of_shop(state, visitor, id, None, &today, &today).await?;
    let today = departures.into_iter().map(|one| one.departure).collect();
    Ok(render(&ToursPage { chrome, shop, categories: data.categories, today, form }))
}

const CREATE: &str = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
  product { id } userErrors { code message path } } }";

#[derive(Deserialize)]
struct Created {
    product: CreatedProduct,
}

#[derive(Deserialize)]
struct CreatedProduct {
    id: String,
}

/// `POST /my-shops/{id}/tours`: a hidden tour with a name; the editor says the rest.
pub async fn create(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let input = json!({
        "shopId": id, "kind": "TOUR", "publish": false, "variants": [],
        "title": { "vi": given("title"), "en": given("title_en") },
        "description": { "vi": given("description"), "en": given("description_en") },
        "categorySlug": given("category"),
    });
    let outcome = state.graphql.change::<Created>(&visitor, CREATE, json!({ "input": input }));
    match outcome.await? {
        Ok(Created { product }) => {
            Ok(go(&format!("/my-shops/{id}/tours/{}", product.id), None, state.secure))
        }
        Err(errors) => list_with(&state, &visitor, &id, FormState::refused(fields, errors)).await,
    }
}

/// A departure, as its shop sees it.
#[derive(Deserialize)]
pub struct ManagedView {
    /// What everybody sees.
    pub departure: DepartureView,
    /// All seats.
    pub capacity: u32,
    /// Seats held.
    pub held: u32,
    /// Seats sold.
    pub sold: u32,
}

#[derive(Deserialize)]
struct DeparturesShop {
    departures: Nodes<ManagedView>,
}

/// Departures of a tour of a shop, or of all its tours, between two days; at most 300.
async fn departures_of_shop(
    state: &AppState,
    visitor: &Visitor,
    shop: &str,
    product: Option<&str>,
    from: &str,
    to: &str,
) -> PageResult<Vec<ManagedView>> {
    let query = format!(
        "query($id: ID!, $product: ID, $from: String!, $to: String!, $after: String) {{ me {{ shop(id: $id) {{
          departures(productId: $product, from: $from, to: $to, first: 100, after: $after) {{
            nodes {{ capacity held sold departure {{ {DEPARTURE_FIELDS} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"
    );
    let (mut all, mut after) = (Vec::new(), None::<String>);
    for _ in 0..3 {
        let variables =
            json!({ "id": shop, "product": product, "from": from, "to": to, "after": after });
        let found = query_own_shop::<DeparturesShop>(state, visitor, &query, variables).await?;
        after = found.departures.page_info.next().map(ToOwned::to_owned);
        all.extend(found.departures.nodes);
        if after.is_none() {
            break;
        }
    }
    Ok(all)
}

#[derive(Template)]
#[template(path = "departures.html")]
struct DeparturesPage {
    chrome: Chrome,
    shop: String,
    product: ProductHead,
    month: String,
    previous: Option<String>,
    next: String,
    departures: Vec<ManagedView>,
    form: FormState,
    today: String,
    key: String,
}

#[derive(Deserialize)]
struct ProductHead {
    id: String,
    slug: String,
    title: String,
    published: bool,
}

#[derive(Deserialize)]
struct HeadShop {
    products: Nodes<ProductHead>,
}

/// A month.
#[derive(Debug, Deserialize)]
pub struct OfMonth {
    month: Option<String>,
}

/// `GET /my-shops/{id}/tours/{product}/departures`
pub async fn departures(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
    Query(OfMonth { month }): Query<OfMonth>,
) -> PageResult<Response> {
    departures_with(&state, &visitor, &id, &product, month.as_deref(), FormState::default()).await
}

async fn departures_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    product: &str,
    month: Option<&str>,
    form: FormState,
) -> PageResult<Response> {
    let today = days::today();
    let month = month.and_then(|month| Month::read(month, today)).unwrap_or(Month::of(today));
    let (from, to) = (days::iso(month.first()), days::iso(month.last()));
    let query = "query($id: ID!) { me { shop(id: $id) { products(first: 100) { nodes { id slug title published } } } } }";
    let (departures, shop, chrome) = tokio::try_join!(
        departures_of_shop(state, visitor, id, Some(product), &from, &to),
        query_own_shop::<HeadShop>(state, visitor, query, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let head = shop.products.nodes.into_iter().find(|one| one.id == product);
    let head = head.ok_or(PageError::NotFound)?;
    let href =
        |month: Month| format!("/my-shops/{id}/tours/{product}/departures?month={}", month.iso());
    Ok(render(&DeparturesPage {
        chrome,
        shop: id.to_owned(),
        product: head,
        month: month.title(),
        previous: (month != Month::of(today)).then(|| href(month.previous())),
        next: href(month.next()),
        departures,
        form,
        today: days::iso(today),
        key: new_key(),
    }))
}

const SCHEDULE: &str =
    "mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) {
  schedule { created } userErrors { code message path } } }";

/// `POST /my-shops/{id}/tours/{product}/departures`: a weekly form becomes a rule a time of day.
pub async fn schedule(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult<Response> {
    let values: Fields = fields.iter().cloned().collect();
    let chosen: Vec<&str> =
        fields.iter().filter(|(name, _)| name == "weekday").map(|(_, day)| day.as_str()).collect();
    let rules = match rules_of(&values, &chosen) {
        Ok(rules) => rules,
        Err(problem) => {
            let wrong = problem.told(&visitor);
            let form = FormState::refused(values, vec![wrong]);
            return departures_with(&state, &visitor, &id, &product, None, form).await;
        }
    };
    let key = values.get("idempotency_key").cloned().unwrap_or_default();
    let number = |name: &str| values.get(name).and_then(|text| text.trim().parse::<u32>().ok());
    for (index, rule) in rules.iter().enumerate() {
        let input = json!({
            "shopId": id, "productId": product, "capacity": number("capacity"),
            "cutoffMinutes": number("cutoff"), "idempotencyKey": format!("{key}-{index}"),
            "rule": { "start": rule.start, "rrule": rule.rrule },
        });
        let variables = json!({ "input": input });
        if let Err(errors) = state.graphql.change::<Value>(&visitor, SCHEDULE, variables).await? {
            let form = FormState::refused(values, errors);
            return departures_with(&state, &visitor, &id, &product, None, form).await;
        }
    }
    let month = values.get("from").and_then(|day| day.get(..7)).unwrap_or_default();
    let page = format!("/my-shops/{id}/tours/{product}/departures?month={month}");
    Ok(go(&page, Some("departures.scheduled"), state.secure))
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    start: String,
    rrule: String,
}

/// What is wrong with the weekly form, before anything is asked.
#[derive(Debug, PartialEq, Eq)]
enum WeeklyProblem {
    Days,
    Times,
}

impl WeeklyProblem {
    fn told(&self, visitor: &Visitor) -> UserError {
        let texts = visitor.texts();
        let message = match self {
            Self::Days => texts.say("departures.wrong_days"),
            Self::Times => texts.say("departures.wrong_times"),
        };
        UserError { code: "INVALID".to_owned(), message: message.to_owned(), path: None }
    }
}

/// One rule (RFC 5545) for each time of day, from the first chosen weekday on.
fn rules_of(values: &Fields, chosen: &[&str]) -> Result<Vec<Rule>, WeeklyProblem> {
    let day = |name: &str| values.get(name).and_then(|text| days::read_day(text.trim()));
    let (Some(from), Some(until)) = (day("from"), day("until")) else {
        return Err(WeeklyProblem::Days);
    };
    let weekdays: Vec<_> = WEEKDAYS.iter().filter(|(name, _)| chosen.contains(name)).collect();
    let fits = |day: &Date| weekdays.iter().any(|(_, weekday)| *weekday == day.weekday());
    let mut days = std::iter::successors(Some(from), |day| day.next_day()).take(7);
    let first = days.find(fits).filter(|first| *first <= until).ok_or(WeeklyProblem::Days)?;
    let by_day = weekdays.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
    let until = days::iso(until).replace('-', "");
    let times = values.get("times").map(String::as_str).unwrap_or_default();
    let times = times.split([',', ';', ' ']).map(str::trim).filter(|time| !time.is_empty());
    let times: Option<Vec<String>> = times.map(time_of_day).collect();
    let times = times.filter(|times| !times.is_empty() && times.len() <= MAX_TIMES);
    let rules = times.ok_or(WeeklyProblem::Times)?.into_iter().map(|time| Rule {
        start: format!("{}T{time}", days::iso(first)),
        rrule: format!("FREQ=WEEKLY;BYDAY={by_day};UNTIL={until}"),
    });
    Ok(rules.collect())
}

/// A time of day as people type it: `5:30`, `05:30`, `5h30`, `5h`.
fn time_of_day(text: &str) -> Option<String> {
    let (hours, minutes) = text.split_once([':', 'h', 'H'])?;
    let hours = hours.parse::<u8>().ok().filter(|hours| *hours < 24)?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<u8>().ok()? };
    (minutes < 60).then(|| format!("{hours:02}:{minutes:02}"))
}

const BLACK_OUT: &str =
    "mutation($input: BlackOutDeparturesInput!) { blackOutDepartures(input: $input) {
  departures { id } userErrors { code message path } } }";

/// Days on which no more is sold.
#[derive(Debug, Deserialize)]
pub struct Closed {
    from: String,
    to: String,
}

/// `POST /my-shops/{id}/tours/{product}/black-out`
pub async fn black_out(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
    Form(closed): Form<Closed>,
) -> PageResult<Response> {
    let input =
        json!({ "shopId": id, "productId": product, "fromDay": closed.from, "toDay": closed.to });
    let variables = json!({ "input": input });
    match state.graphql.change::<Value>(&visitor, BLACK_OUT, variables).await? {
        Ok(_) => {
            let month = closed.from.get(..7).unwrap_or_default();
            let page = format!("/my-shops/{id}/tours/{product}/departures?month={month}");
            Ok(go(&page, Some("departures.blacked_out"), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(Fields::new(), errors);
            departures_with(&state, &visitor, &id, &product, None, form).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(from: &str, until: &str, times: &str) -> Fields {
        [("from", from), ("until", until), ("times", times)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn a_weekly_form_becomes_a_rule_for_each_time_of_day() {
        // 2 December 2026 is a Wednesday: the first Saturday behind it is the 5th.
        let rules = rules_of(&fields("2026-12-02", "2027-01-31", "5:30, 8h"), &["SU", "SA"]);
        let rule = |time: &str| Rule {
            start: format!("2026-12-05T{time}"),
            rrule: "FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20270131".to_owned(),
        };
        assert_eq!(rules, Ok(vec![rule("05:30"), rule("08:00")]));
    }

    #[test]
    fn a_form_without_days_or_times_is_sent_back() {
        let week = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        for (from, until, times, weekdays, problem) in [
            ("2026-12-02", "2026-12-01", "5:30", &week[..], WeeklyProblem::Days),
            ("2026-12-02", "2026-12-04", "5:30", &["MO"][..], WeeklyProblem::Days),
            ("2026-12-02", "2026-12-31", "5:30", &[][..], WeeklyProblem::Days),
            ("soon", "2026-12-31", "5:30", &week[..], WeeklyProblem::Days),
            ("2026-12-02", "2026-12-31", "", &week[..], WeeklyProblem::Times),
            ("2026-12-02", "2026-12-31", "25:00", &week[..], WeeklyProblem::Times),
            ("2026-12-02", "2026-12-31", "5:30, early", &week[..], WeeklyProblem::Times),
        ] {
            assert_eq!(rules_of(&fields(from, until, times), weekdays), Err(problem));
        }
    }
}
