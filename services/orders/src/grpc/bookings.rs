//! Resellers and their bookings over gRPC.

use std::collections::HashMap;

use kernel::{DepartureId, ProductId, ResellerId, ShopId, ShopScope};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::{Refused, bookings as contract, parse_id};
use tonic::{Response, Status};

use super::refusals::{fault, passed_on};
use super::{Answer, Grpc, optional_id};
use crate::domain::booking::Booking;
use crate::domain::vietnam_day::VietnamDay;
use crate::messages::bookings::{booking_message, contact_of, reseller_message};
use crate::store;
use crate::store::booking::BookingFilter;
use crate::usecases::cancel_booking::cancel_booking;
use crate::usecases::confirm_booking::{ConfirmBooking, UnitDetails, confirm_booking};
use crate::usecases::extend_booking::extend_booking;
use crate::usecases::manage_resellers::{
    LONGEST_NAME, MOST_RESELLERS, ResellerError, WithInvoiced, add_reseller, authenticate_reseller,
    list_resellers, revoke_reseller,
};
use crate::usecases::reserve_booking::{BookingError, ReserveBooking, WantedUnit, reserve_booking};
use crate::usecases::update_booking::{UpdateBooking, update_booking};

/// The most bookings of one answer.
const MOST_LISTED: u64 = 200;

