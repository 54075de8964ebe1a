//! A bank's statement: sent as a file, read by the market, told line by line where it was not
//! understood.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::overview::show_with;
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::pages::views::OfOperations;
use crate::upload::{FileForm, send_file};
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage {
    chrome: Chrome,
    statement: StatementView,
    form: FormState,
    meanings: [&'static str; 12],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    bank_statement: Option<StatementView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatementView {
    id: String,
    file_name: String,
    format: String,
    status: String,
    lines: i64,
    new: i64,
    duplicates: i64,
    matched: i64,
    queued: i64,
    debits: i64,
    unreadable: i64,
    columns: Vec<ColumnView>,
    date_order: Option<String>,
    problems: Vec<ProblemView>,
}

#[derive(Deserialize)]
struct ColumnView {
    header: String,
    holds: Option<String>,
}

#[derive(Deserialize)]
struct ProblemView {
    line: i64,
    text: String,
    reason: String,
}

#[derive(Deserialize)]
struct Taken {
    statement: TakenStatement,
}

#[derive(Deserialize)]
struct TakenStatement {
    id: String,
}

/// What a column may hold, as the API names it.
const MEANINGS: [&str; 12] = [
    "DATE",
    "TIME",
    "REFERENCE",
    "DEBIT",
    "CREDIT",
    "AMOUNT",
    "BALANCE",
    "DETAILS",
    "COUNTERPARTY_NAME",
    "COUNTERPARTY_ACCOUNT",
    "CURRENCY",
    "ACCOUNT",
];
const CORRECT: &str =
    "mutation($input: CorrectStatementColumnsInput!) { correctStatementColumns(input: $input) {
  statement { id } userErrors { code message path } } }";
const RETRY: &str = "mutation($id: ID!) { retryBankStatement(input: {statementId: $id}) {
  statement { id } userErrors { code message path } } }";
const UPLOAD: &str = "mutation($file: Upload!) { importBankStatement(input: {file: $file}) {
  statement { id } userErrors { code message path } } }";
const SHOW: &str = "query($id: ID!) { operations { bankStatement(id: $id) {
  id fileName format status lines new duplicates matched queued debits unreadable dateOrder columns { header holds } problems { line text reason } } } }";

/// `POST /operations/money/statements`
pub async fn upload(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    parts: Multipart,
) -> PageResult<Response> {
    let variables = json!({ "file": null });
    let form = FileForm { headers, parts };
    match send_file::<Taken>(&state, &visitor, UPLOAD, variables, form).await? {
        Ok(Taken { statement }) => {
            Ok(go(&format!("/operations/money/statements/{}", statement.id), None, state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, None, form).await
        }
    }
}

/// `GET /operations/money/statements/{id}`
pub async fn statement(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    statement_with(&state, &visitor, &id, FormState::default()).await
}

async fn statement_with(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    form: FormState,
) -> PageResult<Response> {
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<Operations>>(visitor, SHOW, json!({ "id": id })),
        Chrome::of(state, visitor)
    )?;
    let statement = data.operations.bank_statement.ok_or(PageError::NotFound)?;
    Ok(render(&StatementPage { chrome, statement, form, meanings: MEANINGS }))
}

/// `POST /operations/money/statements/{id}/retry`
pub async fn retry(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(&visitor, RETRY, json!({ "id": id })).await? {
        Ok(_) => Ok(go(&format!("/operations/money/statements/{id}"), None, state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            statement_with(&state, &visitor, &id, form).await
        }
    }
}

/// `POST /operations/money/statements/{id}/columns`
pub async fn correct_columns(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let meaning = |place: usize| fields.get(&format!("column-{place}"));
    let columns: Vec<Option<&str>> = (0..)
        .map_while(meaning)
        .map(|given| MEANINGS.into_iter().find(|known| known == given))
        .collect();
    let month_first = fields.get("date_order").is_some_and(|order| order == "MONTH_FIRST");
    let date_order = if month_first { "MONTH_FIRST" } else { "DAY_FIRST" };
    let input = json!({ "statementId": id, "columns": columns, "dateOrder": date_order });
    match state.graphql.change::<Value>(&visitor, CORRECT, json!({ "input": input })).await? {
        Ok(_) => {
            let to = format!("/operations/money/statements/{id}");
            Ok(go(&to, Some("statement.corrected"), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            statement_with(&state, &visitor, &id, form).await
        }
    }
}
