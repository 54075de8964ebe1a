//! A shopper says that the transfer is on its way: goods and seats are held, and the payment waits, for longer.
//! Once a checkout.

use kernel::{CheckoutId, Timestamp};
use platform::outbox;
use proto::catalog::ExtendHoldRequest;
use proto::common::RefusalCode;
use proto::payments::ExtendPaymentRequest;
use proto::refusals_of;
use sea_orm::DbErr;
use tonic::Status;

use super::advance_checkout::{Advanced, changed};
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus, PayWith};
use crate::service::{EXTENSION, HOLD_GRACE};
use crate::store;

/// Why a checkout was not given more time.
#[derive(Debug, thiserror::Error)]
pub enum ExtendCheckoutError {
    /// It is paid.
    #[error("the checkout is paid")]
    AlreadyPaid,
    /// It ended without money, or the time to pay has gone by.
    #[error("the checkout is closed")]
    Closed,
    /// It is still being started.
    #[error("the checkout is being started")]
    Starting,
    /// It is not paid by a transfer.
    #[error("no transfer is awaited")]
    NoTransfer,
    /// A tour of it begins before the new end.
    #[error("a tour begins before")]
    Departing,
    /// Its goods are not held any more.
    #[error("the hold is gone")]
    HoldGone,
    /// Catalog or payments cannot be asked.
    #[error(transparent)]
    Unavailable(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Gives a checkout more time to be paid; one that was given it before is given as it is.
///
/// Its end follows from the one that is written, and each step may be repeated: who asks again after a crash
/// takes the same steps to the same end.
pub async fn extend_checkout(
    orders: &Orders,
    checkout: Checkout,
) -> Result<Advanced, ExtendCheckoutError> {
    if let Some(refused) = refused_by(checkout.status) {
        return Err(refused);
    }
    if checkout.pay_with != PayWith::VietQr {
        return Err(ExtendCheckoutError::NoTransfer);
    }
    let db = orders.0.database.reader();
    if checkout.may_extend() {
        let until = checkout.expires_at.after(EXTENSION);
        // Nobody pays for seats on a boat that has left.
        let found = store::order::of_checkout(db, checkout.id).await?;
        let mut tours =
            found.iter().flat_map(|order| &order.lines).filter_map(|line| line.ticket.as_ref());
        if tours.any(|terms| terms.starts_at <= until) {
            return Err(ExtendCheckoutError::Departing);
        }
        let until = extend_outside(orders, &checkout, until).await?;
        write(orders, checkout.id, until).await?;
    }
    let checkout = now_of(orders, checkout.id).await?;
    let found = store::order::of_checkout(db, checkout.id).await?;
    Ok(Advanced { checkout, orders: found, payment: None })
}

/// Hold and payment; gives until when payments takes money.
async fn extend_outside(
    orders: &Orders,
    checkout: &Checkout,
    until: Timestamp,
) -> Result<Timestamp, ExtendCheckoutError> {
    // Catalog first: goods that are held for too long are released when the payment ends, and nobody is asked
    // for money for what is not held.
    let request = ExtendHoldRequest {
        reference: checkout.id.to_string(),
        expires_at: until.after(HOLD_GRACE).micros(),
    };
    if let Err(status) = orders.0.catalog.clone().extend_hold(request).await {
        return Err(refused(orders, checkout.id, status).await?);
    }
    let request = ExtendPaymentRequest {
        payment_id: checkout.payment.map(|id| id.to_string()).unwrap_or_default(),
        expires_at: until.micros(),
    };
    match orders.0.payments.clone().extend_payment(request).await {
        Ok(payment) => Ok(Timestamp::from_micros(payment.into_inner().expires_at)),
        Err(status) => Err(refused(orders, checkout.id, status).await?),
    }
}

/// Writes the new end, unless somebody else has written it, or the checkout ended meanwhile.
async fn write(orders: &Orders, id: CheckoutId, until: Timestamp) -> Result<(), DbErr> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let locked = store::checkout::lock(&tx, [id]).await?.pop();
    let Some(checkout) = locked.filter(Checkout::may_extend) else { return Ok(()) };
    store::checkout::extend(&tx, id, until, now).await?;
    // Whoever looks at it sees the new end.
    outbox::publish(&tx, now, id, changed(&checkout)).await?;
    tx.commit().await?;
    metrics::counter!("checkouts_total", "status" => "extended").increment(1);
    Ok(())
}

/// What a refusal of another service means: it may have heard of an end that the checkout had meanwhile.
async fn refused(
    orders: &Orders,
    id: CheckoutId,
    status: Status,
) -> Result<ExtendCheckoutError, DbErr> {
    let codes = refusals_of(&status).unwrap_or_default();
    let Some(refusal) = codes.first() else { return Ok(ExtendCheckoutError::Unavailable(status)) };
    if let Some(ended) = refused_by(now_of(orders, id).await?.status) {
        return Ok(ended);
    }
    let paid = refusal.facts.get("status").is_some_and(|reached| reached == "SUCCEEDED");
    Ok(match refusal.code() {
        RefusalCode::HoldGone => ExtendCheckoutError::HoldGone,
        RefusalCode::PaymentClosed if paid => ExtendCheckoutError::AlreadyPaid,
        RefusalCode::PaymentClosed => ExtendCheckoutError::Closed,
        _ => ExtendCheckoutError::Unavailable(status),
    })
}

async fn now_of(orders: &Orders, id: CheckoutId) -> Result<Checkout, DbErr> {
    let found = store::checkout::by_id(orders.0.database.reader(), id).await?;
    found.ok_or_else(|| DbErr::RecordNotFound(id.to_string()))
}

/// Why no checkout is extended that stands there.
const fn refused_by(status: CheckoutStatus) -> Option<ExtendCheckoutError> {
    match status {
        CheckoutStatus::AwaitingPayment => None,
        CheckoutStatus::Paid => Some(ExtendCheckoutError::AlreadyPaid),
        CheckoutStatus::Starting => Some(ExtendCheckoutError::Starting),
        CheckoutStatus::Expired | CheckoutStatus::Cancelled | CheckoutStatus::Refused => {
            Some(ExtendCheckoutError::Closed)
        }
    }
}