impl Grpc {
    /// Adds a reseller; the only answer with its key.
    pub(super) async fn added_reseller(
        &self,
        request: contract::AddResellerRequest,
    ) -> Answer<contract::Reseller> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let added = add_reseller(&self.0, scope, &request.name, &request.contact_email).await;
        let (reseller, key) = added.map_err(reseller_status)?;
        let invoiced = kernel::Money::zero(kernel::Currency::Vnd);
        Ok(Response::new(reseller_message(&reseller, Some(invoiced), key)))
    }

    /// Takes a reseller's key back.
    pub(super) async fn revoked_reseller(
        &self,
        request: contract::RevokeResellerRequest,
    ) -> Answer<contract::Reseller> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let Ok(id) = request.reseller_id.parse::<ResellerId>() else {
            return Err(reseller_status(ResellerError::Unknown));
        };
        let WithInvoiced { reseller, invoiced } =
            revoke_reseller(&self.0, scope, id).await.map_err(reseller_status)?;
        Ok(Response::new(reseller_message(&reseller, Some(invoiced), String::new())))
    }

    /// A shop's resellers.
    pub(super) async fn resellers(
        &self,
        request: contract::ListResellersRequest,
    ) -> Answer<contract::Resellers> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let found = list_resellers(&self.0, scope).await.map_err(reseller_status)?;
        let resellers = found
            .iter()
            .map(|found| reseller_message(&found.reseller, Some(found.invoiced), String::new()));
        Ok(Response::new(contract::Resellers { resellers: resellers.collect() }))
    }

    /// Resellers of any shop; those that nobody knows are left out.
    pub(super) async fn resellers_by_ids(
        &self,
        request: &contract::GetResellersRequest,
    ) -> Answer<contract::Resellers> {
        let ids: Vec<ResellerId> = request.ids.iter().filter_map(|id| id.parse().ok()).collect();
        let db = self.0.0.database.reader();
        let found = store::reseller::by_ids(db, &ids).await.map_err(fault)?;
        let resellers = found.iter().map(|one| reseller_message(one, None, String::new()));
        Ok(Response::new(contract::Resellers { resellers: resellers.collect() }))
    }

    /// Whose a key is.
    pub(super) async fn authenticated_reseller(
        &self,
        request: contract::AuthenticateResellerRequest,
    ) -> Answer<contract::Reseller> {
        let found = authenticate_reseller(&self.0, &request.key).await.map_err(reseller_status)?;
        Ok(Response::new(reseller_message(&found, None, String::new())))
    }

    /// Reserves seats.
    pub(super) async fn reserved(
        &self,
        request: contract::ReserveBookingRequest,
    ) -> Answer<contract::Booking> {
        let of_input = |field| booking_status(BookingError::NotFound { field });
        let asked = ReserveBooking {
            reseller: parse_id(&request.reseller_id)?,
            shop: parse_id(&request.shop_id)?,
            uuid: request.uuid,
            product: request.product_id.parse().map_err(|_| of_input("productId"))?,
            option_code: request.option_code,
            departure: request.departure_id.parse().map_err(|_| of_input("departureId"))?,
            units: request.units.into_iter().map(said_of).collect(),
            hold_minutes: request.hold_minutes,
            notes: request.notes,
            reseller_reference: request.reseller_reference,
            contact: request.contact.map(contact_of).unwrap_or_default(),
        };
        let booking = reserve_booking(&self.0, asked).await.map_err(booking_status)?;
        self.booking(booking).await
    }

    /// Confirms a booking.
    pub(super) async fn confirmed(
        &self,
        request: contract::ConfirmBookingRequest,
    ) -> Answer<contract::Booking> {
        let asked = ConfirmBooking {
            reseller: parse_id(&request.reseller_id)?,
            uuid: request.uuid,
            reseller_reference: request.reseller_reference,
            contact: request.contact.map(contact_of),
            units: request.units.into_iter().map(details_of).collect(),
        };
        let booking = confirm_booking(&self.0, asked).await.map_err(booking_status)?;
        self.booking(booking).await
    }

    /// Changes a booking.
    pub(super) async fn updated(
        &self,
        request: contract::UpdateBookingRequest,
    ) -> Answer<contract::Booking> {
        let asked = UpdateBooking {
            reseller: parse_id(&request.reseller_id)?,
            uuid: request.uuid,
            reseller_reference: request.reseller_reference,
            notes: request.notes,
            contact: request.contact.map(contact_of),
            product: optional_id::<ProductId>(&request.product_id)?,
            option_code: Some(request.option_code).filter(|code| !code.is_empty()),
            departure: optional_id::<DepartureId>(&request.departure_id)?,
            units: request.units.into_iter().map(said_of).collect(),
        };
        let booking = update_booking(&self.0, asked).await.map_err(booking_status)?;
        self.booking(booking).await
    }

    /// Holds a booking for longer.
    pub(super) async fn extended(
        &self,
        request: contract::ExtendBookingRequest,
    ) -> Answer<contract::Booking> {
        let reseller = parse_id(&request.reseller_id)?;
        let extended = extend_booking(&self.0, reseller, &request.uuid, request.hold_minutes).await;
        self.booking(extended.map_err(booking_status)?).await
    }

    /// Cancels a booking.
    pub(super) async fn cancelled(
        &self,
        request: contract::CancelBookingRequest,
    ) -> Answer<contract::Booking> {
        let reseller = parse_id(&request.reseller_id)?;
        let (uuid, reason) = (&request.uuid, &request.reason);
        let cancelled = cancel_booking(&self.0, reseller, uuid, reason, request.force).await;
        self.booking(cancelled.map_err(booking_status)?).await
    }

    /// A booking.
    pub(super) async fn one_booking(
        &self,
        request: contract::GetBookingRequest,
    ) -> Answer<contract::Booking> {
        let reseller = parse_id(&request.reseller_id)?;
        let db = self.0.0.database.reader();
        let found = store::booking::by_uuid(db, reseller, &request.uuid).await.map_err(fault)?;
        self.booking(found.ok_or_else(|| booking_status(BookingError::Unknown))?).await
    }

    /// Bookings of a reseller.
    pub(super) async fn bookings(
        &self,
        request: contract::ListBookingsRequest,
    ) -> Answer<contract::Bookings> {
        let reseller = parse_id(&request.reseller_id)?;
        let filter = filter_of(request)?;
        let db = self.0.0.database.reader();
        let found =
            store::booking::list(db, reseller, &filter, MOST_LISTED).await.map_err(fault)?;
        Ok(Response::new(contract::Bookings { bookings: self.booking_messages(found).await? }))
    }

    async fn booking(&self, booking: Booking) -> Answer<contract::Booking> {
        let told = self.booking_messages(vec![booking]).await?.pop();
        told.map(Response::new).ok_or_else(|| Status::internal("the booking is gone"))
    }

    /// Bookings with their tickets: as many questions, however many they are.
    async fn booking_messages(
        &self,
        bookings: Vec<Booking>,
    ) -> Result<Vec<contract::Booking>, Status> {
        let db = self.0.0.database.reader();
        let ids: Vec<_> = bookings.iter().filter_map(|booking| booking.order).collect();
        let (mut numbers, mut tickets) = (HashMap::new(), HashMap::new());
        if !ids.is_empty() {
            let orders = store::order::by_ids(db, ids.iter().copied()).await.map_err(fault)?;
            numbers.extend(orders.into_iter().map(|order| (order.id, order.number)));
            let found = store::ticket::of_orders(db, ids).await.map_err(fault)?;
            for ticket in self.ticket_messages(found).await? {
                let of_order: &mut HashMap<String, contract::Ticket> =
                    tickets.entry(ticket.order_id.clone()).or_default();
                of_order.insert(ticket.id.clone(), ticket);
            }
        }
        let told = bookings.iter().map(|booking| {
            let order = booking.order;
            let number = order.and_then(|id| numbers.get(&id)).map(String::as_str);
            let of_order = order.and_then(|id| tickets.remove(&id.to_string())).unwrap_or_default();
            booking_message(booking, number.unwrap_or_default(), &of_order)
        });
        Ok(told.collect())
    }
}

