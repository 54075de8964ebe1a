//! The bound on pages per address. In one process the gateway counts only what comes over a network, so
//! the pages count their visitors themselves.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use platform::limits::{Quota, network};
use platform::server::client_address;

use crate::{AppState, PageError};

/// Refuses an address that opens pages too often.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let burst = state.requests_per_minute;
    if burst == 0 {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = client_address(request.headers(), peer, state.trust_forwarded);
    let key = format!("pages:{}", network(&address));
    let quota = Quota { burst, per: Duration::from_mins(1) };
    match state.limiter.check(&key, quota).await {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let seconds = wait.as_secs() + 1;
            ([(header::RETRY_AFTER, seconds.to_string())], PageError::TooMany).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use super::*;
    use crate::{Pages, PagesParts};

    async fn open(routes: &Router, path: &str, address: &str) -> Response {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        let peer: SocketAddr = format!("{address}:4000").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.clone().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn an_address_that_opens_too_many_pages_waits_and_others_do_not() {
        let routes = Pages::new(PagesParts {
            graphql: upstream::local(Router::new()),
            public_url: "https://chonoi.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 5,
        })
        .routes();
        let stylesheet = crate::assets::address("chonoi.css");
        for _ in 0..5 {
            let page = open(&routes, "/sign-in", "192.0.2.1").await;
            assert_ne!(page.status(), StatusCode::TOO_MANY_REQUESTS);
            // What pages are made of is kept by browsers and not counted.
            assert_eq!(open(&routes, &stylesheet, "192.0.2.1").await.status(), StatusCode::OK);
        }
        let refused = open(&routes, "/sign-in", "192.0.2.1").await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.headers().contains_key(header::RETRY_AFTER));
        let other = open(&routes, "/sign-in", "192.0.2.2").await;
        assert_ne!(other.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(open(&routes, &stylesheet, "192.0.2.1").await.status(), StatusCode::OK);
    }
}
