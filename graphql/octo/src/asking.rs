//! Who asks, in which language, with which capabilities; and the way back to them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Locale;
use platform::limits::{Quota, network};
use platform::server::client_address;
use proto::bookings::{AuthenticateResellerRequest, Reseller};
use serde::Serialize;
use tonic::Code;

use crate::capabilities::{self, Capabilities};
use crate::door::Inner;
use crate::failure::Failure;
use crate::messages::Reason;

/// A key is never longer: a longer one is nobody's.
const MAX_KEY_LENGTH: usize = 256;
/// The languages of our texts (BCP 47).
const LANGUAGES: &str = "vi, en";

/// In which language and with which capabilities a request is answered.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// The language of texts.
    pub locale: Locale,
    /// The parts of OCTO that are used.
    pub capabilities: Capabilities,
}

impl Language {
    /// Reads the headers of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            locale: Locale::from_accept_language(
                text(header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default(),
            ),
            capabilities: Capabilities::of(text(capabilities::HEADER).unwrap_or_default()),
        }
    }

    /// The answer to a request, whichever way it went.
    pub fn answer(self, result: Result<impl Serialize, Failure>) -> Response {
        match result {
            Ok(found) => self.respond(StatusCode::OK, &found),
            Err(failure) => self.refuse(failure.status(), failure),
        }
    }

    /// A refusal under a status of its own.
    pub fn refuse(self, status: StatusCode, failure: Failure) -> Response {
        let mut response = self.respond(status, &failure.object(self.locale));
        if let Failure::RateLimited { retry_after } = failure {
            let seconds = retry_after.as_secs() + 1;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn respond(self, status: StatusCode, object: &impl Serialize) -> Response {
        let bytes = match serde_json::to_vec(object) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(%error, "an object of OCTO cannot be written");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let headers = [
            (header::CONTENT_TYPE.as_str(), "application/json"),
            (header::CACHE_CONTROL.as_str(), "no-store"),
            (header::CONTENT_LANGUAGE.as_str(), self.locale.tag()),
            ("available-languages", LANGUAGES),
            (capabilities::HEADER, self.capabilities.header()),
        ];
        (status, headers, bytes).into_response()
    }
}

/// A request of a reseller who has shown a key.
#[derive(Clone, Debug)]
pub struct Asking {
    /// How to answer.
    pub language: Language,
    /// Who asks.
    pub reseller: Reseller,
}

impl FromRequestParts<Arc<Inner>> for Asking {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, octo: &Arc<Inner>) -> Result<Self, Response> {
        let language = Language::of(&parts.headers);
        match reseller(octo, parts).await {
            Ok(reseller) => Ok(Self { language, reseller }),
            Err(failure) => Err(language.refuse(failure.status(), failure)),
        }
    }
}

/// The id in a path. One that cannot be read is refused in OCTO's words too.
#[derive(Clone, Debug)]
pub struct PathId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(error) => {
                let failure = Failure::BadRequest(Reason::Malformed(error.body_text()));
                Err(Language::of(&parts.headers).refuse(failure.status(), failure))
            }
        }
    }
}

/// Who holds the key of a request. Requests are counted by reseller; those without a good key by
/// address, so that keys cannot be tried out.
async fn reseller(octo: &Inner, parts: &Parts) -> Result<Reseller, Failure> {
    let key = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = key.and_then(bearer) else {
        count_address(octo, parts).await?;
        return Err(Failure::Unauthorized);
    };
    let request = AuthenticateResellerRequest { key: key.to_owned() };
    match octo.orders.clone().authenticate_reseller(request).await {
        Ok(reseller) if reseller.get_ref().active => {
            let reseller = reseller.into_inner();
            count(octo, format!("octo:{}", reseller.id)).await?;
            Ok(reseller)
        }
        Err(status) if !known_refusal(&status) => Err(Failure::fault(&status)),
        _ => {
            count_address(octo, parts).await?;
            Err(Failure::Forbidden)
        }
    }
}

/// Counts a request of nobody we know.
pub async fn count_address(octo: &Inner, parts: &Parts) -> Result<(), Failure> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = client_address(&parts.headers, peer, octo.settings.trust_forwarded);
    count(octo, format!("octo-stranger:{}", network(&address))).await
}

async fn count(octo: &Inner, key: String) -> Result<(), Failure> {
    let burst = octo.settings.requests_per_minute;
    if burst == 0 {
        return Ok(());
    }
    let quota = Quota { burst, per: Duration::from_mins(1) };
    octo.limiter
        .check(&key, quota)
        .await
        .map_err(|retry_after| Failure::RateLimited { retry_after })
}

/// Whether a service says that the key is nobody's, not that it could not look.
fn known_refusal(status: &tonic::Status) -> bool {
    let codes =
        [Code::Unauthenticated, Code::NotFound, Code::PermissionDenied, Code::InvalidArgument];
    codes.contains(&status.code()) || proto::refusals_of(status).is_some()
}

/// The key of an `Authorization` header (RFC 6750, 2.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    let fits = !key.is_empty() && key.len() <= MAX_KEY_LENGTH;
    (scheme.eq_ignore_ascii_case("bearer") && fits).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_the_header_of_rfc_6750_only() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for nothing in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
            assert_eq!(bearer(nothing), None, "{nothing:?}");
        }
        assert_eq!(bearer(&format!("Bearer {}", "a".repeat(257))), None);
    }
}
