//! Requests of browsers come from our own pages only.
//!
//! The session is a header that no other page can send, so this is a second wall: no other page
//! may even try (OWASP ASVS 5.0, 3.5 and 4.4).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::answers;
use super::negotiation::Form;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::gateway::Inner;

/// Refuses requests of pages that are not ours.
pub async fn own_only(State(gateway): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    if is_own(request.headers(), &gateway.settings.public_url) {
        return next.run(request).await;
    }
    let locale = Caller::of(request.headers(), None, false).locale;
    let form = Form::of(request.headers()).unwrap_or(Form::Json);
    answers::refused(StatusCode::FORBIDDEN, Failure::Forbidden, form, locale)
}

/// Whether a request comes from our own page, or from no browser at all.
fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return !is_embedded(headers) };
    let Some(origin) = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()) else {
        return false;
    };
    let public: Option<Uri> = public_url.parse().ok();
    let same = public.is_some_and(|public| {
        public.scheme() == origin.scheme() && public.authority() == origin.authority()
    });
    // Reached by another name of the same host, as `localhost` while developing.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    same || (host.is_some() && host.as_ref() == origin.authority())
}

/// Whether a page of another site makes a browser load this, as a picture or a script: such a request
/// has no `Origin`, but browsers tell of it (Fetch Metadata, W3C, 2.1 and 2.4). Whoever follows a link
/// opens a page.
fn is_embedded(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    matches!(said("sec-fetch-site"), Some("cross-site" | "same-site"))
        && said("sec-fetch-mode") != Some("navigate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_sites_embed_is_refused_though_it_has_no_origin() {
        let check = |site: &str, mode: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", site.parse().unwrap());
            headers.insert("sec-fetch-mode", mode.parse().unwrap());
            is_own(&headers, "https://chonoi.vn")
        };
        assert!(check("same-origin", "cors") && check("none", "navigate"));
        assert!(check("cross-site", "navigate"));
        assert!(!check("cross-site", "no-cors") && !check("same-site", "no-cors"));
    }

    #[test]
    fn only_our_own_origin_is_let_through() {
        let check = |origin: Option<&str>, host: &str| {
            let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            is_own(&headers, "https://chonoi.vn")
        };
        assert!(check(None, "10.0.0.3:8080"));
        assert!(check(Some("https://chonoi.vn"), "10.0.0.3:8080"));
        assert!(check(Some("http://localhost:8080"), "localhost:8080"));
        for origin in [
            "https://evil.example",
            "http://chonoi.vn",
            "https://chonoi.vn:444",
            "null",
            "https://chonoi.vn.evil.example",
        ] {
            assert!(!check(Some(origin), "10.0.0.3:8080"), "{origin}");
        }
    }
}
