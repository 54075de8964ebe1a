//! One departure, as its shop sees it: who comes, as a list, a print and a file; changes and the end.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::tour_desk::ManagedView;
use super::tour_views::{
    DEPARTURE_FIELDS, DepartureView, TICKET_FIELDS, TicketView, Titled, WithProduct,
};
use super::views::Nodes;
use crate::days;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Texts, Visitor};

#[derive(Template)]
#[template(path = "departure.html")]
struct DeparturePage {
    chrome: Chrome,
    shop: String,
    title: String,
    product_id: String,
    departure: DepartureView,
    capacity: u32,
    held: u32,
    sold: u32,
    manifest: ManifestView,
    waiting: Vec<WaitingView>,
    others: Vec<ManagedView>,
    form: FormState,
}

/// Who is expected.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestView {
    /// The tickets.
    pub tickets: Vec<TicketView>,
    add_ons: Vec<AddOnCount>,
    people: u32,
    redeemed: u32,
}

#[derive(Deserialize)]
struct AddOnCount {
    code: String,
    quantity: i64,
}

#[derive(Deserialize)]
struct WaitingView {
    name: String,
    phone: Option<String>,
    seats: u32,
}

#[derive(Deserialize)]
struct Shop {
    departure: Option<Managed>,
    manifest: Option<ManifestView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Managed {
    capacity: u32,
    held: u32,
    sold: u32,
    departure: WithProduct,
    waiting_list: Vec<WaitingView>,
}

#[derive(Deserialize)]
struct OthersShop {
    departures: Nodes<ManagedView>,
    products: Nodes<Titled>,
}

async fn load(
    state: &AppState,
    visitor: &Visitor,
    shop: &str,
    departure: &str,
) -> PageResult<(Managed, ManifestView)> {
    let query = format!(
        "query($id: ID!, $departure: ID!) {{ me {{ shop(id: $id) {{
          departure(id: $departure) {{ capacity held sold departure {{ productId {DEPARTURE_FIELDS} }} waitingList {{ name phone seats }} }}
          manifest(departureId: $departure) {{ people redeemed addOns {{ code quantity }} tickets {{ {TICKET_FIELDS} }} }} }} }} }}"
    );
    let variables = json!({ "id": shop, "departure": departure });
    let shop = query_own_shop::<Shop>(state, visitor, &query, variables).await?;
    let managed = shop.departure.ok_or(PageError::NotFound)?;
    Ok((managed, shop.manifest.unwrap_or_default()))
}

/// `GET /my-shops/{id}/departures/{departure}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, departure)): Path<(String, String)>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &id, &departure, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    departure: &str,
    form: FormState,
) -> PageResult<Response> {
    let ((managed, manifest), chrome) =
        tokio::try_join!(load(state, visitor, id, departure), Chrome::of(state, visitor))?;
    let product_id = managed.departure.product_id;
    // Where guests could move to: the next weeks of the same tour.
    let today = days::today();
    let query = format!(
        "query($id: ID!, $product: ID!, $from: String!, $to: String!) {{ me {{ shop(id: $id) {{
          products(first: 100) {{ nodes {{ id title }} }}
          departures(productId: $product, from: $from, to: $to, first: 100) {{ nodes {{ capacity held sold departure {{ {DEPARTURE_FIELDS} }} }} }} }} }} }}"
    );
    let to = today.saturating_add(time::Duration::days(30));
    let variables =
        json!({ "id": id, "product": product_id, "from": days::iso(today), "to": days::iso(to) });
    let shop = query_own_shop::<OthersShop>(state, visitor, &query, variables).await?;
    let title = shop.products.nodes.into_iter().find(|one| one.id == product_id);
    let others = shop.departures.nodes.into_iter();
    let others = others.filter(|one| {
        one.departure.id != departure && one.departure.status == "OPEN" && one.departure.for_sale
    });
    Ok(render(&DeparturePage {
        chrome,
        shop: id.to_owned(),
        title: title.map(|one| one.title).unwrap_or_default(),
        product_id,
        departure: managed.departure.departure,
        capacity: managed.capacity,
        held: managed.held,
        sold: managed.sold,
        manifest,
        waiting: managed.waiting_list,
        others: others.collect(),
        form,
    }))
}

/// `GET /my-shops/{id}/departures/{departure}/manifest.csv`
pub async fn manifest_file(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, departure)): Path<(String, String)>,
) -> PageResult<Response> {
    let (managed, manifest) = load(&state, &visitor, &id, &departure).await?;
    let departure = managed.departure.departure;
    let name = format!("{}-{}.csv", departure.day(), departure.time().replace(':', ""));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, csv(&manifest.tickets, visitor.texts())).into_response())
}

