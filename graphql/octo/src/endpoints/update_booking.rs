//! `PATCH /bookings/{uuid}`: changes what was said of a booking, or for which seats it is.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proto::bookings::UpdateBookingRequest;
use serde::{Deserialize, Deserializer};

use super::{booked, extend_booking};
use crate::asking::{Asking, PathId};
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::objects::booking::Booking;
use crate::objects::contact::ContactInput;

/// What is left out stays as it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    reseller_reference: Option<String>,
    product_id: Option<String>,
    option_id: Option<String>,
    availability_id: Option<String>,
    expiration_minutes: Option<i64>,
    /// `null` takes the notes away.
    #[serde(default)]
    notes: Notes,
    unit_items: Option<Vec<booked::UnitItemInput>>,
    contact: Option<ContactInput>,
}

/// What is said of the notes; unlike other fields they may be taken away.
#[derive(Debug, Default)]
enum Notes {
    #[default]
    Unchanged,
    Now(Option<String>),
}

impl<'de> Deserialize<'de> for Notes {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Option::deserialize(reader).map(Self::Now)
    }
}

/// Answers.
pub async fn handle(
    State(octo): State<Arc<Inner>>,
    asking: Asking,
    PathId(uuid): PathId,
    headers: HeaderMap,
    body: Body,
) -> Response {
    asking.language.answer(update_booking(&octo, &asking, &uuid, &headers, body).await)
}

async fn update_booking(
    octo: &Inner,
    asking: &Asking,
    uuid: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Booking, Failure> {
    let uuid = booked::booking_uuid(uuid)?;
    let input: Input = body::read(headers, body).await?;
    let units = booked::units(input.unit_items.unwrap_or_default())?;
    let before = booked::find(octo, asking, &uuid).await?;
    let product_id = input.product_id.unwrap_or_else(|| before.product_id.clone());
    let option_id = input.option_id.unwrap_or(before.option_code);
    // What was booked can be kept after it went off the shelf.
    let kept = product_id == before.product_id;
    let shop_id = &asking.reseller.shop_id;
    let found = octo.listings(shop_id, [product_id.clone()].into(), kept).await?;
    let listing = found.get(&product_id);
    let listing = listing.ok_or_else(|| Failure::InvalidProductId(product_id.clone()))?;
    let option = listing.option(&option_id)?;
    let known = |code: &str| option.tickets.iter().any(|ticket| ticket.code == code);
    if let Some(unknown) = units.iter().find(|unit| !known(&unit.ticket_code)) {
        return Err(Failure::InvalidUnitId(unknown.ticket_code.clone()));
    }
    let departure_id = match &input.availability_id {
        Some(id) => booked::departure_id(octo, &product_id, id).await?,
        None => String::new(),
    };
    let minutes = input.expiration_minutes.map(|given| booked::minutes(Some(given))).transpose()?;
    let named = Named {
        uuid: uuid.clone(),
        unit_ids: units.iter().map(|unit| unit.ticket_code.clone()).collect(),
        product_id: product_id.clone(),
        option_id: option_id.clone(),
        availability_id: input.availability_id.unwrap_or_default(),
        ..Named::default()
    };
    let given = input.reseller_reference;
    let request = UpdateBookingRequest {
        reseller_id: asking.reseller.id.clone(),
        uuid: uuid.clone(),
        reseller_reference: given.map(|given| booked::reference(Some(given))).transpose()?,
        notes: match input.notes {
            Notes::Unchanged => None,
            Notes::Now(notes) => Some(booked::notes(notes)?),
        },
        contact: input.contact.map(ContactInput::into_message).transpose()?,
        departure_id,
        units,
        product_id,
        option_code: option_id,
    };
    // First, for this too may be refused: seats that are held for longer harm nobody, a booking that
    // changed although its reseller was refused does.
    if let Some(minutes) = minutes {
        extend_booking::extend(octo, asking, &uuid, minutes).await?;
    }
    let answer = octo.orders.clone().update_booking(request).await;
    let booking = answer.map_err(|status| named.failure(&status))?.into_inner();
    booked::write_one(octo, asking, booking).await
}
