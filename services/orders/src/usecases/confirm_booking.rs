//! A reseller confirms a booking: its seats are sold, it becomes an order with tickets, and the
//! reseller owes the shop.

use std::collections::HashMap;
use std::time::Duration;

use kernel::{CartId, CheckoutId, Locale, Money, ResellerId, Timestamp};
use platform::database::Transaction;
use platform::{ids, outbox};
use prost::Message;
use proto::catalog::{HoldReference, Offer, Offers};
use proto::events::ResellerInvoiced;
use proto::events::event::Body;
use sea_orm::DbErr;

use super::advance_checkout::{AdvanceError, held_line};
use super::issue_tickets::issue_tickets_named;
use super::reserve_booking::{BookingError, LONGEST_TEXT, checked_text};
use crate::Orders;
use crate::domain::booking::{Booking, BookingContact, BookingStatus, BookingUnit};
use crate::domain::checkout::{Checkout, CheckoutLine, CheckoutStatus, PayWith};
use crate::domain::contact::{Contact, Delivery, DeliveryMethod};
use crate::domain::order::{HeldLine, Order, OrderStatus, order_number, split_into_orders};
use crate::store;
use crate::store::checkout::Asked;
use crate::store::reseller::Invoice;

/// A confirmation that is under way for so long was interrupted.
pub const CONFIRMED_AFTER: Duration = Duration::from_secs(15);

/// What a reseller says of a unit.
#[derive(Clone, Debug, Default)]
pub struct UnitDetails {
    /// Which.
    pub uuid: String,
    /// The reseller's own number of it.
    pub reseller_reference: String,
    /// Who comes.
    pub guest_name: String,
    /// Who comes, in full.
    pub contact: Option<BookingContact>,
}

/// What a reseller says when it confirms.
#[derive(Clone, Debug)]
pub struct ConfirmBooking {
    /// Who.
    pub reseller: ResellerId,
    /// Which booking.
    pub uuid: String,
    /// The reseller's own number of it; empty: as it was.
    pub reseller_reference: String,
    /// Who booked; none: as it was.
    pub contact: Option<BookingContact>,
    /// Of units; those left out stay as they were.
    pub units: Vec<UnitDetails>,
}

/// Confirms a booking. Doing it again gives it as it is.
pub async fn confirm_booking(
    orders: &Orders,
    asked: ConfirmBooking,
) -> Result<Booking, BookingError> {
    checked_text("resellerReference", &asked.reseller_reference)?;
    if let Some(contact) = &asked.contact {
        checked_contact("contact", contact)?;
    }
    let db = orders.0.database.reader();
    let found = store::booking::by_uuid(db, asked.reseller, &asked.uuid).await?;
    let id = found.ok_or(BookingError::Unknown)?.id;
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let mut booking = store::booking::lock(&tx, id).await?.ok_or(BookingError::Unknown)?;
    match booking.status {
        BookingStatus::Confirmed => return Ok(booking),
        BookingStatus::Confirming => {}
        BookingStatus::OnHold if now < booking.expires_at => {
            if !asked.reseller_reference.is_empty() {
                booking.reseller_reference = asked.reseller_reference;
            }
            if let Some(contact) = asked.contact {
                booking.contact = contact;
            }
            apply(&mut booking, asked.units)?;
            booking.status = BookingStatus::Confirming;
            booking.updated_at = now;
            store::booking::update(&tx, &booking).await?;
        }
        BookingStatus::OnHold => return Err(BookingError::WrongStatus(BookingStatus::Expired)),
        other => return Err(BookingError::WrongStatus(other)),
    }
    tx.commit().await?;
    advance_confirmation(orders, booking).await
}

/// Sells the seats of a booking and makes its order. Every step may be repeated; the reseller's
/// request and the sweeper both call this.
pub async fn advance_confirmation(
    orders: &Orders,
    booking: Booking,
) -> Result<Booking, BookingError> {
    let reference = HoldReference { reference: booking.hold_reference.clone() };
    let committed = orders.0.catalog.clone().commit_hold(reference).await;
    if let Err(error) = committed.map_err(BookingError::from) {
        if matches!(error, BookingError::Refused(_)) {
            expire(orders, &booking).await?;
        }
        return Err(error);
    }
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let mut booking = store::booking::lock(&tx, booking.id).await?.ok_or(BookingError::Unknown)?;
    if booking.status != BookingStatus::Confirming {
        return Ok(booking);
    }
    write_order(&tx, &mut booking, now).await?;
    tx.commit().await?;
    metrics::counter!("bookings_total", "status" => "confirmed").increment(1);
    Ok(booking)
}

