//! A shop takes pieces back that a buyer asked to send back: their money comes back line by line.

use kernel::{OrderReturnId, ShopScope, UserId};

use super::advance_cancellation::RESUMED_AFTER;
use super::advance_return::advance_return;
use super::cancel_order::OrderReturnError;
use super::cancel_tickets::LONGEST_REASON;
use super::request_return::tell;
use crate::Orders;
use crate::domain::order_return::{OrderReturn, ReturnStatus};
use crate::store;

/// What a shop decides.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Whose order it must be of.
    pub scope: ShopScope,
    /// The return.
    pub id: OrderReturnId,
    /// What the buyer is told.
    pub answer: String,
    /// Who decides.
    pub by: UserId,
}

/// Approves a return, and takes it to its end. Approving again changes nothing.
pub async fn approve_return(
    orders: &Orders,
    decision: Decision,
    restock: bool,
) -> Result<OrderReturn, OrderReturnError> {
    let change = |one: &mut OrderReturn| one.restock = restock;
    let approved = decide(orders, decision, ReturnStatus::Approved, change).await?;
    Ok(advance_return(orders, approved).await?)
}

/// Writes what a shop decides. What was decided so before stays as it is.
pub async fn decide(
    orders: &Orders,
    decision: Decision,
    status: ReturnStatus,
    change: impl FnOnce(&mut OrderReturn),
) -> Result<OrderReturn, OrderReturnError> {
    let answer = kernel::normalize_spaces(&decision.answer);
    if answer.chars().count() > LONGEST_REASON {
        return Err(OrderReturnError::Reason);
    }
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let locked = store::order_return::lock_of_shop(&tx, decision.scope, decision.id).await?;
    let mut one = locked.ok_or(OrderReturnError::Unknown)?;
    let decided = one.status == status
        || (status == ReturnStatus::Approved && one.status == ReturnStatus::Done);
    if decided {
        return Ok(one);
    }
    if one.status != ReturnStatus::Requested || !one.status.may_become(status) {
        return Err(OrderReturnError::Decided(one.status));
    }
    (one.status, one.answer) = (status, answer);
    (one.decided_by, one.decided_at) = (Some(decision.by), Some(now));
    change(&mut one);
    store::order_return::decide(&tx, &one, now.after(RESUMED_AFTER)).await?;
    let order = store::order::by_ids(&tx, [one.order]).await?.pop();
    tell(&tx, &order.ok_or(OrderReturnError::Unknown)?, &one, now).await?;
    tx.commit().await?;
    Ok(one)
}
