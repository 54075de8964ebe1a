//! Orders, as far as resellers see it: bookings in memory that go the way that bookings go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kernel::{BookingId, Clock, ManualClock, TicketId};
use proto::Refused;
use proto::bookings::{
    Booking, BookingStatus, Bookings, CancelBookingRequest, ConfirmBookingRequest,
    ExtendBookingRequest, GetBookingRequest, ListBookingsRequest, ReserveBookingRequest, Ticket,
    TicketStatus, UpdateBookingRequest,
};
use proto::common::{Money, RefusalCode};
use tonic::Status;
use uuid::Uuid;

use super::fake::Fake;
use super::market::{FIRST_START, HOUR, tiers, vnd};

type Store = Arc<Mutex<BTreeMap<(String, String), Booking>>>;

/// Makes a fake answer the calls of bookings.
pub fn answer(orders: &Fake, clock: &Arc<ManualClock>) {
    let store: Store = Store::default();
    reserve(orders, &store, clock);
    let (kept, time) = (Arc::clone(&store), Arc::clone(clock));
    orders.on("confirm_booking", move |request: ConfirmBookingRequest| {
        change(&kept, &request.reseller_id, &request.uuid, |booking| {
            confirm(booking, &request, &time)
        })
    });
    let (kept, time) = (Arc::clone(&store), Arc::clone(clock));
    orders.on("extend_booking", move |request: ExtendBookingRequest| {
        change(&kept, &request.reseller_id, &request.uuid, |booking| {
            require(booking, BookingStatus::OnHold)?;
            booking.expires_at = expiry(request.hold_minutes, &time);
            Ok(())
        })
    });
    let (kept, time) = (Arc::clone(&store), Arc::clone(clock));
    orders.on("cancel_booking", move |request: CancelBookingRequest| {
        change(&kept, &request.reseller_id, &request.uuid, |booking| {
            if booking.status() == BookingStatus::Expired {
                return Err(conflict(booking));
            }
            booking.status = BookingStatus::Cancelled.into();
            booking.cancelled_at = time.now().micros();
            booking.cancellation_reason.clone_from(&request.reason);
            booking.cancellation_refund = "FULL".to_owned();
            for ticket in booking.units.iter_mut().filter_map(|unit| unit.ticket.as_mut()) {
                ticket.status = TicketStatus::TicketCancelled.into();
            }
            Ok(())
        })
    });
    let kept = Arc::clone(&store);
    orders.on("update_booking", move |request: UpdateBookingRequest| {
        change(&kept, &request.reseller_id, &request.uuid, |booking| update(booking, &request))
    });
    let kept = Arc::clone(&store);
    orders.on("get_booking", move |request: GetBookingRequest| {
        change(&kept, &request.reseller_id, &request.uuid, |_| Ok(()))
    });
    orders.on("list_bookings", move |request: ListBookingsRequest| {
        let store = store.lock().unwrap();
        let fits = |booking: &&Booking| {
            let reference = &request.reseller_reference;
            booking.reseller_id == request.reseller_id
                && (reference.is_empty() || *reference == booking.reseller_reference)
        };
        Ok(Bookings { bookings: store.values().filter(fits).cloned().collect() })
    });
}