/// The first language of a guest that the market speaks.
fn locale_of(locales: &[String]) -> Locale {
    let spoken = locales.iter().filter_map(|tag| tag.split('-').next()?.parse().ok());
    spoken.into_iter().next().unwrap_or_default()
}

/// The seats are gone: the hold was over, and others bought them.
async fn expire(orders: &Orders, booking: &Booking) -> Result<(), DbErr> {
    let tx = orders.0.database.begin().await?;
    let locked = store::booking::lock(&tx, booking.id).await?;
    if let Some(mut now) = locked.filter(|now| now.status == BookingStatus::Confirming) {
        now.status = BookingStatus::Expired;
        now.updated_at = orders.0.clock.now();
        store::booking::update(&tx, &now).await?;
    }
    tx.commit().await
}

/// The second transaction: checkout, order, tickets, invoice.
async fn write_order(
    tx: &Transaction,
    booking: &mut Booking,
    now: Timestamp,
) -> Result<(), BookingError> {
    let reseller = store::reseller::by_id(tx, booking.reseller).await?;
    let reseller = reseller.ok_or(BookingError::Unknown)?;
    let checkout_id: CheckoutId = ids::new();
    let called = booking.contact.name();
    let checkout = Checkout {
        id: checkout_id,
        // A cart that nobody has the token of; every checkout has one.
        cart: CartId::from_uuid(booking.id.uuid()),
        buyer: None,
        status: CheckoutStatus::Paid,
        contact: Contact {
            name: if called.is_empty() { reseller.name.clone() } else { called },
            phone: booking.contact.phone.clone(),
            email: booking.contact.email.clone(),
        },
        delivery: Delivery {
            method: DeliveryMethod::Ticket,
            ward_code: String::new(),
            address: String::new(),
            note: booking.notes.clone(),
        },
        pay_with: PayWith::Invoiced,
        total: booking.total,
        payment: None,
        created_at: now,
        expires_at: now,
        paid_at: Some(now),
        claim: None,
        locale: locale_of(&booking.contact.locales),
        reopened_at: None,
        extended_at: None,
        vouchers: 0,
    };
    let order = order_of(booking, &checkout, now)?;
    let asked = Asked { key: booking.uuid.clone(), request_hash: booking.request_hash.clone() };
    let wanted: Vec<CheckoutLine> = order
        .lines
        .iter()
        .map(|line| CheckoutLine { variant: line.variant, quantity: line.quantity })
        .collect();
    store::cart::insert(tx, checkout.cart, now).await?;
    store::checkout::insert(tx, &[(checkout.clone(), asked, wanted)]).await?;
    store::order::insert(tx, std::slice::from_ref(&order)).await?;
    let (order_id, shop) = (order.id, order.shop);
    let mut variants: HashMap<_, Vec<usize>> = HashMap::new();
    for (place, unit) in booking.units.iter().enumerate().rev() {
        variants.entry(unit.variant).or_default().push(place);
    }
    // The tickets of a line are for the units of its variant, in their order.
    let guests = |line: &crate::domain::order::OrderLine, piece: u32| {
        let units = booking.units.iter().filter(|unit| unit.variant == line.variant);
        units.map(|unit| unit.guest_name.clone()).nth(piece as usize).unwrap_or_default()
    };
    let tickets = issue_tickets_named(tx, &order, guests).await?;
    for ticket in &tickets {
        let line = order.lines.iter().find(|line| line.id == ticket.line);
        let units = line.and_then(|line| variants.get_mut(&line.variant));
        let first_of_piece = tickets
            .iter()
            .find(|other| other.line == ticket.line && other.piece == ticket.piece)
            .is_some_and(|first| first.id == ticket.id);
        if let Some(place) = units.filter(|_| first_of_piece).and_then(Vec::pop) {
            booking.units[place].ticket = Some(ticket.id);
        }
    }
    booking.status = BookingStatus::Confirmed;
    (booking.order, booking.confirmed_at, booking.updated_at) = (Some(order_id), Some(now), now);
    store::booking::update(tx, booking).await?;
    let invoice = Invoice {
        cause: booking.id.uuid(),
        reseller: booking.reseller,
        booking: booking.id,
        order: order_id,
        amount: booking.total,
        reversal: false,
        at: now,
    };
    invoiced(tx, &invoice, shop, checkout_id).await?;
    Ok(())
}

