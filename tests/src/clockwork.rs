//! The services of a market without its doors, on a clock that a test sets. Nothing happens by itself: what
//! workers, sweepers and relays do is done when the test says so, so that races can be laid around a moment
//! by fractions of a millisecond, and thousands of them take no longer than their transactions.
//!
//! Everything is the market's own: services, their databases, calls between them, the outboxes and who hears
//! them. Only search does not listen: it would be told of every seat.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chonoi::market::{Databases, Services, migrate};
use chonoi::roles::Role;
use kernel::{Clock, ManualClock, ShopId, Timestamp};
use platform::consumer::Consumer;
use platform::database::Database;
use platform::events::{EventBus, InProcessBus};
use platform::ids;
use platform::limits::RateLimiter;
use platform::outbox::{self, Relay};
use platform::rpc::{CatalogClient, OrdersClient, PaymentsClient};
use platform::workers::{Periodic, Tasks};
use proto::accounts::{Shop, ShopKind, ShopStatus};
use proto::common::{Empty, RefusalCode};
use proto::events::ShopChanged;
use proto::events::event::Body as Event;
use proto::orders::{
    AddCartLineRequest, CartKey, Checkout, Contact, Delivery, DeliveryMethod, GetCheckoutRequest,
    PayWith, StartCheckoutRequest,
};
use tokio::sync::Mutex;
use tonic::{Code, Status};
use tower::ServiceExt;

use crate::ground::Ground;
use crate::market::Stand;

/// How the bank's feed proves itself here.
const FEED_KEY: &str = "key-of-the-feed";
/// What works on events of the feed, when there are any.
const FEED_WORK: &str = "payments.feed_events";
/// What would be told of every seat.
const SEARCH: &str = "catalog.index";
/// A busy database is asked again so often, with a pause between.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);
/// By then whatever follows from something has happened.
const MOST_PASSES: usize = 50;

/// The services of a market, its clock standing.
pub struct Clockwork {
    /// The clock of all of them.
    pub clock: ManualClock,
    /// Their databases.
    pub databases: Databases,
    /// The way to catalog.
    pub catalog: CatalogClient,
    /// The way to orders.
    pub orders: OrdersClient,
    /// The way to payments.
    pub payments: PaymentsClient,
    services: Services,
    doors: Router,
    relays: BTreeMap<&'static str, Mutex<Relay>>,
    works: BTreeMap<&'static str, Mutex<Periodic>>,
    /// Whether the bank told of something since the worker worked.
    fed: AtomicBool,
    ground: Ground,
}

impl Clockwork {
    /// The services on empty databases, at a moment.
    pub async fn at(moment: Timestamp, stand: Stand) -> anyhow::Result<Self> {
        let mut ground = Box::pin(Ground::lay(stand)).await?;
        ground.config.bank.sepay_api_key = FEED_KEY.to_owned();
        let databases = Databases::open(&ground.config, &Role::ALL).await?;
        migrate(&databases).await?;
        let clock = ManualClock::at(moment);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let limiter = Arc::new(RateLimiter::in_process());
        let services = Services::build(&ground.config, &databases, &shared, &limiter, "").await?;
        let bus: Arc<dyn EventBus> = Arc::new(InProcessBus::new(Arc::clone(&shared)));
        let (consumers, periodics) = background(&services);
        let listening = consumers.into_iter().filter(|consumer| consumer.name() != SEARCH);
        for consumer in listening {
            bus.attach(consumer, &Tasks::default());
        }
        let relay = |(service, database): (&'static str, &Database)| {
            let (database, bus, clock) = (database.clone(), Arc::clone(&bus), Arc::clone(&shared));
            (service, Mutex::new(Relay { service, database, bus, clock }))
        };
        let relays = databases.all().into_iter().map(relay).collect();
        let ways = services.ways();
        let doors = services.payments.as_ref().context("payments is here")?.routes();
        Ok(Self {
            clock,
            catalog: CatalogClient::new(ways.catalog.context("catalog is here")?),
            orders: OrdersClient::new(ways.orders.context("orders is here")?),
            payments: PaymentsClient::new(ways.payments.context("payments is here")?),
            works: periodics.into_iter().map(|work| (work.name(), Mutex::new(work))).collect(),
            databases,
            services,
            doors,
            relays,
            fed: AtomicBool::new(false),
            ground,
        })
    }

    /// Moves the clock to a moment that is not past.
    pub fn wait_until(&self, moment: Timestamp) {
        self.clock.advance(moment.since(self.clock.now()));
    }

    /// Does the work of a sweeper or worker once.
    pub async fn work(&self, name: &str) -> anyhow::Result<()> {
        let work = self.works.get(name).with_context(|| format!("there is no work {name}"))?;
        let work = work.lock().await;
        patiently(|| work.run_once()).await
    }

    /// Works on what the bank told, if there is anything.
    pub async fn read_the_feed(&self) -> anyhow::Result<()> {
        if self.fed.swap(false, Ordering::SeqCst) {
            self.work(FEED_WORK).await?;
        }
        Ok(())
    }

    /// Has everybody hear what a service did.
    pub async fn tell_of(&self, service: &str) -> anyhow::Result<()> {
        let relay = self.relays.get(service).with_context(|| format!("who is {service}?"))?;
        let relay = relay.lock().await;
        patiently(|| relay.drain()).await
    }

