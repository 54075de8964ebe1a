//! Files that the API gives, handed to the browser.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::{PageError, PageResult};

/// A file of the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BinaryFile {
    name: String,
    media_type: String,
    base64: String,
}

/// A text of the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextFile {
    name: String,
    media_type: String,
    content: String,
}

/// The format of the API that an address names.
pub fn file_format(name: &str) -> Option<&'static str> {
    match name {
        "csv" => Some("CSV"),
        "xlsx" => Some("XLSX"),
        "pdf" => Some("PDF"),
        _ => None,
    }
}

/// The answer with which a browser keeps a file.
pub fn download(file: BinaryFile) -> PageResult<Response> {
    let bytes = STANDARD.decode(&file.base64).map_err(PageError::fault)?;
    Ok(kept(&file.name, &file.media_type, bytes))
}

/// The answer with which a browser keeps a text.
pub fn download_text(file: TextFile) -> Response {
    kept(&file.name, &file.media_type, file.content.into_bytes())
}

fn kept(name: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    // Names are ours; what could end the header's text is left out all the same.
    let name: String =
        name.chars().filter(|sign| sign.is_ascii_alphanumeric() || "-_.".contains(*sign)).collect();
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
