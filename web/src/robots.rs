//! `/robots.txt`: what search engines need not look at, and where the maps of the rest are (RFC 9309,
//! sitemaps.org).

use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::AppState;

/// Beginnings of addresses that are somebody's own, or lead to nothing that can be found.
const NOT_FOR_ROBOTS: [&str; 11] = [
    "/cart",
    "/checkout",
    "/departures",
    "/my-data",
    "/my-shops",
    "/o/",
    "/operations",
    "/orders",
    "/password",
    "/t/",
    "/waiting",
];

/// `/robots.txt`
pub fn routes() -> Router<AppState> {
    Router::new().route("/robots.txt", get(robots))
}

async fn robots(State(state): State<AppState>) -> String {
    let mut text = "User-agent: *\n".to_owned();
    for path in NOT_FOR_ROBOTS {
        text.extend(["Disallow: ", path, "\n"]);
    }
    text.extend(["\nSitemap: ", state.public_url.as_str(), "/sitemap.xml\n"]);
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use super::*;
    use crate::{Pages, PagesParts};

    #[tokio::test]
    async fn robots_are_kept_from_what_is_somebodys_own_and_told_where_the_maps_are() {
        let routes = Pages::new(PagesParts {
            graphql: upstream::local(Router::new()),
            public_url: "https://cho.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        })
        .routes();
        let request = Request::get("/robots.txt").body(Body::empty()).unwrap();
        let answer = routes.oneshot(request).await.unwrap();
        let text = to_bytes(answer.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert!(text.starts_with("User-agent: *\nDisallow: /cart\n"), "{text}");
        assert!(text.ends_with("\nSitemap: https://cho.example/sitemap.xml\n"), "{text}");
        for found in ["/p/", "/s/", "/search", "/media"] {
            assert!(!text.contains(found), "{text}");
        }
    }
}
