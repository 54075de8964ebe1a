//! A process of the market, from start to graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use graphql::{Gateway, GatewayParts, GatewaySettings};
use kernel::Clock;
use metrics_exporter_prometheus::PrometheusHandle;
use octo::{Octo, OctoParts, OctoSettings};
use platform::cache::Cache;
use platform::calendar_links::CalendarLinks;
use platform::clock::SystemClock;
use platform::config::{BankFeed, Config};
use platform::consumer::{self, Consumer};
use platform::database::Database;
use platform::dead_letters;
use platform::events::{EventBus, InProcessBus, RedisBus};
use platform::limits::RateLimiter;
use platform::outbox::Relay;
use platform::rpc::{AccountsClient, CatalogClient, OrdersClient, PaymentsClient};
use platform::server::{self, Check};
use platform::upstream;
use platform::workers::{Periodic, Tasks};
use proto::Topic;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use web::{Pages, PagesParts};

use super::services::{Databases, Services, migrate};
use super::{clients, role_token};
use crate::roles::Role;

/// How long the search index may take at the end to write what it was asked for.
const INDEX_CLOSES_WITHIN: Duration = Duration::from_secs(5);
/// How long a persisted query is remembered after its last use.
const PERSISTED_QUERIES_TTL: Duration = Duration::from_secs(24 * 3_600);
/// Bytes of persisted queries that a market in one process keeps.
const PERSISTED_QUERIES_BYTES: u64 = 16 * 1024 * 1024;

/// What a process of the market is made of.
pub struct Market {
    config: Config,
    roles: Vec<Role>,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    address: SocketAddr,
}

/// A running process of the market.
pub struct Running {
    /// Address under which this process answers, `http://host:port`.
    pub url: String,
    tasks: Tasks,
    stop: CancellationToken,
    server: JoinHandle<()>,
    services: Services,
    databases: Databases,
    grace: Duration,
}

/// The shared parts that depend on whether the market is in one process or in several.
struct Shared {
    clock: Arc<dyn Clock>,
    bus: Arc<dyn EventBus>,
    limiter: Arc<RateLimiter>,
    cache: Cache,
}

impl Market {
    /// Takes the address; nothing else is started.
    pub async fn bind(config: Config, roles: Vec<Role>) -> anyhow::Result<Self> {
        let (listener, address) = server::bind(&config.server.listen).await?;
        Ok(Self { config, roles, clock: Arc::new(SystemClock), listener, address })
    }

    /// The same by another clock than the machine's, for tests of clocks that are wrong.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Starts everything; when it answers, the process serves.
    pub async fn start(self, metrics: PrometheusHandle) -> anyhow::Result<Running> {
        let Self { config, roles, clock, listener, address } = self;
        let own_url = format!("http://{address}");
        let shared = Shared::build(&config, clock).await?;
        let databases = Databases::open(&config, &roles).await?;
        migrate(&databases).await?;
        let services =
            Services::build(&config, &databases, &shared.clock, &shared.limiter, &own_url).await?;
        let tasks = Tasks::default();
        start_background(&services, &databases, &shared, &tasks);

        let stop = CancellationToken::new();
        let doors = Doors { config: &config, roles: &roles, services: &services, shared: &shared };
        let mut app = doors.routes(&tasks, &own_url)?;
        let checks = checks(&databases, &shared.bus);
        app = app
            .merge(server::operations(metrics, checks, stop.clone()))
            .layer(tower_http::catch_panic::CatchPanicLayer::new());
        let role = if roles.len() == 1 { roles[0].name() } else { "market" };
        let app = app.layer(from_fn_with_state(role, server::measure));
        let grace = Duration::from_secs(config.server.shutdown_seconds);
        let server = tokio::spawn(server::serve(listener, app, stop.clone(), grace));
        Ok(Running { url: own_url, tasks, stop, server, services, databases, grace })
    }
}

impl Running {
    /// The periodic work that failed since the start, each with its last error.
    pub fn failures(&self) -> std::collections::BTreeMap<&'static str, String> {
        self.tasks.failures()
    }

    /// Lets requests in flight end, then background work, then closes the search index and the databases.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.server.await?;
        if !self.tasks.stop(self.grace).await {
            tracing::warn!("some background work did not end in time");
        }
        if let Some(catalog) = &self.services.catalog
            && tokio::time::timeout(INDEX_CLOSES_WITHIN, catalog.close()).await.is_err()
        {
            tracing::warn!("the search index was not closed in time");
        }
        for (_, database) in self.databases.all() {
            database.close().await?;
        }
        Ok(())
    }
}

