//! A shop changes a departure: its seats, its cut-off, its prices, whether seats are sold.

use kernel::{DepartureId, ShopScope, Timestamp};
use platform::database::Transaction;
use platform::outbox;
use sea_orm::DbErr;

use super::offer_seats::offer_seats;
use super::write_product::changed;
use crate::Catalog;
use crate::domain::departure::{Departure, DepartureStatus};
use crate::domain::departure_price::DeparturePrice;
use crate::domain::tour::{MAX_CAPACITY, MAX_CUTOFF, TourProblem};
use crate::store;

/// What shall be changed; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct DepartureChange {
    /// Seats.
    pub capacity: Option<u32>,
    /// Cut-off in minutes before the start.
    pub cutoff_minutes: Option<u32>,
    /// Whether seats are sold.
    pub open: Option<bool>,
    /// Its own prices, all of them. What was held or sold keeps its price.
    pub prices: Option<Vec<DeparturePrice>>,
}

/// Why a departure was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeDepartureError {
    /// The shop has no such departure.
    #[error("the shop has no such departure")]
    Unknown,
    /// It was cancelled.
    #[error("the departure was cancelled")]
    Cancelled,
    /// There would be too few seats or too many.
    #[error("the capacity must be between {least} and {most}")]
    Capacity {
        /// What is held and sold, at least 1.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Somebody has the whole boat: its seats stay.
    #[error("the whole boat is taken")]
    BoatTaken,
    /// The cut-off is too early.
    #[error("the cut-off is out of range")]
    Cutoff,
    /// Prices are wrong.
    #[error("the prices have {} problems", .0.len())]
    Prices(Vec<TourProblem>),
    /// Its guests cannot go there: another tour, the same departure, or a cancelled one.
    #[error("guests cannot be moved there")]
    MoveTo,
    /// The reason is missing or too long.
    #[error("the reason is missing or too long")]
    Reason,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Changes a departure. The same change again changes nothing.
pub async fn update_departure(
    catalog: &Catalog,
    scope: ShopScope,
    id: DepartureId,
    change: DepartureChange,
) -> Result<Departure, ChangeDepartureError> {
    if change.cutoff_minutes.is_some_and(|minutes| minutes > MAX_CUTOFF) {
        return Err(ChangeDepartureError::Cutoff);
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let before = store::departure::lock_of_shop(&tx, scope, id).await?;
    let before = before.ok_or(ChangeDepartureError::Unknown)?;
    if before.status == DepartureStatus::Cancelled {
        return Err(ChangeDepartureError::Cancelled);
    }
    let mut after = before.clone();
    if let Some(capacity) = change.capacity.map(i64::from) {
        let (least, most) = (before.seats.taken().max(1), i64::from(MAX_CAPACITY));
        if !(least..=most).contains(&capacity) || !after.seats.resize(capacity) {
            return Err(ChangeDepartureError::Capacity { least, most });
        }
        if capacity != before.seats.capacity && store::seats::boat_taken(&tx, id).await? {
            return Err(ChangeDepartureError::BoatTaken);
        }
    }
    after.cutoff_minutes = change.cutoff_minutes.unwrap_or(before.cutoff_minutes);
    after.status = match change.open {
        None => before.status,
        Some(true) => DepartureStatus::Open,
        Some(false) => DepartureStatus::Closed,
    };
    if let Some(prices) = change.prices {
        let tour = store::tour::of_products(&tx, [before.product]).await?.remove(&before.product);
        let tour = tour.ok_or(ChangeDepartureError::Unknown)?;
        let wrong = tour.price_problems(&prices);
        if !wrong.is_empty() {
            return Err(ChangeDepartureError::Prices(wrong));
        }
        after.prices = prices;
    }
    if after == before {
        return Ok(before);
    }
    offer_seats(&tx, [&mut after], now).await?;
    store::departure::write(&tx, &after, now).await?;
    tell_search(&tx, [(&before, &after)], now).await?;
    tx.commit().await?;
    Ok(after)
}

/// Search shows on which days a tour has seats: it hears when the first becomes free, and when the last
/// is gone.
pub async fn tell_search<'a>(
    tx: &Transaction,
    departures: impl IntoIterator<Item = (&'a Departure, &'a Departure)>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let turned = departures
        .into_iter()
        .filter(|(before, after)| before.has_seat_at(now) != after.has_seat_at(now))
        .map(|(before, _)| before.product);
    let products = store::product::by_ids(tx, turned).await?;
    outbox::publish_all(tx, now, products.iter().map(changed).collect::<Vec<_>>()).await
}
