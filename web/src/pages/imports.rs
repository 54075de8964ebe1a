//! Importing a product file, with its progress; and taking all products away as one.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::own_shop::query_own_shop;
use super::views::Nodes;
use crate::download::{TextFile, download_text};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::upload::{in_time, must_be_somebody, no_file, turn};
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    chrome: Chrome,
    shop_id: String,
    form: FormState,
    formats: [&'static str; 4],
}

/// The forms that product files have.
const FORMATS: [&str; 4] = ["CHONOI", "KIOTVIET", "SAPO", "SHOPIFY"];

#[derive(Template)]
#[template(path = "import_progress.html")]
struct ProgressPage {
    chrome: Chrome,
    shop_id: String,
    import: ImportView,
    import_progress: String,
    problems: Vec<ProblemView>,
    left_out: Vec<ProblemView>,
}

#[derive(Deserialize)]
struct ShopImport {
    import: Option<ImportView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImportView {
    id: String,
    format: String,
    status: String,
    dry_run: bool,
    total: i64,
    done: i64,
    created: i64,
    updated: i64,
    unchanged: i64,
    failed: i64,
    rows: Nodes<RowView>,
    /// The first rows, whatever became of them: written ones may say what was left out.
    first_rows: Nodes<RowView>,
}

impl ImportView {
    fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "QUEUED" | "RUNNING")
    }
}

#[derive(Deserialize)]
struct RowView {
    status: String,
    problems: Vec<ProblemView>,
}

#[derive(Deserialize)]
struct ProblemView {
    line: i64,
    column: String,
    message: String,
    value: String,
}

#[derive(Deserialize)]
struct Started {
    import: StartedImport,
}

#[derive(Deserialize)]
struct StartedImport {
    id: String,
}

const START: &str =
    "mutation($shopId: ID!, $format: ImportFormat, $file: Upload!, $dryRun: Boolean!) {
  importProducts(input: {shopId: $shopId, format: $format, file: $file, dryRun: $dryRun}) {
    import { id } userErrors { code message path } } }";
const PROGRESS: &str = "query($shop: ID!, $id: ID!) { me { shop(id: $shop) { import(id: $id) {
  id format status dryRun total done created updated unchanged failed
  rows(first: 100, status: FAILED) { nodes { status problems { line column message value } } }
  firstRows: rows(first: 100) { nodes { status problems { line column message value } } } } } } }";

/// `GET /my-shops/{id}/import`
pub async fn form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    form_with(&state, &visitor, id, Vec::new()).await
}

async fn form_with(
    state: &AppState,
    visitor: &Visitor,
    shop_id: String,
    errors: Vec<UserError>,
) -> PageResult<Response> {
    let chrome = Chrome::of(state, visitor).await?;
    let form = FormState::refused(HashMap::new(), errors);
    Ok(render(&ImportPage { chrome, shop_id, form, formats: FORMATS }))
}

/// What the form sends.
#[derive(Default)]
struct Sent {
    file: Vec<u8>,
    /// Nothing where the columns of the file say which it is.
    format: Option<&'static str>,
    dry_run: bool,
}

impl Sent {
    async fn read(mut parts: Multipart) -> PageResult<Self> {
        let mut sent = Self::default();
        while let Some(part) = parts.next_field().await.map_err(PageError::fault)? {
            let name = part.name().unwrap_or_default().to_owned();
            let content = part.bytes().await.map_err(PageError::fault)?;
            match name.as_str() {
                "file" => sent.file = content.to_vec(),
                "format" => sent.format = FORMATS.into_iter().find(|format| content == *format),
                "dry_run" => sent.dry_run = true,
                _ => {}
            }
        }
        Ok(sent)
    }
}

/// `POST /my-shops/{id}/import`
pub async fn start(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    parts: Multipart,
) -> PageResult<Response> {
    must_be_somebody(&state, &visitor).await?;
    let _turn = turn(&state, &headers).await?;
    let Sent { file, format, dry_run } = in_time(&state, Sent::read(parts)).await?;
    if file.is_empty() {
        return form_with(&state, &visitor, id, vec![no_file(&visitor)]).await;
    }
    let variables = json!({ "shopId": id, "format": format, "file": null, "dryRun": dry_run });
    match state.graphql.upload::<Started>(&visitor, START, variables, ("products", &file)).await? {
        Ok(Started { import }) => {
            Ok(go(&format!("/my-shops/{id}/import/{}", import.id), None, state.secure))
        }
        Err(errors) => form_with(&state, &visitor, id, errors).await,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    export_products: TextFile,
}

const EXPORT: &str = "query($shop: ID!, $format: ImportFormat!) {
  exportProducts(shopId: $shop, format: $format) { name mediaType content } }";

/// `GET /my-shops/{id}/export/{format}`
pub async fn export(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, format)): Path<(String, String)>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let format = FORMATS.into_iter().find(|known| *known == format).ok_or(PageError::NotFound)?;
    let variables = json!({ "shop": id, "format": format });
    let data: Exported = state.graphql.query(&visitor, EXPORT, variables).await?;
    Ok(download_text(data.export_products))
}

/// `GET /my-shops/{id}/import/{import}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, import)): Path<(String, String)>,
) -> PageResult<Response> {
    let variables = json!({ "shop": id, "id": import });
    let (shop, chrome) = tokio::try_join!(
        query_own_shop::<ShopImport>(&state, &visitor, PROGRESS, variables),
        Chrome::of(&state, &visitor)
    )?;
    let mut import = shop.import.ok_or(PageError::NotFound)?;
    let rows = std::mem::take(&mut import.rows.nodes);
    let problems = rows.into_iter().flat_map(|row| row.problems).collect();
    let written = std::mem::take(&mut import.first_rows.nodes).into_iter();
    let written = written.filter(|row| row.status != "FAILED");
    let left_out = written.flat_map(|row| row.problems).collect();
    let progress = format!("{} / {}", import.done, import.total);
    let import_progress = visitor.texts().fill("import.progress", progress);
    Ok(render(&ProgressPage { chrome, shop_id: id, import, import_progress, problems, left_out }))
}
