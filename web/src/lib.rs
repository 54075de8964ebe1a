//! The pages: storefront, shop and operations, served as HTML for old phones and weak networks.
//!
//! Pages speak GraphQL only and see no database. Every page works without JavaScript; htmx and one
//! small script make it quicker. Nothing is inline, so the content security policy is strict.

mod assets;
mod chrome;
mod cookies;
mod days;
mod download;
pub mod drawing;
mod forms;
mod graphql_client;
mod outcome;
mod pages;
mod rate;
mod robots;
mod security;
mod span;
mod texts;
mod upload;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use platform::large_bodies::LargeBodies;
use platform::limits::RateLimiter;
use platform::upstream::Upstream;

pub(crate) use chrome::Chrome;
pub(crate) use graphql_client::GraphqlClient;
pub(crate) use outcome::{PageError, PageResult};
pub(crate) use texts::Texts;
pub(crate) use visitor::Visitor;

/// The largest form without a file: anybody may send one.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the pages need.
#[derive(Clone)]
pub struct PagesParts {
    /// The gateway's HTTP.
    pub graphql: Upstream,
    /// The address under which people reach the market.
    pub public_url: String,
    /// Whether the sandbox bank is there, so that the QR page may offer to pay with it.
    pub sandbox: bool,
    /// Whether `X-Forwarded-For` of a proxy in front is believed.
    pub trust_forwarded: bool,
    /// Counts pages.
    pub limiter: Arc<RateLimiter>,
    /// Pages that one address may open in a minute; 0: no limit.
    pub requests_per_minute: u32,
}

/// The pages of the market.
#[derive(Clone)]
pub struct Pages {
    state: AppState,
}

#[derive(Clone)]
pub(crate) struct AppState(Arc<Inner>);

pub(crate) struct Inner {
    pub graphql: GraphqlClient,
    pub public_url: String,
    pub secure: bool,
    pub sandbox: bool,
    pub trust_forwarded: bool,
    pub limiter: Arc<RateLimiter>,
    pub requests_per_minute: u32,
    pub large_bodies: LargeBodies,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Pages {
    /// Builds the pages.
    pub fn new(parts: PagesParts) -> Self {
        let secure = parts.public_url.starts_with("https://");
        let graphql = GraphqlClient::new(parts.graphql);
        let inner = Inner {
            graphql,
            public_url: parts.public_url,
            secure,
            sandbox: parts.sandbox,
            trust_forwarded: parts.trust_forwarded,
            limiter: parts.limiter,
            requests_per_minute: parts.requests_per_minute,
            large_bodies: LargeBodies::default(),
        };
        Self { state: AppState(Arc::new(inner)) }
    }

    /// The routes of all pages, with their security headers.
    pub fn routes(&self) -> Router {
        let pages = pages::routes()
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .layer(from_fn_with_state(self.state.clone(), security::same_origin_only))
            .layer(from_fn_with_state(self.state.clone(), rate::limit))
            .with_state(self.state.clone());
        Router::new()
            .merge(pages)
            .merge(assets::routes())
            .merge(robots::routes().with_state(self.state.clone()))
            .layer(from_fn_with_state(self.state.clone(), security::headers))
            .layer(from_fn_with_state(self.state.clone(), outcome::around))
    }
}