/// The manifest as a file for spreadsheets (RFC 4180); the mark in front tells Excel that it is UTF-8.
fn csv(tickets: &[TicketView], texts: Texts) -> String {
    let mut out = String::from("\u{feff}");
    let columns = [
        "order.number",
        "ticket.number",
        "ticket.who",
        "checkout.phone",
        "ticket.kind",
        "ticket.option",
        "ticket.status",
    ];
    let head: Vec<_> = columns.iter().map(|key| texts.say(key).to_owned()).collect();
    line(&mut out, &head);
    for ticket in tickets {
        let cells = [
            ticket.order_number.clone(),
            ticket.number.to_string(),
            ticket.name().to_owned(),
            ticket.contact_phone.clone().unwrap_or_default(),
            ticket.offer.label(&texts),
            ticket.offer.option_title.clone().unwrap_or_default(),
            texts.of_kind("ticket.status", &ticket.status).to_owned(),
        ];
        line(&mut out, &cells);
    }
    out
}

fn line(out: &mut String, cells: &[String]) {
    let quoted: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
    out.push_str(&quoted.join(","));
    out.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_phone(cell);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

fn is_phone(cell: &str) -> bool {
    cell.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

const UPDATE: &str = "mutation($input: UpdateDepartureInput!) { updateDeparture(input: $input) {
  departure { id } userErrors { code message path } } }";
const CANCEL: &str = "mutation($input: CancelDepartureInput!) { cancelDeparture(input: $input) {
  departure { id } userErrors { code message path } } }";

/// `POST /my-shops/{id}/departures/{departure}`: seats, and whether it is sold.
pub async fn update(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, departure)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let capacity = fields.get("capacity").and_then(|text| text.trim().parse::<u32>().ok());
    let open = fields.get("open").map(|text| text == "yes");
    let input =
        json!({ "shopId": id, "departureId": departure, "capacity": capacity, "open": open });
    let outcome =
        state.graphql.change::<Value>(&visitor, UPDATE, json!({ "input": input })).await?;
    after(&state, &visitor, &id, &departure, fields, outcome, "products.changed").await
}

/// `POST /my-shops/{id}/departures/{departure}/cancel`
pub async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, departure)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given =
        |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let input = json!({
        "shopId": id, "departureId": departure, "reason": given("reason").unwrap_or_default(),
        "moveTo": given("move_to"),
    });
    let outcome =
        state.graphql.change::<Value>(&visitor, CANCEL, json!({ "input": input })).await?;
    after(&state, &visitor, &id, &departure, fields, outcome, "departures.cancelled_notice").await
}

async fn after(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    departure: &str,
    fields: HashMap<String, String>,
    outcome: Result<Value, Vec<crate::graphql_client::UserError>>,
    notice: &str,
) -> PageResult<Response> {
    match outcome {
        Ok(_) => {
            Ok(go(&format!("/my-shops/{id}/departures/{departure}"), Some(notice), state.secure))
        }
        Err(errors) => {
            show_with(state, visitor, id, departure, FormState::refused(fields, errors)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_keeps_its_quotes() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("-1+2"), "\"'-1+2\"");
        assert_eq!(quoted("+84912345678"), "\"+84912345678\"");
        assert_eq!(quoted("Lê \"Bông\""), "\"Lê \"\"Bông\"\"\"");
    }

    #[test]
    fn a_manifest_has_a_line_a_guest_and_no_name_becomes_a_formula() {
        let ticket = |number: u32, guest: Option<&str>, status: &str| {
            let ticket = json!({
                "id": "tkt_1", "number": number, "orderNumber": "CN-7K2M-Q4PD", "title": "Chợ nổi",
                "status": status, "code": "secret of the ticket", "guestName": guest,
                "contactName": "Lê Thị Sáu", "contactPhone": "+84912345678", "redeemedAt": null,
                "price": { "amount": "450000", "formatted": "450.000 ₫" },
                "shop": { "name": "Bến xuồng", "slug": "ben-xuong" },
                "offer": { "optionTitle": "Đi ghép, buổi sáng" },
            });
            serde_json::from_value::<TicketView>(ticket).unwrap()
        };
        let tickets = [ticket(1, None, "VALID"), ticket(2, Some("=1+1"), "REDEEMED")];
        let file = csv(&tickets, Texts::of(kernel::Locale::Vi));
        // RFC 4180; for Excel a mark says that it is UTF-8. What lets a guest on board is not in it.
        let wanted = "\u{feff}\"Đơn\",\"Số vé\",\"Khách\",\"Số điện thoại\",\"Loại vé\",\"Cách đi\",\"Tình trạng\"\r\n\
            \"CN-7K2M-Q4PD\",\"1\",\"Lê Thị Sáu\",\"+84912345678\",\"\",\"Đi ghép, buổi sáng\",\"Chưa đi\"\r\n\
            \"CN-7K2M-Q4PD\",\"2\",\"'=1+1\",\"+84912345678\",\"\",\"Đi ghép, buổi sáng\",\"Đã lên thuyền\"\r\n";
        assert_eq!(file, wanted);
    }
}
