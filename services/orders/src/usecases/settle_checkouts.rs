//! Marks checkouts as paid: all their orders with them, exactly once.

use std::collections::HashMap;

use kernel::{CheckoutId, Timestamp};
use platform::database::Transaction;
use platform::outbox;
use sea_orm::DbErr;

use super::advance_checkout::changed;
use super::issue_tickets::issue_tickets;
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::domain::order::OrderStatus;
use crate::store;

/// Settles checkouts whose payments succeeded.
pub async fn settle_checkouts(
    orders: &Orders,
    tx: &Transaction,
    paid: &[(CheckoutId, Timestamp)],
) -> Result<(), DbErr> {
    let moments: HashMap<CheckoutId, Timestamp> = paid.iter().copied().collect();
    if moments.is_empty() {
        return Ok(());
    }
    let now = orders.0.clock.now();
    let locked = store::checkout::lock(tx, moments.keys().copied()).await?;
    let mut settled: Vec<Checkout> = Vec::with_capacity(locked.len());
    let mut paid: Vec<(CheckoutId, Timestamp)> = Vec::with_capacity(locked.len());
    for mut checkout in locked {
        let Some(&paid_at) = moments.get(&checkout.id) else { continue };
        match checkout.status {
            CheckoutStatus::AwaitingPayment => {
                checkout.status = CheckoutStatus::Paid;
                paid.push((checkout.id, paid_at));
                settled.push(checkout);
            }
            // Its orders are not written yet: whoever resumes it finds it paid.
            CheckoutStatus::Starting => {
                store::checkout::note_paid_early(tx, checkout.id, paid_at).await?
            }
            CheckoutStatus::Paid => {}
            CheckoutStatus::Expired | CheckoutStatus::Cancelled | CheckoutStatus::Refused => {
                // Payments alone closes payments, so this cannot be; if it is, a sweeper gives the money
                // back (`refund_unsold_order`).
                tracing::error!(checkout = %checkout.id, status = checkout.status.name(), "paid after it was closed");
                let due = OrderStatus::RefundDue;
                store::order::set_status_of_checkouts(tx, [checkout.id], due, Some(paid_at))
                    .await?;
            }
        }
    }
    if settled.is_empty() {
        return Ok(());
    }
    store::checkout::set_paid(tx, &paid).await?;
    store::order::set_paid_of_checkouts(tx, &paid).await?;
    let (again, first): (Vec<&Checkout>, Vec<&Checkout>) =
        settled.iter().partition(|checkout| checkout.reopened_at.is_some());
    let ids = |some: &[&Checkout]| some.iter().map(|one| one.id).collect::<Vec<CheckoutId>>();
    issue_tickets(tx, &store::order::with_tickets(tx, ids(&first)).await?).await?;
    if !again.is_empty() {
        let tours = store::order::with_tickets(tx, ids(&again)).await?;
        let paid = tours.iter().filter(|order| order.status == OrderStatus::Paid);
        store::ticket::revive_of_orders(tx, paid.map(|order| order.id)).await?;
    }
    let events = settled.iter().map(|checkout| (checkout.id.to_string(), changed(checkout)));
    outbox::publish_all(tx, now, events).await?;
    metrics::counter!("checkouts_total", "status" => "paid").increment(settled.len() as u64);
    Ok(())
}
