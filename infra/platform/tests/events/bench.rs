//! A service that tells, a consumer that writes down what it hears, and buses that die.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use kernel::Clock;
use platform::clock::SystemClock;
use platform::consumer::Consumer;
use platform::database::{Database, Transaction};
use platform::events::{EventBus, Published, Receipt, Refill, StoredEvent};
use platform::outbox::{self, Relay};
use platform::workers::Tasks;
use proto::Topic;
use proto::events::event::Body;
use proto::events::{Event, PaymentClosed};
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::broadcast;

pub const SERVICE: &str = "payments";
/// How long anything may take that follows by itself.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// A name of a Redis prefix that no other test has.
pub fn prefix() -> String {
    format!("test-{}", uuid::Uuid::now_v7().simple())
}

/// The table of effects; every insert is one effect.
pub async fn prepare(database: &Database) {
    let serial = match database.backend() {
        sea_orm::DbBackend::Sqlite => "INTEGER PRIMARY KEY AUTOINCREMENT",
        _ => "BIGSERIAL PRIMARY KEY",
    };
    let table = format!(
        "CREATE TABLE effects (id {serial}, consumer TEXT NOT NULL, aggregate TEXT NOT NULL, number BIGINT NOT NULL)"
    );
    database.writer().execute_unprepared(&table).await.unwrap();
}

/// Writes events of aggregates with their numbers, in one transaction.
pub async fn tell(database: &Database, events: &[(&str, i64)]) {
    let tx = database.begin().await.unwrap();
    let told = events.iter().map(|(aggregate, number)| {
        let body = PaymentClosed {
            payment_id: number.to_string(),
            checkout_id: (*aggregate).to_owned(),
            expired: false,
        };
        ((*aggregate).to_owned(), Body::PaymentClosed(body))
    });
    outbox::publish_all(&tx, SystemClock.now(), told).await.unwrap();
    tx.commit().await.unwrap();
}

/// The same events as they would be delivered.
pub fn heard(aggregate: &str, number: i64) -> Event {
    let body = PaymentClosed {
        payment_id: number.to_string(),
        checkout_id: aggregate.to_owned(),
        expired: false,
    };
    let id: kernel::EventId = platform::ids::new();
    Event {
        id: id.to_string(),
        occurred_at: SystemClock.now().micros(),
        aggregate_id: aggregate.to_owned(),
        body: Some(Body::PaymentClosed(body)),
    }
}

pub fn relay(database: &Database, bus: Arc<dyn EventBus>) -> Relay {
    Relay { service: SERVICE, database: database.clone(), bus, clock: clock() }
}

/// What a consumer did, by aggregate, in its order.
pub async fn effects(database: &Database, consumer: &str) -> BTreeMap<String, Vec<i64>> {
    let select =
        format!("SELECT aggregate, number FROM effects WHERE consumer = '{consumer}' ORDER BY id");
    let statement = sea_orm::Statement::from_string(database.backend(), select);
    let mut effects: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in database.reader().query_all_raw(statement).await.unwrap() {
        let aggregate: String = row.try_get("", "aggregate").unwrap();
        effects.entry(aggregate).or_default().push(row.try_get("", "number").unwrap());
    }
    effects
}

/// Waits until so many effects are there, and a little for more that should not be.
pub async fn effects_when(
    database: &Database,
    consumer: &str,
    count: usize,
) -> BTreeMap<String, Vec<i64>> {
    let begun = Instant::now();
    loop {
        let effects = effects(database, consumer).await;
        let there: usize = effects.values().map(Vec::len).sum();
        if there >= count {
            tokio::time::sleep(Duration::from_millis(300)).await;
            return self::effects(database, consumer).await;
        }
        assert!(begun.elapsed() < PATIENCE, "{there} of {count} effects: {effects:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "it never came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// `count` events of each aggregate, in turns.
pub fn in_turns<'a>(aggregates: &[&'a str], count: i64) -> Vec<(&'a str, i64)> {
    (1..=count).flat_map(|n| aggregates.iter().map(move |aggregate| (*aggregate, n))).collect()
}

/// What is to be seen of them.
pub fn in_order(aggregates: &[&str], count: i64) -> BTreeMap<String, Vec<i64>> {
    aggregates.iter().map(|name| ((*name).to_owned(), (1..=count).collect())).collect()
}

/// How an event fares at a consumer.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// It fails whenever it is tried.
    Poisonous,
    /// What its consumer needs cannot be reached.
    Outage,
}

/// The aggregate with which no [`Scribe`] has anything to do.
pub const NOBODYS: &str = "nobody's";

