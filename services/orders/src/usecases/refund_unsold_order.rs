//! Gives the money back of an order that was paid and could not be sold any more: too late for what was
//! held for it, or after its checkout had ended. May be repeated: payments knows the refund by the order.

use kernel::{Currency, Money, OrderId, RefundId, UserId};
use proto::common::{Refusal, RefusalCode};
use proto::payments::{Refund, RefundPaymentRequest};
use proto::refusals_of;
use sea_orm::DbErr;
use tonic::Status;

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
    /// What came back cannot be reckoned with.
    #[error(transparent)]
    Money(#[from] kernel::MoneyError),
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
    let left = order.total.checked_sub(store::unsold_order::given_back(db, &order).await?)?;
    let refund = give_back(orders, &order, &checkout, left).await?;
    let refund = match &refund {
        Some(refund) => Some(refund.id.parse::<RefundId>().map_err(platform::rpc::fault)?),
        None => None,
    };
    let tx = orders.0.database.begin().await?;
    let locked = store::order::lock_by_id(&tx, id).await?.ok_or_else(gone)?;
    if locked.status != OrderStatus::RefundDue {
        return Ok(());
    }
    tell_of_unsold(&tx, &locked, orders.0.clock.now()).await?;
    store::unsold_order::finish(&tx, id, refund, orders.0.clock.now()).await?;
    tx.commit().await?;
    metrics::counter!("unsold_orders_refunded_total").increment(1);
    Ok(())
}

/// Asks for the whole, or for what is left where an operator gave some of it back before. None: nothing
/// is left.
async fn give_back(
    orders: &Orders,
    order: &Order,
    checkout: &Checkout,
    left: Money,
) -> Result<Option<Refund>, RefundUnsoldOrderError> {
    if !left.is_positive() {
        return Ok(None);
    }
    match ask(orders, order, checkout, left).await {
        Err(RefundUnsoldOrderError::Payments(status)) => {
            match still_there(&status, left.currency) {
                Some(none) if !none.is_positive() => Ok(None),
                Some(less) if less.minor < left.minor => {
                    Ok(Some(ask(orders, order, checkout, less).await?))
                }
                _ => Err(status.into()),
            }
        }
        asked => Ok(Some(asked?)),
    }
}

async fn ask(
    orders: &Orders,
    order: &Order,
    checkout: &Checkout,
    amount: Money,
) -> Result<Refund, RefundUnsoldOrderError> {
    let payment = checkout.payment.ok_or(RefundUnsoldOrderError::NoPayment)?;
    // A guest has no id of a person: the checkout's stands for them.
    let requested_by = checkout.buyer.unwrap_or(UserId::from_uuid(checkout.id.uuid()));
    let request = RefundPaymentRequest {
        payment_id: payment.to_string(),
        order_id: order.id.to_string(),
        amount: Some(amount.into()),
        reason: REASON.to_owned(),
        account: None,
        requested_by: requested_by.to_string(),
        shop_id: String::new(),
        // The same amount is the same request, however often it is asked for.
        idempotency_key: format!("unsold:{}:{}", order.id, amount.minor),
        lines: Vec::new(),
        rest: false,
    };
    Ok(orders.0.payments.clone().refund_payment(request).await?.into_inner())
}

/// What payments says is left of an order, where it refuses for want of it.
fn still_there(status: &Status, currency: Currency) -> Option<Money> {
    let refusals = refusals_of(status)?;
    let exceeds = |refusal: &&Refusal| refusal.code() == RefusalCode::RefundExceedsCaptured;
    let available = refusals.iter().find(exceeds)?.facts.get("available")?;
    Money::parse_decimal(available, currency).ok()
}
