//! Closes checkouts that end without money: their orders are cancelled, their holds released by who
//! hears of it.

use kernel::CheckoutId;
use platform::database::Transaction;
use platform::outbox;
use sea_orm::DbErr;

use super::advance_checkout::changed;
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::domain::order::OrderStatus;
use crate::store;

/// Closes those of the checkouts that may become `status`; the others stay as they are.
pub async fn close_checkouts(
    orders: &Orders,
    tx: &Transaction,
    ids: &[CheckoutId],
    status: CheckoutStatus,
) -> Result<Vec<Checkout>, DbErr> {
    let now = orders.0.clock.now();
    let locked = store::checkout::lock(tx, ids.iter().copied()).await?;
    let mut closed: Vec<Checkout> = locked
        .into_iter()
        // What was paid while starting is not closed: its orders are still to be written.
        .filter(|checkout| checkout.status.may_become(status) && checkout.paid_at.is_none())
        .collect();
    if closed.is_empty() {
        return Ok(closed);
    }
    let of = |checkout: &Checkout| checkout.id;
    store::checkout::set_status(tx, closed.iter().map(of), status).await?;
    store::order::set_status_of_checkouts(tx, closed.iter().map(of), OrderStatus::Cancelled, None)
        .await?;
    for checkout in &mut closed {
        checkout.status = status;
    }
    let events = closed.iter().map(|checkout| (checkout.id.to_string(), changed(checkout)));
    outbox::publish_all(tx, now, events).await?;
    metrics::counter!("checkouts_total", "status" => status.name()).increment(closed.len() as u64);
    Ok(closed)
}
