//! One page for all of it: the days, the sums, the payouts.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::outcome::render;
use crate::pages::own_shop::query_own_shop;
use crate::pages::views::{MoneyView, Nodes};
use crate::span::{Days, day_in_words};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "money.html")]
struct MoneyPage {
    chrome: Chrome,
    shop: ShopView,
    days: Days,
}

#[derive(Deserialize)]
struct ShopView {
    id: String,
    name: String,
    statement: StatementView,
    payouts: Nodes<PayoutView>,
}

#[derive(Deserialize)]
struct StatementView {
    opening: MoneyView,
    closing: MoneyView,
    total: SumsView,
    days: Vec<DayView>,
}

#[derive(Deserialize)]
struct DayView {
    day: String,
    sums: SumsView,
    owed: MoneyView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SumsView {
    sales: MoneyView,
    fees: MoneyView,
    vat: MoneyView,
    pit: MoneyView,
    refunds: MoneyView,
    direct: MoneyView,
    paid_out: MoneyView,
}

impl SumsView {
    /// The sums in the order in which they are read: the name of their words, and the amount.
    fn parts(&self) -> [(&'static str, &MoneyView); 7] {
        [
            ("sales", &self.sales),
            ("fees", &self.fees),
            ("vat", &self.vat),
            ("pit", &self.pit),
            ("refunds", &self.refunds),
            ("direct", &self.direct),
            ("paid_out", &self.paid_out),
        ]
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayoutView {
    reference: String,
    status: String,
    amount: MoneyView,
    created_at: String,
    account: Option<AccountView>,
}

#[derive(Deserialize)]
struct AccountView {
    number: String,
}

const SUMS: &str = "sales { amount formatted } fees { amount formatted } vat { amount formatted }
  pit { amount formatted } refunds { amount formatted } direct { amount formatted } paidOut { amount formatted }";

/// `GET /my-shops/{id}/money`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(days): Query<Days>,
) -> PageResult<Response> {
    let days = days.or_this_month();
    let query = format!(
        "query($id: ID!, $from: String!, $to: String!) {{ me {{ shop(id: $id) {{ id name
          statement(from: $from, to: $to) {{ opening {{ amount formatted }} closing {{ amount formatted }}
            total {{ {SUMS} }} days {{ day sums {{ {SUMS} }} owed {{ amount formatted }} }} }}
          payouts(first: 20) {{ nodes {{ reference status createdAt amount {{ amount formatted }} account {{ number }} }} }} }} }} }}"
    );
    let variables = json!({ "id": id, "from": days.from, "to": days.to });
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(&state, &visitor, &query, variables),
        Chrome::of(&state, &visitor)
    )?;
    Ok(render(&MoneyPage { chrome, shop, days }))
}
