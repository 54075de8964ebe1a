//! Cancellations, resellers and their bookings in the contract's words.

use std::collections::HashMap;

use kernel::{Money, Timestamp};
use prost::Message;
use proto::bookings as contract;
use proto::catalog::Offers;
use proto::orders::{Notice as NoticeMessage, NoticeKind as NoticeKindMessage};

use super::terms::offer_of;
use crate::domain::booking::{Booking, BookingContact, BookingStatus, BookingUnit};
use crate::domain::cancellation::Quote;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::order::Order;
use crate::domain::reseller::Reseller;
use crate::domain::ticket_cancellation::TicketCancellation;

/// What a cancellation came to.
pub fn cancellation_message(
    order: &Order,
    done: &TicketCancellation,
) -> contract::TicketCancellation {
    let quote =
        Quote { tickets: done.tickets.clone(), lines: done.lines.clone(), refund: done.refund };
    contract::TicketCancellation {
        id: done.id.to_string(),
        refund_ids: done.refund_id.iter().map(ToString::to_string).collect(),
        account_needed: done.account_needed,
        ..quote_message(order, &quote)
    }
}

/// What a cancellation would come to.
pub fn quote_message(order: &Order, quote: &Quote) -> contract::TicketCancellation {
    let tickets = quote.tickets.iter().map(|quoted| contract::CancelledTicket {
        ticket_id: quoted.ticket.to_string(),
        price: Some(quoted.price.into()),
        refund: Some(quoted.refund.into()),
        refund_basis_points: quoted.rate.get(),
        hours_before: quoted.hours_before,
    });
    let add_ons = quote.lines.iter().filter_map(|quoted| {
        let line = order.lines.iter().find(|line| line.id == quoted.line)?;
        let terms = line.ticket.as_ref().filter(|terms| terms.is_add_on())?;
        Some(contract::CancelledAddOn {
            order_line_id: line.id.to_string(),
            code: offer_of(terms).ticket_code,
            quantity: quoted.quantity,
            price: Some(quoted.price.into()),
            refund: Some(quoted.refund.into()),
        })
    });
    contract::TicketCancellation {
        tickets: tickets.collect(),
        add_ons: add_ons.collect(),
        refund: Some(quote.refund.into()),
        ..contract::TicketCancellation::default()
    }
}

/// A notice.
pub fn notice_message(notice: &Notice) -> NoticeMessage {
    let kind = match notice.kind {
        NoticeKind::TicketsCancelled => NoticeKindMessage::TicketsCancelled,
        NoticeKind::DepartureMoved => NoticeKindMessage::DepartureMoved,
        NoticeKind::DepartureRefunded => NoticeKindMessage::DepartureRefunded,
        NoticeKind::Refunded => NoticeKindMessage::Refunded,
    };
    NoticeMessage {
        kind: kind.into(),
        at: notice.at.micros(),
        facts: notice.facts.clone().into_iter().collect::<HashMap<_, _>>(),
    }
}

/// A reseller; `key` only for the one answer that shows it.
pub fn reseller_message(
    reseller: &Reseller,
    invoiced: Option<Money>,
    key: String,
) -> contract::Reseller {
    contract::Reseller {
        id: reseller.id.to_string(),
        shop_id: reseller.shop.to_string(),
        name: reseller.name.clone(),
        contact_email: reseller.contact_email.clone(),
        active: reseller.revoked_at.is_none(),
        created_at: reseller.created_at.micros(),
        key,
        invoiced: invoiced.map(Into::into),
    }
}

