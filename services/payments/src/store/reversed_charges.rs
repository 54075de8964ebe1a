//! What had been taken of orders when the match of their payment was taken back.

use kernel::Timestamp;
use platform::{bulk, ids};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::charges::{ChargedOrder, MOST_DECLARED, charged_of, row_of};
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

/// Those whose payment was accepted in a span of time, the end left out.
pub async fn accepted_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<ChargedOrder>, DbErr> {
    let within = Column::AcceptedAt.gte(from.micros()).and(Column::AcceptedAt.lt(until.micros()));
    let rows = Entity::find().filter(within).order_by_asc(Column::Id).limit(MOST_DECLARED);
    rows.all(db).await?.into_iter().map(|row| charged_of(charges_row(row))).collect()
}

/// Those that were reversed in a span of time, the end left out, and when.
pub async fn reversed_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<(ChargedOrder, Timestamp)>, DbErr> {
    let within = Column::ReversedAt.gte(from.micros()).and(Column::ReversedAt.lt(until.micros()));
    let rows = Entity::find().filter(within).order_by_asc(Column::Id).limit(MOST_DECLARED);
    rows.all(db)
        .await?
        .into_iter()
        .map(|row| {
            let at = Timestamp::from_micros(row.reversed_at);
            Ok((charged_of(charges_row(row))?, at))
        })
        .collect()
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
