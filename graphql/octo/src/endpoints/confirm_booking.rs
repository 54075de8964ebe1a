//! `POST /bookings/{uuid}/confirm`: the seats are sold, and the tickets are there.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proto::bookings::ConfirmBookingRequest;
use serde::Deserialize;

use super::booked;
use crate::asking::{Asking, PathId};
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::messages::Reason;
use crate::objects::booking::Booking;
use crate::objects::contact::ContactInput;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    email_receipt: Option<bool>,
    reseller_reference: Option<String>,
    contact: ContactInput,
    unit_items: Option<Vec<booked::UnitItemInput>>,
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    PathId(uuid): PathId,
    headers: HeaderMap,
    body: Body,
) -> Response {
    asking.language.answer(confirm_booking(&octo, &asking, &uuid, &headers, body).await)
}

async fn confirm_booking(
    octo: &Inner,
    asking: &Asking,
    uuid: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Booking, Failure> {
    let uuid = booked::booking_uuid(uuid)?;
    let input: Input = body::read(headers, body).await?;
    let contact = input.contact.into_message()?;
    if booked::name_of(&contact).is_empty() {
        return Err(Failure::Unprocessable(Reason::NameMissing));
    }
    let units = booked::units(input.unit_items.unwrap_or_default())?;
    let named = Named {
        uuid: uuid.clone(),
        unit_ids: units.iter().map(|unit| unit.ticket_code.clone()).collect(),
        confirming: true,
        ..Named::default()
    };
    let request = ConfirmBookingRequest {
        reseller_id: asking.reseller.id.clone(),
        uuid,
        reseller_reference: booked::reference(input.reseller_reference)?,
        contact: Some(contact),
        units,
        email_receipt: input.email_receipt.unwrap_or(false),
    };
    let answer = octo.orders.clone().confirm_booking(request).await;
    let booking = answer.map_err(|status| named.failure(&status))?.into_inner();
    booked::write_one(octo, asking, booking).await
}