    /// Everything that follows from what was done, without the clock moving: until nobody has anything more
    /// to tell.
    pub async fn settle(&self, sweepers: &[&str]) -> anyhow::Result<()> {
        let mut quiet = 0;
        for _ in 0..MOST_PASSES {
            self.read_the_feed().await?;
            for name in sweepers {
                self.work(name).await?;
            }
            for service in self.relays.keys() {
                self.tell_of(service).await?;
            }
            let told = !self.fed.load(Ordering::SeqCst) && self.untold().await? == 0;
            quiet = if told { quiet + 1 } else { 0 };
            // Sweepers look once more at what was heard last.
            if quiet == 2 {
                return Ok(());
            }
        }
        anyhow::bail!("there is always something more to tell")
    }

    /// Events that nobody heard yet.
    async fn untold(&self) -> anyhow::Result<i64> {
        let mut waiting = 0;
        for (_, database) in self.databases.all() {
            waiting += outbox::pending(database).await?;
        }
        Ok(waiting)
    }

    /// A shop that may sell, known to everybody.
    pub async fn open_shop(&self) -> anyhow::Result<String> {
        let id = ids::new::<ShopId>().to_string();
        let shop = Shop {
            id: id.clone(),
            name: "Bến xuồng".to_owned(),
            kind: ShopKind::Household.into(),
            status: ShopStatus::Approved.into(),
            ..Shop::default()
        };
        let database = self.databases.accounts.as_ref().context("accounts is here")?;
        let tx = database.begin().await?;
        let told = Event::ShopChanged(ShopChanged { shop: Some(shop) });
        outbox::publish(&tx, self.clock.now(), &id, told).await?;
        tx.commit().await?;
        self.settle(&[]).await?;
        Ok(id)
    }

    /// One piece of something, from cart to checkout; the checkout, or why there is none.
    pub async fn check_out(&self, variant: &str) -> anyhow::Result<Result<Checkout, RefusalCode>> {
        let cart = self.orders.clone().create_cart(Empty {}).await?.into_inner();
        let cart = CartKey { cart_id: cart.id, token: cart.token };
        let line = AddCartLineRequest {
            cart: Some(cart.clone()),
            variant_id: variant.to_owned(),
            quantity: 1,
            claim_token: String::new(),
        };
        let added = asked(|| {
            let (mut orders, line) = (self.orders.clone(), line.clone());
            async move { orders.add_cart_line(line).await.map(drop) }
        });
        if let Err(code) = added.await? {
            return Ok(Err(code));
        }
        let request = StartCheckoutRequest {
            cart: Some(cart),
            buyer_id: String::new(),
            locale: "vi".to_owned(),
            contact: Some(Contact {
                name: "Lê Minh".to_owned(),
                phone: "0900000456".to_owned(),
                email: String::new(),
            }),
            delivery: Some(Delivery {
                method: DeliveryMethod::Pickup.into(),
                ..Delivery::default()
            }),
            pay_with: PayWith::Vietqr.into(),
            idempotency_key: "khoa-so-1".to_owned(),
        };
        asked(|| {
            let (mut orders, request) = (self.orders.clone(), request.clone());
            async move { Ok(orders.start_checkout(request).await?.into_inner()) }
        })
        .await
    }

    /// A checkout as it is now.
    pub async fn look_at(&self, id: &str) -> anyhow::Result<Checkout> {
        let request = GetCheckoutRequest {
            checkout_id: id.to_owned(),
            operator: true,
            ..GetCheckoutRequest::default()
        };
        Ok(self.orders.clone().get_checkout(request).await?.into_inner())
    }

    /// The bank tells of a transfer in, as SePay does.
    pub async fn told_by_bank(&self, body: String) -> anyhow::Result<()> {
        patiently(|| async {
            let request = Request::post("/webhooks/sepay")
                .header("content-type", "application/json")
                .header("authorization", format!("Apikey {FEED_KEY}"))
                .body(Body::from(body.clone()))?;
            let answer = self.doors.clone().oneshot(request).await?;
            let status = answer.status();
            ensure!(status.is_success(), "UNAVAILABLE: the webhook answered {status}");
            Ok(())
        })
        .await?;
        self.fed.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// What must hold and does not, at the moment of the clock.
    pub async fn examine(&self) -> anyhow::Result<Vec<String>> {
        chonoi::commands::examine_at(&self.databases, self.clock.now()).await
    }

    /// Ends it.
    pub async fn end(self) -> anyhow::Result<()> {
        let Self { databases, services, ground, .. } = self;
        if let Some(catalog) = &services.catalog {
            catalog.close().await;
        }
        for (_, database) in databases.all() {
            database.close().await?;
        }
        ground.clear();
        Ok(())
    }
}

/// Who hears events, and what is done again and again.
fn background(services: &Services) -> (Vec<Arc<dyn Consumer>>, Vec<Periodic>) {
    let (mut consumers, mut periodics) = (Vec::new(), Vec::new());
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
    (consumers, periodics)
}

/// Asks until the answer is one, or a refusal of the business.
async fn asked<T, F>(ask: impl Fn() -> F) -> anyhow::Result<Result<T, RefusalCode>>
where
    F: Future<Output = Result<T, Status>>,
{
    for _ in 0..TRIES {
        match ask().await {
            Ok(answer) => return Ok(Ok(answer)),
            Err(status) => {
                let refusals = proto::refusals_of(&status).unwrap_or_default();
                if let Some(refusal) = refusals.first() {
                    return Ok(Err(refusal.code()));
                }
                let busy = [Code::Unavailable, Code::ResourceExhausted, Code::DeadlineExceeded];
                ensure!(busy.contains(&status.code()), "{status}");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::bail!("the services stay busy")
}

/// Does again what failed because others were in the way, as the loops around workers do.
async fn patiently<F>(work: impl Fn() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let mut tries = 1;
    loop {
        match work().await {
            Err(_) if tries < TRIES => tries += 1,
            done => return done,
        }
        tokio::time::sleep(PAUSE).await;
    }
}
