//! A reseller asks for more time to confirm a booking.

use std::time::Duration;

use kernel::ResellerId;
use proto::catalog::ExtendHoldRequest;

use super::reserve_booking::{BookingError, checked_minutes};
use crate::Orders;
use crate::domain::booking::{Booking, BookingStatus};
use crate::service::HOLD_GRACE;
use crate::store;

/// Holds the seats of a booking for so many minutes from now, or as long as before if that is more.
pub async fn extend_booking(
    orders: &Orders,
    reseller: ResellerId,
    uuid: &str,
    minutes: u32,
) -> Result<Booking, BookingError> {
    let minutes = checked_minutes(minutes)?;
    let db = orders.0.database.reader();
    let booking =
        store::booking::by_uuid(db, reseller, uuid).await?.ok_or(BookingError::Unknown)?;
    let now = orders.0.clock.now();
    check(&booking, now)?;
    let expires_at = now.after(Duration::from_secs(60 * u64::from(minutes)));
    let expires_at = expires_at.max(booking.expires_at);
    // Catalog first: a booking never says that seats are held which are not.
    let request = ExtendHoldRequest {
        reference: booking.hold_reference.clone(),
        expires_at: expires_at.after(HOLD_GRACE).micros(),
    };
    orders.0.catalog.clone().extend_hold(request).await?;
    let tx = orders.0.database.begin().await?;
    let mut locked = store::booking::lock(&tx, booking.id).await?.ok_or(BookingError::Unknown)?;
    check(&locked, now)?;
    // Somebody changed its seats while catalog was asked: those of before were made to last longer.
    if locked.hold_reference != booking.hold_reference {
        return Err(BookingError::WrongStatus(locked.status));
    }
    locked.expires_at = expires_at.max(locked.expires_at);
    locked.updated_at = now;
    store::booking::update(&tx, &locked).await?;
    tx.commit().await?;
    Ok(locked)
}

fn check(booking: &Booking, now: kernel::Timestamp) -> Result<(), BookingError> {
    match booking.status {
        BookingStatus::OnHold if now < booking.expires_at => Ok(()),
        BookingStatus::OnHold => Err(BookingError::WrongStatus(BookingStatus::Expired)),
        other => Err(BookingError::WrongStatus(other)),
    }
}
