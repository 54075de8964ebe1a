//! What stands behind one line: the order, the rules, the bank's own line, the payout.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::lines::LineView;
use crate::outcome::render;
use crate::pages::own_shop::query_own_shop;
use crate::pages::views::MoneyView;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "money_line.html")]
struct LinePage {
    chrome: Chrome,
    shop_id: String,
    found: FoundView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    statement_line: Option<FoundView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundView {
    line: LineView,
    at_counter: bool,
    payment_reference: Option<String>,
    order: Option<OrderView>,
    charge: Option<ChargeView>,
    bank_credits: Vec<BankLineView>,
    bank_debit: Option<BankLineView>,
    refund: Option<RefundView>,
    payout: Option<PayoutView>,
    paid_by: Option<PayoutView>,
}

#[derive(Deserialize)]
struct OrderView {
    number: String,
    contact: ContactView,
    lines: Vec<OrderLineView>,
}

#[derive(Deserialize)]
struct ContactView {
    name: String,
}

#[derive(Deserialize)]
struct OrderLineView {
    title: String,
    quantity: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChargeView {
    base: MoneyView,
    fee_rule: String,
    fee_rule_version: i64,
    fee: MoneyView,
    seller_kind: String,
    vat_rule: String,
    vat_basis_points: i64,
    vat: MoneyView,
    pit_rule: String,
    pit_basis_points: i64,
    pit: MoneyView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankLineView {
    account_number: String,
    amount: MoneyView,
    memo: String,
    bank_reference: Option<String>,
    booked_at: String,
}

#[derive(Deserialize)]
struct RefundView {
    reference: String,
    status: String,
    reason: String,
    amount: MoneyView,
}

#[derive(Deserialize)]
struct PayoutView {
    reference: String,
    status: String,
    amount: MoneyView,
}

/// Basis points as people write a rate: `1 %`, `0,5 %`.
fn percent(basis_points: &i64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    let rest = format!("{rest:02}");
    match rest.trim_end_matches('0') {
        "" => format!("{whole} %"),
        rest => format!("{whole},{rest} %"),
    }
}

const BANK_LINE: &str = "accountNumber amount { amount formatted } memo bankReference bookedAt";

/// `GET /my-shops/{id}/money/lines/{line}`
pub async fn line(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, line)): Path<(String, String)>,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!, $line: ID!) {{ me {{ shop(id: $id) {{ statementLine(id: $line) {{
          line {{ id kind postedAt amount {{ amount formatted }} }} atCounter paymentReference
          order {{ number contact {{ name }} lines {{ title quantity }} }}
          charge {{ base {{ amount formatted }} feeRule feeRuleVersion fee {{ amount formatted }} sellerKind
            vatRule vatBasisPoints vat {{ amount formatted }} pitRule pitBasisPoints pit {{ amount formatted }} }}
          bankCredits {{ {BANK_LINE} }} bankDebit {{ {BANK_LINE} }}
          refund {{ reference status reason amount {{ amount formatted }} }}
          payout {{ reference status amount {{ amount formatted }} }}
          paidBy {{ reference status amount {{ amount formatted }} }} }} }} }} }}"
    );
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopView>(&state, &visitor, &query, json!({ "id": id, "line": line })),
        Chrome::of(&state, &visitor)
    )?;
    let found = shop.statement_line.ok_or(PageError::NotFound)?;
    Ok(render(&LinePage { chrome, shop_id: id, found }))
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn rates_are_written_as_people_write_them() {
        for (points, words) in
            [(100, "1 %"), (50, "0,5 %"), (5, "0,05 %"), (0, "0 %"), (150, "1,5 %")]
        {
            assert_eq!(percent(&points), words);
        }
    }
}