fn filter_of(request: contract::ListBookingsRequest) -> Result<BookingFilter, Status> {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let day = |text: String, field: &'static str| match given(text) {
        None => Ok(None),
        Some(text) => match VietnamDay::parse(&text) {
            Some(day) => Ok(Some(day)),
            None => Err(Status::from(Refused::new(RefusalCode::Invalid).at(&[field]))),
        },
    };
    let on = day(request.local_day, "localDay")?;
    let from = day(request.local_day_from, "localDayFrom")?.max(on);
    let to = day(request.local_day_to, "localDayTo")?;
    // The earlier one: no day at all is no bound.
    let to = match (to, on) {
        (Some(to), Some(on)) => Some(to.min(on)),
        (to, on) => to.or(on),
    };
    Ok(BookingFilter {
        reseller_reference: given(request.reseller_reference),
        supplier_reference: given(request.supplier_reference),
        from: from.map(VietnamDay::start),
        before: to.map(|day| day.following().start()),
        product: optional_id::<ProductId>(&request.product_id)?,
        option_code: given(request.option_code),
    })
}

/// What is wanted, and what is said of it.
fn said_of(unit: contract::BookingUnit) -> (WantedUnit, UnitDetails) {
    let wanted = WantedUnit { uuid: unit.uuid.clone(), ticket_code: unit.ticket_code.clone() };
    (wanted, details_of(unit))
}

fn details_of(unit: contract::BookingUnit) -> UnitDetails {
    UnitDetails {
        uuid: unit.uuid,
        reseller_reference: unit.reseller_reference,
        guest_name: unit.guest_name,
        contact: unit.contact.map(contact_of),
    }
}

fn reseller_status(error: ResellerError) -> Status {
    let refused = match error {
        ResellerError::NameMissing => Refused::new(RefusalCode::Required).at(&["name"]),
        ResellerError::NameTooLong => {
            Refused::new(RefusalCode::TooLong).at(&["name"]).fact("maximum", LONGEST_NAME)
        }
        ResellerError::EmailInvalid => Refused::new(RefusalCode::Invalid).at(&["contactEmail"]),
        ResellerError::TooMany => {
            Refused::new(RefusalCode::OutOfRange).fact("maximum", MOST_RESELLERS)
        }
        ResellerError::Unknown => Refused::new(RefusalCode::NotFound).at(&["resellerId"]),
        ResellerError::WrongKey => Refused::new(RefusalCode::WrongCredentials).at(&["key"]),
        ResellerError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

fn booking_status(error: BookingError) -> Status {
    let refused = match error {
        BookingError::Unknown => Refused::new(RefusalCode::NotFound).at(&["uuid"]),
        BookingError::OutOfBounds { field, minimum, maximum } => {
            Refused::new(RefusalCode::OutOfRange)
                .at(&[field])
                .fact("minimum", minimum)
                .fact("maximum", maximum)
        }
        BookingError::NotFound { field } => Refused::new(RefusalCode::NotFound).at(&[field]),
        BookingError::Malformed { field } => Refused::new(RefusalCode::Invalid).at(&[field]),
        BookingError::UuidReused => Refused::new(RefusalCode::IdempotencyKeyReused).at(&["uuid"]),
        BookingError::WrongStatus(status) => Refused::new(RefusalCode::StatusConflict)
            .at(&["uuid"])
            .fact("status", status.name().to_uppercase()),
        BookingError::NotCancellable(status) => {
            Refused::new(RefusalCode::TicketNotCancellable).at(&["uuid"]).fact("status", status)
        }
        BookingError::Refused(status) => return status,
        BookingError::Unavailable(status) => return passed_on(status),
        BookingError::Database(error) => return database_fault(&error),
    };
    refused.into()
}
