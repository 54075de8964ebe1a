//! A shop says when a tour leaves: by hand, or by a rule. Once a key, and once a start.

use std::collections::BTreeSet;
use std::time::Duration;

use kernel::{DepartureId, ProductId, ShopScope, Timestamp};
use platform::idempotency::{Recalled, recall, remember};
use platform::outbox;
use sea_orm::DbErr;
use uuid::Uuid;

use super::write_product::changed;
use crate::Catalog;
use crate::domain::calendar::moment_of;
use crate::domain::departure::Departure;
use crate::domain::departure_price::DeparturePrice;
use crate::domain::recurrence::{self, Excluded, MAX_MOMENTS, Rule, RuleRefused};
use crate::domain::tour::{MAX_CAPACITY, MAX_CUTOFF, TourProblem};
use crate::store;

/// How far ahead a departure may be: three years.
const HORIZON: Duration = Duration::from_secs(3 * 366 * 24 * 3600);

/// Which departures there shall be.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// Moments chosen by hand.
    pub starts: Vec<Timestamp>,
    /// Moments by a rule.
    pub rule: Option<ScheduleRule>,
    /// Seats; `None`: the tour's.
    pub capacity: Option<u32>,
    /// Cut-off in minutes; `None`: the tour's.
    pub cutoff_minutes: Option<u32>,
    /// Prices of those that are new, instead of the tour's for their days.
    pub prices: Vec<DeparturePrice>,
    /// Names the request.
    pub idempotency_key: String,
}

/// A rule as it was written.
#[derive(Clone, Debug, Default)]
pub struct ScheduleRule {
    /// The first local moment.
    pub start: String,
    /// By RFC 5545.
    pub rrule: String,
    /// Days or local moments on which nothing leaves.
    pub except: Vec<String>,
}

