//! What was taken of orders: written once, when the payment was accepted.

use std::collections::BTreeSet;

use kernel::{OrderId, PaymentId, ShopId, Timestamp};
use platform::bulk;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::NAMED_AT_ONCE;
use super::charge_columns::{ChargeColumns, with_charge_columns};
use super::settlement_entities::order_charges::{Column, Entity, Model};
use crate::domain::charges::Charges;

/// An order that was paid, and what was taken of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargedOrder {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// Whose order it is.
    pub shop: ShopId,
    /// What was taken.
    pub charges: Charges,
    /// When the shopper got it.
    pub fulfilled_at: Option<Timestamp>,
}

/// Writes what was taken of orders.
pub async fn insert(tx: &impl ConnectionTrait, orders: &[ChargedOrder]) -> Result<(), DbErr> {
    bulk::insert(tx, orders.iter().map(row_of)).await
}

/// The orders that a payment paid, in the order of their ids.
pub async fn of_payment(
    db: &impl ConnectionTrait,
    payment: PaymentId,
) -> Result<Vec<ChargedOrder>, DbErr> {
    let rows = Entity::find()
        .filter(Column::PaymentId.eq(payment.uuid()))
        .order_by_asc(Column::OrderId)
        .all(db)
        .await?;
    rows.into_iter().map(charged_of).collect()
}

/// Some orders.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<ChargedOrder>, DbErr> {
    let orders: BTreeSet<Uuid> = orders.into_iter().map(OrderId::uuid).collect();
    let orders: Vec<Uuid> = orders.into_iter().collect();
    let mut found = Vec::with_capacity(orders.len());
    for part in orders.chunks(NAMED_AT_ONCE) {
        let rows =
            Entity::find().filter(Column::OrderId.is_in(part.iter().copied())).all(db).await?;
        for row in rows {
            found.push(charged_of(row)?);
        }
    }
    Ok(found)
}

/// Orders that one statement reads when all of a span of time are read: nobody who sums leaves one out.
pub(super) const PAGE: u64 = 2_000;

/// A page of the orders whose payment was accepted in a span of time, the end left out; `after`: the last
/// one of the page before. The last page is empty.
pub async fn accepted_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
    after: Option<&ChargedOrder>,
) -> Result<Vec<ChargedOrder>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::AcceptedAt.gte(from.micros()))
        .filter(Column::AcceptedAt.lt(until.micros()))
        .order_by_asc(Column::AcceptedAt)
        .order_by_asc(Column::OrderId)
        .limit(PAGE);
    if let Some(after) = after {
        let at = after.charges.tax.sale.accepted_at.micros();
        let beside = Column::AcceptedAt.eq(at).and(Column::OrderId.gt(after.order.uuid()));
        select = select.filter(Column::AcceptedAt.gt(at).or(beside));
    }
    select.all(db).await?.into_iter().map(charged_of).collect()
}

/// Forgets what was taken of a payment's orders: it is kept as reversed.
pub async fn remove(tx: &impl ConnectionTrait, payment: PaymentId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::PaymentId.eq(payment.uuid())).exec(tx).await?;
    Ok(())
}

fn row_of(order: &ChargedOrder) -> Model {
    let columns = ChargeColumns::from(&order.charges);
    with_charge_columns!(columns => Model {
        payment_id: order.payment.uuid(),
        order_id: order.order.uuid(),
        shop_id: order.shop.uuid(),
        fulfilled_at: order.fulfilled_at.map(Timestamp::micros),
    })
}

fn charged_of(row: Model) -> Result<ChargedOrder, DbErr> {
    Ok(ChargedOrder {
        payment: PaymentId::from_uuid(row.payment_id),
        order: OrderId::from_uuid(row.order_id),
        shop: ShopId::from_uuid(row.shop_id),
        fulfilled_at: row.fulfilled_at.map(Timestamp::from_micros),
        charges: with_charge_columns!(row => ChargeColumns {}).charges()?,
    })
}
