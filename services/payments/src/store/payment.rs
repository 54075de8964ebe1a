//! Payments, with their allocations.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use kernel::{CheckoutId, Money, OrderId, PageRequest, PaymentId, ResellerBillId, Timestamp};
use platform::bulk::{self, is_any};
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::payments::{Column, Entity, Model};
use super::{allocation, cards, corrupt};
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payment::{Payment, PaymentStatus, Purpose};
use crate::domain::payment_code::PaymentCode;

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is there now.
    New,
    /// The checkout had a payment, or the code was taken: nothing was written.
    Taken,
}

/// Inserts a payment with its allocations, unless its checkout has one or its code is taken.
pub async fn insert(tx: &impl ConnectionTrait, payment: &Payment) -> Result<Inserted, DbErr> {
    let written = insert_all(tx, std::slice::from_ref(payment)).await?;
    Ok(if written.contains(&payment.id) { Inserted::New } else { Inserted::Taken })
}

/// Inserts payments with their allocations; says which: not those whose checkout has one or whose
/// code is taken.
pub async fn insert_all(
    tx: &impl ConnectionTrait,
    payments: &[Payment],
) -> Result<HashSet<PaymentId>, DbErr> {
    let rows: Vec<Model> = payments.iter().map(row_of).collect();
    let new = bulk::insert_or(tx, rows, "ON CONFLICT DO NOTHING RETURNING id").await?;
    let mut written = HashSet::with_capacity(payments.len());
    for row in new {
        written.insert(PaymentId::from_uuid(row.try_get("", "id")?));
    }
    allocation::insert(tx, payments.iter().filter(|payment| written.contains(&payment.id))).await?;
    Ok(written)
}

fn row_of(payment: &Payment) -> Model {
    Model {
        id: payment.id.uuid(),
        checkout_id: payment.purpose.uuid(),
        purpose: payment.purpose.name().to_owned(),
        status: payment.status.name().to_owned(),
        amount_minor: payment.amount.minor,
        currency: payment.amount.currency.code().to_owned(),
        code: payment.code.to_string(),
        created_at: payment.created_at.micros(),
        expires_at: payment.expires_at.micros(),
        closed_at: payment.closed_at.map(Timestamp::micros),
        reopened_at: payment.reopened_at.map(Timestamp::micros),
        receiving_bin: payment.direct_to.as_ref().map(|to| to.bank_bin().to_owned()),
        receiving_account: payment.direct_to.as_ref().map(|to| to.number().to_owned()),
        receiving_holder: payment.direct_to.as_ref().map(|to| to.holder().to_owned()),
        extended_at: payment.extended_at.map(Timestamp::micros),
    }
}

/// The payment of a checkout.
pub async fn of_checkout(
    db: &impl ConnectionTrait,
    checkout: CheckoutId,
) -> Result<Option<Payment>, DbErr> {
    let rows = Entity::find()
        .filter(Column::CheckoutId.eq(checkout.uuid()))
        .filter(Column::Purpose.eq("checkout"))
        .all(db)
        .await?;
    Ok(with_allocations(db, rows).await?.pop())
}

/// Payments by their ids, in no order.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[PaymentId]) -> Result<Vec<Payment>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find().filter(is_any(db, Column::Id, uuids(ids))).all(db).await?;
    with_allocations(db, rows).await
}

/// The payment with a code.
pub async fn by_code(
    db: &impl ConnectionTrait,
    code: PaymentCode,
) -> Result<Option<Payment>, DbErr> {
    let rows = Entity::find().filter(Column::Code.eq(code.to_string())).all(db).await?;
    Ok(with_allocations(db, rows).await?.pop())
}

/// One payment, locked.
pub async fn lock(tx: &impl ConnectionTrait, id: PaymentId) -> Result<Option<Payment>, DbErr> {
    let rows = Entity::find_by_id(id.uuid()).lock_exclusive().all(tx).await?;
    Ok(with_allocations(tx, rows).await?.pop())
}

