//! `POST /bookings/{uuid}/extend`: holds seats for longer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proto::bookings::{self, ExtendBookingRequest};
use serde::Deserialize;

use super::booked;
use crate::asking::{Asking, PathId};
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::objects::booking::Booking;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    expiration_minutes: Option<i64>,
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    PathId(uuid): PathId,
    headers: HeaderMap,
    body: Body,
) -> Response {
    asking.language.answer(extend_booking(&octo, &asking, &uuid, &headers, body).await)
}

async fn extend_booking(
    octo: &Inner,
    asking: &Asking,
    uuid: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Booking, Failure> {
    let uuid = booked::booking_uuid(uuid)?;
    let input: Input = body::read(headers, body).await?;
    let minutes = booked::minutes(input.expiration_minutes)?;
    let booking = extend(octo, asking, &uuid, minutes).await?;
    booked::write_one(octo, asking, booking).await
}

/// Holds the seats of a booking for so many minutes from now; 0 is the usual time.
pub async fn extend(
    octo: &Inner,
    asking: &Asking,
    uuid: &str,
    hold_minutes: u32,
) -> Result<bookings::Booking, Failure> {
    let reseller_id = asking.reseller.id.clone();
    let request = ExtendBookingRequest { reseller_id, uuid: uuid.to_owned(), hold_minutes };
    let answer = octo.orders.clone().extend_booking(request).await;
    let named = Named { uuid: uuid.to_owned(), ..Named::default() };
    Ok(answer.map_err(|status| named.failure(&status))?.into_inner())
}
