//! What of which line of its order a refund is.

use std::collections::HashMap;

use kernel::{OrderId, OrderLineId, RefundId};
use platform::bulk;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::payment::money_of;
use super::settlement_entities::refund_lines::{Column, Entity, Model};
use super::settlement_entities::refunds;
use crate::domain::refund_lines::RefundedLine;

/// Writes the lines of a refund.
pub async fn insert(
    tx: &impl ConnectionTrait,
    refund: RefundId,
    lines: &[RefundedLine],
) -> Result<(), DbErr> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines.iter().map(|line| Model {
        refund_id: refund.uuid(),
        order_line_id: line.line.uuid(),
        quantity: line.quantity,
        ordered: line.ordered,
        amount_minor: line.amount.minor,
        currency: line.amount.currency.code().to_owned(),
    });
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// How many pieces of an order's lines refunds hold, settled or in flight.
pub async fn held_of_order(
    tx: &impl ConnectionTrait,
    order: OrderId,
) -> Result<HashMap<OrderLineId, i64>, DbErr> {
    let live = Query::select()
        .column(refunds::Column::Id)
        .from(refunds::Entity)
        .and_where(refunds::Column::OrderId.eq(order.uuid()))
        .and_where(Expr::col(refunds::Column::Status).is_not_in(["failed", "cancelled"]))
        .to_owned();
    let rows = Entity::find().filter(Column::RefundId.in_subquery(live)).all(tx).await?;
    let mut held: HashMap<OrderLineId, i64> = HashMap::new();
    for row in rows {
        *held.entry(OrderLineId::from_uuid(row.order_line_id)).or_default() += row.quantity;
    }
    Ok(held)
}

/// The lines of some refunds.
pub async fn of_refunds(
    db: &impl ConnectionTrait,
    refunds: &[RefundId],
) -> Result<HashMap<RefundId, Vec<RefundedLine>>, DbErr> {
    let mut lines: HashMap<RefundId, Vec<RefundedLine>> = HashMap::new();
    if refunds.is_empty() {
        return Ok(lines);
    }
    let ids = refunds.iter().map(|id| id.uuid());
    for row in Entity::find().filter(Column::RefundId.is_in(ids)).all(db).await? {
        lines.entry(RefundId::from_uuid(row.refund_id)).or_default().push(RefundedLine {
            line: OrderLineId::from_uuid(row.order_line_id),
            ordered: row.ordered,
            quantity: row.quantity,
            amount: money_of(row.amount_minor, &row.currency)?,
        });
    }
    for of_one in lines.values_mut() {
        of_one.sort_by_key(|line| line.line.uuid());
    }
    Ok(lines)
}
