//! Resumes what was interrupted: checkouts that are still starting, and checkouts of which nothing
//! was heard after their time went by.

use std::collections::BTreeSet;
use std::time::Duration;

use proto::payments::{GetPaymentsRequest, PaymentStatus};

use kernel::BookingId;
use uuid::Uuid;

use crate::Orders;
use crate::domain::booking::BookingStatus;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::store;
use crate::usecases::advance_cancellation::advance_cancellation;
use crate::usecases::advance_checkout::{AdvanceError, advance_checkout};
use crate::usecases::advance_return::advance_return;
use crate::usecases::cancel_booking::{end_hold, release};
use crate::usecases::cancel_checkout::cancel_checkout;
use crate::usecases::confirm_booking::{CONFIRMED_AFTER, advance_confirmation};
use crate::usecases::follow_payments::{News, follow_payments};
use crate::usecases::rebook_departure::rebook_departure;
use crate::usecases::refund_unsold_order::refund_unsold_order;

/// A checkout that has been starting for so long was interrupted.
const INTERRUPTED_AFTER: Duration = Duration::from_secs(15);
/// Events travel faster than this.
const SILENT_AFTER: Duration = Duration::from_secs(60);
/// No reservation lives longer after its departure was cancelled.
const BOOKINGS_LIVE: Duration = Duration::from_secs(24 * 3600);
/// The most departures whose reservations are looked for at once.
const MOST_DEPARTURES: u64 = 1_000;
/// The most checkouts in one sweep.
const BATCH: u64 = 50;

/// Sweeps once.
pub async fn sweep(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    let interrupted = now.before(INTERRUPTED_AFTER);
    for checkout in store::checkout::to_resume(db, interrupted, now, BATCH).await? {
        let id = checkout.id;
        match advance_checkout(orders, checkout, None).await {
            Ok(_) => tracing::info!(checkout = %id, "an interrupted checkout was resumed"),
            Err(AdvanceError::Refused(status)) => {
                tracing::info!(checkout = %id, refused = status.message(), "an interrupted checkout was refused");
            }
            Err(AdvanceError::Voucher(refused)) => {
                tracing::info!(checkout = %id, %refused, "an interrupted checkout was refused");
            }
            Err(error) => {
                tracing::warn!(checkout = %id, %error, "an interrupted checkout waits");
                postpone(orders, &[id.uuid()]).await?;
            }
        }
    }
    let silent = store::checkout::silent(db, now.before(SILENT_AFTER), now, BATCH).await?;
    if silent.is_empty() {
        return Ok(());
    }
    // Whatever comes of it: those of which nothing is to be heard do not keep the others from being
    // asked about.
    let ids: Vec<Uuid> = silent.iter().map(|checkout| checkout.id.uuid()).collect();
    postpone(orders, &ids).await?;
    ask_payments(orders, silent).await
}

/// Resumes cancellations of tickets that were interrupted.
pub async fn sweep_cancellations(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for begun in store::cancellation::to_resume(db, now, BATCH).await? {
        let id = begun.id;
        match advance_cancellation(orders, begun).await {
            Ok(_) => tracing::info!(cancellation = %id, "an interrupted cancellation was resumed"),
            Err(error) => {
                tracing::warn!(cancellation = %id, %error, "an interrupted cancellation waits");
                postpone(orders, &[id.uuid()]).await?;
            }
        }
    }
    Ok(())
}

/// Gives money back of what was paid and could not be sold.
pub async fn sweep_unsold(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for order in store::unsold_order::due(db, now, BATCH).await? {
        match refund_unsold_order(orders, order).await {
            Ok(()) => tracing::info!(%order, "the money of an unsold order is given back"),
            Err(error) => {
                tracing::warn!(%order, %error, "the money of an unsold order waits");
                postpone(orders, &[order.uuid()]).await?;
            }
        }
    }
    Ok(())
}

/// Resumes what comes back of orders and was interrupted.
pub async fn sweep_returns(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for begun in store::order_return::to_resume(db, now, BATCH).await? {
        let id = begun.id;
        match advance_return(orders, begun).await {
            Ok(_) => tracing::info!(order_return = %id, "an interrupted return was resumed"),
            Err(error) => {
                tracing::warn!(order_return = %id, %error, "an interrupted return waits");
                postpone(orders, &[id.uuid()]).await?;
            }
        }
    }
    Ok(())
}

