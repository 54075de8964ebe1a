//! Gives the money back of an order that was paid and could not be sold any more: too late for what was
//! held for it, or after its checkout had ended. May be repeated: payments knows the refund by the order.

use kernel::{OrderId, RefundId, UserId};
use proto::payments::{Refund, RefundPaymentRequest};
use sea_orm::DbErr;
use tonic::Status;

use super::advance_return::nothing_is_left;
use super::tell_guests::tell_of_unsold;
use crate::Orders;
use crate::domain::checkout::Checkout;
use crate::domain::order::{Order, OrderStatus};
use crate::store;

/// What payments is told.
const REASON: &str = "paid, and no longer to be had";

/// Why the money could not be asked back now; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RefundUnsoldOrderError {
    /// Payments refuses, or cannot be asked.
    #[error(transparent)]
    Payments(#[from] Status),
    /// No payment is known that paid for it.
    #[error("the order has no payment")]
    NoPayment,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Gives back what is left of an order's money. An order of which nothing is due stays as it is.
pub async fn refund_unsold_order(
    orders: &Orders,
    id: OrderId,
) -> Result<(), RefundUnsoldOrderError> {
    let db = orders.0.database.reader();
    let gone = || DbErr::RecordNotFound(id.to_string());
    let order = store::order::by_ids(db, [id]).await?.pop().ok_or_else(gone)?;
    if order.status != OrderStatus::RefundDue {
        return Ok(());
    }
    let checkout = store::checkout::by_id(db, order.checkout).await?.ok_or_else(gone)?;
    let refund = give_back(orders, &order, &checkout).await?;
    let refund = match &refund {
        Some(refund) => {
            let id = refund.id.parse::<RefundId>().map_err(platform::rpc::fault)?;
            Some((id, proto::parse_money(refund.amount.as_ref()).map_err(Status::from)?))
        }
        None => None,
    };
    let tx = orders.0.database.begin().await?;
    let locked = store::order::lock_by_id(&tx, id).await?.ok_or_else(gone)?;
    if locked.status != OrderStatus::RefundDue {
        return Ok(());
    }
    // Who got everything back before was told of that.
    if let Some((_, back)) = refund {
        tell_of_unsold(&tx, &locked, back, orders.0.clock.now()).await?;
    }
    let refund = refund.map(|(id, _)| id);
    store::unsold_order::finish(&tx, id, refund, orders.0.clock.now()).await?;
    tx.commit().await?;
    metrics::counter!("unsold_orders_refunded_total").increment(1);
    Ok(())
}

/// Asks for all that nobody gave back before, as payments reckons it under its lock. None: nothing is left.
async fn give_back(
    orders: &Orders,
    order: &Order,
    checkout: &Checkout,
) -> Result<Option<Refund>, RefundUnsoldOrderError> {
    if !order.total.is_positive() {
        return Ok(None);
    }
    let payment = checkout.payment.ok_or(RefundUnsoldOrderError::NoPayment)?;
    // A guest has no id of a person: the checkout's stands for them.
    let requested_by = checkout.buyer.unwrap_or(UserId::from_uuid(checkout.id.uuid()));
    let request = RefundPaymentRequest {
        payment_id: payment.to_string(),
        order_id: order.id.to_string(),
        amount: None,
        reason: REASON.to_owned(),
        account: None,
        requested_by: requested_by.to_string(),
        shop_id: String::new(),
        idempotency_key: format!("unsold:{}", order.id),
        lines: Vec::new(),
        rest: true,
    };
    match orders.0.payments.clone().refund_payment(request).await {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if nothing_is_left(&status) => Ok(None),
        Err(status) => Err(status.into()),
    }
}
