//! Bounds of the ways that are no plain `POST`: streams, sockets.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use platform::rpc::{CatalogClient, Rpc};
use tower::util::BoxCloneSyncService;

use crate::support::{Asked, Market};

const SIGN_IN: &str =
    "mutation%7BsignIn(input:%7Blogin:%22x%22,password:%22y%22%7D)%7BuserErrors%7Bcode%7D%7D%7D";

fn get(query: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request =
        Request::builder().method(Method::GET).uri(format!("/graphql/sse?query={query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn what_another_site_makes_a_browser_load_changes_nothing() {
    let market = Market::new();
    let routes = market.routes();
    let stream = (header::ACCEPT.as_str(), "text/event-stream");
    // Whoever asks: an address changes nothing.
    let asked = Asked::of(&routes, get(SIGN_IN, &[stream])).await;
    assert_eq!(asked.status, StatusCode::METHOD_NOT_ALLOWED, "{}", asked.text);
    // As pictures and scripts are loaded.
    for accept in ["*/*", "image/avif,image/webp,*/*;q=0.8", "text/*"] {
        let asked = Asked::of(&routes, get("%7B__typename%7D", &[("accept", accept)])).await;
        assert_eq!(asked.status, StatusCode::NOT_ACCEPTABLE, "{accept}");
    }
    let embedded = [stream, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    let asked = Asked::of(&routes, get("%7B__typename%7D", &embedded)).await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    let own = [stream, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    let asked = Asked::of(&routes, get("%7B__typename%7D", &own)).await;
    assert!(asked.text.contains("\"__typename\":\"Query\""), "{}", asked.text);
    assert!(market.accounts.take_calls().is_empty());
}

/// A service that takes every question and never answers.
fn silent() -> Rpc {
    BoxCloneSyncService::new(tower::service_fn(|_| std::future::pending()))
}

#[tokio::test]
async fn what_is_no_subscription_ends_in_time_on_a_stream_too() {
    let market = Market::new();
    let routes = market.routes_with(CatalogClient::new(silent()));
    let begun = Instant::now();
    let request = get("%7Bcategories%7Bname%7D%7D", &[("accept", "text/event-stream")]);
    let asked = tokio::time::timeout(Duration::from_secs(20), Asked::of(&routes, request));
    let asked = asked.await.unwrap();
    assert!(asked.text.contains("TIMED_OUT"), "{}", asked.text);
    assert!(begun.elapsed() < Duration::from_secs(15));
}
