//! Orders that were paid and could not be sold, and what became of their money.

use kernel::{OrderId, RefundId, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entities::{orders, unsold_orders};
use super::postponement;
use crate::domain::order::OrderStatus;

/// Orders whose money is to be given back, the oldest first; not those that wait.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<OrderId>, DbErr> {
    let rows = orders::Entity::find()
        .filter(orders::Column::Status.eq(OrderStatus::RefundDue.name()))
        .filter(orders::Column::Id.not_in_subquery(postponement::waiting(now)))
        .order_by_asc(orders::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| OrderId::from_uuid(row.id)).collect())
}

/// Writes that the money of an order is on its way back: it is cancelled.
pub async fn finish(
    tx: &impl ConnectionTrait,
    id: OrderId,
    refund: Option<RefundId>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = unsold_orders::Model {
        order_id: id.uuid(),
        refund_id: refund.map(|id| id.uuid()),
        refunded_at: at.micros(),
    };
    unsold_orders::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    orders::Entity::update_many()
        .col_expr(orders::Column::Status, Expr::value(OrderStatus::Cancelled.name()))
        .filter(orders::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}
