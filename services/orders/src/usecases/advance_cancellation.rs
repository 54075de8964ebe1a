//! Takes a cancellation that was begun to its end: money, seats, second transaction. Every step may
//! be repeated; the guest's request and the sweeper both call this.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{RefundId, VariantId};
use platform::database::Transaction;
use proto::payments::{Refund, RefundPaymentRequest};
use proto::refusals_of;
use proto::tours::{ReturnSeatsRequest, ReturnedSeats};
use sea_orm::DbErr;
use tonic::Status;

use super::cancel_booking::reverse_invoice;
use super::tell_guests::tell_guests;
use crate::Orders;
use crate::domain::checkout::{Checkout, PayWith};
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::ticket_cancellation::{Cause, TicketCancellation};
use crate::messages::{account_message, needs_account};
use crate::store;

/// A cancellation that is under way for so long was interrupted.
pub const RESUMED_AFTER: Duration = Duration::from_secs(15);
/// What payments is told where nobody said why.
const NO_REASON: &str = "tickets cancelled";

/// Why a cancellation could not go on.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceCancellationError {
    /// Payments refuses. A guest's cancellation is as if it had never been begun.
    #[error("refused: {}", .0.message())]
    Refused(Status),
    /// Payments or catalog cannot be asked now; the sweeper tries again.
    #[error(transparent)]
    Unavailable(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Takes a cancellation to its end. One that is done is given as it is.
pub async fn advance_cancellation(
    orders: &Orders,
    begun: TicketCancellation,
) -> Result<TicketCancellation, AdvanceCancellationError> {
    if begun.finished_at.is_some() {
        return Ok(begun);
    }
    let db = orders.0.database.reader();
    let gone = || DbErr::RecordNotFound(begun.order.to_string());
    let order = store::order::by_ids(db, [begun.order]).await?.pop().ok_or_else(gone)?;
    let checkout = store::checkout::by_id(db, order.checkout).await?.ok_or_else(gone)?;
    let refund = match give_back(orders, &begun, &checkout).await {
        Ok(refund) => refund,
        Err(status) if refusals_of(&status).is_some() => {
            if begun.cause == Cause::Guest {
                take_back(orders, &begun).await?;
            }
            return Err(AdvanceCancellationError::Refused(status));
        }
        Err(status) => return Err(AdvanceCancellationError::Unavailable(status)),
    };
    return_seats(orders, &begun, &order).await.map_err(AdvanceCancellationError::Unavailable)?;
    finish(orders, begun, &order, &checkout, refund).await
}

/// The money, if there is any to give back and it came by a payment.
async fn give_back(
    orders: &Orders,
    begun: &TicketCancellation,
    checkout: &Checkout,
) -> Result<Option<Refund>, Status> {
    let Some(payment) = checkout.payment.filter(|_| begun.refund.is_positive()) else {
        return Ok(None);
    };
    let reason = if begun.reason.is_empty() { NO_REASON } else { &begun.reason };
    let request = RefundPaymentRequest {
        payment_id: payment.to_string(),
        order_id: begun.order.to_string(),
        amount: Some(begun.refund.into()),
        reason: reason.to_owned(),
        account: account_message(&begun.account),
        requested_by: begun.requested_by.to_string(),
        shop_id: String::new(),
        idempotency_key: begun.id.to_string(),
        lines: Vec::new(),
        rest: false,
    };
    Ok(Some(orders.0.payments.clone().refund_payment(request).await?.into_inner()))
}

/// The guest's tickets are as they were, and the key is free.
async fn take_back(orders: &Orders, begun: &TicketCancellation) -> Result<(), DbErr> {
    let tx = orders.0.database.begin().await?;
    // The order before what is of it, as everybody does: else two wait for each other.
    let order = store::order::lock_by_id(&tx, begun.order).await?;
    let locked = store::cancellation::lock(&tx, begun.id).await?;
    if locked.is_some_and(|now| now.finished_at.is_none()) {
        store::ticket::release(&tx, begun.order, begun.id).await?;
        if order.is_some_and(|order| order.status == OrderStatus::Pending) {
            // The payment was taken back meanwhile: nobody boards with them.
            let now = orders.0.clock.now();
            store::ticket::suspend_of_orders(&tx, [begun.order], now).await?;
        }
        store::cancellation::remove(&tx, begun.id).await?;
    }
    tx.commit().await
}

/// What becomes free, infants and add-ons too: catalog counts them.
async fn return_seats(
    orders: &Orders,
    begun: &TicketCancellation,
    order: &Order,
) -> Result<(), Status> {
    let lines = begun.lines.iter().filter_map(|quoted| {
        let line = order.lines.iter().find(|line| line.id == quoted.line)?;
        Some((line.variant, quoted.quantity))
    });
    let seats = seats_of(lines);
    if seats.is_empty() {
        return Ok(());
    }
    let request =
        ReturnSeatsRequest { reference: begun.id.to_string(), seats, hold: String::new() };
    match orders.0.catalog.clone().return_seats(request).await {
        Ok(_) => Ok(()),
        Err(status) if refusals_of(&status).is_some() => {
            tracing::warn!(cancellation = %begun.id, %status, "seats did not come back");
            // Nobody buys seats of a departure that does not happen. Else catalog has not heard yet
            // that these were sold, and the sweeper asks again.
            if begun.cause == Cause::Departure {
                return Ok(());
            }
            Err(Status::unavailable("the seats cannot be returned yet"))
        }
        Err(status) => Err(status),
    }
}

/// Pieces of variants in catalog's words: each variant once.
pub fn seats_of(pieces: impl IntoIterator<Item = (VariantId, i64)>) -> Vec<ReturnedSeats> {
    let mut quantities: BTreeMap<VariantId, i64> = BTreeMap::new();
    for (variant, quantity) in pieces {
        *quantities.entry(variant).or_default() += quantity;
    }
    let seats = quantities.into_iter();
    seats
        .map(|(variant, quantity)| ReturnedSeats { variant_id: variant.to_string(), quantity })
        .collect()
}

/// The second transaction: the tickets are cancelled, and whom it concerns is told.
async fn finish(
    orders: &Orders,
    begun: TicketCancellation,
    order: &Order,
    checkout: &Checkout,
    refund: Option<Refund>,
) -> Result<TicketCancellation, AdvanceCancellationError> {
    let now = orders.0.clock.now();
    let refund_id =
        match &refund {
            Some(refund) => Some(refund.id.parse::<RefundId>().map_err(|error| {
                AdvanceCancellationError::Unavailable(platform::rpc::fault(error))
            })?),
            None => None,
        };
    let account_needed = refund.as_ref().is_some_and(needs_account);
    let tx = orders.0.database.begin().await?;
    let gone = || DbErr::RecordNotFound(begun.id.to_string());
    // A notice names the order, which somebody who takes tickets of it holds: the order comes first.
    store::order::lock_by_id(&tx, order.id).await?;
    let locked = store::cancellation::lock(&tx, begun.id).await?.ok_or_else(gone)?;
    if locked.finished_at.is_some() {
        return Ok(locked);
    }
    store::ticket::cancel_claimed(&tx, begun.order, begun.id, now).await?;
    for quoted in &begun.lines {
        store::order::add_cancelled(&tx, quoted.line, quoted.quantity).await?;
    }
    let notice = notice_of(&tx, &begun, order, now).await?;
    tell_guests(&tx, order, &notice).await?;
    if checkout.pay_with == PayWith::Invoiced {
        reverse_invoice(&tx, &begun, checkout, now).await?;
    }
    store::cancellation::finish(&tx, begun.id, refund_id, account_needed, now).await?;
    tx.commit().await?;
    metrics::counter!("tickets_cancelled_total", "cause" => begun.cause.name())
        .increment(begun.tickets.len() as u64);
    Ok(TicketCancellation { refund_id, account_needed, finished_at: Some(now), ..begun })
}

async fn notice_of(
    tx: &Transaction,
    begun: &TicketCancellation,
    order: &Order,
    now: kernel::Timestamp,
) -> Result<Notice, DbErr> {
    let mut facts = BTreeMap::from([
        ("count".to_owned(), begun.tickets.len().to_string()),
        ("refund".to_owned(), begun.refund.minor.to_string()),
        ("currency".to_owned(), begun.refund.currency.code().to_owned()),
    ]);
    if begun.cause != Cause::Departure {
        return Ok(Notice { kind: NoticeKind::TicketsCancelled, at: now, facts });
    }
    facts.insert("reason".to_owned(), begun.reason.clone());
    let of_departure = store::departure::first_cancelled(tx, order).await?;
    if let Some(terms) = of_departure {
        facts.insert("from".to_owned(), terms.starts_at.to_rfc3339());
    }
    Ok(Notice { kind: NoticeKind::DepartureRefunded, at: now, facts })
}
