//! `POST /bookings`: holds seats for a reseller. The same `uuid` is the same booking.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proto::bookings::ReserveBookingRequest;
use serde::Deserialize;

use super::{booked, in_our_currency};
use crate::asking::Asking;
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::messages::Reason;
use crate::objects::booking::Booking;
use crate::objects::contact::ContactInput;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    uuid: Option<String>,
    product_id: Option<String>,
    option_id: Option<String>,
    availability_id: Option<String>,
    expiration_minutes: Option<i64>,
    notes: Option<String>,
    unit_items: Option<Vec<booked::UnitItemInput>>,
    reseller_reference: Option<String>,
    contact: Option<ContactInput>,
    currency: Option<String>,
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    headers: HeaderMap,
    body: Body,
) -> Response {
    asking.language.answer(reserve_booking(&octo, &asking, &headers, body).await)
}

async fn reserve_booking(
    octo: &Inner,
    asking: &Asking,
    headers: &HeaderMap,
    body: Body,
) -> Result<Booking, Failure> {
    let input: Input = body::read(headers, body).await?;
    in_our_currency(input.currency.as_deref())?;
    let uuid = input.uuid.as_deref().map(booked::own_uuid).transpose()?.unwrap_or_default();
    let units = booked::units(input.unit_items.unwrap_or_default())?;
    let product_id = input.product_id.unwrap_or_default();
    let option_id = input.option_id.unwrap_or_default();
    let listing = octo.listing(&asking.reseller.shop_id, &product_id).await?;
    let option = listing.option(&option_id)?;
    let known = |code: &str| option.tickets.iter().any(|ticket| ticket.code == code);
    if let Some(unknown) = units.iter().find(|unit| !known(&unit.ticket_code)) {
        return Err(Failure::InvalidUnitId(unknown.ticket_code.clone()));
    }
    let availability_id = input.availability_id.unwrap_or_default();
    let departure_id = booked::departure_id(octo, &product_id, &availability_id).await?;
    if units.is_empty() {
        return Err(Failure::Unprocessable(Reason::UnitsMissing));
    }
    let named = Named {
        unit_ids: units.iter().map(|unit| unit.ticket_code.clone()).collect(),
        product_id: product_id.clone(),
        option_id: option_id.clone(),
        availability_id,
        ..Named::default()
    };
    let request = ReserveBookingRequest {
        reseller_id: asking.reseller.id.clone(),
        shop_id: asking.reseller.shop_id.clone(),
        uuid,
        product_id,
        option_code: option_id,
        departure_id,
        units,
        hold_minutes: booked::minutes(input.expiration_minutes)?,
        notes: booked::notes(input.notes)?,
        reseller_reference: booked::reference(input.reseller_reference)?,
        contact: input.contact.map(ContactInput::into_message).transpose()?,
    };
    let answer = octo.orders.clone().reserve_booking(request).await;
    let booking = answer.map_err(|status| named.failure(&status))?.into_inner();
    booked::write_one(octo, asking, booking).await
}
