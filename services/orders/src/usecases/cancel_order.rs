//! A paid order is called off before it is handed over, by its shop or its buyer: all the money comes
//! back, and all the stock that is still there.

use kernel::{OrderId, UserId};
use platform::database::violated_constraint;
use platform::ids;
use sea_orm::{ConnectionTrait, DbErr};
use sha2::{Digest, Sha256};

use super::advance_cancellation::RESUMED_AFTER;
use super::advance_return::{AdvanceReturnError, advance_return};
use super::cancel_tickets::LONGEST_REASON;
use crate::Orders;
use crate::domain::checkout::PayWith;
use crate::domain::order::{Order, OrderStatus};
use crate::domain::order_return::{
    OrderReturn, ReturnKind, ReturnParty, ReturnRefused, ReturnStatus, whole_of,
};
use crate::domain::ticket_cancellation::Account;
use crate::store;

/// What is asked for. Who asks may see the order.
#[derive(Clone, Debug)]
pub struct CancelOrder {
    /// The order.
    pub order: OrderId,
    /// Who asks.
    pub by: ReturnParty,
    /// Which person; a guest has none.
    pub requested_by: Option<UserId>,
    /// Why; may be empty.
    pub reason: String,
    /// Names the request, 8 to 128 characters.
    pub idempotency_key: String,
    /// Where the money shall go; empty: payments knows, or asks.
    pub account: Account,
}

/// Why an order is not called off, or something not sent back.
#[derive(Debug, thiserror::Error)]
pub enum OrderReturnError {
    /// There is no such order or return.
    #[error("there is no such order")]
    Unknown,
    /// The key is too short or too long.
    #[error("the idempotency key has 8 to 128 characters")]
    Key,
    /// The reason is missing or too long.
    #[error("the reason is missing or has more than {LONGEST_REASON} characters")]
    Reason,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] ReturnRefused),
    /// It was decided otherwise, or is done.
    #[error("the return is {}", .0.name())]
    Decided(ReturnStatus),
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// Payments refuses, or somebody cannot be asked now.
    #[error(transparent)]
    Advance(#[from] AdvanceReturnError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Calls an order off, once a key.
pub async fn cancel_order(
    orders: &Orders,
    asked: CancelOrder,
) -> Result<OrderReturn, OrderReturnError> {
    if !(8..=128).contains(&asked.idempotency_key.len()) {
        return Err(OrderReturnError::Key);
    }
    if asked.reason.chars().count() > LONGEST_REASON {
        return Err(OrderReturnError::Reason);
    }
    let begun = match begin(orders, &asked).await {
        // Two requests at once, and the other one was first: it is found now.
        Err(OrderReturnError::Database(error)) if violated_constraint(&error).is_some() => {
            earlier(orders.0.database.reader(), &asked).await?.ok_or(error)?
        }
        other => other?,
    };
    Ok(advance_return(orders, begun).await?)
}

async fn begin(orders: &Orders, asked: &CancelOrder) -> Result<OrderReturn, OrderReturnError> {
    let now = orders.0.clock.now();
    let tx = orders.0.database.begin().await?;
    let locked = store::order::lock_by_id(&tx, asked.order).await?;
    let order = locked.ok_or(OrderReturnError::Unknown)?;
    if let Some(known) = earlier(&tx, asked).await? {
        return Ok(known);
    }
    let checkout = store::checkout::by_id(&tx, order.checkout).await?;
    let checkout = checkout.ok_or(OrderReturnError::Unknown)?;
    // What a reseller booked is called off by the reseller.
    if checkout.pay_with == PayWith::Invoiced {
        return Err(ReturnRefused::WrongStatus(order.status).into());
    }
    if store::order_return::being_called_off(&tx, order.id).await? {
        return Err(ReturnRefused::WrongStatus(OrderStatus::Cancelled).into());
    }
    let tickets = store::ticket::of_orders(&tx, [order.id]).await?;
    let lines = whole_of(&order, &tickets, asked.by)?;
    let begun = OrderReturn {
        id: ids::new(),
        order: order.id,
        kind: ReturnKind::Cancellation,
        status: ReturnStatus::Approved,
        asked_by: asked.by,
        requested_by: person_of(asked.requested_by, &order),
        decided_by: None,
        idempotency_key: asked.idempotency_key.clone(),
        request_hash: hash_of(asked),
        reason: kernel::normalize_spaces(&asked.reason),
        answer: String::new(),
        // What could not be sold any more is not there to come back.
        restock: order.status == OrderStatus::Paid,
        account: asked.account.clone(),
        refund_id: None,
        refund: kernel::Money::zero(order.total.currency),
        account_needed: false,
        created_at: now,
        decided_at: Some(now),
        finished_at: None,
        lines,
    };
    store::order_return::insert(&tx, &begun, now.after(RESUMED_AFTER)).await?;
    // Nobody comes on board meanwhile.
    store::ticket::suspend_of_orders(&tx, [order.id], now).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Who asks, as payments knows people: a guest has no id, and the checkout's stands for them.
pub fn person_of(person: Option<UserId>, order: &Order) -> UserId {
    person.unwrap_or(UserId::from_uuid(order.checkout.uuid()))
}

async fn earlier(
    db: &impl ConnectionTrait,
    asked: &CancelOrder,
) -> Result<Option<OrderReturn>, OrderReturnError> {
    let kind = ReturnKind::Cancellation;
    let known = store::order_return::by_key(db, asked.order, kind, &asked.idempotency_key).await?;
    match known {
        Some(known) if known.request_hash != hash_of(asked) => Err(OrderReturnError::KeyReused),
        other => Ok(other),
    }
}

/// What makes two requests the same.
fn hash_of(asked: &CancelOrder) -> Vec<u8> {
    let Account { bank_bin, number, holder } = &asked.account;
    hash_of_texts([asked.by.name(), &asked.reason, bank_bin, number, holder])
}

/// SHA-256 of texts, each with its length.
pub fn hash_of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().to_vec()
}