/// Writes an invoice, or the reversal of one, and tells of it.
pub async fn invoiced(
    tx: &Transaction,
    invoice: &Invoice,
    shop: kernel::ShopId,
    checkout: CheckoutId,
) -> Result<(), DbErr> {
    store::reseller::insert_invoice(tx, invoice).await?;
    let told = ResellerInvoiced {
        booking_id: invoice.booking.to_string(),
        order_id: invoice.order.to_string(),
        shop_id: shop.to_string(),
        reseller_id: invoice.reseller.to_string(),
        amount: Some(invoice.amount.into()),
        at: invoice.at.micros(),
        reversal: invoice.reversal,
        cause: invoice.cause.to_string(),
    };
    outbox::publish(tx, invoice.at, checkout, Body::ResellerInvoiced(told)).await
}

/// The order of what was held, at the prices of that moment.
fn order_of(booking: &Booking, checkout: &Checkout, now: Timestamp) -> Result<Order, BookingError> {
    let offers = Offers::decode(booking.offers.as_slice())
        .map_err(|error| BookingError::Unavailable(platform::rpc::fault(error)))?;
    let quantity = |offer: &Offer| {
        let of = |unit: &&BookingUnit| unit.variant.to_string() == offer.variant_id;
        booking.units.iter().filter(of).count() as i64
    };
    let held = offers.offers.iter().map(|offer| held_line(offer, quantity(offer)));
    let held = held.collect::<Result<Vec<HeldLine>, AdvanceError>>().map_err(of_advance)?;
    let part = split_into_orders(checkout.id, held, &[])?.pop().ok_or(BookingError::Unknown)?;
    Ok(Order {
        id: part.order,
        number: order_number(rand::random()),
        checkout: checkout.id,
        shop: part.shop,
        buyer: None,
        status: OrderStatus::Paid,
        total: Money::checked_sum(
            booking.total.currency,
            part.lines.iter().map(|line| line.total),
        )?,
        lines: part.lines,
        voucher: None,
        created_at: now,
        paid_at: Some(now),
        fulfilled_at: None,
        cancelled_at: None,
        returnable_until: None,
    })
}

fn of_advance(error: AdvanceError) -> BookingError {
    match error {
        AdvanceError::Refused(status) => BookingError::Refused(status),
        // Bookings have no vouchers.
        AdvanceError::Voucher(refused) => BookingError::Unavailable(platform::rpc::fault(refused)),
        AdvanceError::Unavailable(status) => BookingError::Unavailable(status),
        AdvanceError::Database(error) => BookingError::Database(error),
    }
}

/// Notes what a reseller says of units.
pub fn apply(booking: &mut Booking, details: Vec<UnitDetails>) -> Result<(), BookingError> {
    for said in details {
        let unit = booking.units.iter_mut().find(|unit| unit.uuid.eq_ignore_ascii_case(&said.uuid));
        describe(unit.ok_or(BookingError::NotFound { field: "units" })?, said)?;
    }
    Ok(())
}

/// Notes what a reseller says of one unit; what it does not say stays.
pub fn describe(unit: &mut BookingUnit, said: UnitDetails) -> Result<(), BookingError> {
    checked_text("units", &said.reseller_reference)?;
    checked_text("units", &said.guest_name)?;
    if !said.reseller_reference.is_empty() {
        unit.reseller_reference = said.reseller_reference;
    }
    if let Some(contact) = said.contact {
        checked_contact("units", &contact)?;
        if unit.guest_name.is_empty() {
            unit.guest_name = contact.name();
        }
        unit.contact = contact;
    }
    if !said.guest_name.is_empty() {
        unit.guest_name = kernel::normalize_spaces(&said.guest_name);
    }
    Ok(())
}

/// A contact whose texts fit.
pub fn checked_contact(field: &'static str, contact: &BookingContact) -> Result<(), BookingError> {
    if contact.longest_text() <= LONGEST_TEXT && contact.locales.len() <= 20 {
        return Ok(());
    }
    Err(BookingError::OutOfBounds { field, minimum: 0, maximum: LONGEST_TEXT })
}