/// Why nothing was scheduled.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleDeparturesError {
    /// The shop has no such tour, or nothing was said of it yet.
    #[error("the shop has no such tour")]
    Unknown,
    /// The key has 8 to 128 characters.
    #[error("the idempotency key has 8 to 128 characters")]
    Key,
    /// The key was used for other departures.
    #[error("the key was used for other departures")]
    KeyReused,
    /// No moment is asked for.
    #[error("no moment is asked for")]
    Nothing,
    /// A moment has gone by, is too far away, or is no whole minute: which.
    #[error("the start at {0} cannot be")]
    Start(usize),
    /// The rule's first moment cannot be read.
    #[error("the first moment cannot be read")]
    RuleStart,
    /// The rule cannot be read.
    #[error("the rule cannot be read: {0}")]
    Rule(&'static str),
    /// An exception cannot be read: which.
    #[error("the exception at {0} cannot be read")]
    Except(usize),
    /// There would be too many departures, or the rule has no end.
    #[error("there would be too many departures")]
    TooLarge,
    /// There are too few seats or too many.
    #[error("the capacity is out of range")]
    Capacity,
    /// The cut-off is too early.
    #[error("the cut-off is out of range")]
    Cutoff,
    /// Prices are wrong.
    #[error("the prices have {} problems", .0.len())]
    Prices(Vec<TourProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What was scheduled.
#[derive(Clone, Debug)]
pub struct Scheduled {
    /// All that were asked for, in the order of their starts.
    pub departures: Vec<Departure>,
    /// How many of them are new.
    pub created: u32,
}

/// Schedules departures. Those of a rule that have gone by are left out.
pub async fn schedule_departures(
    catalog: &Catalog,
    scope: ShopScope,
    id: ProductId,
    schedule: Schedule,
) -> Result<Scheduled, ScheduleDeparturesError> {
    if !(8..=128).contains(&schedule.idempotency_key.len()) {
        return Err(ScheduleDeparturesError::Key);
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let keys = format!("schedule_departures:{}", scope.shop());
    let body =
        format!("{id}:{:?}", Schedule { idempotency_key: String::new(), ..schedule.clone() });
    let tx = service.database.begin().await?;
    let product = store::product::lock(&tx, scope, id).await?;
    let product = product.ok_or(ScheduleDeparturesError::Unknown)?;
    let tour = store::tour::of_products(&tx, [id]).await?.remove(&id);
    let tour = tour.ok_or(ScheduleDeparturesError::Unknown)?;
    match recall(&tx, &keys, &schedule.idempotency_key, body.as_bytes()).await? {
        Recalled::New => {}
        Recalled::Same(answer) => {
            let (created, ids) = read_answer(&answer);
            let departures = store::departure::by_ids(&tx, ids).await?;
            return Ok(Scheduled { departures, created });
        }
        Recalled::Different => return Err(ScheduleDeparturesError::KeyReused),
    }
    // Said again later, the same words may mean fewer moments: they are read only once.
    let starts = starts_of(&schedule, now)?;
    let capacity = schedule.capacity.unwrap_or(tour.capacity);
    let cutoff = schedule.cutoff_minutes.unwrap_or(tour.cutoff_minutes);
    let wrong = tour.price_problems(&schedule.prices);
    if !wrong.is_empty() {
        return Err(ScheduleDeparturesError::Prices(wrong));
    }
    let departure = |start| Departure {
        prices: schedule.prices.clone(),
        ..Departure::of(&tour, start, capacity, cutoff)
    };
    let wanted: Vec<Departure> = starts.into_iter().map(departure).collect();
    let ids: Vec<DepartureId> = wanted.iter().map(|departure| departure.id).collect();
    let there = store::departure::by_ids(&tx, ids.iter().copied()).await?;
    let known: BTreeSet<DepartureId> = there.into_iter().map(|departure| departure.id).collect();
    let new: Vec<Departure> =
        wanted.into_iter().filter(|departure| !known.contains(&departure.id)).collect();
    store::departure::insert_new(&tx, &new, now).await?;
    let departures = store::departure::by_ids(&tx, ids.iter().copied()).await?;
    let created = u32::try_from(new.len()).unwrap_or(u32::MAX);
    let answer = written_answer(created, &ids);
    remember(&tx, &keys, &schedule.idempotency_key, body.as_bytes(), &answer, now).await?;
    if !new.is_empty() {
        outbox::publish_all(&tx, now, [changed(&product)]).await?;
    }
    tx.commit().await?;
    Ok(Scheduled { departures, created })
}

/// The moments of a schedule, each once, in their order.
fn starts_of(
    schedule: &Schedule,
    now: Timestamp,
) -> Result<BTreeSet<Timestamp>, ScheduleDeparturesError> {
    if schedule.capacity.is_some_and(|seats| !(1..=MAX_CAPACITY).contains(&seats)) {
        return Err(ScheduleDeparturesError::Capacity);
    }
    if schedule.cutoff_minutes.is_some_and(|minutes| minutes > MAX_CUTOFF) {
        return Err(ScheduleDeparturesError::Cutoff);
    }
    let mut starts = BTreeSet::new();
    if schedule.starts.len() > MAX_MOMENTS {
        return Err(ScheduleDeparturesError::TooLarge);
    }
    for (place, start) in schedule.starts.iter().enumerate() {
        let whole_minute = start.micros() % 60_000_000 == 0;
        if !whole_minute || *start <= now || *start > now.after(HORIZON) {
            return Err(ScheduleDeparturesError::Start(place));
        }
        starts.insert(*start);
    }
    if let Some(rule) = &schedule.rule {
        let by_rule = moments_of(rule)?;
        if by_rule.last().is_some_and(|last| *last > now.after(HORIZON)) {
            return Err(ScheduleDeparturesError::TooLarge);
        }
        starts.extend(by_rule.into_iter().filter(|start| *start > now));
    }
    if starts.is_empty() {
        return Err(ScheduleDeparturesError::Nothing);
    }
    if starts.len() > MAX_MOMENTS {
        return Err(ScheduleDeparturesError::TooLarge);
    }
    Ok(starts)
}

fn moments_of(rule: &ScheduleRule) -> Result<Vec<Timestamp>, ScheduleDeparturesError> {
    let start = recurrence::moment(&rule.start).filter(|start| start.second() == 0);
    let start = start.ok_or(ScheduleDeparturesError::RuleStart)?;
    if rule.except.len() > MAX_MOMENTS {
        return Err(ScheduleDeparturesError::TooLarge);
    }
    let mut except: Vec<Excluded> = Vec::with_capacity(rule.except.len());
    for (place, text) in rule.except.iter().enumerate() {
        let read = recurrence::excluded(text);
        except.push(read.ok_or(ScheduleDeparturesError::Except(place))?);
    }
    let moments = rule.rrule.parse::<Rule>().and_then(|read| read.moments(start, &except));
    match moments {
        Ok(moments) => Ok(moments.into_iter().map(moment_of).collect()),
        Err(RuleRefused::Invalid(part)) => Err(ScheduleDeparturesError::Rule(part)),
        Err(RuleRefused::TooLarge) => Err(ScheduleDeparturesError::TooLarge),
    }
}

/// The answer as it is kept: how many are new, and the ids of all.
fn written_answer(created: u32, ids: &[DepartureId]) -> Vec<u8> {
    let ids = ids.iter().flat_map(|id| *id.uuid().as_bytes());
    created.to_be_bytes().into_iter().chain(ids).collect()
}

fn read_answer(answer: &[u8]) -> (u32, Vec<DepartureId>) {
    let (created, ids) = answer.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let ids = ids.as_chunks::<16>().0;
    let ids = ids.iter().map(|bytes| DepartureId::from_uuid(Uuid::from_bytes(*bytes)));
    (u32::from_be_bytes(*created), ids.collect())
}
