//! A shop does not take back what a buyer asked to send back, and says why.

use super::approve_return::{Decision, decide};
use super::cancel_order::OrderReturnError;
use crate::Orders;
use crate::domain::order_return::{OrderReturn, ReturnStatus};

/// Declines a return. Declining again changes nothing.
pub async fn decline_return(
    orders: &Orders,
    decision: Decision,
) -> Result<OrderReturn, OrderReturnError> {
    // Who is told no is told why.
    if decision.answer.trim().is_empty() {
        return Err(OrderReturnError::Reason);
    }
    decide(orders, decision, ReturnStatus::Declined, |_| {}).await
}
