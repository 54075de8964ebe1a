//! Closes checkouts that end without money: their orders are cancelled, their holds released by who
//! hears of it.

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
    for checkout in closed.iter().filter(|checkout| checkout.reopened_at.is_some()) {
        unsell(tx, checkout, now).await?;
    }
    store::checkout::set_status(tx, closed.iter().map(of), status).await?;
    store::order::set_status_of_checkouts(tx, closed.iter().map(of), OrderStatus::Cancelled, None)
        .await?;
    let with_vouchers = || closed.iter().filter(|checkout| checkout.vouchers > 0).map(of);
    if with_vouchers().next().is_some() {
        store::voucher_use::give_back(tx, with_vouchers(), now).await?;
    }
    for checkout in &mut closed {
        checkout.status = status;
    }
    let events = closed.iter().map(|checkout| (checkout.id.to_string(), changed(checkout)));
    outbox::publish_all(tx, now, events).await?;
    metrics::counter!("checkouts_total", "status" => status.name()).increment(closed.len() as u64);
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
