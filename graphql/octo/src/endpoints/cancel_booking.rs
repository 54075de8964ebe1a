//! `POST /bookings/{uuid}/cancel`: gives the seats back, by the policy that was bought.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proto::bookings::CancelBookingRequest;
use serde::Deserialize;

use super::booked;
use crate::asking::{Asking, PathId};
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::objects::booking::Booking;

#[derive(Debug, Deserialize)]
struct Input {
    reason: Option<String>,
    force: Option<bool>,
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    PathId(uuid): PathId,
    headers: HeaderMap,
    body: Body,
) -> Response {
    asking.language.answer(cancel_booking(&octo, &asking, &uuid, &headers, body).await)
}

async fn cancel_booking(
    octo: &Inner,
    asking: &Asking,
    uuid: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Booking, Failure> {
    let uuid = booked::booking_uuid(uuid)?;
    let input: Input = body::read(headers, body).await?;
    let named = Named { uuid: uuid.clone(), ..Named::default() };
    let request = CancelBookingRequest {
        reseller_id: asking.reseller.id.clone(),
        uuid,
        reason: booked::notes(input.reason)?,
        force: input.force.unwrap_or(false),
    };
    let answer = octo.orders.clone().cancel_booking(request).await;
    let booking = answer.map_err(|status| named.failure(&status))?.into_inner();
    booked::write_one(octo, asking, booking).await
}
