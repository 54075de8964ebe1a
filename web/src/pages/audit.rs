//! The audit log, for operators: who did what to what, the newest first. It holds no personal data.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::stalls::After;
use super::views::{Named, Nodes, as_operator};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    chrome: Chrome,
    entries: Vec<EntryView>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operations {
    audit_entries: Nodes<EntryView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryView {
    at: String,
    actor: Option<Named>,
    action: String,
    subject_id: String,
    detail: String,
}

impl EntryView {
    /// What else is known, if anything is.
    fn more(&self) -> Option<&str> {
        Some(self.detail.as_str()).filter(|detail| !matches!(*detail, "" | "{}"))
    }
}

const AUDIT: &str = "query($after: String) { operations { auditEntries(first: 50, after: $after) {
  nodes { at actor { name } action subjectId detail } pageInfo { hasNextPage endCursor } } } }";

/// `GET /operations/audit`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    let variables = json!({ "after": after });
    let (operations, chrome) =
        as_operator::<Operations>(&state, &visitor, AUDIT, variables).await?;
    let found = operations.audit_entries;
    let next = found.page_info.next_at("/operations/audit");
    Ok(render(&AuditPage { chrome, entries: found.nodes, next }))
}
