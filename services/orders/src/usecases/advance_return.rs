//! Takes what comes back of an order to its end: money, stock, second transaction. Every step may be
//! repeated; who asked and the sweeper both call this.

use kernel::{Money, RefundId};
use platform::outbox;
use proto::catalog::{HoldLine, ReturnStockRequest};
use proto::common::RefusalCode;
use proto::events::OrderCancelled;
use proto::events::event::Body;
use proto::payments::{Refund, RefundPaymentRequest, RefundedLine};
use proto::tours::ReturnSeatsRequest;
use proto::{parse_money, refusals_of};
use sea_orm::DbErr;
use tonic::Status;

use super::advance_cancellation::seats_of;
use super::request_return::tell;
use crate::Orders;
use crate::domain::checkout::Checkout;
use crate::domain::order::{Order, OrderLine, OrderStatus};
use crate::domain::order_return::{OrderReturn, ReturnKind, ReturnStatus};
use crate::messages::{account_message, needs_account};
use crate::store;

/// What payments is told where nobody said why.
const CALLED_OFF: &str = "order cancelled";

/// Why a return could not go on.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceReturnError {
    /// Payments refuses: it is as it was before it was asked for, or decided on.
    #[error("refused: {}", .0.message())]
    Refused(Status),
    /// Payments or catalog cannot be asked now; the sweeper tries again.
    #[error(transparent)]
    Unavailable(#[from] Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Takes a return that was approved to its end. Any other is given as it is.
pub async fn advance_return(
    orders: &Orders,
    begun: OrderReturn,
) -> Result<OrderReturn, AdvanceReturnError> {
    if begun.status != ReturnStatus::Approved {
        return Ok(begun);
    }
    let db = orders.0.database.reader();
    let gone = || DbErr::RecordNotFound(begun.order.to_string());
    let order = store::order::by_ids(db, [begun.order]).await?.pop().ok_or_else(gone)?;
    let checkout = store::checkout::by_id(db, order.checkout).await?.ok_or_else(gone)?;
    let refund = match give_back(orders, &begun, &order, &checkout).await {
        Ok(refund) => refund,
        Err(status) if refusals_of(&status).is_some() => {
            take_back(orders, &begun).await?;
            return Err(AdvanceReturnError::Refused(status));
        }
        Err(status) => return Err(AdvanceReturnError::Unavailable(status)),
    };
    if begun.restock {
        restock(orders, &begun, &order).await?;
    }
    finish(orders, begun, &order, refund).await
}

/// The money: all that is left of an order that is called off, or what the pieces cost.
async fn give_back(
    orders: &Orders,
    begun: &OrderReturn,
    order: &Order,
    checkout: &Checkout,
) -> Result<Option<Refund>, Status> {
    let paid =
        |_: &kernel::PaymentId| begun.kind != ReturnKind::Unpaid && order.total.is_positive();
    let Some(payment) = checkout.payment.filter(paid) else { return Ok(None) };
    let whole = begun.kind == ReturnKind::Cancellation;
    let lines = if whole { Vec::new() } else { refunded_lines(begun, order) };
    if !whole && lines.is_empty() {
        return Ok(None);
    }
    let reason = if begun.reason.is_empty() { CALLED_OFF } else { &begun.reason };
    let request = RefundPaymentRequest {
        payment_id: payment.to_string(),
        order_id: order.id.to_string(),
        amount: None,
        reason: reason.to_owned(),
        account: account_message(&begun.account),
        // Above a limit, somebody else than who decided agrees to the refund.
        requested_by: begun.decided_by.unwrap_or(begun.requested_by).to_string(),
        shop_id: String::new(),
        idempotency_key: begun.id.to_string(),
        lines,
        rest: whole,
    };
    match orders.0.payments.clone().refund_payment(request).await {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if whole && nothing_is_left(&status) => Ok(None),
        Err(status) => Err(status),
    }
}

fn refunded_lines(begun: &OrderReturn, order: &Order) -> Vec<RefundedLine> {
    // A line that a voucher paid whole gives nothing back.
    let paid = pieces(begun, order).filter(|(line, _)| line.total.is_positive());
    let lines = paid.map(|(line, quantity)| RefundedLine {
        order_line_id: line.id.to_string(),
        quantity,
        ordered: line.quantity,
        total: Some(line.total.into()),
        amount: None,
    });
    lines.collect()
}

fn pieces<'a>(
    begun: &'a OrderReturn,
    order: &'a Order,
) -> impl Iterator<Item = (&'a OrderLine, i64)> {
    begun.lines.iter().filter_map(|one| {
        let line = order.lines.iter().find(|line| line.id == one.line)?;
        Some((line, one.quantity))
    })
}

