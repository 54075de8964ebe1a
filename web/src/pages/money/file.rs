//! The statement as a file.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::download::{BinaryFile, download, file_format};
use crate::pages::own_shop::query_own_shop;
use crate::span::Days;
use crate::{AppState, PageError, PageResult, Visitor};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    statement_file: BinaryFile,
}

const FILE: &str = "query($id: ID!, $from: String!, $to: String!, $format: FileFormat!) {
  me { shop(id: $id) { statementFile(from: $from, to: $to, format: $format) { name mediaType base64 } } } }";

/// `GET /my-shops/{id}/money/file/{format}`
pub async fn file(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, format)): Path<(String, String)>,
    Query(days): Query<Days>,
) -> PageResult<Response> {
    let days = days.or_this_month();
    let format = file_format(&format).ok_or(PageError::NotFound)?;
    let variables = json!({ "id": id, "from": days.from, "to": days.to, "format": format });
    let shop = query_own_shop::<ShopView>(&state, &visitor, FILE, variables).await?;
    download(shop.statement_file)
}
