//! What had been taken of orders when the match of their payment was taken back.

use std::collections::BTreeMap;

use kernel::{OrderId, Timestamp};
use platform::{bulk, ids};
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::NAMED_AT_ONCE;
use super::charges::{ChargedOrder, PAGE, charged_of, row_of};
use super::settlement_entities::order_charges;
use super::settlement_entities::reversed_charges::{Column, Entity, Model};

/// Keeps what had been taken of orders and is given back whole.
pub async fn insert(
    tx: &impl ConnectionTrait,
    orders: &[ChargedOrder],
    at: Timestamp,
) -> Result<(), DbErr> {
    let rows = orders.iter().map(|order| reversed_row(row_of(order), at));
    bulk::insert(tx, rows).await?;
    Ok(())
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
    let reversed_at = Timestamp::from_micros(row.reversed_at);
    Ok(ReversedOrder { id: row.id, order: charged_of(charges_row(row))?, reversed_at })
}

fn reversed_row(row: order_charges::Model, at: Timestamp) -> Model {
    Model {
        id: ids::new::<kernel::ShopLineId>().uuid(),
        payment_id: row.payment_id,
        order_id: row.order_id,
        shop_id: row.shop_id,
        base_minor: row.base_minor,
        currency: row.currency,
        seller_kind: row.seller_kind,
        supply_kind: row.supply_kind,
        fee_rule: row.fee_rule,
        fee_rule_version: row.fee_rule_version,
        fee_minor: row.fee_minor,
        vat_rule: row.vat_rule,
        vat_basis_points: row.vat_basis_points,
        vat_minor: row.vat_minor,
        pit_rule: row.pit_rule,
        pit_basis_points: row.pit_basis_points,
        pit_minor: row.pit_minor,
        accepted_at: row.accepted_at,
        fulfilled_at: row.fulfilled_at,
        reversed_at: at.micros(),
    }
}

fn charges_row(row: Model) -> order_charges::Model {
    order_charges::Model {
        payment_id: row.payment_id,
        order_id: row.order_id,
        shop_id: row.shop_id,
        base_minor: row.base_minor,
        currency: row.currency,
        seller_kind: row.seller_kind,
        supply_kind: row.supply_kind,
        fee_rule: row.fee_rule,
        fee_rule_version: row.fee_rule_version,
        fee_minor: row.fee_minor,
        vat_rule: row.vat_rule,
        vat_basis_points: row.vat_basis_points,
        vat_minor: row.vat_minor,
        pit_rule: row.pit_rule,
        pit_basis_points: row.pit_basis_points,
        pit_minor: row.pit_minor,
        accepted_at: row.accepted_at,
        fulfilled_at: row.fulfilled_at,
    }
}
