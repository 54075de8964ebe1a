//! A shopper says that the money is on its way: the checkout's payment is in time until later, once.

use kernel::{PaymentId, Timestamp};
use sea_orm::DbErr;

use crate::Payments;
use crate::domain::payment::{ChangeRefused, Payment};
use crate::store;

/// Why a payment was not given more time.
#[derive(Debug, thiserror::Error)]
pub enum ExtendPaymentError {
    /// There is no such payment of a checkout.
    #[error("there is no payment {0} of a checkout")]
    Unknown(PaymentId),
    /// It has ended, or its time has gone by.
    #[error(transparent)]
    Refused(#[from] ChangeRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Lets a payment be paid until a moment. One that was extended before stays as it is, whatever is asked for.
pub async fn extend_payment(
    payments: &Payments,
    id: PaymentId,
    until: Timestamp,
) -> Result<Payment, ExtendPaymentError> {
    let service = &payments.0;
    let tx = service.database.begin().await?;
    let locked = store::payment::lock(&tx, id).await?;
    let of_checkout = locked.filter(|payment| payment.checkout().is_some());
    let mut payment = of_checkout.ok_or(ExtendPaymentError::Unknown(id))?;
    // Of now, and not of before the lock: what was decided while it was waited for stays decided.
    if payment.extend(until, service.clock.now())? {
        store::payment::extend(&tx, &payment).await?;
        tx.commit().await?;
        metrics::counter!("payments_total", "status" => "extended").increment(1);
    }
    Ok(payment)
}
