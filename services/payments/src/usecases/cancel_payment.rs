//! Takes a payment back before money came.

use kernel::PaymentId;
use platform::outbox;
use sea_orm::DbErr;

use super::tell_of_payment::closed;
use crate::Payments;
use crate::domain::payment::{ChangeRefused, Payment, PaymentStatus};
use crate::store;

/// Why a payment was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum CancelPaymentError {
    /// There is no such payment.
    #[error("there is no payment {0}")]
    Unknown(PaymentId),
    /// The money has come.
    #[error(transparent)]
    Refused(#[from] ChangeRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Cancels a payment. One that ended without money stays as it is; one that was paid is refused.
pub async fn cancel_payment(
    payments: &Payments,
    id: PaymentId,
) -> Result<Payment, CancelPaymentError> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let mut payment =
        store::payment::lock(&tx, id).await?.ok_or(CancelPaymentError::Unknown(id))?;
    if matches!(payment.status, PaymentStatus::Cancelled | PaymentStatus::Expired) {
        return Ok(payment);
    }
    payment.cancel(now)?;
    store::payment::close(&tx, [id], payment.status, now).await?;
    store::reseller_bill::release(&tx, [&payment]).await?;
    outbox::publish_all(&tx, now, closed(&payment)).await?;
    tx.commit().await?;
    metrics::counter!("payments_total", "status" => "cancelled").increment(1);
    Ok(payment)
}
