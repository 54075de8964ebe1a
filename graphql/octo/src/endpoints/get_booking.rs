//! `GET /bookings/{uuid}`: one booking.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::booked;
use crate::asking::{Asking, PathId};
use crate::door::Inner;
use crate::failure::Failure;
use crate::objects::booking::Booking;

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    PathId(uuid): PathId,
) -> Response {
    asking.language.answer(get_booking(&octo, &asking, &uuid).await)
}

async fn get_booking(octo: &Inner, asking: &Asking, uuid: &str) -> Result<Booking, Failure> {
    let uuid = booked::booking_uuid(uuid)?;
    let booking = booked::find(octo, asking, &uuid).await?;
    booked::write_one(octo, asking, booking).await
}