impl Shared {
    async fn build(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        use anyhow::Context;
        if config.events.redis_url.is_empty() {
            return Ok(Self {
                bus: Arc::new(InProcessBus::new(Arc::clone(&clock))),
                clock,
                limiter: Arc::new(RateLimiter::in_process()),
                cache: Cache::in_process(PERSISTED_QUERIES_BYTES, PERSISTED_QUERIES_TTL),
            });
        }
        let prefix = &config.events.prefix;
        let bus = RedisBus::connect(&config.events.redis_url, prefix, Arc::clone(&clock))
            .await
            .context("events.redis_url: Redis cannot be reached")?;
        let connection = bus.connection();
        Ok(Self {
            clock,
            limiter: Arc::new(RateLimiter::redis(connection.clone(), prefix)),
            cache: Cache::redis(connection, &format!("{prefix}:cache"), PERSISTED_QUERIES_TTL),
            bus: Arc::new(bus),
        })
    }
}

/// Starts consumers, relays and periodic work of the services in this process.
fn start_background(services: &Services, databases: &Databases, shared: &Shared, tasks: &Tasks) {
    let mut consumers: Vec<Arc<dyn Consumer>> = Vec::new();
    let mut periodics: Vec<Periodic> = Vec::new();
    if let Some(service) = &services.accounts {
        periodics.extend(service.periodics());
    }
    if let Some(service) = &services.catalog {
        consumers.extend(service.consumers());
        periodics.extend(service.periodics());
    }
    if let Some(service) = &services.orders {
        consumers.extend(service.consumers());
        periodics.extend(service.periodics());
    }
    if let Some(service) = &services.payments {
        consumers.extend(service.consumers());
        periodics.extend(service.periodics());
    }
    // Consumers first: in process, an event counts as published when all of them have it.
    for consumer in consumers {
        periodics.push(replayer(Arc::clone(&consumer), Arc::clone(&shared.clock)));
        shared.bus.attach(consumer, tasks);
    }
    for (service, database) in databases.all() {
        let relay = Relay {
            service,
            database: database.clone(),
            bus: Arc::clone(&shared.bus),
            clock: Arc::clone(&shared.clock),
        };
        tasks.start(|stop| relay.run(stop));
        periodics.push(watch(service, database.clone()));
    }
    for work in periodics {
        tasks.start_periodic(work);
    }
}

/// Keeps the gauge of a service's dead letters current.
fn watch(service: &'static str, database: Database) -> Periodic {
    Periodic::new("watch", Duration::from_secs(5), move || {
        let database = database.clone();
        async move {
            let dead = dead_letters::waiting(&database).await?;
            metrics::gauge!("dead_letters", "service" => service).set(dead as u32);
            Ok(())
        }
    })
}

/// Gives a consumer the dead letters again that an operator asked for.
fn replayer(consumer: Arc<dyn Consumer>, clock: Arc<dyn Clock>) -> Periodic {
    Periodic::new("dead letters", Duration::from_secs(1), move || {
        let (consumer, clock) = (Arc::clone(&consumer), Arc::clone(&clock));
        async move {
            consumer::replay_requested(consumer.as_ref(), clock.now()).await?;
            Ok(())
        }
    })
}

/// What `/readyz` asks.
fn checks(databases: &Databases, bus: &Arc<dyn EventBus>) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for (name, database) in databases.all() {
        let database = database.clone();
        checks.push((
            name,
            Arc::new(move || {
                let database = database.clone();
                Box::pin(async move { database.ping().await.is_ok() })
            }),
        ));
    }
    let bus = Arc::clone(bus);
    checks.push((
        "events",
        Arc::new(move || {
            let bus = Arc::clone(&bus);
            Box::pin(async move { bus.healthy().await })
        }),
    ));
    checks
}

/// Everything that a process answers on its port.
struct Doors<'a> {
    config: &'a Config,
    roles: &'a [Role],
    services: &'a Services,
    shared: &'a Shared,
}

