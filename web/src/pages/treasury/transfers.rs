//! Payouts and refunds: planned, agreed to by another person, sent to the bank in one file.

use std::collections::HashMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::overview::show_with;
use crate::download::{TextFile, download_text};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::pages::views::OfOperations;
use crate::{AppState, PageError, PageResult, Visitor};

const RUN: &str =
    "mutation { runPayouts(input: {}) { run { payouts { id } } userErrors { code message } } }";
const SEND: &str =
    "mutation { sendTransfers { transfers { fileId } userErrors { code message } } }";
const RETURN_AGAIN: &str = "mutation($id: ID!) { returnCardSurplus(input: {cardReturnId: $id}) {
  cardReturn { id } userErrors { code message } } }";
const TO_BANK: &str =
    "mutation($input: ReturnSurplusToBankInput!) { returnSurplusToBank(input: $input) {
  refund { id } userErrors { code message path } } }";
const FILE: &str = "query($id: ID!, $format: TransferFormat!) { operations {
  transferFile(id: $id, format: $format) { name mediaType content } } }";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileOperations {
    transfer_file: Option<TextFile>,
}

/// `POST /operations/money/payouts`: plans what is due.
pub async fn run(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    let done = state.graphql.change::<Value>(&visitor, RUN, json!({})).await?;
    answer(&state, &visitor, done, "treasury.planned").await
}

/// `POST /operations/money/transfers`: puts what was agreed to into a file for the bank.
pub async fn send(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    let done = state.graphql.change::<Value>(&visitor, SEND, json!({})).await?;
    answer(&state, &visitor, done, "treasury.sent_notice").await
}

/// `POST /operations/money/payouts/{id}/{decision}`
pub async fn decide_payout(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, decision)): Path<(String, String)>,
) -> PageResult<Response> {
    let mutation = match decision.as_str() {
        "approve" => "approvePayout",
        "discard" => "discardPayout",
        _ => return Err(PageError::NotFound),
    };
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{payoutId: $id}}) {{ payout {{ id }} userErrors {{ code message }} }} }}"
    );
    let done = state.graphql.change::<Value>(&visitor, &query, json!({ "id": id })).await?;
    answer(&state, &visitor, done, "treasury.decided").await
}

/// `POST /operations/money/refunds/{id}/{decision}`
pub async fn decide_refund(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, decision)): Path<(String, String)>,
) -> PageResult<Response> {
    let mutation = match decision.as_str() {
        "approve" => "approveRefund",
        "cancel" => "cancelRefund",
        _ => return Err(PageError::NotFound),
    };
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{refundId: $id}}) {{ refund {{ id }} userErrors {{ code message }} }} }}"
    );
    let done = state.graphql.change::<Value>(&visitor, &query, json!({ "id": id })).await?;
    answer(&state, &visitor, done, "treasury.decided").await
}

/// `POST /operations/money/card-returns/{id}/again`
pub async fn return_card_surplus(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let done = state.graphql.change::<Value>(&visitor, RETURN_AGAIN, json!({ "id": id })).await?;
    answer(&state, &visitor, done, "treasury.returned_again").await
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct ToBank {
    reason: String,
}

/// `POST /operations/money/card-returns/{id}/to-bank`
pub async fn return_surplus_to_bank(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(ToBank { reason }): Form<ToBank>,
) -> PageResult<Response> {
    let variables = json!({ "input": { "cardReturnId": id, "reason": reason.trim() } });
    let done = state.graphql.change::<Value>(&visitor, TO_BANK, variables).await?;
    answer(&state, &visitor, done, "treasury.to_bank_asked").await
}

async fn answer(
    state: &AppState,
    visitor: &Visitor,
    done: Result<Value, Vec<UserError>>,
    notice: &str,
) -> PageResult<Response> {
    match done {
        Ok(_) => Ok(go("/operations/money", Some(notice), state.secure)),
        Err(errors) => {
            show_with(state, visitor, None, FormState::refused(HashMap::new(), errors)).await
        }
    }
}

/// `GET /operations/money/transfers/{id}/{format}`
pub async fn file(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, format)): Path<(String, String)>,
) -> PageResult<Response> {
    let format = match format.as_str() {
        "xml" => "PAIN001",
        "csv" => "CSV",
        _ => return Err(PageError::NotFound),
    };
    let variables = json!({ "id": id, "format": format });
    let data: OfOperations<FileOperations> = state.graphql.query(&visitor, FILE, variables).await?;
    Ok(download_text(data.operations.transfer_file.ok_or(PageError::NotFound)?))
}
