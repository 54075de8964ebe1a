//! Every credit, the newest first; the way back of a match that was wrong, and of what it taught of the
//! payer.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::pages::stalls::After;
use crate::pages::views::{MoneyView, Nodes, OfOperations};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "credits.html")]
struct CreditsPage {
    chrome: Chrome,
    form: FormState,
    credits: Vec<CreditView>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    bank_credits: Nodes<CreditView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditView {
    id: String,
    state: String,
    memo: String,
    amount: MoneyView,
    received_at: String,
    counterparty_name: Option<String>,
    resolution: Option<String>,
    payment: Option<PaidView>,
    decisions: Vec<DecisionView>,
}

#[derive(Deserialize)]
struct PaidView {
    reference: String,
}

#[derive(Deserialize)]
struct DecisionView {
    reason: String,
}

#[derive(Deserialize)]
struct Forgotten {
    forgotten: Option<i64>,
}

impl CreditView {
    /// Whether it pays something: only then there is anything to take back.
    fn pays(&self) -> bool {
        let by_person = matches!(self.resolution.as_deref(), Some("matched" | "split"));
        self.is_matched() || by_person
    }

    /// Whether somebody may be known by it who can be forgotten.
    fn tells_who(&self) -> bool {
        self.counterparty_name.is_some() || !self.decisions.is_empty()
    }

    fn is_matched(&self) -> bool {
        matches!(self.state.as_str(), "MATCHED" | "MATCHED_WITH_TOLERANCE")
    }
}

const CREDITS: &str = "query($after: String) { operations {
  bankCredits(first: 20, after: $after) { nodes { id state memo receivedAt counterpartyName resolution
    amount { amount formatted } payment { reference } decisions { reason } }
    pageInfo { hasNextPage endCursor } } } }";
const UNMATCH: &str =
    "mutation($input: UnmatchBankCreditInput!) { unmatchBankCredit(input: $input) {
  credit { id } userErrors { code message path } } }";

const FORGET: &str = "mutation($id: ID!) { forgetPayer(input: {creditId: $id}) {
  forgotten userErrors { code message path } } }";

/// `GET /operations/money/credits`
pub async fn credits(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    show_with(&state, &visitor, after, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    after: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<Operations>>(
            visitor,
            CREDITS,
            json!({ "after": after })
        ),
        Chrome::of(state, visitor)
    )?;
    let credits = data.operations.bank_credits;
    let next = credits.page_info.next_at("/operations/money/credits");
    Ok(render(&CreditsPage { chrome, form, credits: credits.nodes, next }))
}

/// `POST /operations/money/credits/{id}/unmatch`
pub async fn unmatch(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let reason = fields.get("reason").map(|text| text.trim()).unwrap_or_default();
    let input = json!({ "creditId": id, "reason": reason });
    match state.graphql.change::<Value>(&visitor, UNMATCH, json!({ "input": input })).await? {
        Ok(_) => Ok(go("/operations/money", Some("treasury.unmatched"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, None, form).await
        }
    }
}

/// `POST /operations/money/credits/{id}/forget`: nothing is suggested any more by who sent it.
pub async fn forget(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    match state.graphql.change::<Forgotten>(&visitor, FORGET, json!({ "id": id })).await? {
        Ok(Forgotten { forgotten }) => {
            let any = forgotten.is_some_and(|facts| facts > 0);
            let notice = if any { "treasury.forgotten" } else { "treasury.nothing_known" };
            Ok(go("/operations/money/credits", Some(notice), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, None, form).await
        }
    }
}
