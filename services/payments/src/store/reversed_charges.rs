//! What had been taken of orders when the match of their payment was taken back.

use std::collections::BTreeMap;

use kernel::{OrderId, PaymentId, ShopId, Timestamp};
use platform::{bulk, ids};
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::NAMED_AT_ONCE;
use super::charge_columns::{ChargeColumns, with_charge_columns};
use super::charges::{ChargedOrder, PAGE};
use super::settlement_entities::reversed_charges::{Column, Entity, Model};

/// Keeps what had been taken of orders and is given back whole.
pub async fn insert(
    tx: &impl ConnectionTrait,
    orders: &[ChargedOrder],
    at: Timestamp,
) -> Result<(), DbErr> {
    bulk::insert(tx, orders.iter().map(|order| row_of(order, at))).await
}

/// An order whose charges were reversed.
#[derive(Clone, Debug)]
pub struct ReversedOrder {
    /// The id of its reversal.
    id: Uuid,
    /// The order, and what had been taken of it.
    pub order: ChargedOrder,
    /// When it was given back.
    pub reversed_at: Timestamp,
}

/// A page of those whose payment was accepted in a span of time, the end left out; `after`: the last one
/// of the page before. The last page is empty.
pub async fn accepted_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
    after: Option<&ReversedOrder>,
) -> Result<Vec<ReversedOrder>, DbErr> {
    page(
        db,
        Column::AcceptedAt.gte(from.micros()).and(Column::AcceptedAt.lt(until.micros())),
        after,
    )
    .await
}

/// A page of those that were reversed in a span of time, the end left out; `after`: the last one of the
/// page before. The last page is empty.
pub async fn reversed_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
    after: Option<&ReversedOrder>,
) -> Result<Vec<ReversedOrder>, DbErr> {
    page(
        db,
        Column::ReversedAt.gte(from.micros()).and(Column::ReversedAt.lt(until.micros())),
        after,
    )
    .await
}

async fn page(
    db: &impl ConnectionTrait,
    within: SimpleExpr,
    after: Option<&ReversedOrder>,
) -> Result<Vec<ReversedOrder>, DbErr> {
    let mut select = Entity::find().filter(within).order_by_asc(Column::Id).limit(PAGE);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.id));
    }
    select.all(db).await?.into_iter().map(reversed_of).collect()
}

/// When shoppers got some orders that were charged before.
pub async fn fulfilled(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<BTreeMap<OrderId, Timestamp>, DbErr> {
    let reversed = of_orders(db, orders).await?;
    let got = |one: ReversedOrder| Some((one.order.order, one.order.fulfilled_at?));
    Ok(reversed.into_iter().filter_map(got).collect())
}

/// Some orders, each as often as it was reversed; the first reversal first.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<ReversedOrder>, DbErr> {
    let orders: Vec<Uuid> = orders.into_iter().map(OrderId::uuid).collect();
    let mut found = Vec::new();
    for part in orders.chunks(NAMED_AT_ONCE) {
        let rows = Entity::find()
            .filter(Column::OrderId.is_in(part.iter().copied()))
            .order_by_asc(Column::ReversedAt)
            .all(db)
            .await?;
        for row in rows {
            found.push(reversed_of(row)?);
        }
    }
    Ok(found)
}

fn reversed_of(row: Model) -> Result<ReversedOrder, DbErr> {
    Ok(ReversedOrder {
        id: row.id,
        reversed_at: Timestamp::from_micros(row.reversed_at),
        order: ChargedOrder {
            payment: PaymentId::from_uuid(row.payment_id),
            order: OrderId::from_uuid(row.order_id),
            shop: ShopId::from_uuid(row.shop_id),
            fulfilled_at: row.fulfilled_at.map(Timestamp::from_micros),
            charges: with_charge_columns!(row => ChargeColumns {}).charges()?,
        },
    })
}

fn row_of(order: &ChargedOrder, at: Timestamp) -> Model {
    let columns = ChargeColumns::from(&order.charges);
    with_charge_columns!(columns => Model {
        id: ids::new::<kernel::ShopLineId>().uuid(),
        payment_id: order.payment.uuid(),
        order_id: order.order.uuid(),
        shop_id: order.shop.uuid(),
        fulfilled_at: order.fulfilled_at.map(Timestamp::micros),
        reversed_at: at.micros(),
    })
}