/// Lets something wait that failed, so that the others have their turn.
async fn postpone(orders: &Orders, ids: &[Uuid]) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    // Sweepers of two processes may find the same ones, each in its own order.
    let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
    let tx = orders.0.database.begin().await?;
    for id in ids {
        store::postponement::put(&tx, id, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Closes checkouts whose payment was taken back and that nobody paid again.
pub async fn sweep_reopened(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for checkout in store::checkout::not_paid_again(db, now, BATCH).await? {
        let id = checkout.id;
        match cancel_checkout(orders, checkout).await {
            Ok(_) => tracing::info!(checkout = %id, "nobody paid a reopened checkout again"),
            Err(error) => tracing::warn!(checkout = %id, %error, "a reopened checkout waits"),
        }
    }
    Ok(())
}

/// Moves, refunds or closes what was bought of departures that do not happen.
pub async fn sweep_departures(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for (order, departure) in store::departure::concerned(db, now, BATCH).await? {
        if let Err(error) = rebook_departure(orders, order, departure).await {
            tracing::warn!(%order, %departure, %error, "an order of a cancelled departure waits");
            postpone(orders, &[order.uuid()]).await?;
        }
    }
    let since = now.before(BOOKINGS_LIVE);
    let cancelled = store::departure::recent(db, since, MOST_DEPARTURES).await?;
    if cancelled.is_empty() {
        return Ok(());
    }
    let of = cancelled.iter().map(|cancelled| cancelled.departure);
    for booking in store::booking::held_on(db, of, BATCH).await? {
        let told = cancelled.iter().find(|told| told.departure == booking.departure);
        let reason = told.map(|told| told.reason.clone()).unwrap_or_default();
        end(orders, booking.id, BookingStatus::Cancelled, &reason).await?;
    }
    Ok(())
}

/// Ends reservations whose time went by, and resumes confirmations that were interrupted.
pub async fn sweep_bookings(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for booking in store::booking::expired(db, now, BATCH).await? {
        end(orders, booking.id, BookingStatus::Expired, "").await?;
    }
    let interrupted = now.before(CONFIRMED_AFTER);
    for booking in store::booking::to_resume(db, interrupted, now, BATCH).await? {
        let id = booking.id;
        match advance_confirmation(orders, booking).await {
            Ok(_) => tracing::info!(booking = %id, "an interrupted confirmation was resumed"),
            Err(error) => {
                tracing::warn!(booking = %id, %error, "an interrupted confirmation waits");
                postpone(orders, &[id.uuid()]).await?;
            }
        }
    }
    Ok(())
}

/// Ends a booking for which seats are held, unless it was confirmed or made longer meanwhile.
async fn end(
    orders: &Orders,
    id: BookingId,
    status: BookingStatus,
    reason: &str,
) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let Some(mut booking) = store::booking::lock(&tx, id).await? else { return Ok(()) };
    let in_time = status == BookingStatus::Expired && now < booking.expires_at;
    if !booking.status.is_held() || in_time {
        return Ok(());
    }
    end_hold(orders, &tx, &mut booking, status, reason).await?;
    tx.commit().await?;
    release(orders, &booking).await;
    Ok(())
}

/// Asks payments what became of the payments of checkouts.
async fn ask_payments(orders: &Orders, silent: Vec<Checkout>) -> anyhow::Result<()> {
    let ids =
        silent.iter().filter_map(|checkout| checkout.payment.map(|id| id.to_string())).collect();
    let found =
        orders.0.payments.clone().get_payments(GetPaymentsRequest { ids }).await?.into_inner();
    let mut news = News::default();
    for payment in found.payments {
        let id = payment.checkout_id.parse()?;
        match payment.status() {
            PaymentStatus::Succeeded => {
                news.paid.push((id, kernel::Timestamp::from_micros(payment.succeeded_at)));
            }
            PaymentStatus::Expired => news.closed.push((id, CheckoutStatus::Expired)),
            PaymentStatus::Cancelled => news.closed.push((id, CheckoutStatus::Cancelled)),
            PaymentStatus::Pending | PaymentStatus::Unspecified => {}
        }
    }
    let tx = orders.0.database.begin().await?;
    follow_payments(orders, &tx, &[news]).await?;
    tx.commit().await?;
    Ok(())
}
