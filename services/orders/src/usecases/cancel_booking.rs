//! A reseller gives a booking back: held seats at once, sold ones by the policy.

use std::collections::HashSet;

use kernel::{ResellerId, TicketId, UserId};
use platform::database::Transaction;
use platform::ids;
use proto::catalog::HoldReference;
use sea_orm::DbErr;

use super::advance_cancellation::{AdvanceCancellationError, advance_cancellation};
use super::cancel_tickets::write_begun;
use super::confirm_booking::invoiced;
use super::reserve_booking::{BookingError, checked_text};
use crate::Orders;
use crate::domain::booking::{Booking, BookingStatus, RefundKind};
use crate::domain::cancellation::{CancellationRefused, Policy, quote};
use crate::domain::checkout::Checkout;
use crate::domain::ticket::TicketStatus;
use crate::domain::ticket_cancellation::{Account, Cause, TicketCancellation};
use crate::store;
use crate::store::reseller::Invoice;

/// A booking is given back whole, so once.
const KEY: &str = "booking";

/// Cancels a booking. Doing it again gives it as it is. `force`: also if nothing comes back.
pub async fn cancel_booking(
    orders: &Orders,
    reseller: ResellerId,
    uuid: &str,
    reason: &str,
    force: bool,
) -> Result<Booking, BookingError> {
    checked_text("reason", reason)?;
    let db = orders.0.database.reader();
    let found = store::booking::by_uuid(db, reseller, uuid).await?.ok_or(BookingError::Unknown)?;
    let (tx, mut booking) = locked(orders, found).await?;
    match booking.status {
        BookingStatus::Cancelled => Ok(booking),
        BookingStatus::Reserving | BookingStatus::OnHold => {
            end_hold(orders, &tx, &mut booking, BookingStatus::Cancelled, reason).await?;
            tx.commit().await?;
            release(orders, &booking).await;
            Ok(booking)
        }
        BookingStatus::Confirmed => {
            let begun = begin(orders, &tx, &mut booking, reason, force).await?;
            tx.commit().await?;
            advance(orders, &booking, begun).await
        }
        BookingStatus::Cancelling => {
            let order = booking.order.ok_or(BookingError::Unknown)?;
            let begun = store::cancellation::by_key(&tx, order, Cause::Reseller, KEY).await?;
            tx.commit().await?;
            advance(orders, &booking, begun.ok_or(BookingError::Unknown)?).await
        }
        other => Err(BookingError::WrongStatus(other)),
    }
}

/// Begins a transaction with a booking locked, and its order before it, as everybody does who locks both.
async fn locked(
    orders: &Orders,
    mut found: Booking,
) -> Result<(Transaction, Booking), BookingError> {
    loop {
        let tx = orders.0.database.begin().await?;
        if let Some(order) = found.order {
            store::order::lock_by_id(&tx, order).await?;
        }
        let booking = store::booking::lock(&tx, found.id).await?.ok_or(BookingError::Unknown)?;
        if booking.order == found.order {
            return Ok((tx, booking));
        }
        // It was confirmed meanwhile: once more, with the order that it has for good now.
        tx.rollback().await?;
        found = booking;
    }
}

/// Ends a booking for which seats are held and nothing is sold.
pub async fn end_hold(
    orders: &Orders,
    tx: &Transaction,
    booking: &mut Booking,
    status: BookingStatus,
    reason: &str,
) -> Result<(), DbErr> {
    let now = orders.0.clock.now();
    booking.status = status;
    booking.updated_at = now;
    if status == BookingStatus::Cancelled {
        booking.cancelled_at = Some(now);
        booking.cancellation_reason = reason.to_owned();
        booking.cancellation_refund = Some(RefundKind::Full);
    }
    store::booking::update(tx, booking).await
}

/// Frees the seats that were held for a booking that ended.
pub async fn release(orders: &Orders, booking: &Booking) {
    let reference = HoldReference { reference: booking.hold_reference.clone() };
    if let Err(status) = orders.0.catalog.clone().release_hold(reference).await {
        // There is none, or it expires by itself.
        tracing::info!(booking = %booking.id, %status, "a hold was not released");
    }
}

