//! What the endpoints of bookings share: reading what a reseller sends, and writing a booking.

use std::collections::{BTreeSet, HashMap, HashSet};

use proto::bookings::{Booking, BookingUnit, GetBookingRequest};
use serde::Deserialize;
use uuid::Uuid;

use super::{MAX_UNIT_ITEMS, check_availability};
use crate::asking::Asking;
use crate::body;
use crate::door::Inner;
use crate::failure::{Failure, Named};
use crate::messages::Reason;
use crate::objects::booking::{self, Beside};
use crate::objects::contact::ContactInput;

/// Letters of a reference of the reseller, or of an id of the shop's.
pub const MAX_REFERENCE: usize = 100;
/// Letters of notes.
const MAX_NOTES: usize = 2_000;

/// A unit of a booking, as a reseller sends it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitItemInput {
    uuid: Option<String>,
    unit_id: Option<String>,
    reseller_reference: Option<String>,
    contact: Option<ContactInput>,
}

/// The units of a booking in the words of orders.
pub fn units(items: Vec<UnitItemInput>) -> Result<Vec<BookingUnit>, Failure> {
    if items.len() > MAX_UNIT_ITEMS {
        return Err(Failure::Unprocessable(Reason::TooMany { maximum: MAX_UNIT_ITEMS }));
    }
    let unit = |item: UnitItemInput| {
        let contact = item.contact.map(ContactInput::into_message).transpose()?;
        Ok(BookingUnit {
            uuid: item.uuid.as_deref().map(own_uuid).transpose()?.unwrap_or_default(),
            ticket_code: item.unit_id.unwrap_or_default(),
            reseller_reference: reference(item.reseller_reference)?,
            guest_name: contact.as_ref().map(name_of).unwrap_or_default(),
            contact,
            ..BookingUnit::default()
        })
    };
    let units = items.into_iter().map(unit).collect::<Result<Vec<_>, Failure>>()?;
    match given_twice(&units) {
        Some(uuid) => Err(Failure::BadRequest(Reason::UuidTwice(uuid))),
        None => Ok(units),
    }
}

fn given_twice(units: &[BookingUnit]) -> Option<String> {
    let mut seen = HashSet::new();
    let mut given = units.iter().map(|unit| unit.uuid.as_str()).filter(|uuid| !uuid.is_empty());
    given.find(|uuid| !seen.insert(*uuid)).map(ToOwned::to_owned)
}

/// The name of a person, however it was given.
pub fn name_of(contact: &proto::bookings::BookingContact) -> String {
    if !contact.full_name.is_empty() {
        return contact.full_name.clone();
    }
    format!("{} {}", contact.first_name, contact.last_name).trim().to_owned()
}

/// A reference of the reseller, of a sensible length.
pub fn reference(given: Option<String>) -> Result<String, Failure> {
    body::text("resellerReference", given, MAX_REFERENCE)
}

/// Notes of a sensible length.
pub fn notes(given: Option<String>) -> Result<String, Failure> {
    body::text("notes", given, MAX_NOTES)
}

/// Minutes for which seats are held; how many are allowed is for orders to say.
pub fn minutes(given: Option<i64>) -> Result<u32, Failure> {
    let wrong = Failure::Unprocessable(Reason::OutOfRange("expirationMinutes"));
    match given {
        None => Ok(0),
        Some(minutes) => u32::try_from(minutes).ok().filter(|minutes| *minutes > 0).ok_or(wrong),
    }
}

/// A UUID of the reseller's own, as it is written everywhere.
pub fn own_uuid(text: &str) -> Result<String, Failure> {
    let uuid = Uuid::try_parse(text)
        .map_err(|_| Failure::BadRequest(Reason::NotAUuid(super::cut(text))))?;
    Ok(uuid.to_string())
}

/// The UUID in a path: what is none names no booking.
pub fn booking_uuid(text: &str) -> Result<String, Failure> {
    let uuid = Uuid::try_parse(text).map_err(|_| Failure::InvalidBookingUuid(text.to_owned()))?;
    Ok(uuid.to_string())
}

/// The departure of a tour that an id or a start names.
pub async fn departure_id(
    octo: &Inner,
    product_id: &str,
    availability_id: &str,
) -> Result<String, Failure> {
    let ids = [availability_id.to_owned()];
    let found = check_availability::by_ids(octo, product_id, &ids).await?;
    let found = found.into_iter().next().map(|departure| departure.id);
    found.ok_or_else(|| Failure::InvalidAvailabilityId(availability_id.to_owned()))
}

/// A booking of the reseller.
pub async fn find(octo: &Inner, asking: &Asking, uuid: &str) -> Result<Booking, Failure> {
    let reseller_id = asking.reseller.id.clone();
    let request = GetBookingRequest { reseller_id, uuid: uuid.to_owned() };
    let answer = octo.orders.clone().get_booking(request).await;
    let named = Named { uuid: uuid.to_owned(), ..Named::default() };
    Ok(answer.map_err(|status| named.failure(&status))?.into_inner())
}

/// Bookings as OCTO writes them: what stands beside them is read for all at once.
pub async fn write(
    octo: &Inner,
    asking: &Asking,
    bookings: &[Booking],
) -> Result<Vec<booking::Booking>, Failure> {
    let products: BTreeSet<_> = bookings.iter().map(|one| one.product_id.clone()).collect();
    let departures: BTreeSet<_> = bookings.iter().map(|one| one.departure_id.clone()).collect();
    let departures = octo.departures(departures).await?.into_iter();
    let departures: HashMap<_, _> = departures.map(|one| (one.id.clone(), one)).collect();
    let beside = Beside {
        listings: octo.listings(&asking.reseller.shop_id, products, true).await?,
        departures,
        now: octo.clock.now(),
        public_url: octo.settings.public_url.clone(),
    };
    let language = asking.language;
    bookings.iter().map(|one| booking::Booking::of(one, &beside, language)).collect()
}

/// One booking as OCTO writes it.
pub async fn write_one(
    octo: &Inner,
    asking: &Asking,
    booking: Booking,
) -> Result<booking::Booking, Failure> {
    write(octo, asking, &[booking]).await?.into_iter().next().ok_or(Failure::Fault)
}