/// The payments with any of some codes, locked in the order of their ids.
pub async fn lock_by_codes(
    tx: &impl ConnectionTrait,
    codes: &[PaymentCode],
) -> Result<Vec<Payment>, DbErr> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(is_any(tx, Column::Code, codes.iter().map(ToString::to_string).collect()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    with_allocations(tx, rows).await
}

/// Pending payments whose time went by before a moment and that nobody else has locked, locked. One with a card that may
/// be paying it gets some patience more: until the provider said what became of it.
pub async fn lock_overdue(
    tx: &impl ConnectionTrait,
    before: Timestamp,
    patience: Duration,
    limit: u64,
) -> Result<Vec<Payment>, DbErr> {
    let by_card = Expr::exists(cards::attempt::live_of_payment_of(Entity, Column::Id));
    let rows = Entity::find()
        .filter(stands_at(PaymentStatus::Pending))
        .filter(Column::ExpiresAt.lt(before.micros()))
        .filter(by_card.not().or(Column::ExpiresAt.lt(before.before(patience).micros())))
        .filter(Column::ReopenedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(limit)
        // Somebody who records money may hold one of them and wait for another: the next time takes the rest.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    with_allocations(tx, rows).await
}

/// The newest open payments, the newest first.
pub async fn newest_pending(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Payment>, DbErr> {
    let rows = Entity::find()
        .filter(stands_at(PaymentStatus::Pending))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    with_allocations(db, rows).await
}

/// Writes that payments were closed, all in one way and moment. Cards that might still pay them are
/// looked at, so that nobody pays twice.
pub async fn close(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = PaymentId>,
    status: PaymentStatus,
    at: Timestamp,
) -> Result<(), DbErr> {
    let ids: Vec<PaymentId> = ids.into_iter().collect();
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .col_expr(Column::ClosedAt, Expr::value(at.micros()))
        .filter(is_any(tx, Column::Id, uuids(&ids)))
        .exec(tx)
        .await?;
    cards::attempt::look_at_now(tx, ids, at).await
}

/// Writes until when a payment is in time now, and when it was given that.
pub async fn extend(tx: &impl ConnectionTrait, payment: &Payment) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(payment.expires_at.micros()))
        .col_expr(Column::ExtendedAt, Expr::value(payment.extended_at.map(Timestamp::micros)))
        .filter(Column::Id.eq(payment.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that a payment is open again.
pub async fn reopen(tx: &impl ConnectionTrait, id: PaymentId, at: Timestamp) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(PaymentStatus::Pending.name()))
        .col_expr(Column::ClosedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::ReopenedAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A page of payments, newest first; `reopened_only`: of those that are open because what had paid
/// them was taken back.
pub async fn page(
    db: &impl ConnectionTrait,
    status: Option<PaymentStatus>,
    reopened_only: bool,
    request: &PageRequest<Uuid>,
) -> Result<Vec<Payment>, DbErr> {
    let mut select = Entity::find();
    if let Some(status) = status {
        select = select.filter(stands_at(status));
    }
    if reopened_only {
        select = select.filter(Expr::cust("reopened_at IS NOT NULL AND status = 'pending'"));
    }
    let rows = newest_first(select, Column::Id, request).all(db).await?;
    let order: HashMap<Uuid, usize> =
        rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect();
    let mut payments = with_allocations(db, rows).await?;
    payments.sort_by_key(|payment| order.get(&payment.id.uuid()).copied());
    Ok(payments)
}

/// Said in the text, and not as a value: SQLite finds indexes of some rows by nothing else.
fn stands_at(status: PaymentStatus) -> SimpleExpr {
    Expr::cust(format!("\"payments\".\"status\" = '{}'", status.name()))
}

async fn with_allocations(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<Payment>, DbErr> {
    let mut parts = allocation::of_payments(db, rows.iter().map(|row| row.id)).await?;
    rows.into_iter()
        .map(|row| {
            let allocations = parts.remove(&row.id).unwrap_or_default();
            Ok(Payment {
                id: PaymentId::from_uuid(row.id),
                purpose: purpose_of(&row)?,
                direct_to: direct_to(&row)?,
                status: status_of(&row.status)?,
                amount: money_of(row.amount_minor, &row.currency)?,
                code: row.code.parse().map_err(|_| corrupt("a payment code"))?,
                allocations,
                created_at: Timestamp::from_micros(row.created_at),
                expires_at: Timestamp::from_micros(row.expires_at),
                closed_at: row.closed_at.map(Timestamp::from_micros),
                reopened_at: row.reopened_at.map(Timestamp::from_micros),
                extended_at: row.extended_at.map(Timestamp::from_micros),
            })
        })
        .collect()
}

fn uuids(ids: &[PaymentId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

fn purpose_of(row: &Model) -> Result<Purpose, DbErr> {
    match row.purpose.as_str() {
        "checkout" => Ok(Purpose::Checkout(CheckoutId::from_uuid(row.checkout_id))),
        "reseller_bill" => Ok(Purpose::ResellerBill(ResellerBillId::from_uuid(row.checkout_id))),
        "counter" => Ok(Purpose::Counter(OrderId::from_uuid(row.checkout_id))),
        _ => Err(corrupt("a payment's purpose")),
    }
}

fn direct_to(row: &Model) -> Result<Option<PayeeAccount>, DbErr> {
    let (Some(bin), Some(number), Some(holder)) =
        (&row.receiving_bin, &row.receiving_account, &row.receiving_holder)
    else {
        return Ok(None);
    };
    PayeeAccount::new(bin, number, holder).map(Some).map_err(|_| corrupt("a receiving account"))
}

/// The status of a name in the database.
pub fn status_of(name: &str) -> Result<PaymentStatus, DbErr> {
    let known = PaymentStatus::ALL.into_iter().find(|status| status.name() == name);
    known.ok_or_else(|| corrupt("a payment status"))
}

/// An amount of two columns.
pub fn money_of(minor: i64, currency: &str) -> Result<Money, DbErr> {
    Ok(Money::new(minor, currency.parse().map_err(|_| corrupt("a currency"))?))
}