impl Doors<'_> {
    fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    fn public_url(&self, own_url: &str) -> String {
        match self.config.server.public_url.as_str() {
            "" => own_url.to_owned(),
            url => url.trim_end_matches('/').to_owned(),
        }
    }

    fn routes(&self, tasks: &Tasks, own_url: &str) -> anyhow::Result<Router> {
        let public_url = self.public_url(own_url);
        let mut app = self.for_roles();
        if let Some(payments) = &self.services.payments {
            app = app.merge(payments.routes());
        }
        let mut graphql = None;
        if self.has(Role::Gateway) {
            let routes = self.gateway(tasks, &public_url)?.routes();
            graphql = Some(upstream::local(routes.clone()));
            app = app.merge(routes).merge(self.octo(&public_url)?.routes());
            if self.services.payments.is_none() {
                let payments = clients::http(self.config, Role::Payments)?;
                app = app
                    .nest_service("/webhooks", prefixed("/webhooks", payments.clone()))
                    .nest_service("/sandbox", prefixed("/sandbox", payments));
            }
        }
        if self.has(Role::Web) {
            let graphql = match graphql {
                Some(here) => here,
                None => clients::http(self.config, Role::Gateway)?,
            };
            let sandbox = self.config.bank.feed == BankFeed::Sandbox;
            // Behind a gateway in another process, all visitors come from its address, unless theirs are
            // forwarded.
            let knows_addresses = self.has(Role::Gateway) || self.config.server.trust_forwarded;
            let requests_per_minute = self.config.security.requests_per_minute;
            app = app.merge(
                Pages::new(PagesParts {
                    graphql,
                    public_url,
                    sandbox,
                    trust_forwarded: self.config.server.trust_forwarded,
                    limiter: Arc::clone(&self.shared.limiter),
                    requests_per_minute: if knows_addresses { requests_per_minute } else { 0 },
                })
                .routes(),
            );
        } else if self.has(Role::Gateway) && !self.config.links.web.is_empty() {
            app = app.fallback_service(clients::http(self.config, Role::Web)?);
        }
        Ok(app)
    }

    /// gRPC of the services in this process, for other roles only.
    fn for_roles(&self) -> Router {
        let mut grpc = Router::new();
        macro_rules! serve {
            ($service:ident, $server:ty) => {
                if let Some(service) = &self.services.$service {
                    let path =
                        format!("/{}/{{*rest}}", <$server as tonic::server::NamedService>::NAME);
                    grpc = grpc.route_service(&path, service.server());
                }
            };
        }
        serve!(accounts, proto::accounts::accounts_server::AccountsServer<()>);
        serve!(catalog, proto::catalog::catalog_server::CatalogServer<()>);
        serve!(orders, proto::orders::orders_server::OrdersServer<()>);
        serve!(payments, proto::payments::payments_server::PaymentsServer<()>);
        if !grpc.has_routes() {
            return grpc;
        }
        grpc.route_layer(from_fn_with_state(self.config.links.token.clone(), role_token::require))
    }

    fn gateway(&self, tasks: &Tasks, public_url: &str) -> anyhow::Result<Gateway> {
        let ways = self.services.ways();
        let config = self.config;
        Ok(Gateway::new(GatewayParts {
            accounts: AccountsClient::new(clients::service(config, Role::Accounts, ways.accounts)?),
            catalog: CatalogClient::new(clients::service(config, Role::Catalog, ways.catalog)?),
            orders: OrdersClient::new(clients::service(config, Role::Orders, ways.orders)?),
            payments: PaymentsClient::new(clients::service(config, Role::Payments, ways.payments)?),
            events: self.shared.bus.tail(&Topic::ALL, tasks),
            cache: self.shared.cache.clone(),
            limiter: Arc::clone(&self.shared.limiter),
            settings: GatewaySettings {
                introspection: config.security.introspection,
                explorer: config.security.explorer,
                public_url: public_url.to_owned(),
                trust_forwarded: config.server.trust_forwarded,
                requests_per_minute: config.security.requests_per_minute,
                calendars: self.calendars(),
            },
        }))
    }

    fn calendars(&self) -> CalendarLinks {
        CalendarLinks::new(self.config.security.secret_key.clone().into_bytes())
    }

    /// The door for resellers, beside the public API.
    fn octo(&self, public_url: &str) -> anyhow::Result<Octo> {
        let ways = self.services.ways();
        let config = self.config;
        Ok(Octo::new(OctoParts {
            accounts: AccountsClient::new(clients::service(config, Role::Accounts, ways.accounts)?),
            catalog: CatalogClient::new(clients::service(config, Role::Catalog, ways.catalog)?),
            orders: OrdersClient::new(clients::service(config, Role::Orders, ways.orders)?),
            limiter: Arc::clone(&self.shared.limiter),
            clock: Arc::clone(&self.shared.clock),
            settings: OctoSettings {
                public_url: public_url.to_owned(),
                calendars: self.calendars(),
                trust_forwarded: config.server.trust_forwarded,
                requests_per_minute: config.security.requests_per_minute,
            },
        }))
    }
}

/// Puts the prefix that nesting took away back on.
fn prefixed(prefix: &'static str, upstream: upstream::Upstream) -> Router {
    let with_prefix =
        tower::util::MapRequest::new(upstream, move |mut request: axum::extract::Request| {
            let rest = request.uri().path_and_query().map_or("/", |path| path.as_str());
            if let Ok(uri) = format!("{prefix}{rest}").parse() {
                *request.uri_mut() = uri;
            }
            request
        });
    Router::new().fallback_service(with_prefix)
}
