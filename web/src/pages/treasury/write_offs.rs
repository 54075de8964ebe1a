//! Money that is given up: a credit that nobody claims, a debit that nobody explains. Above the limit of
//! refunds another operator agrees by sending the same form; what waits for one is listed.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::debits::debits_with;
use super::overview::show_with;
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::pages::narrowed::{Narrowed, Tab, next_of, tabs};
use crate::pages::views::{MoneyView, Nodes};
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "write_offs.html")]
struct WriteOffsPage {
    chrome: Chrome,
    tabs: Vec<Tab>,
    write_offs: Vec<GivenUpView>,
    /// Who looks.
    me: String,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    me: Option<Somebody>,
    operations: Operations,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    write_offs: Nodes<GivenUpView>,
}

#[derive(Deserialize)]
struct Somebody {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenUpView {
    id: String,
    bank_credit_id: Option<String>,
    bank_debit_id: Option<String>,
    memo: String,
    booked_at: String,
    amount: MoneyView,
    reason: String,
    requested_by: Option<Somebody>,
    requested_at: String,
    approved_by: Option<Somebody>,
    done_at: Option<String>,
    withdrawn_at: Option<String>,
}

impl GivenUpView {
    /// Where somebody else agrees to it.
    fn form(&self) -> String {
        match (&self.bank_credit_id, &self.bank_debit_id) {
            (Some(credit), _) => format!("/operations/money/credits/{credit}/write-off"),
            (None, debit) => {
                let debit = debit.as_deref().unwrap_or_default();
                format!("/operations/money/debits/{debit}/write-off")
            }
        }
    }

    /// Whether it waits for a second person.
    fn is_open(&self) -> bool {
        self.done_at.is_none() && self.withdrawn_at.is_none()
    }

    /// Whether somebody with this id asked for it: they are not the second person.
    fn is_of(&self, person: &str) -> bool {
        self.requested_by.as_ref().is_some_and(|asked| asked.id == person)
    }
}

const PATH: &str = "/operations/money/write-offs";
/// Of the tabs: what waits for a second person.
const STATES: [&str; 1] = ["WAITING"];
const WRITE_OFFS: &str = "query($waitingOnly: Boolean!, $after: String) { me { id name } operations {
  writeOffs(waitingOnly: $waitingOnly, first: 20, after: $after) { nodes { id bankCreditId bankDebitId memo bookedAt
    reason requestedAt doneAt withdrawnAt amount { amount formatted } requestedBy { id name } approvedBy { id name } }
    pageInfo { hasNextPage endCursor } } } }";

/// `GET /operations/money/write-offs`
pub async fn write_offs(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(asked): Query<Narrowed>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let chosen = asked.state(&STATES);
    let variables = json!({ "waitingOnly": chosen.is_some(), "after": asked.after });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Listed>(&visitor, WRITE_OFFS, variables),
        Chrome::of(&state, &visitor)
    )?;
    let found = data.operations.write_offs;
    let next = next_of(&found.page_info, PATH, chosen);
    let tabs = tabs(PATH, &STATES, chosen);
    let me = data.me.map(|me| me.id).unwrap_or_default();
    Ok(render(&WriteOffsPage { chrome, tabs, write_offs: found.nodes, me, next }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    write_off: WriteOffView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WriteOffView {
    done_at: Option<String>,
}

const WRITE_OFF: &str = "mutation($input: WriteOffInput!) { writeOff(input: $input) {
  writeOff { doneAt } userErrors { code message path } } }";

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct GivenUp {
    reason: String,
}

/// `POST /operations/money/credits/{id}/write-off`
pub async fn write_off_credit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(GivenUp { reason }): Form<GivenUp>,
) -> PageResult<Response> {
    let input = json!({ "creditId": id, "reason": reason.trim() });
    match give_up(&state, &visitor, input).await? {
        Ok(notice) => Ok(go("/operations/money", Some(notice), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, None, form).await
        }
    }
}

/// `POST /operations/money/debits/{id}/write-off`
pub async fn write_off_debit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(GivenUp { reason }): Form<GivenUp>,
) -> PageResult<Response> {
    let input = json!({ "debitId": id, "reason": reason.trim() });
    match give_up(&state, &visitor, input).await? {
        Ok(notice) => Ok(go("/operations/money/debits", Some(notice), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            debits_with(&state, &visitor, Narrowed::default(), form).await
        }
    }
}

const WITHDRAW: &str =
    "mutation($input: WithdrawWriteOffInput!) { withdrawWriteOff(input: $input) {
  userErrors { code message path } } }";

/// `POST /operations/money/write-offs/{id}/withdraw`
pub async fn withdraw_write_off(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let variables = json!({ "input": { "writeOffId": id } });
    let notice = match state.graphql.change::<Value>(&visitor, WITHDRAW, variables).await? {
        Ok(_) => "writeoffs.withdrawn",
        Err(_) => "writeoffs.not_withdrawn",
    };
    Ok(go(PATH, Some(notice), state.secure))
}

/// Gives it up, or asks another person to; gives what to say of it.
async fn give_up(
    state: &AppState,
    visitor: &Visitor,
    input: Value,
) -> PageResult<Result<&'static str, Vec<UserError>>> {
    let variables = json!({ "input": input });
    let asked = state.graphql.change::<Asked>(visitor, WRITE_OFF, variables).await?;
    Ok(asked.map(|Asked { write_off }| {
        if write_off.done_at.is_some() {
            "treasury.written_off"
        } else {
            "treasury.write_off_asked"
        }
    }))
}
