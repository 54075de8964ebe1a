//! What browsers are told, and which forms are believed.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::AppState;

/// No inline script or style, nothing from elsewhere, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

/// Adds the security headers to every answer.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("geolocation=(), microphone=(), payment=()"),
    );
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    if state.secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    response
}

/// Refuses forms that another site sent: cross-site request forgery.
///
/// Browsers say where a form comes from in `Sec-Fetch-Site` or, older ones, in `Origin`. A form
/// without either comes from no browser that keeps our cookies safe, so it is refused too.
pub async fn same_origin_only(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || comes_from_us(&request, &state.public_url) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "cross-site form refused").into_response()
    }
}

fn comes_from_us(request: &Request, public_url: &str) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let host = text("host").unwrap_or_default();
            origin == public_url || origin.split_once("://").is_some_and(|(_, rest)| rest == host)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::HeaderMap;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use super::*;
    use crate::{Pages, PagesParts};

    /// What a browser is told with a page of a market that is reached under an address.
    async fn told(public_url: &str, path: &str) -> HeaderMap {
        let pages = Pages::new(PagesParts {
            graphql: upstream::local(Router::new()),
            public_url: public_url.to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        });
        let request = Request::get(path).body(Body::empty()).unwrap();
        pages.routes().oneshot(request).await.unwrap().headers().clone()
    }

    #[tokio::test]
    async fn every_answer_tells_browsers_what_not_to_do() {
        for path in ["/sign-in", "/nowhere", &crate::assets::address("chonoi.css")] {
            let headers = told("https://chonoi.example", path).await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ] {
                assert_eq!(headers[name], value, "{path}");
            }
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("script-src 'self';") && !policy.contains("unsafe"),
                "{policy}"
            );
        }
        // Without TLS nobody is told to insist on it.
        let plain = told("http://127.0.0.1:8080", "/sign-in").await;
        assert!(!plain.contains_key("strict-transport-security"));
    }

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut builder = Request::builder().method(Method::POST).uri("/cart/lines");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Body::empty()).unwrap()
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let us = "https://chonoi.example";
        for (headers, believed) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", us)], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", us)], true),
            (&[("origin", "https://evil.example"), ("host", "chonoi.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            assert_eq!(comes_from_us(&request(headers), us), believed, "{headers:?}");
        }
    }
}
