//! Takes a checkout back before it is paid.

use proto::common::RefusalCode;
use proto::payments::CancelPaymentRequest;
use proto::refusals_of;
use sea_orm::DbErr;
use tonic::Status;

use super::advance_checkout::Advanced;
use super::close_checkouts::close_checkouts;
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::store;

/// Why a checkout was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum CancelCheckoutError {
    /// It is paid.
    #[error("the checkout is paid")]
    AlreadyPaid,
    /// It is still being started.
    #[error("the checkout is being started")]
    Starting,
    /// Payments cannot be asked.
    #[error(transparent)]
    Unavailable(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Cancels a checkout. Payments decides first: money that has come wins.
pub async fn cancel_checkout(
    orders: &Orders,
    checkout: Checkout,
) -> Result<Advanced, CancelCheckoutError> {
    match checkout.status {
        CheckoutStatus::Paid => return Err(CancelCheckoutError::AlreadyPaid),
        CheckoutStatus::Starting => return Err(CancelCheckoutError::Starting),
        // What was handed over before the payment was taken back is still to be paid.
        CheckoutStatus::AwaitingPayment if handed_over(orders, &checkout).await? => {
            return Err(CancelCheckoutError::AlreadyPaid);
        }
        CheckoutStatus::AwaitingPayment => {
            let payment_id = checkout.payment.map(|id| id.to_string()).unwrap_or_default();
            if let Err(status) =
                orders.0.payments.clone().cancel_payment(CancelPaymentRequest { payment_id }).await
            {
                return Err(refused(status));
            }
            let tx = orders.0.database.begin().await?;
            close_checkouts(orders, &tx, &[(checkout.id, CheckoutStatus::Cancelled)]).await?;
            tx.commit().await?;
        }
        CheckoutStatus::Expired | CheckoutStatus::Cancelled | CheckoutStatus::Refused => {}
    }
    let db = orders.0.database.reader();
    let now = store::checkout::by_id(db, checkout.id).await?;
    let checkout = now.ok_or_else(|| DbErr::RecordNotFound(checkout.id.to_string()))?;
    let found = store::order::of_checkout(db, checkout.id).await?;
    Ok(Advanced { checkout, orders: found, payment: None })
}

async fn handed_over(orders: &Orders, checkout: &Checkout) -> Result<bool, DbErr> {
    if checkout.reopened_at.is_none() {
        return Ok(false);
    }
    let db = orders.0.database.reader();
    let found = store::order::of_checkout(db, checkout.id).await?;
    let tickets = store::ticket::of_orders(db, found.iter().map(|order| order.id)).await?;
    Ok(found.iter().any(|order| order.fulfilled_at.is_some())
        || tickets.iter().any(|ticket| ticket.redeemed_at.is_some()))
}

fn refused(status: Status) -> CancelCheckoutError {
    let closed = |refusals: Vec<proto::common::Refusal>| {
        refusals.iter().any(|refusal| refusal.code() == RefusalCode::PaymentClosed)
    };
    if refusals_of(&status).is_some_and(closed) {
        CancelCheckoutError::AlreadyPaid
    } else {
        CancelCheckoutError::Unavailable(status)
    }
}
