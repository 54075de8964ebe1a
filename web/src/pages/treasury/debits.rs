//! Every debit of the market's account by what it is, and what a person can make of one that nothing
//! explains: the bank took a credit back by it, or it is given up (`write_offs`).

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::waiting::{WaitingCredit, of_amount};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::pages::narrowed::{Narrowed, Tab, next_of, tabs};
use crate::pages::views::{MoneyView, Nodes, OfOperations};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "debits.html")]
struct DebitsPage {
    chrome: Chrome,
    form: FormState,
    tabs: Vec<Tab>,
    debits: Vec<DebitView>,
    waiting: Vec<WaitingCredit>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    bank_debits: Nodes<DebitView>,
    waiting: Nodes<WaitingCredit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DebitView {
    id: String,
    state: String,
    resolution: Option<String>,
    memo: String,
    amount: MoneyView,
    account_number: String,
    bank_reference: String,
    booked_at: String,
    payout_id: Option<String>,
    refund_id: Option<String>,
}

impl DebitView {
    /// Whether nobody has explained it.
    fn waits(&self) -> bool {
        self.state != "MATCHED" && self.resolution.is_none()
    }

    /// The credits that the bank may have taken back by it: of the same account and amount.
    fn candidates<'a>(&self, waiting: &'a [WaitingCredit]) -> Vec<&'a WaitingCredit> {
        let mut found = of_amount(waiting, &self.amount);
        found.retain(|credit| credit.account_number == self.account_number);
        found
    }
}

const PATH: &str = "/operations/money/debits";
/// Of the tabs: what nobody has explained, whatever its state.
const WAITING: &str = "WAITING";
/// The tabs: what waits, and what a debit may be, as the API names it.
const STATES: [&str; 5] = [WAITING, "ORPHAN", "DIFFERS", "DUPLICATE", "MATCHED"];
const DEBITS: &str = "query($state: BankDebitState, $figure: DebitFigureInput, $after: String) { operations {
  bankDebits(state: $state, figure: $figure, first: 20, after: $after) { nodes { id state resolution memo accountNumber bankReference
    bookedAt payoutId refundId amount { amount formatted } } pageInfo { hasNextPage endCursor } }
  waiting: bankCredits(waitingOnly: true, first: 100) { nodes {
    id memo receivedAt accountNumber amount { amount formatted } } } } }";
const REVERSE: &str =
    "mutation($input: ReverseBankCreditInput!) { reverseBankCredit(input: $input) {
  credit { id } userErrors { code message path } } }";

/// `GET /operations/money/debits`
pub async fn debits(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(asked): Query<Narrowed>,
) -> PageResult<Response> {
    debits_with(&state, &visitor, asked, FormState::default()).await
}

/// The page, with what was wrong with a form on it.
pub async fn debits_with(
    state: &AppState,
    visitor: &Visitor,
    asked: Narrowed,
    form: FormState,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let chosen = asked.state(&STATES);
    let mut variables = json!({ "after": asked.after });
    match chosen {
        Some(WAITING) => variables["figure"] = json!({ "outcome": "UNEXPLAINED" }),
        other => variables["state"] = other.into(),
    }
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<Operations>>(visitor, DEBITS, variables),
        Chrome::of(state, visitor)
    )?;
    let Operations { bank_debits, waiting } = data.operations;
    let next = next_of(&bank_debits.page_info, PATH, chosen);
    let tabs = tabs(PATH, &STATES, chosen);
    let (debits, waiting) = (bank_debits.nodes, waiting.nodes);
    Ok(render(&DebitsPage { chrome, form, tabs, debits, waiting, next }))
}

/// `POST /operations/money/debits/{id}/reverse`: the bank took a credit back by it.
pub async fn reverse(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let input = json!({ "creditId": given("credit"), "debitId": id, "reason": given("reason") });
    match state.graphql.change::<Value>(&visitor, REVERSE, json!({ "input": input })).await? {
        Ok(_) => Ok(go(PATH, Some("debits.reversed"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            debits_with(&state, &visitor, Narrowed::default(), form).await
        }
    }
}