/// A booking. `tickets` are those of its order, by their ids.
pub fn booking_message(
    booking: &Booking,
    order_number: &str,
    tickets: &HashMap<String, contract::Ticket>,
) -> contract::Booking {
    let of_unit =
        |unit: &BookingUnit| unit.ticket.and_then(|id| tickets.get(&id.to_string())).cloned();
    // What was agreed on stands in what was held. The program wrote it.
    let offers = Offers::decode(booking.offers.as_slice()).unwrap_or_default();
    let terms = offers.offers.into_iter().find_map(|offer| offer.ticket);
    contract::Booking {
        id: booking.id.to_string(),
        uuid: booking.uuid.clone(),
        reseller_id: booking.reseller.to_string(),
        shop_id: booking.shop.to_string(),
        status: booking_status(booking, tickets).into(),
        product_id: booking.product.to_string(),
        option_code: booking.option_code.clone(),
        departure_id: booking.departure.to_string(),
        units: booking.units.iter().map(|unit| unit_message(unit, of_unit(unit))).collect(),
        reseller_reference: booking.reseller_reference.clone(),
        supplier_reference: order_number.to_owned(),
        total: Some(booking.total.into()),
        contact: Some(contact_message(&booking.contact)),
        notes: booking.notes.clone(),
        created_at: booking.created_at.micros(),
        updated_at: booking.updated_at.micros(),
        expires_at: if booking.status.is_held() { booking.expires_at.micros() } else { 0 },
        confirmed_at: booking.confirmed_at.map_or(0, Timestamp::micros),
        cancelled_at: booking.cancelled_at.map_or(0, Timestamp::micros),
        cancellation_reason: booking.cancellation_reason.clone(),
        cancellation_refund: booking
            .cancellation_refund
            .map(|kind| kind.name().to_uppercase())
            .unwrap_or_default(),
        order_id: booking.order.map(|id| id.to_string()).unwrap_or_default(),
        starts_at: booking.starts_at.micros(),
        ends_at: booking.ends_at.micros(),
        cancellation: terms.map(|terms| terms.cancellation).unwrap_or_default(),
    }
}

/// Where a booking stands for its reseller: what is under way looks as it did before.
fn booking_status(
    booking: &Booking,
    tickets: &HashMap<String, contract::Ticket>,
) -> contract::BookingStatus {
    match booking.status {
        BookingStatus::Reserving | BookingStatus::OnHold | BookingStatus::Confirming => {
            contract::BookingStatus::OnHold
        }
        BookingStatus::Confirmed if on_board(tickets) => contract::BookingStatus::Redeemed,
        BookingStatus::Confirmed | BookingStatus::Cancelling => contract::BookingStatus::Confirmed,
        BookingStatus::Cancelled => contract::BookingStatus::Cancelled,
        BookingStatus::Expired => contract::BookingStatus::Expired,
    }
}

/// Whether all guests who still come are on board.
fn on_board(tickets: &HashMap<String, contract::Ticket>) -> bool {
    let mut left = tickets
        .values()
        .map(contract::Ticket::status)
        .filter(|status| *status != contract::TicketStatus::TicketCancelled)
        .peekable();
    left.peek().is_some() && left.all(|status| status == contract::TicketStatus::TicketRedeemed)
}

fn unit_message(unit: &BookingUnit, ticket: Option<contract::Ticket>) -> contract::BookingUnit {
    contract::BookingUnit {
        uuid: unit.uuid.clone(),
        ticket_code: unit.ticket_code.clone(),
        reseller_reference: unit.reseller_reference.clone(),
        guest_name: unit.guest_name.clone(),
        price: Some(unit.price.into()),
        ticket,
        contact: Some(contact_message(&unit.contact)),
    }
}

fn contact_message(contact: &BookingContact) -> contract::BookingContact {
    let BookingContact {
        full_name,
        first_name,
        last_name,
        email,
        phone,
        country,
        postal_code,
        notes,
        locales,
    } = contact.clone();
    contract::BookingContact {
        full_name,
        first_name,
        last_name,
        email,
        phone,
        country,
        postal_code,
        notes,
        locales,
    }
}

/// A contact as a reseller told it.
pub fn contact_of(contact: contract::BookingContact) -> BookingContact {
    let contract::BookingContact {
        full_name,
        first_name,
        last_name,
        email,
        phone,
        country,
        postal_code,
        notes,
        locales,
    } = contact;
    BookingContact {
        full_name,
        first_name,
        last_name,
        email,
        phone,
        country,
        postal_code,
        notes,
        locales,
    }
}