fn reserve(orders: &Fake, store: &Store, clock: &Arc<ManualClock>) {
    let (store, clock) = (Arc::clone(store), Arc::clone(clock));
    orders.on("reserve_booking", move |request: ReserveBookingRequest| {
        let mut store = store.lock().unwrap();
        let made_up = Uuid::from_u128(500 + store.len() as u128).to_string();
        let uuid = if request.uuid.is_empty() { made_up } else { request.uuid };
        let key = (request.reseller_id.clone(), uuid.clone());
        if let Some(known) = store.get(&key) {
            let same = known.departure_id == request.departure_id
                && known.units.len() == request.units.len();
            let reused = Refused::new(RefusalCode::IdempotencyKeyReused);
            return if same { Ok(known.clone()) } else { Err(reused.into()) };
        }
        if request.units.len() > 12 {
            return Err(Refused::new(RefusalCode::InsufficientStock).fact("available", 12).into());
        }
        let mut units = request.units;
        for (number, unit) in (1_u128..).zip(&mut units) {
            if unit.uuid.is_empty() {
                unit.uuid = Uuid::from_u128(900 + number).to_string();
            }
            unit.price = Some(price(&unit.ticket_code));
        }
        let total = units.iter().map(|unit| price(&unit.ticket_code).minor).sum();
        let booking = Booking {
            id: BookingId::from_uuid(Uuid::from_u128(store.len() as u128)).to_string(),
            uuid,
            reseller_id: request.reseller_id,
            shop_id: request.shop_id,
            status: BookingStatus::OnHold.into(),
            product_id: request.product_id,
            option_code: request.option_code,
            departure_id: request.departure_id,
            units,
            reseller_reference: request.reseller_reference,
            total: Some(vnd(total)),
            contact: request.contact,
            notes: request.notes,
            created_at: clock.now().micros(),
            updated_at: clock.now().micros(),
            expires_at: expiry(request.hold_minutes, &clock),
            starts_at: FIRST_START,
            ends_at: FIRST_START + 4 * HOUR,
            cancellation: tiers(),
            ..Booking::default()
        };
        store.insert(key, booking.clone());
        Ok(booking)
    });
}

fn confirm(
    booking: &mut Booking,
    request: &ConfirmBookingRequest,
    clock: &ManualClock,
) -> Result<(), Status> {
    if booking.status() == BookingStatus::Confirmed {
        return Ok(());
    }
    if booking.status() == BookingStatus::OnHold && clock.now().micros() > booking.expires_at {
        booking.status = BookingStatus::Expired.into();
    }
    require(booking, BookingStatus::OnHold)?;
    booking.status = BookingStatus::Confirmed.into();
    booking.confirmed_at = clock.now().micros();
    booking.supplier_reference = "CN-7K2M-Q4PD".to_owned();
    booking.reseller_reference.clone_from(&request.reseller_reference);
    booking.contact.clone_from(&request.contact);
    for (number, unit) in (1_u32..).zip(&mut booking.units) {
        unit.ticket = Some(Ticket {
            id: TicketId::from_uuid(Uuid::from_u128(u128::from(number))).to_string(),
            code: format!("CN1.{number}.signed"),
            status: TicketStatus::TicketValid.into(),
            number,
            ..Ticket::default()
        });
    }
    Ok(())
}

fn update(booking: &mut Booking, request: &UpdateBookingRequest) -> Result<(), Status> {
    if let Some(reference) = &request.reseller_reference {
        booking.reseller_reference.clone_from(reference);
    }
    if let Some(notes) = &request.notes {
        booking.notes.clone_from(notes);
    }
    if request.contact.is_some() {
        booking.contact.clone_from(&request.contact);
    }
    if !request.departure_id.is_empty() {
        require(booking, BookingStatus::OnHold)?;
        booking.departure_id.clone_from(&request.departure_id);
    }
    Ok(())
}

fn change(
    store: &Store,
    reseller_id: &str,
    uuid: &str,
    change: impl FnOnce(&mut Booking) -> Result<(), Status>,
) -> Result<Booking, Status> {
    let mut store = store.lock().unwrap();
    let booking = store.get_mut(&(reseller_id.to_owned(), uuid.to_owned()));
    let booking =
        booking.ok_or_else(|| Status::from(Refused::new(RefusalCode::NotFound).at(&["uuid"])))?;
    change(booking)?;
    Ok(booking.clone())
}

fn require(booking: &Booking, status: BookingStatus) -> Result<(), Status> {
    if booking.status() == status { Ok(()) } else { Err(conflict(booking)) }
}

fn conflict(booking: &Booking) -> Status {
    Refused::new(RefusalCode::StatusConflict).fact("status", booking.status().as_str_name()).into()
}

fn expiry(minutes: u32, clock: &ManualClock) -> i64 {
    let minutes = if minutes == 0 { 30 } else { minutes };
    clock.now().micros() + i64::from(minutes) * 60_000_000
}

fn price(code: &str) -> Money {
    vnd(match code {
        "adult" => 250_000,
        "child" => 125_000,
        "boat" => 2_000_000,
        _ => 0,
    })
}
