//! `GET /capabilities`: which parts of OCTO we have. Everybody may ask.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;

use crate::asking::{Language, count_address};
use crate::capabilities::{CONTENT, PRICING};
use crate::door::Inner;

/// A capability.
#[derive(Serialize)]
struct Capability {
    id: &'static str,
    revision: i32,
    required: bool,
    dependencies: [&'static str; 0],
    docs: Option<&'static str>,
}

/// Answers.
pub async fn handle(State(octo): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let language = Language::of(&parts.headers);
    let counted = count_address(&octo, &parts).await;
    language.answer(counted.map(|()| capabilities()))
}

fn capabilities() -> [Capability; 2] {
    let optional =
        |id| Capability { id, revision: 1, required: false, dependencies: [], docs: None };
    [optional(PRICING), optional(CONTENT)]
}
