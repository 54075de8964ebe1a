//! A buyer asks to send pieces of an order back that was handed over. The shop decides.

use kernel::{OrderId, OrderReturnId, ShopId, Timestamp, UserId};
use platform::database::{Transaction, violated_constraint};
use platform::{ids, outbox};
use proto::events::ReturnChanged;
use proto::events::event::Body;
use sea_orm::{ConnectionTrait, DbErr};

use super::cancel_order::{OrderReturnError, hash_of_texts, person_of};
use super::cancel_tickets::LONGEST_REASON;
use crate::Orders;
use crate::domain::order::Order;
use crate::domain::order_return::{
    OrderReturn, ReturnKind, ReturnParty, ReturnStatus, ReturnedLine, check_request,
};
use crate::domain::ticket_cancellation::Account;
use crate::messages::returns::return_status_message;
use crate::store;

/// What is asked for. Who asks may see the order.
#[derive(Clone, Debug)]
pub struct RequestReturn {
    /// The order.
    pub order: OrderId,
    /// Which person; a guest has none.
    pub requested_by: Option<UserId>,
    /// The pieces.
    pub lines: Vec<ReturnedLine>,
    /// Why.
    pub reason: String,
    /// Names the request, 8 to 128 characters.
    pub idempotency_key: String,
    /// Where the money shall go; empty: payments knows, or asks.
    pub account: Account,
}

/// Asks for a return, once a key.
pub async fn request_return(
    orders: &Orders,
    asked: RequestReturn,
) -> Result<OrderReturn, OrderReturnError> {
    if !(8..=128).contains(&asked.idempotency_key.len()) {
        return Err(OrderReturnError::Key);
    }
    let reason = kernel::normalize_spaces(&asked.reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(OrderReturnError::Reason);
    }
    match write(orders, &asked, reason).await {
        // Two requests at once, and the other one was first: it is found now.
        Err(OrderReturnError::Database(error)) if violated_constraint(&error).is_some() => {
            Ok(earlier(orders.0.database.reader(), &asked).await?.ok_or(error)?)
        }
        other => other,
    }
}

async fn write(
    orders: &Orders,
    asked: &RequestReturn,
    reason: String,
) -> Result<OrderReturn, OrderReturnError> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let locked = store::order::lock_by_id(&tx, asked.order).await?;
    let order = locked.ok_or(OrderReturnError::Unknown)?;
    if let Some(known) = earlier(&tx, asked).await? {
        return Ok(known);
    }
    let before = store::order_return::of_orders(&tx, [order.id]).await?;
    check_request(&order, &before, &asked.lines, now)?;
    let requested = OrderReturn {
        id: ids::new(),
        order: order.id,
        kind: ReturnKind::Return,
        status: ReturnStatus::Requested,
        asked_by: ReturnParty::Buyer,
        requested_by: person_of(asked.requested_by, &order),
        decided_by: None,
        idempotency_key: asked.idempotency_key.clone(),
        request_hash: hash_of(asked),
        reason,
        answer: String::new(),
        restock: false,
        account: asked.account.clone(),
        refund_id: None,
        refund: kernel::Money::zero(order.total.currency),
        account_needed: false,
        created_at: now,
        decided_at: None,
        finished_at: None,
        lines: asked.lines.clone(),
    };
    store::order_return::insert(&tx, &requested, now).await?;
    tell(&tx, &order, &requested, now).await?;
    tx.commit().await?;
    Ok(requested)
}

/// Tells how far a return is, in the transaction in which it gets there.
pub async fn tell(
    tx: &Transaction,
    order: &Order,
    one: &OrderReturn,
    now: Timestamp,
) -> Result<(), DbErr> {
    let body = changed(one.id, order.id, order.shop, one.status);
    outbox::publish(tx, now, order.checkout, body).await
}

fn changed(id: OrderReturnId, order: OrderId, shop: ShopId, status: ReturnStatus) -> Body {
    Body::ReturnChanged(ReturnChanged {
        return_id: id.to_string(),
        order_id: order.to_string(),
        shop_id: shop.to_string(),
        status: return_status_message(status).into(),
    })
}

async fn earlier(
    db: &impl ConnectionTrait,
    asked: &RequestReturn,
) -> Result<Option<OrderReturn>, OrderReturnError> {
    let kind = ReturnKind::Return;
    let known = store::order_return::by_key(db, asked.order, kind, &asked.idempotency_key).await?;
    match known {
        Some(known) if known.request_hash != hash_of(asked) => Err(OrderReturnError::KeyReused),
        other => Ok(other),
    }
}

/// What makes two requests the same.
fn hash_of(asked: &RequestReturn) -> Vec<u8> {
    let Account { bank_bin, number, holder } = &asked.account;
    let mut lines: Vec<String> =
        asked.lines.iter().map(|line| format!("{}x{}", line.line, line.quantity)).collect();
    lines.sort_unstable();
    let texts = [&asked.reason, bank_bin, number, holder].into_iter().chain(&lines);
    hash_of_texts(texts.map(String::as_str))
}
