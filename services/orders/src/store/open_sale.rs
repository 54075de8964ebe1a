//! What a shop sold and is not over, as far as the database can tell it.

use kernel::{ShopScope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::entities::{order_lines, orders, ticket_cancellations};
use super::return_entities::order_returns;
use crate::domain::order::OrderStatus;
use crate::domain::order_return::ReturnStatus;

/// Whether a shop is waited for: by who pays, gets money back, was sold goods that were not handed over, may send
/// them back, or asked to, or gave tickets back. Trips, which are over when they end, are left to who reads them.
pub async fn exists(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let waiting = [OrderStatus::Pending, OrderStatus::RefundDue].map(OrderStatus::name);
    let returnable = Condition::all()
        .add(orders::Column::Status.eq(OrderStatus::Fulfilled.name()))
        .add(orders::Column::ReturnableUntil.gt(now.micros()));
    let unhanded = Condition::all()
        .add(orders::Column::Status.eq(OrderStatus::Paid.name()))
        .add(Expr::exists(goods_of_the_order()));
    let open =
        Condition::any().add(orders::Column::Status.is_in(waiting)).add(returnable).add(unhanded);
    let order: Option<Uuid> = orders::Entity::find()
        .select_only()
        .column(orders::Column::Id)
        .filter(orders::Column::ShopId.eq(scope.shop().uuid()))
        .filter(open)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    if order.is_some() {
        return Ok(true);
    }
    let returning = [ReturnStatus::Requested, ReturnStatus::Approved].map(ReturnStatus::name);
    let asked: Option<Uuid> = order_returns::Entity::find()
        .select_only()
        .column(order_returns::Column::Id)
        .filter(order_returns::Column::OrderId.in_subquery(orders_of(scope)))
        .filter(order_returns::Column::Status.is_in(returning))
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    if asked.is_some() {
        return Ok(true);
    }
    let under_way: Option<Uuid> = ticket_cancellations::Entity::find()
        .select_only()
        .column(ticket_cancellations::Column::Id)
        .filter(ticket_cancellations::Column::OrderId.in_subquery(orders_of(scope)))
        .filter(ticket_cancellations::Column::Status.eq("started"))
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(under_way.is_some())
}

/// The ids of a shop's orders.
fn orders_of(scope: ShopScope) -> SelectStatement {
    Query::select()
        .column(orders::Column::Id)
        .from(orders::Entity)
        .and_where(orders::Column::ShopId.eq(scope.shop().uuid()))
        .take()
}

/// The lines of an order that are of no departure.
fn goods_of_the_order() -> SelectStatement {
    let order = (orders::Entity, orders::Column::Id);
    Query::select()
        .column(order_lines::Column::OrderId)
        .from(order_lines::Entity)
        .and_where(order_lines::Column::DepartureId.is_null())
        .and_where(order_lines::Column::OrderId.into_expr().equals(order))
        .take()
}
