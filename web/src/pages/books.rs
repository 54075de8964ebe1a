//! The market's books, for operators: the tax declaration of a month, and the closing of a period, which
//! one person asks for and another does.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::views::{Named, OfOperations, as_operator};
use crate::days::{Month, read_day, today};
use crate::download::{TextFile, download_text};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::span::day_in_words;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    chrome: Chrome,
    form: FormState,
    closings: Vec<ClosingView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    ledger_closings: Vec<ClosingView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClosingView {
    until: String,
    requested_by: Option<Named>,
    requested_at: String,
    closed_by: Option<Named>,
    closed_at: Option<String>,
    postings: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileOperations {
    tax_declaration: TextFile,
}

#[derive(Deserialize)]
struct Asked {
    closing: AskedClosing,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedClosing {
    closed_at: Option<String>,
}

const PATH: &str = "/operations/books";
const BOOKS: &str = "{ operations { ledgerClosings {
  until requestedBy { name } requestedAt closedBy { name } closedAt postings } } }";
const DECLARATION: &str = "query($month: String!) { operations {
  taxDeclaration(month: $month) { name mediaType content } } }";
const CLOSE: &str = "mutation($input: CloseBooksInput!) { closeBooks(input: $input) {
  closing { closedAt } userErrors { code message path } } }";

/// `GET /operations/books`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    // What is declared is the month that is over.
    let month = Month::of(today()).previous().iso();
    let form = FormState::filled(HashMap::from([("month".to_owned(), month)]));
    show_with(&state, &visitor, form).await
}

async fn show_with(state: &AppState, visitor: &Visitor, form: FormState) -> PageResult<Response> {
    let (operations, chrome) = as_operator::<Operations>(state, visitor, BOOKS, json!({})).await?;
    let closings = operations.ledger_closings;
    Ok(render(&BooksPage { chrome, form, closings }))
}

/// Which month is declared.
#[derive(Debug, Deserialize)]
pub struct Declared {
    #[serde(default)]
    month: String,
}

/// `GET /operations/books/tax`
pub async fn declaration(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(Declared { month }): Query<Declared>,
) -> PageResult<Response> {
    if read_day(&format!("{month}-01")).is_none() {
        let message = visitor.texts().say("books.no_month").to_owned();
        let path = Some(vec!["month".to_owned()]);
        let error = UserError { code: "INVALID".to_owned(), message, path };
        let typed = HashMap::from([("month".to_owned(), month)]);
        return show_with(&state, &visitor, FormState::refused(typed, vec![error])).await;
    }
    let variables = json!({ "month": month });
    let data: OfOperations<FileOperations> =
        state.graphql.query(&visitor, DECLARATION, variables).await?;
    Ok(download_text(data.operations.tax_declaration))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    until: String,
}

/// `POST /operations/books`: asks to close them, or closes them as the second person.
pub async fn close(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(Wanted { until }): Form<Wanted>,
) -> PageResult<Response> {
    let variables = json!({ "input": { "until": until } });
    match state.graphql.change::<Asked>(&visitor, CLOSE, variables).await? {
        Ok(Asked { closing }) => {
            let closed = closing.closed_at.is_some();
            let notice = if closed { "books.closed" } else { "books.asked" };
            Ok(go(PATH, Some(notice), state.secure))
        }
        Err(errors) => {
            let typed = HashMap::from([("until".to_owned(), until)]);
            show_with(&state, &visitor, FormState::refused(typed, errors)).await
        }
    }
}
