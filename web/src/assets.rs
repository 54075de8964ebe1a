//! Files that pages need, embedded in the program, and the drawn pictures of products.
//!
//! An asset's address holds a hash of its content, so browsers keep it for ever and still see a
//! new one at once.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;

use crate::drawing;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";
/// A drawing is shown as a picture; opened by itself it may do nothing.
const DRAWING_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// `/assets/…` and `/media/drawn/…`.
pub fn routes() -> Router {
    Router::new()
        .route("/assets/{hash}/{name}", get(asset))
        // Old phones have slow networks: styles and scripts travel at a third of their size.
        .layer(CompressionLayer::new())
        .route("/sw.js", get(worker))
        .route("/media/drawn/{category}/{name}", get(drawn))
}

/// The address of an asset.
pub fn address(name: &str) -> String {
    static HASHES: OnceLock<HashMap<String, String>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| {
        let hashed = |name: &str| {
            Files::get(name)
                .map(|file| hex::encode(&file.metadata.sha256_hash()[..8]))
                .unwrap_or_default()
        };
        Files::iter().map(|name| (name.to_string(), hashed(&name))).collect()
    });
    let hash = hashes.get(name).map_or("0", String::as_str);
    format!("/assets/{hash}/{name}")
}

async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(file) = Files::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    // An old address still gets the file, but it is not kept under the wrong name.
    let kept = if address(&name).contains(&hash) { FOR_EVER } else { "no-cache" };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], file.data.into_owned())
        .into_response()
}

/// The worker that keeps pages for places without network. Its address must stay the same: browsers
/// look there for a new one.
async fn worker() -> Response {
    let Some(file) = Files::get("sw.js") else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, file.data.into_owned()).into_response()
}

async fn drawn(Path((category, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(seed) = name.strip_suffix(".svg").filter(|seed| seed.len() <= 80) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = drawing::etag(&category, seed);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(tag.as_str()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let picture = drawing::drawn_picture(&category, seed);
    (
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, A_DAY),
            (header::CONTENT_SECURITY_POLICY, DRAWING_POLICY),
            (header::ETAG, tag.as_str()),
        ],
        picture,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn who_signs_out_or_deletes_their_account_leaves_no_ticket_on_the_device() {
        let [script, worker] = ["chonoi.js", "sw.js"]
            .map(|name| String::from_utf8(Files::get(name).unwrap().data.into_owned()).unwrap());
        let kept = worker.split("var KEPT = ").nth(1).unwrap().split(';').next().unwrap();
        let listener = script.split("leaves no ticket").nth(1).unwrap();
        let deleted = format!("caches.delete({kept})");
        for part in [deleted.as_str(), "\"/sign-out\"", "\"/my-data/delete\""] {
            assert!(listener.contains(part), "{part}");
        }
    }

    #[tokio::test]
    async fn styles_and_scripts_travel_compressed_to_browsers_that_can() {
        for name in ["chonoi.css", "chonoi.js", "htmx.min.js"] {
            let whole = Files::get(name).unwrap().data.len();
            for (accepted, compressed) in [("gzip", true), ("br", true), ("identity", false)] {
                let request = Request::get(address(name)).header("accept-encoding", accepted);
                let request = request.body(Body::empty()).unwrap();
                let answer = routes().oneshot(request).await.unwrap();
                assert_eq!(answer.status(), StatusCode::OK);
                assert_eq!(answer.headers()[header::CACHE_CONTROL], FOR_EVER);
                let encoding = answer.headers().get(header::CONTENT_ENCODING).cloned();
                assert_eq!(encoding.is_some_and(|encoding| encoding == accepted), compressed);
                let sent = to_bytes(answer.into_body(), whole + 1).await.unwrap().len();
                assert_eq!(sent * 2 < whole, compressed, "{name}: {sent} of {whole}, {accepted}");
            }
        }
    }
}
