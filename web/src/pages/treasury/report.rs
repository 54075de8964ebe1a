//! The reconciliation of some days: it foots, or says that it does not.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::download::{BinaryFile, download, file_format};
use crate::outcome::render;
use crate::pages::views::{MoneyView, OfOperations, as_operator};
use crate::span::{Days, day_in_words};
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "reconciliation.html")]
struct ReportPage {
    chrome: Chrome,
    days: Days,
    report: ReportView,
}

#[derive(Deserialize)]
struct Operations {
    reconciliation: ReportView,
}

#[derive(Deserialize)]
struct ReportView {
    foots: bool,
    days: Vec<DayView>,
    aging: Vec<AgeView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DayView {
    day: String,
    account_number: String,
    credits: TallyView,
    matched: TallyView,
    resolved: TallyView,
    waiting: TallyView,
    debits: TallyView,
    explained: TallyView,
    unexplained: TallyView,
}

impl DayView {
    fn tallies(&self) -> [&TallyView; 7] {
        [
            &self.credits,
            &self.matched,
            &self.resolved,
            &self.waiting,
            &self.debits,
            &self.explained,
            &self.unexplained,
        ]
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AgeView {
    from_days: i64,
    to_days: Option<i64>,
    waiting: TallyView,
}

#[derive(Deserialize)]
struct TallyView {
    count: i64,
    sum: MoneyView,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileOperations {
    reconciliation_file: BinaryFile,
}

const REPORT: &str = "query($from: String!, $to: String!) { operations { reconciliation(from: $from, to: $to) { foots
  days { day accountNumber credits { ...T } matched { ...T } resolved { ...T } waiting { ...T }
    debits { ...T } explained { ...T } unexplained { ...T } }
  aging { fromDays toDays waiting { ...T } } } } }
  fragment T on Tally { count sum { amount formatted } }";
const FILE: &str = "query($from: String!, $to: String!, $format: FileFormat!) { operations {
  reconciliationFile(from: $from, to: $to, format: $format) { name mediaType base64 } } }";

/// `GET /operations/money/report`
pub async fn report(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(days): Query<Days>,
) -> PageResult<Response> {
    let days = days.or_this_month();
    let variables = json!({ "from": days.from, "to": days.to });
    let (operations, chrome) =
        as_operator::<Operations>(&state, &visitor, REPORT, variables).await?;
    Ok(render(&ReportPage { chrome, days, report: operations.reconciliation }))
}

/// `GET /operations/money/report/{format}`
pub async fn report_file(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(format): Path<String>,
    Query(days): Query<Days>,
) -> PageResult<Response> {
    let days = days.or_this_month();
    let format = file_format(&format).ok_or(PageError::NotFound)?;
    let variables = json!({ "from": days.from, "to": days.to, "format": format });
    let data: OfOperations<FileOperations> = state.graphql.query(&visitor, FILE, variables).await?;
    download(data.operations.reconciliation_file)
}
