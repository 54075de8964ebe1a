//! The lines behind a figure: of some days, or of a payout.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::outcome::render;
use crate::pages::own_shop::query_own_shop;
use crate::pages::views::{MoneyView, Nodes, url_encode};
use crate::span::{Days, day_in_words};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "money_lines.html")]
struct LinesPage {
    chrome: Chrome,
    shop_id: String,
    shop_name: String,
    days: Days,
    kind: String,
    lines: Vec<LineView>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    name: String,
    statement_lines: Nodes<LineView>,
}

/// A line, as it stands in lists.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// How much; above zero the shop is owed more.
    pub amount: MoneyView,
    /// When.
    pub posted_at: String,
}

/// What is looked for.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// Only lines of one figure: `sales`, `fees` …
    #[serde(default)]
    kind: String,
    after: Option<String>,
}

/// The kinds of lines that a figure sums.
fn kinds_of(figure: &str) -> &'static [&'static str] {
    match figure {
        "sales" => &["sale"],
        "fees" => &["fee", "fee_back"],
        "vat" => &["vat", "vat_back"],
        "pit" => &["pit", "pit_back"],
        "refunds" => &["refund"],
        "direct" => &["direct", "direct_back"],
        "paid_out" => &["payout", "payout_back"],
        _ => &[],
    }
}

const LINES: &str = "query($id: ID!, $from: String!, $to: String!, $after: String, $kinds: [String!]) {
  me { shop(id: $id) { name statementLines(from: $from, to: $to, first: 50, after: $after, kinds: $kinds) {
    nodes { id kind postedAt amount { amount formatted } } pageInfo { hasNextPage endCursor } } } } }";

/// `GET /my-shops/{id}/money/lines`
pub async fn lines(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> PageResult<Response> {
    let days = Days { from: wanted.from, to: wanted.to }.or_this_month();
    let kinds = kinds_of(&wanted.kind);
    let variables = json!({
        "id": id, "from": days.from, "to": days.to, "after": wanted.after,
        "kinds": (!kinds.is_empty()).then_some(kinds),
    });
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(&state, &visitor, LINES, variables),
        Chrome::of(&state, &visitor)
    )?;
    let kind = if kinds.is_empty() { String::new() } else { wanted.kind };
    let next = shop.statement_lines.page_info.next().map(|cursor| {
        let after = url_encode(cursor);
        format!("/my-shops/{id}/money/lines?{}&kind={kind}&after={after}", days.query())
    });
    let lines = shop.statement_lines.nodes;
    Ok(render(&LinesPage { chrome, shop_id: id, shop_name: shop.name, days, kind, lines, next }))
}
