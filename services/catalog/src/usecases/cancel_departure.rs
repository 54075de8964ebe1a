//! A departure does not happen: in one act no seat of it is sold any more, and orders hears of it, which
//! moves or refunds what was booked.

use kernel::{DepartureId, ShopScope, normalize_spaces};
use platform::outbox;
use proto::events::DepartureCancelled;
use proto::events::event::Body;

use super::update_departure::{ChangeDepartureError, tell_search};
use crate::Catalog;
use crate::domain::departure::{Departure, DepartureStatus};
use crate::store;

/// The longest reason.
pub const MAX_REASON: usize = 500;

/// Cancels a departure. Doing it again changes nothing, also with other words.
///
/// Seats that are held for checkouts stay held until those end; one that is paid nevertheless is
/// refused as a sale, and so refunded.
pub async fn cancel_departure(
    catalog: &Catalog,
    scope: ShopScope,
    id: DepartureId,
    reason: &str,
    move_to: Option<DepartureId>,
) -> Result<Departure, ChangeDepartureError> {
    let reason = normalize_spaces(reason);
    if !(1..=MAX_REASON).contains(&reason.chars().count()) {
        return Err(ChangeDepartureError::Reason);
    }
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // Both in the order of their ids, as everybody locks.
    let locked = store::departure::lock(&tx, [id].into_iter().chain(move_to)).await?;
    let of = |id: DepartureId| locked.iter().find(|departure| departure.id == id);
    let before = of(id).filter(|departure| departure.shop == scope.shop());
    let before = before.ok_or(ChangeDepartureError::Unknown)?;
    if before.status == DepartureStatus::Cancelled {
        return Ok(before.clone());
    }
    let target = move_to.map(|to| of(to).filter(|to| takes_guests_of(before, to)));
    if target.is_some_and(|target| target.is_none()) {
        return Err(ChangeDepartureError::MoveTo);
    }
    let after = Departure {
        status: DepartureStatus::Cancelled,
        cancelled_because: reason.clone(),
        moved_to: move_to,
        ..before.clone()
    };
    store::departure::write(&tx, &after, now).await?;
    store::waiting::lapse_all_of(&tx, id).await?;
    let cancelled = Body::DepartureCancelled(DepartureCancelled {
        departure_id: id.to_string(),
        product_id: after.product.to_string(),
        shop_id: after.shop.to_string(),
        reason,
        move_to: move_to.map(|id| id.to_string()).unwrap_or_default(),
    });
    outbox::publish_all(&tx, now, [(id.to_string(), cancelled)]).await?;
    tell_search(&tx, [(before, &after)], now).await?;
    tx.commit().await?;
    Ok(after)
}

fn takes_guests_of(from: &Departure, to: &Departure) -> bool {
    to.id != from.id && to.product == from.product && to.status == DepartureStatus::Open
}
