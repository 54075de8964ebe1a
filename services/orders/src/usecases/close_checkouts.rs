//! Closes checkouts that end without money: their orders are cancelled, their holds released by who
//! hears of it.

use std::collections::HashMap;

use kernel::{CheckoutId, Money, Timestamp};
use platform::database::Transaction;
use platform::{ids as new_ids, outbox};
use sea_orm::DbErr;

use super::advance_checkout::changed;
use super::cancel_order::person_of;
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutStatus};
use crate::domain::order::OrderStatus;
use crate::domain::order_return::{OrderReturn, ReturnKind, ReturnParty, ReturnStatus, left_of};
use crate::domain::ticket_cancellation::Account;
use crate::store;

/// Closes those of the checkouts that may become what is said of each; the others stay as they are. All are
/// closed together, whatever they become: their vouchers are locked once, in one order.
pub async fn close_checkouts(
    orders: &Orders,
    tx: &Transaction,
    ends: &[(CheckoutId, CheckoutStatus)],
) -> Result<Vec<Checkout>, DbErr> {
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let now = orders.0.clock.now();
    let ends: HashMap<CheckoutId, CheckoutStatus> = ends.iter().copied().collect();
    let locked = store::checkout::lock(tx, ends.keys().copied()).await?;
    let mut closed: Vec<Checkout> = Vec::with_capacity(locked.len());
    for mut checkout in locked {
        let Some(&end) = ends.get(&checkout.id) else { continue };
        // What was paid while starting is not closed: its orders are still to be written.
        if checkout.status.may_become(end) && checkout.paid_at.is_none() {
            checkout.status = end;
            closed.push(checkout);
        }
    }
    if closed.is_empty() {
        return Ok(closed);
    }
    let of = |checkout: &Checkout| checkout.id;
    for checkout in closed.iter().filter(|checkout| checkout.reopened_at.is_some()) {
        unsell(tx, checkout, now).await?;
    }
    for end in [CheckoutStatus::Expired, CheckoutStatus::Cancelled, CheckoutStatus::Refused] {
        let ended = closed.iter().filter(|checkout| checkout.status == end).map(of);
        let ended: Vec<CheckoutId> = ended.collect();
        if !ended.is_empty() {
            store::checkout::set_status(tx, ended, end).await?;
        }
    }
    store::order::set_status_of_checkouts(tx, closed.iter().map(of), OrderStatus::Cancelled, None)
        .await?;
    let with_vouchers = || closed.iter().filter(|checkout| checkout.vouchers > 0).map(of);
    if with_vouchers().next().is_some() {
        store::voucher_use::give_back(tx, with_vouchers(), now).await?;
    }
    let events = closed.iter().map(|checkout| (checkout.id.to_string(), changed(checkout)));
    outbox::publish_all(tx, now, events).await?;
    for checkout in &closed {
        metrics::counter!("checkouts_total", "status" => checkout.status.name()).increment(1);
    }
    Ok(closed)
}

/// Nobody paid again what was sold: a sweeper asks catalog to put it on sale once more.
async fn unsell(tx: &Transaction, checkout: &Checkout, now: Timestamp) -> Result<(), DbErr> {
    let found = store::order::of_checkout(tx, checkout.id).await?;
    for order in found.iter().filter(|order| order.status == OrderStatus::Pending) {
        let unpaid = OrderReturn {
            id: new_ids::new(),
            order: order.id,
            kind: ReturnKind::Unpaid,
            status: ReturnStatus::Approved,
            asked_by: ReturnParty::Market,
            requested_by: person_of(None, order),
            decided_by: None,
            idempotency_key: String::new(),
            request_hash: Vec::new(),
            reason: String::new(),
            answer: String::new(),
            restock: true,
            account: Account::default(),
            refund_id: None,
            refund: Money::zero(order.total.currency),
            account_needed: false,
            created_at: now,
            decided_at: Some(now),
            finished_at: None,
            lines: left_of(order).collect(),
        };
        store::order_return::insert(tx, &unpaid, now).await?;
    }
    Ok(())
}