/// Writes down every event that it applies.
pub struct Scribe {
    pub name: &'static str,
    pub database: Database,
    fates: Mutex<HashMap<(String, i64), Fate>>,
    tried: Mutex<Vec<(String, i64, Instant)>>,
}

impl Scribe {
    pub fn new(name: &'static str, database: &Database) -> Arc<Self> {
        let (fates, tried) = (Mutex::default(), Mutex::default());
        Arc::new(Self { name, database: database.clone(), fates, tried })
    }

    pub fn doom(&self, aggregate: &str, number: i64, fate: Fate) {
        self.fates.lock().unwrap().insert((aggregate.to_owned(), number), fate);
    }

    pub fn mend(&self) {
        self.fates.lock().unwrap().clear();
    }

    /// When an event was tried by itself.
    pub fn tries(&self, aggregate: &str, number: i64) -> Vec<Instant> {
        let tried = self.tried.lock().unwrap();
        let of = tried.iter().filter(|(of, n, _)| of == aggregate && *n == number);
        of.map(|(_, _, at)| *at).collect()
    }

    fn fate(&self, aggregate: &str, number: i64) -> Option<Fate> {
        self.fates.lock().unwrap().get(&(aggregate.to_owned(), number)).copied()
    }
}

#[async_trait]
impl Consumer for Scribe {
    fn name(&self) -> &'static str {
        self.name
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Payments]
    }

    fn database(&self) -> &Database {
        &self.database
    }

    fn passes_over(&self, event: &Event) -> bool {
        event.aggregate_id == NOBODYS
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        for event in events {
            let Some(Body::PaymentClosed(told)) = &event.body else { anyhow::bail!("not told") };
            let (aggregate, number): (&str, i64) = (&event.aggregate_id, told.payment_id.parse()?);
            if events.len() == 1 {
                let tried = (aggregate.to_owned(), number, Instant::now());
                self.tried.lock().unwrap().push(tried);
            }
            let insert = format!(
                "INSERT INTO effects (consumer, aggregate, number) VALUES ('{}', '{aggregate}', {number})",
                self.name
            );
            tx.execute_unprepared(&insert).await?;
            match self.fate(aggregate, number) {
                Some(Fate::Poisonous) => anyhow::bail!("{aggregate} {number} cannot be taken"),
                Some(Fate::Outage) => {
                    return Err(
                        DbErr::Conn(sea_orm::RuntimeErr::Internal("away".to_owned())).into()
                    );
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// A bus on which something happens, once, when it took events over and before anybody noted it.
pub struct DyingBus {
    inner: Arc<dyn EventBus>,
    due: AtomicBool,
    emptied: Option<redis::Client>,
}

impl DyingBus {
    /// The publishing process dies.
    pub fn new(inner: Arc<dyn EventBus>) -> Arc<Self> {
        Arc::new(Self { inner, due: AtomicBool::new(true), emptied: None })
    }

    /// Redis is emptied; the process knows nothing of it and goes on.
    pub fn emptied(inner: Arc<dyn EventBus>, redis: &str) -> Arc<Self> {
        let emptied = Some(redis::Client::open(redis).unwrap());
        Arc::new(Self { inner, due: AtomicBool::new(true), emptied })
    }
}

#[async_trait]
impl EventBus for DyingBus {
    async fn publish(&self, service: &str, events: Vec<StoredEvent>) -> anyhow::Result<Published> {
        let published = self.inner.publish(service, events).await?;
        let taken = matches!(published, Published::Taken(_));
        if taken && self.due.swap(false, Ordering::SeqCst) {
            let Some(redis) = &self.emptied else { anyhow::bail!("the process died") };
            let mut connection = redis.get_multiplexed_async_connection().await?;
            redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await?;
        }
        Ok(published)
    }

    fn attach(&self, consumer: Arc<dyn Consumer>, tasks: &Tasks) {
        self.inner.attach(consumer, tasks);
    }

    fn tail(&self, topics: &'static [Topic], tasks: &Tasks) -> broadcast::Sender<Event> {
        self.inner.tail(topics, tasks)
    }

    async fn healthy(&self) -> bool {
        self.inner.healthy().await
    }

    async fn holds(&self, service: &str, receipt: &Receipt) -> anyhow::Result<bool> {
        self.inner.holds(service, receipt).await
    }

    async fn lost_streams(&self, service: &str) -> anyhow::Result<bool> {
        self.inner.lost_streams(service).await
    }

    async fn begin_refill(&self, service: &str) -> anyhow::Result<Refill> {
        self.inner.begin_refill(service).await
    }

    async fn end_refill(&self, service: &str, refill: Refill) -> anyhow::Result<bool> {
        self.inner.end_refill(service, refill).await
    }
}
