//! A shop's vouchers: made, watched, ended.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::counter::whole_amount;
use super::own_shop::query_own_shop;
use super::stalls::After;
use super::views::{MoneyView, Nodes};
use crate::days::read_day;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Texts, Visitor};

#[derive(Template)]
#[template(path = "vouchers.html")]
struct VouchersPage {
    chrome: Chrome,
    shop: ShopView,
    next: Option<String>,
    form: FormState,
}

#[derive(Deserialize)]
struct ShopView {
    id: String,
    name: String,
    vouchers: Nodes<VoucherView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VoucherView {
    id: String,
    code: String,
    status: String,
    amount: Option<MoneyView>,
    basis_points: Option<u32>,
    cap: Option<MoneyView>,
    minimum: MoneyView,
    valid_from: String,
    valid_until: Option<String>,
    uses_at_most: Option<i64>,
    uses_per_buyer: Option<i64>,
    uses: i64,
}

impl VoucherView {
    /// What it takes off: `20.000 ₫`, `12,5 %`.
    fn takes_off(&self, t: &Texts) -> String {
        match (&self.amount, self.basis_points) {
            (Some(amount), _) => amount.formatted.clone(),
            (None, points) => percent(points.unwrap_or(0), t),
        }
    }

    /// Whether it can still be ended.
    fn can_be_ended(&self) -> bool {
        self.status != "OVER"
    }

    /// Whether something must be bought for it.
    fn has_minimum(&self) -> bool {
        self.minimum.amount != "0"
    }
}

/// Basis points as people write them: 1,250 are `12,5 %`, in English `12.5%`.
fn percent(points: u32, t: &Texts) -> String {
    let (whole, part) = (points / 100, points % 100);
    let part = format!("{part:02}");
    let part = part.trim_end_matches('0');
    match (t.locale(), part) {
        (kernel::Locale::Vi, "") => format!("{whole}\u{a0}%"),
        (kernel::Locale::Vi, part) => format!("{whole},{part}\u{a0}%"),
        (kernel::Locale::En, "") => format!("{whole}%"),
        (kernel::Locale::En, part) => format!("{whole}.{part}%"),
    }
}

/// Reads `10`, `12,5`, `12.5 %` as basis points; nonsense becomes what the API refuses.
fn basis_points(typed: &str) -> i64 {
    let text = typed.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let fine = part.len() <= 2
        && !whole.is_empty()
        && whole.len() <= 3
        && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
    match format!("{whole}{part:0<2}").parse() {
        Ok(points) if fine => points,
        _ => 0,
    }
}

const VOUCHERS: &str = "query($id: ID!, $after: String) { me { shop(id: $id) { id name
  vouchers(first: 20, after: $after) { pageInfo { hasNextPage endCursor } nodes {
    id code status amount { amount formatted } basisPoints cap { amount formatted } minimum { amount formatted }
    validFrom validUntil usesAtMost usesPerBuyer uses } } } } }";
const CREATE: &str = "mutation($input: CreateVoucherInput!) { createVoucher(input: $input) {
  voucher { id } userErrors { code message path } } }";
const END: &str = "mutation($shop: ID!, $voucher: ID!) {
  endVoucher(input: {shopId: $shop, voucherId: $voucher}) { voucher { id } userErrors { code message } } }";

/// `GET /my-shops/{id}/vouchers`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &id, after, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    after: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(state, visitor, VOUCHERS, json!({ "id": id, "after": after })),
        Chrome::of(state, visitor)
    )?;
    let next = shop.vouchers.page_info.next_at(&format!("/my-shops/{}/vouchers", shop.id));
    Ok(render(&VouchersPage { chrome, shop, next, form }))
}

/// `POST /my-shops/{id}/vouchers`
pub async fn create(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let input = input_of(&id, &fields);
    match state.graphql.change::<Value>(&visitor, CREATE, json!({ "input": input })).await? {
        Ok(_) => Ok(go(&format!("/my-shops/{id}/vouchers"), Some("vouchers.made"), state.secure)),
        Err(errors) => {
            show_with(&state, &visitor, &id, None, FormState::refused(fields, errors)).await
        }
    }
}

/// What the API is asked for; what was left empty is left out.
fn input_of(shop: &str, fields: &HashMap<String, String>) -> Value {
    let given =
        |name: &str| fields.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let money =
        |name| given(name).map(|typed| json!({ "amount": whole_amount(typed), "currency": "VND" }));
    // A number that is none is refused as too small.
    let count = |name| given(name).map(|typed| typed.parse::<i64>().unwrap_or(0));
    // Days of Vietnam: from the first moment of one to the last second of another.
    let day = |name| given(name).filter(|text| read_day(text).is_some());
    json!({
        "shopId": shop, "code": given("code").unwrap_or_default(),
        "amount": money("amount"), "basisPoints": given("percent").map(basis_points),
        "cap": money("cap"), "minimum": money("minimum"),
        "validFrom": day("valid_from").map(|day| format!("{day}T00:00:00+07:00")),
        "validUntil": day("valid_until").map(|day| format!("{day}T23:59:59+07:00")),
        "usesAtMost": count("uses_at_most"), "usesPerBuyer": count("uses_per_buyer"),
    })
}

/// `POST /my-shops/{id}/vouchers/{voucher}/end`
pub async fn end(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, voucher)): Path<(String, String)>,
) -> PageResult<Response> {
    let asked = json!({ "shop": id, "voucher": voucher });
    let done = state.graphql.change::<Value>(&visitor, END, asked).await?;
    let notice = done.is_ok().then_some("vouchers.ended_notice");
    Ok(go(&format!("/my-shops/{id}/vouchers"), notice, state.secure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_as_people_type_it_and_written_as_they_read_it() {
        for (typed, points) in [
            ("10", 1_000),
            ("12,5", 1_250),
            ("12.5 %", 1_250),
            ("100%", 10_000),
            ("0,05", 5),
            ("", 0),
            ("-5", 0),
            ("1,234", 0),
            ("mười", 0),
        ] {
            assert_eq!(basis_points(typed), points, "{typed}");
        }
        let (vi, en) = (Texts::of(kernel::Locale::Vi), Texts::of(kernel::Locale::En));
        assert_eq!(
            (percent(1_250, &vi), percent(1_000, &en)),
            ("12,5\u{a0}%".to_owned(), "10%".to_owned())
        );
    }

    #[test]
    fn what_is_left_empty_is_left_out_and_days_are_those_of_vietnam() {
        let fields = [
            ("code", " tet "),
            ("amount", "20.000"),
            ("percent", ""),
            ("valid_until", "2027-02-10"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let input = input_of("shop_1", &fields);
        assert_eq!(input["amount"]["amount"], "20000");
        assert_eq!((&input["code"], &input["basisPoints"]), (&json!("tet"), &Value::Null));
        assert_eq!(input["validUntil"], "2027-02-10T23:59:59+07:00");
        assert_eq!((&input["validFrom"], &input["usesAtMost"]), (&Value::Null, &Value::Null));
    }
}