/// All of it was given back before.
pub fn nothing_is_left(status: &Status) -> bool {
    let refusals = refusals_of(status).unwrap_or_default();
    refusals.iter().any(|refusal| refusal.code() == RefusalCode::RefundExceedsCaptured)
}

/// The order, or the request, is as it was before.
async fn take_back(orders: &Orders, begun: &OrderReturn) -> Result<(), DbErr> {
    let tx = orders.0.database.begin().await?;
    let order = store::order::lock_by_id(&tx, begun.order).await?;
    let locked = store::order_return::lock(&tx, begun.id).await?;
    let under_way = locked.filter(|now| now.status == ReturnStatus::Approved);
    if let Some(mut one) = under_way {
        if one.kind == ReturnKind::Return {
            (one.status, one.decided_by) = (ReturnStatus::Requested, None);
            (one.decided_at, one.restock) = (None, false);
            store::order_return::decide(&tx, &one, one.created_at).await?;
        } else {
            store::order_return::remove(&tx, one.id).await?;
            if order.is_some_and(|order| order.status == OrderStatus::Paid) {
                store::ticket::revive_of_orders(&tx, [one.order]).await?;
            }
        }
    }
    tx.commit().await
}

/// Goods and seats can be bought again: catalog counts them.
async fn restock(orders: &Orders, begun: &OrderReturn, order: &Order) -> Result<(), Status> {
    let (reference, hold) = (begun.id.to_string(), order.checkout.to_string());
    let goods = pieces(begun, order).filter(|(line, _)| line.ticket.is_none());
    let lines: Vec<HoldLine> = seats_of(goods.map(|(line, quantity)| (line.variant, quantity)))
        .into_iter()
        .map(|sold| HoldLine { variant_id: sold.variant_id, quantity: sold.quantity })
        .collect();
    if !lines.is_empty() {
        let request = ReturnStockRequest { reference: reference.clone(), hold, lines };
        orders.0.catalog.clone().return_stock(request).await.map_err(|status| not_yet(&status))?;
    }
    let seats = pieces(begun, order).filter(|(line, _)| line.ticket.is_some());
    let seats = seats_of(seats.map(|(line, quantity)| (line.variant, quantity)));
    if !seats.is_empty() {
        // A party that was moved to another departure has its seats by another hold.
        let request = ReturnSeatsRequest { reference, seats, hold: String::new() };
        orders.0.catalog.clone().return_seats(request).await.map_err(|status| not_yet(&status))?;
    }
    Ok(())
}

/// A refusal means that catalog has not heard yet that these were sold, or tells next that they could
/// not be (`HoldCommitRefused`): the sweeper asks again.
fn not_yet(status: &Status) -> Status {
    tracing::warn!(%status, "stock did not come back yet");
    Status::unavailable("the stock cannot be returned yet")
}

/// The second transaction: what came back stands in the order, and whom it concerns is told.
async fn finish(
    orders: &Orders,
    begun: OrderReturn,
    order: &Order,
    refund: Option<Refund>,
) -> Result<OrderReturn, AdvanceReturnError> {
    let now = orders.0.clock.now();
    let (refund_id, amount) = match &refund {
        None => (None, Money::zero(order.total.currency)),
        Some(refund) => {
            let id: RefundId = refund.id.parse().map_err(platform::rpc::fault)?;
            (Some(id), parse_money(refund.amount.as_ref()).map_err(platform::rpc::fault)?)
        }
    };
    let tx = orders.0.database.begin().await?;
    store::order::lock_by_id(&tx, order.id).await?;
    let gone = || DbErr::RecordNotFound(begun.id.to_string());
    let mut done = store::order_return::lock(&tx, begun.id).await?.ok_or_else(gone)?;
    if done.status != ReturnStatus::Approved {
        return Ok(done);
    }
    done.status = ReturnStatus::Done;
    (done.refund_id, done.refund) = (refund_id, amount);
    done.account_needed = refund.as_ref().is_some_and(needs_account);
    done.finished_at = Some(now);
    store::order_return::finish(&tx, &done).await?;
    for one in &done.lines {
        store::order::add_cancelled(&tx, one.line, one.quantity).await?;
    }
    match done.kind {
        ReturnKind::Cancellation => {
            store::order::call_off(&tx, order.id, now).await?;
            let told = OrderCancelled {
                order_id: order.id.to_string(),
                shop_id: order.shop.to_string(),
                cancelled_at: now.micros(),
            };
            outbox::publish(&tx, now, order.checkout, Body::OrderCancelled(told)).await?;
        }
        ReturnKind::Return => tell(&tx, order, &done, now).await?,
        ReturnKind::Unpaid => {}
    }
    tx.commit().await?;
    metrics::counter!("order_returns_total", "kind" => done.kind.name()).increment(1);
    Ok(done)
}
