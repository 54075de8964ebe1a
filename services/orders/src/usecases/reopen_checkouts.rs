//! What had paid checkouts was taken back by a person: they are not paid any more, and nothing more of
//! them is handed over.
//!
//! Their goods and seats stay sold to them for some days, for mostly another transfer is matched in
//! its place, and then nobody has lost what was bought. Who does not pay again loses it then
//! (`sweeps::sweep_reopened`). What was handed over before stays so: the shop's line goes below zero,
//! and an operator sees the payment among those that were reopened.

use std::time::Duration;

use kernel::CheckoutId;
use platform::database::Transaction;
use platform::outbox;
use sea_orm::DbErr;

use super::advance_checkout::changed;
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::domain::order::OrderStatus;
use crate::store;

/// How long goods stay sold to who is to pay again.
pub const KEPT_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Writes that checkouts are not paid any more.
pub async fn reopen_checkouts(
    orders: &Orders,
    tx: &Transaction,
    ids: &[CheckoutId],
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let now = orders.0.clock.now();
    let locked = store::checkout::lock(tx, ids.iter().copied()).await?;
    let mut reopened: Vec<Checkout> = Vec::with_capacity(locked.len());
    for mut checkout in locked {
        match checkout.status {
            CheckoutStatus::Paid => {
                checkout.status = CheckoutStatus::AwaitingPayment;
                reopened.push(checkout);
            }
            // Its orders are not written yet: whoever resumes it finds it unpaid.
            CheckoutStatus::Starting => {
                store::checkout::forget_paid_early(tx, checkout.id).await?;
            }
            // What was to be given back was never paid.
            CheckoutStatus::Expired | CheckoutStatus::Cancelled | CheckoutStatus::Refused => {
                store::order::unpay(tx, &[checkout.id]).await?;
            }
            CheckoutStatus::AwaitingPayment => {}
        }
    }
    if reopened.is_empty() {
        return Ok(());
    }
    let ids: Vec<CheckoutId> = reopened.iter().map(|checkout| checkout.id).collect();
    // Orders before their tickets, as everybody locks. What of paid checkouts is pending was paid until now.
    store::order::unpay(tx, &ids).await?;
    let tours = store::order::with_tickets(tx, ids.iter().copied()).await?;
    let unpaid = tours.iter().filter(|order| order.status == OrderStatus::Pending);
    store::ticket::suspend_of_orders(tx, unpaid.map(|order| order.id), now).await?;
    store::checkout::reopen(tx, ids, now, now.after(KEPT_FOR)).await?;
    let events = reopened.iter().map(|checkout| (checkout.id.to_string(), changed(checkout)));
    outbox::publish_all(tx, now, events).await?;
    metrics::counter!("checkouts_total", "status" => "reopened").increment(reopened.len() as u64);
    Ok(())
}
