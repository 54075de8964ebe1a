//! The door for resellers: what it is made of, and its routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use kernel::Clock;
use platform::calendar_links::CalendarLinks;
use platform::limits::RateLimiter;
use platform::rpc::{AccountsClient, CatalogClient, OrdersClient};

use crate::asking::Language;
use crate::failure::Failure;
use crate::messages::Reason;
use crate::{calendar, endpoints};

/// What the door needs.
pub struct OctoParts {
    /// Shops.
    pub accounts: AccountsClient,
    /// Tours and departures.
    pub catalog: CatalogClient,
    /// Resellers and their bookings.
    pub orders: OrdersClient,
    /// Counts requests.
    pub limiter: Arc<RateLimiter>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What is configured.
    pub settings: OctoSettings,
}

/// What is configured of the door.
#[derive(Clone, Debug)]
pub struct OctoSettings {
    /// The address under which people reach the market, without a slash at its end.
    pub public_url: String,
    /// Checks the addresses of calendars.
    pub calendars: CalendarLinks,
    /// Whether `X-Forwarded-For` is our own proxy's word.
    pub trust_forwarded: bool,
    /// Requests of one reseller, or of one address without a reseller's key, in a minute; 0
    /// switches the bound off.
    pub requests_per_minute: u32,
}

/// The OCTO supplier API and the calendars of departures.
#[derive(Clone)]
pub struct Octo(Arc<Inner>);

/// What all requests share.
pub struct Inner {
    pub accounts: AccountsClient,
    pub catalog: CatalogClient,
    pub orders: OrdersClient,
    pub limiter: Arc<RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub settings: OctoSettings,
}

impl Octo {
    /// Builds the door.
    pub fn new(parts: OctoParts) -> Self {
        let OctoParts { accounts, catalog, orders, limiter, clock, settings } = parts;
        Self(Arc::new(Inner { accounts, catalog, orders, limiter, clock, settings }))
    }

    /// Everything below `/octo` and `/calendar`.
    pub fn routes(&self) -> Router {
        use endpoints as e;
        let mut router = Router::new();
        let doors: [(&str, MethodRouter<Arc<Inner>>); 11] = [
            ("/octo/capabilities", get(e::list_capabilities::handle)),
            ("/octo/supplier", get(e::get_supplier::handle)),
            ("/octo/products", get(e::list_products::handle)),
            ("/octo/products/{id}", get(e::get_product::handle)),
            ("/octo/availability", post(e::check_availability::handle)),
            ("/octo/availability/calendar", post(e::list_calendar::handle)),
            ("/octo/bookings", get(e::list_bookings::handle).post(e::reserve_booking::handle)),
            ("/octo/bookings/{uuid}", get(e::get_booking::handle).patch(e::update_booking::handle)),
            ("/octo/bookings/{uuid}/confirm", post(e::confirm_booking::handle)),
            ("/octo/bookings/{uuid}/extend", post(e::extend_booking::handle)),
            ("/octo/bookings/{uuid}/cancel", post(e::cancel_booking::handle)),
        ];
        for (path, methods) in doors {
            // The specification writes a slash at the end of lists, most clients do not.
            router = router
                .route(path, methods.clone().fallback(no_such_method))
                .route(&format!("{path}/"), methods.fallback(no_such_method));
        }
        router
            .route("/octo/{*rest}", axum::routing::any(no_such_endpoint))
            .route("/calendar/{shop_slug}/{file}", get(calendar::handle))
            .with_state(Arc::clone(&self.0))
    }
}

async fn no_such_endpoint(State(_): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let failure = Failure::BadRequest(Reason::NoSuchEndpoint);
    Language::of(&headers).refuse(StatusCode::NOT_FOUND, failure)
}

async fn no_such_method(State(_): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let failure = Failure::BadRequest(Reason::NoSuchEndpoint);
    Language::of(&headers).refuse(StatusCode::METHOD_NOT_ALLOWED, failure)
}
