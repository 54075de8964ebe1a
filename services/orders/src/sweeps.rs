//! Resumes what was interrupted: checkouts that are still starting, and checkouts of which nothing
//! was heard after their time went by.

use std::time::Duration;

use proto::payments::{GetPaymentsRequest, PaymentStatus};

use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::store;
use crate::usecases::advance_checkout::{AdvanceError, advance_checkout};
use crate::usecases::close_checkouts::close_checkouts;
use crate::usecases::settle_checkouts::settle_checkouts;

/// A checkout that has been starting for so long was interrupted.
const INTERRUPTED_AFTER: Duration = Duration::from_secs(15);
/// Events travel faster than this.
const SILENT_AFTER: Duration = Duration::from_secs(60);
/// The most checkouts in one sweep.
const BATCH: u64 = 50;

/// Sweeps once.
pub async fn sweep(orders: &Orders) -> anyhow::Result<()> {
    let now = orders.0.clock.now();
    let db = orders.0.database.reader();
    for checkout in store::checkout::stuck(db, now.before(INTERRUPTED_AFTER), BATCH).await? {
        let id = checkout.id;
        match advance_checkout(orders, checkout).await {
            Ok(_) => tracing::info!(checkout = %id, "an interrupted checkout was resumed"),
            Err(AdvanceError::Refused(status)) => {
                tracing::info!(checkout = %id, refused = status.message(), "an interrupted checkout was refused");
            }
            Err(error) => tracing::warn!(checkout = %id, %error, "an interrupted checkout waits"),
        }
    }
    let silent = store::checkout::silent(db, now.before(SILENT_AFTER), BATCH).await?;
    if silent.is_empty() { Ok(()) } else { ask_payments(orders, silent).await }
}

/// Asks payments what became of the payments of checkouts.
async fn ask_payments(orders: &Orders, silent: Vec<Checkout>) -> anyhow::Result<()> {
    let ids =
        silent.iter().filter_map(|checkout| checkout.payment.map(|id| id.to_string())).collect();
    let found =
        orders.0.payments.clone().get_payments(GetPaymentsRequest { ids }).await?.into_inner();
    let (mut paid, mut expired, mut cancelled) = (Vec::new(), Vec::new(), Vec::new());
    for payment in found.payments {
        let id = payment.checkout_id.parse()?;
        match payment.status() {
            PaymentStatus::Succeeded => {
                paid.push((id, kernel::Timestamp::from_micros(payment.succeeded_at)));
            }
            PaymentStatus::Expired => expired.push(id),
            PaymentStatus::Cancelled => cancelled.push(id),
            PaymentStatus::Pending | PaymentStatus::Unspecified => {}
        }
    }
    let tx = orders.0.database.begin().await?;
    settle_checkouts(orders, &tx, &paid).await?;
    close_checkouts(orders, &tx, &expired, CheckoutStatus::Expired).await?;
    close_checkouts(orders, &tx, &cancelled, CheckoutStatus::Cancelled).await?;
    tx.commit().await?;
    Ok(())
}
