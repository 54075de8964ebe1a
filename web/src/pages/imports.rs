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
    form_with(&state, &visitor, id, FormState::default()).await
}

async fn form_with(
    state: &AppState,
    visitor: &Visitor,
    shop_id: String,
    form: FormState,
) -> PageResult<Response> {
    let chrome = Chrome::of(state, visitor).await?;
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
    // A browser keeps no file of a form that came back; all else that was chosen stays.
    let chosen =
        [("format", format.unwrap_or_default()), ("dry_run", if dry_run { "yes" } else { "no" })];
    let chosen: HashMap<String, String> =
        chosen.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    if file.is_empty() {
        let form = FormState::refused(chosen, vec![no_file(&visitor)]);
        return form_with(&state, &visitor, id, form).await;
    }
    let variables = json!({ "shopId": id, "format": format, "file": null, "dryRun": dry_run });
    match state.graphql.upload::<Started>(&visitor, START, variables, ("products", &file)).await? {
        Ok(Started { import }) => {
            Ok(go(&format!("/my-shops/{id}/import/{}", import.id), None, state.secure))
        }
        Err(errors) => form_with(&state, &visitor, id, FormState::refused(chosen, errors)).await,
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use axum::routing::post;
    use http_body_util::BodyExt;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use crate::{Pages, PagesParts};

    const REFUSED: &str = r#"{"data":{"importProducts":{"import":null,"userErrors":[
        {"code":"FILE_UNREADABLE","message":"Không đọc được tệp.","path":["file"]}]}}}"#;

    /// What is answered to a form with these parts, by pages over a gateway that refuses every import.
    async fn sent(parts: &[(&str, &str)]) -> String {
        let answer = |question: String| async move {
            if question.contains("mutation") {
                REFUSED
            } else {
                r#"{"data":{"me":{"name":"Bông","operator":false}}}"#
            }
        };
        let routes = Pages::new(PagesParts {
            graphql: upstream::local(Router::new().route("/graphql", post(answer))),
            public_url: "https://chonoi.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        })
        .routes();
        let part = |(name, value): &(&str, &str)| {
            let file = if *name == "file" { "; filename=\"hang.csv\"" } else { "" };
            format!(
                "--x\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
            )
        };
        let body = parts.iter().map(part).collect::<String>() + "--x--\r\n";
        let request = Request::post("/my-shops/shop_1/import")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, "__Host-session=abc")
            .body(Body::from(body));
        let answer = routes.oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_form_that_came_back_keeps_what_was_chosen() {
        let (chosen, checked) =
            (r#"<option value="SAPO" selected>"#, r#"name="dry_run" value="yes" checked>"#);
        let text = sent(&[("format", "SAPO"), ("file", "x"), ("dry_run", "yes")]).await;
        assert!(text.contains("Không đọc được tệp."), "{text}");
        assert!(text.contains(chosen) && text.contains(checked), "{text}");
        let text = sent(&[("format", "SAPO"), ("file", "")]).await;
        assert!(text.contains(chosen) && !text.contains(checked), "{text}");
        let text = sent(&[("format", ""), ("file", "x")]).await;
        assert!(!text.contains("selected"), "{text}");
    }
}