async fn begin(
    orders: &Orders,
    tx: &Transaction,
    booking: &mut Booking,
    reason: &str,
    force: bool,
) -> Result<TicketCancellation, BookingError> {
    let now = orders.0.clock.now();
    let id = booking.order.ok_or(BookingError::Unknown)?;
    let order = store::order::lock_by_id(tx, id).await?.ok_or(BookingError::Unknown)?;
    // All comes back, or another departure takes its place, by itself: nobody is quoted less.
    let terms = order.lines.iter().filter_map(|line| line.ticket.as_ref());
    if store::departure::any_cancelled(tx, terms.map(|terms| terms.departure)).await? {
        return Err(BookingError::NotCancellable("DEPARTURE_CANCELLED"));
    }
    let of_order = store::ticket::of_orders(tx, [id]).await?;
    // Nobody comes on board with one of them meanwhile.
    store::ticket::lock(tx, of_order.iter().map(|ticket| ticket.id)).await?;
    let tickets = store::ticket::of_orders(tx, [id]).await?;
    let left = tickets.iter().filter(|ticket| ticket.status != TicketStatus::Cancelled);
    let wanted: HashSet<TicketId> = left.map(|ticket| ticket.id).collect();
    let quoted =
        quote(&order, &tickets, &wanted, Policy::AsBought, now).map_err(not_cancellable)?;
    if quoted.refund.is_zero() && booking.total.is_positive() && !force {
        return Err(BookingError::NotCancellable("NO_REFUND"));
    }
    let begun = TicketCancellation {
        id: ids::new(),
        order: id,
        cause: Cause::Reseller,
        idempotency_key: KEY.to_owned(),
        request_hash: Vec::new(),
        reason: reason.to_owned(),
        refund: quoted.refund,
        account: Account::default(),
        requested_by: UserId::from_uuid(booking.reseller.uuid()),
        refund_id: None,
        account_needed: false,
        created_at: now,
        finished_at: None,
        tickets: quoted.tickets,
        lines: quoted.lines,
    };
    write_begun(tx, &begun).await?;
    booking.status = BookingStatus::Cancelling;
    booking.cancellation_reason = reason.to_owned();
    booking.updated_at = now;
    store::booking::update(tx, booking).await?;
    Ok(begun)
}

async fn advance(
    orders: &Orders,
    booking: &Booking,
    begun: TicketCancellation,
) -> Result<Booking, BookingError> {
    advance_cancellation(orders, begun).await.map_err(|error| match error {
        AdvanceCancellationError::Refused(status) => BookingError::Refused(status),
        AdvanceCancellationError::Unavailable(status) => BookingError::Unavailable(status),
        AdvanceCancellationError::Database(error) => BookingError::Database(error),
    })?;
    let db = orders.0.database.reader();
    let now = store::booking::by_uuid(db, booking.reseller, &booking.uuid).await?;
    now.ok_or(BookingError::Unknown)
}

/// In the transaction that ends a cancellation of an invoiced order: the reseller owes so much less,
/// and the booking is cancelled.
pub async fn reverse_invoice(
    tx: &Transaction,
    ended: &TicketCancellation,
    checkout: &Checkout,
    now: kernel::Timestamp,
) -> Result<(), DbErr> {
    let Some(mut booking) = store::booking::of_order(tx, ended.order).await? else {
        return Ok(());
    };
    if ended.refund.is_positive() {
        let reversal = Invoice {
            cause: ended.id.uuid(),
            reseller: booking.reseller,
            booking: booking.id,
            order: ended.order,
            amount: ended.refund,
            reversal: true,
            at: now,
        };
        invoiced(tx, &reversal, booking.shop, checkout.id).await?;
    }
    booking.status = BookingStatus::Cancelled;
    booking.cancelled_at = Some(now);
    booking.updated_at = now;
    booking.cancellation_refund = Some(RefundKind::of(ended.refund, booking.total));
    if booking.cancellation_reason.is_empty() {
        booking.cancellation_reason = ended.reason.clone();
    }
    store::booking::update(tx, &booking).await
}

fn not_cancellable(refused: CancellationRefused) -> BookingError {
    match refused {
        CancellationRefused::NotValid { status: TicketStatus::Redeemed, .. } => {
            BookingError::NotCancellable("REDEEMED")
        }
        CancellationRefused::NotValid { .. } => BookingError::NotCancellable("CANCELLED"),
        CancellationRefused::Departed(_) => BookingError::NotCancellable("DEPARTED"),
        CancellationRefused::UnknownTicket(_) => BookingError::Unknown,
        CancellationRefused::Money(error) => error.into(),
    }
}
