//! A reseller changes a booking: what it says of it at any time, seats only while they are held.

use kernel::{DepartureId, ProductId, ResellerId, Timestamp};
use platform::ids;
use proto::catalog::HoldReference;

use super::confirm_booking::{UnitDetails, apply, checked_contact, describe};
use super::reserve_booking::{
    BookingError, Place, WantedUnit, checked_text, hold_seats, price, units_of,
};
use crate::Orders;
use crate::domain::booking::{Booking, BookingContact, BookingStatus};
use crate::store;

/// What shall be different; what is left out stays.
#[derive(Clone, Debug)]
pub struct UpdateBooking {
    /// Who.
    pub reseller: ResellerId,
    /// Which booking.
    pub uuid: String,
    /// The reseller's own number of it.
    pub reseller_reference: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// Who booked.
    pub contact: Option<BookingContact>,
    /// Another tour.
    pub product: Option<ProductId>,
    /// Another option.
    pub option_code: Option<String>,
    /// Another departure.
    pub departure: Option<DepartureId>,
    /// Other units, or what is said of those that there are.
    pub units: Vec<(WantedUnit, UnitDetails)>,
}

/// Changes a booking.
pub async fn update_booking(
    orders: &Orders,
    asked: UpdateBooking,
) -> Result<Booking, BookingError> {
    for (field, text) in [("resellerReference", &asked.reseller_reference), ("notes", &asked.notes)]
    {
        checked_text(field, text.as_deref().unwrap_or_default())?;
    }
    if let Some(contact) = &asked.contact {
        checked_contact("contact", contact)?;
    }
    let db = orders.0.database.reader();
    let found = store::booking::by_uuid(db, asked.reseller, &asked.uuid).await?;
    let before = found.ok_or(BookingError::Unknown)?;
    let now = orders.0.clock.now();
    check(&before, now)?;
    let mut after = before.clone();
    let other_seats = wants_other_seats(&before, &asked);
    if other_seats {
        if before.status != BookingStatus::OnHold {
            return Err(BookingError::WrongStatus(before.status));
        }
        hold_others(orders, &mut after, &asked).await?;
    }
    let tx = orders.0.database.begin().await?;
    // Order, booking, tickets, as everybody locks. One that is confirmed only now is not changed below.
    if let Some(order) = before.order {
        store::order::lock_by_id(&tx, order).await?;
    }
    let locked = store::booking::lock(&tx, before.id).await?.ok_or(BookingError::Unknown)?;
    check(&locked, now)?;
    // Somebody else changed it while its seats were asked for: the other one stands, and the seats
    // that were held for this one become free by themselves.
    let changed = other_seats && locked.updated_at != before.updated_at;
    if changed || locked.status != before.status || locked.hold_reference != before.hold_reference {
        return Err(BookingError::WrongStatus(locked.status));
    }
    if !other_seats {
        after = locked;
    }
    if let Some(reference) = asked.reseller_reference {
        after.reseller_reference = reference;
    }
    if let Some(notes) = asked.notes {
        after.notes = notes;
    }
    if let Some(contact) = asked.contact {
        after.contact = contact;
    }
    let details = asked.units.into_iter().map(|(_, details)| details);
    apply(&mut after, details.filter(|details| !details.uuid.is_empty()).collect())?;
    after.updated_at = now;
    if after.order.is_some() {
        // By their ids, as check-in does: units, whose rows point at them, have an order of their own.
        store::ticket::lock(&tx, after.units.iter().filter_map(|unit| unit.ticket)).await?;
    }
    store::booking::update(&tx, &after).await?;
    if after.order.is_some() {
        for unit in &after.units {
            if let Some(ticket) = unit.ticket {
                store::ticket::set_guest_name(&tx, ticket, &unit.guest_name).await?;
            }
        }
    }
    tx.commit().await?;
    if other_seats {
        let reference = HoldReference { reference: before.hold_reference };
        if let Err(status) = orders.0.catalog.clone().release_hold(reference).await {
            // It expires by itself.
            tracing::warn!(booking = %after.id, %status, "seats of before were not released");
        }
    }
    Ok(after)
}

