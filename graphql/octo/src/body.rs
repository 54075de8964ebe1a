//! Bodies of requests: JSON of a bounded size.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::messages::Reason;

/// Bytes of a body; the largest booking is far smaller.
pub const MAX_BODY_BYTES: usize = 64 * 1_024;

/// Reads a body. Where nothing is required of it, an empty one is as good as `{}`.
pub async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Failure> {
    let json = headers.get(header::CONTENT_TYPE).is_none_or(|value| {
        let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    });
    if !json {
        return Err(malformed("the content type is not application/json"));
    }
    let bytes = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Failure::BadRequest(Reason::BodyTooLarge { maximum: MAX_BODY_BYTES }))?;
    let text: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
    let mut reader = serde_json::Deserializer::from_slice(text);
    let found = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| malformed(&error.to_string()))?;
    reader.end().map_err(|error| malformed(&error.to_string()))?;
    Ok(found)
}

/// A text of a request, of a sensible length and such as every database keeps: PostgreSQL knows no NUL.
pub fn text(field: &'static str, given: Option<String>, longest: usize) -> Result<String, Failure> {
    let given = given.unwrap_or_default();
    if given.chars().count() > longest {
        return Err(Failure::Unprocessable(Reason::OutOfRange(field)));
    }
    if given.contains('\0') {
        return Err(Failure::Unprocessable(Reason::Nul(field)));
    }
    Ok(given)
}

fn malformed(why: &str) -> Failure {
    Failure::BadRequest(Reason::Malformed(why.to_owned()))
}
