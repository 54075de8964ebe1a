//! Money that is given up: a credit that nobody claims, a debit that nobody explains. Above the limit of
//! refunds another operator agrees by sending the same form.

use std::collections::HashMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::debits::debits_with;
use super::overview::show_with;
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::pages::narrowed::Narrowed;
use crate::{AppState, PageResult, Visitor};

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