fn check(booking: &Booking, now: Timestamp) -> Result<(), BookingError> {
    match booking.status {
        BookingStatus::Confirmed => Ok(()),
        BookingStatus::OnHold if now < booking.expires_at => Ok(()),
        BookingStatus::OnHold => Err(BookingError::WrongStatus(BookingStatus::Expired)),
        other => Err(BookingError::WrongStatus(other)),
    }
}

fn wants_other_seats(before: &Booking, asked: &UpdateBooking) -> bool {
    let other_units = || {
        let known = before.units.iter().map(|unit| (unit.uuid.to_lowercase(), &unit.ticket_code));
        let mut known: Vec<_> = known.collect();
        let wanted = asked.units.iter();
        let mut wanted: Vec<_> =
            wanted.map(|(unit, _)| (unit.uuid.to_lowercase(), &unit.ticket_code)).collect();
        known.sort();
        wanted.sort();
        // Units that are named without their kind stay what they are.
        let same_kind = |(left, right): (&(String, &String), &(String, &String))| {
            left.0 == right.0 && (right.1.is_empty() || left.1 == right.1)
        };
        known.len() != wanted.len() || !known.iter().zip(&wanted).all(same_kind)
    };
    asked.departure.is_some_and(|departure| departure != before.departure)
        || asked.product.is_some_and(|product| product != before.product)
        || asked.option_code.as_ref().is_some_and(|option| *option != before.option_code)
        || (!asked.units.is_empty() && other_units())
}

/// Holds what is wanted instead, under a reference of its own; what was held stays until then.
async fn hold_others(
    orders: &Orders,
    booking: &mut Booking,
    asked: &UpdateBooking,
) -> Result<(), BookingError> {
    booking.departure = asked.departure.unwrap_or(booking.departure);
    booking.product = asked.product.unwrap_or(booking.product);
    if let Some(option) = &asked.option_code {
        booking.option_code = option.clone();
    }
    let wanted: Vec<WantedUnit> = if asked.units.is_empty() {
        let of = booking.units.iter();
        of.map(|unit| WantedUnit { uuid: unit.uuid.clone(), ticket_code: unit.ticket_code.clone() })
            .collect()
    } else {
        asked.units.iter().map(|(unit, _)| kind_kept(booking, unit)).collect()
    };
    let place = Place {
        shop: booking.shop,
        product: booking.product,
        option_code: &booking.option_code,
        departure: booking.departure,
    };
    let (departure, mut units) = units_of(orders, &place, &wanted).await?;
    for unit in &mut units {
        if let Some(known) = booking.units.iter().find(|known| known.uuid == unit.uuid) {
            unit.reseller_reference = known.reseller_reference.clone();
            unit.guest_name = known.guest_name.clone();
            unit.contact = known.contact.clone();
        }
    }
    // A new unit has no id yet by which what is said of it could be found later.
    for (unit, (wanted, said)) in units.iter_mut().zip(&asked.units) {
        if wanted.uuid.is_empty() {
            describe(unit, said.clone())?;
        }
    }
    booking.units = units;
    booking.starts_at = Timestamp::from_micros(departure.starts_at);
    booking.ends_at = Timestamp::from_micros(departure.ends_at);
    booking.hold_reference = format!("{}_{}", booking.id, ids::new::<kernel::HoldId>());
    let made = hold_seats(orders, booking).await?;
    price(booking, &made)
}

fn kind_kept(booking: &Booking, unit: &WantedUnit) -> WantedUnit {
    let known = booking.units.iter().find(|known| known.uuid.eq_ignore_ascii_case(&unit.uuid));
    let ticket_code = match known {
        Some(known) if unit.ticket_code.is_empty() => known.ticket_code.clone(),
        _ => unit.ticket_code.clone(),
    };
    WantedUnit { uuid: unit.uuid.clone(), ticket_code }
}
