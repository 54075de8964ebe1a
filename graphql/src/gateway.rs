//! The gateway as a whole: what it is made of, and its routes.

use std::sync::Arc;

use axum::Router;
use platform::cache::Cache;
use platform::calendar_links::CalendarLinks;
use platform::large_bodies::LargeBodies;
use platform::limits::RateLimiter;
use platform::rpc::{AccountsClient, CatalogClient, OrdersClient, PaymentsClient};
use proto::events::Event;
use tokio::sync::broadcast;

use crate::documents::Documents;
use crate::figures::Figures;
use crate::http;
use crate::photos::{self, Photos};
use crate::places::Places;
use crate::recent::Recent;
use crate::reference::Reference;
use crate::schema::{self, MarketSchema};
use crate::sitemap::{self, Sitemaps};
use crate::subscriptions::News;
use crate::turns::Turns;

/// What the gateway needs.
pub struct GatewayParts {
    /// People, sessions, shops.
    pub accounts: AccountsClient,
    /// Products and search.
    pub catalog: CatalogClient,
    /// Carts, checkouts, orders.
    pub orders: OrdersClient,
    /// Payments, bank credits, ledger.
    pub payments: PaymentsClient,
    /// What the services tell, as it happens; some may be missed.
    pub events: broadcast::Sender<Event>,
    /// Persisted queries.
    pub cache: Cache,
    /// Counts requests.
    pub limiter: Arc<RateLimiter>,
    /// What is configured.
    pub settings: GatewaySettings,
}

/// What is configured of the gateway.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// Whether the schema may be asked for itself; without it, nothing is suggested either.
    pub introspection: bool,
    /// Whether browsers get an explorer at `/graphql`.
    pub explorer: bool,
    /// The address under which people reach the market: the only origin of browsers' requests.
    pub public_url: String,
    /// Whether `X-Forwarded-For` is our own proxy's word.
    pub trust_forwarded: bool,
    /// Requests from one address in a minute; 0 switches the bounds per address off.
    pub requests_per_minute: u32,
    /// Makes the addresses of shops' calendars.
    pub calendars: CalendarLinks,
}

/// The public API.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

/// What all requests share.
pub struct Inner {
    pub accounts: AccountsClient,
    pub catalog: CatalogClient,
    pub orders: OrdersClient,
    pub payments: PaymentsClient,
    pub news: News,
    pub limiter: Arc<RateLimiter>,
    pub settings: GatewaySettings,
    pub schema: MarketSchema,
    pub documents: Documents,
    pub reference: Reference,
    pub figures: Figures,
    pub recent: Recent,
    pub places: Places,
    pub photos: Photos,
    pub sitemaps: Sitemaps,
    pub turns: Turns,
    pub large_bodies: LargeBodies,
}

impl Gateway {
    /// Builds the gateway.
    pub fn new(parts: GatewayParts) -> Self {
        let GatewayParts { accounts, catalog, orders, payments, events, cache, limiter, settings } =
            parts;
        Self(Arc::new(Inner {
            schema: schema::build(settings.introspection),
            documents: Documents::new(cache),
            reference: Reference::default(),
            figures: Figures::default(),
            recent: Recent::new(events.subscribe()),
            places: Places::default(),
            photos: Photos::default(),
            sitemaps: Sitemaps::default(),
            turns: Turns::default(),
            large_bodies: LargeBodies::default(),
            accounts,
            catalog,
            orders,
            payments,
            news: News::new(events),
            limiter,
            settings,
        }))
    }

    /// `/graphql`, `/graphql/ws` and `/graphql/sse`; photos below `/media`; maps for search engines.
    pub fn routes(&self) -> Router {
        http::routes(Arc::clone(&self.0))
            .merge(photos::routes(Arc::clone(&self.0)))
            .merge(sitemap::routes(Arc::clone(&self.0)))
    }
}
