//! `/media/…`: the photos of products, as catalog keeps them.
//!
//! A photo's address holds the digest of its content and its width, so what it names never changes: whoever
//! has it once needs not ask again. Nothing lists the addresses; only who sees a product is told of them. One that was
//! removed is still served by this process for [`KEPT_FOR`], and longer by browsers and proxies that have it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use platform::rpc::CatalogClient;
use proto::catalog::GetImageFileRequest;
use tokio::sync::Semaphore;
use tonic::{Code, Status};

use crate::gateway::Inner;
use crate::http::rate;

/// Bytes of photos that are kept in memory.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;
/// How long a photo is kept without looking whether there still is one.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// Names under which there is no photo that are kept in memory, and for how long: whoever sends one may have to wait
/// so long for it if somebody asked for it before.
const KEPT_MISSING: u64 = 10_000;
const MISSING_FOR: Duration = Duration::from_secs(30);
/// Photos that are read from catalog at the same time.
const READ_AT_ONCE: usize = 32;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a photo is. Whatever else catalog might hold, browsers are told nothing else.
const JPEG: &str = "image/jpeg";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A photo is shown as a picture; opened by itself it may do nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// The photos that were asked for lately.
pub struct Photos {
    kept: moka::future::Cache<String, Bytes>,
    missing: moka::future::Cache<String, ()>,
    reading: Semaphore,
}

impl Default for Photos {
    fn default() -> Self {
        let weigh = |name: &String, photo: &Bytes| {
            u32::try_from(name.len() + photo.len()).unwrap_or(u32::MAX)
        };
        let kept = moka::future::Cache::builder().max_capacity(KEPT_BYTES).weigher(weigh);
        let kept = kept.time_to_live(KEPT_FOR).build();
        let missing = moka::future::Cache::builder().max_capacity(KEPT_MISSING);
        Self {
            kept,
            missing: missing.time_to_live(MISSING_FOR).build(),
            reading: Semaphore::new(READ_AT_ONCE),
        }
    }
}

impl Photos {
    async fn find(&self, catalog: &CatalogClient, asked: Asked<'_>) -> Result<Bytes, Status> {
        if let Some(kept) = self.kept.get(asked.name).await {
            return Ok(kept);
        }
        let missing = || Status::not_found("no such picture");
        if self.missing.contains_key(asked.name) {
            return Err(missing());
        }
        let turn = tokio::time::timeout(PATIENCE, self.reading.acquire()).await;
        let busy = || Status::unavailable("too many photos are read");
        let _turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let request = GetImageFileRequest { digest: asked.digest.to_owned(), width: asked.width };
        let file = match catalog.clone().get_image_file(request).await {
            Ok(file) => file.into_inner(),
            Err(status) => {
                if status.code() == Code::NotFound {
                    self.missing.insert(asked.name.to_owned(), ()).await;
                }
                return Err(status);
            }
        };
        if file.media_type != JPEG {
            return Err(missing());
        }
        let photo = Bytes::from(file.content);
        self.kept.insert(asked.name.to_owned(), photo.clone()).await;
        Ok(photo)
    }
}

/// What an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked<'a> {
    name: &'a str,
    digest: &'a str,
    width: u32,
}

impl<'a> Asked<'a> {
    /// Reads `<64 hexadecimal digits>-<width>.jpg`; there is one way only to write a photo's name.
    fn read(name: &'a str) -> Option<Self> {
        let (digest, width) = name.strip_suffix(".jpg")?.split_once('-')?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_digest = digest.len() == 64 && digest.bytes().all(is_hex);
        let is_width = width.bytes().all(|byte| byte.is_ascii_digit()) && !width.starts_with('0');
        let width = width.parse().ok()?;
        (is_digest && is_width).then_some(Self { name, digest, width })
    }
}

/// The routes of photos, with the bound per address around them.
pub fn routes(gateway: Arc<Inner>) -> Router {
    Router::new()
        .route("/media/{name}", get(photo))
        .route_layer(from_fn_with_state(Arc::clone(&gateway), rate::limit_photos))
        .with_state(gateway)
}

async fn photo(
    State(gateway): State<Arc<Inner>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(asked) = Asked::read(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{name}\"");
    if has(&headers, &tag) {
        return (StatusCode::NOT_MODIFIED, told(tag)).into_response();
    }
    match gateway.photos.find(&gateway.catalog, asked).await {
        Ok(photo) => ([(header::CONTENT_TYPE, JPEG)], told(tag), photo).into_response(),
        Err(status) if status.code() == Code::NotFound => StatusCode::NOT_FOUND.into_response(),
        Err(status) => {
            tracing::warn!(%status, "a photo cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// What is said of every photo.
fn told(tag: String) -> [(HeaderName, String); 4] {
    [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, FOR_EVER.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ]
}

/// Whether the client has it already (RFC 9110, 13.1.2).
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        known.split(',').map(str::trim).any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_that_was_removed_is_forgotten_in_ten_minutes_however_often_it_is_asked_for() {
        let photos = Photos::default();
        // To live, not to idle: whoever asks again and again does not keep it.
        assert_eq!(photos.kept.policy().time_to_live(), Some(Duration::from_secs(600)));
        assert_eq!(photos.missing.policy().time_to_live(), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_photo_has_one_name_and_nothing_else_is_one() {
        let digest = "0a".repeat(32);
        let name = format!("{digest}-640.jpg");
        assert_eq!(Asked::read(&name), Some(Asked { name: &name, digest: &digest, width: 640 }));
        for wrong in [
            "drawn".to_owned(),
            "../etc-1.jpg".to_owned(),
            format!("{digest}-640.png"),
            format!("{digest}-0640.jpg"),
            format!("{digest}-+640.jpg"),
            format!("{digest}-.jpg"),
            format!("{}-640.jpg", digest.to_uppercase()),
            format!("{}-640.jpg", &digest[1..]),
            format!("{digest}-99999999999.jpg"),
        ] {
            assert_eq!(Asked::read(&wrong), None, "{wrong}");
        }
    }
}
