//! Tickets.

use kernel::{
    DepartureId, OrderId, OrderLineId, ShopId, ShopScope, TicketCancellationId, TicketId, Timestamp,
};
use platform::bulk;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::order_lines;
use super::entities::tickets::{Column, Entity, Model};
use super::{corrupt, money_of};
use crate::domain::ticket::{Ticket, TicketStatus};

/// Inserts tickets.
pub async fn insert(tx: &impl ConnectionTrait, tickets: &[Ticket]) -> Result<(), DbErr> {
    bulk::insert(tx, tickets.iter().map(row_of)).await
}

/// The tickets of orders, by order and number.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<Ticket>, DbErr> {
    let rows = Entity::find()
        .filter(Column::OrderId.is_in(orders.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Place)
        .all(db)
        .await?;
    rows.into_iter().map(ticket_of).collect()
}

/// The tickets of a shop's departure that are not cancelled, by order and number.
pub async fn on_board(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    departure: DepartureId,
    limit: u64,
) -> Result<Vec<Ticket>, DbErr> {
    let lines = Query::select()
        .column(order_lines::Column::Id)
        .from(order_lines::Entity)
        .and_where(order_lines::Column::DepartureId.eq(departure.uuid()))
        .take();
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::OrderLineId.in_subquery(lines))
        .filter(Column::Status.ne(TicketStatus::Cancelled.name()))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Place)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(ticket_of).collect()
}

/// Tickets of whatever shop, locked in the order of their ids.
pub async fn lock(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = TicketId>,
) -> Result<Vec<Ticket>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(ticket_of).collect()
}

/// Locks the tickets of orders, which are locked, in the order of their ids, and gives those. Check-in holds no
/// order and locks tickets so: a statement that writes several takes them as they lie in the table, and the
/// two could wait for each other.
pub async fn lock_of_orders(
    tx: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<TicketId>, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrderId.is_in(orders.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(TicketId::from_uuid).collect())
}

/// Writes since when the guests of tickets are on board.
pub async fn set_on_board(
    tx: &impl ConnectionTrait,
    since: &[(TicketId, Timestamp)],
) -> Result<(), DbErr> {
    let set = format!("status = '{}', redeemed_at = v1", TicketStatus::Redeemed.name());
    let update = bulk::Update { table: "tickets", key: "id", set: &set, only: None };
    let rows = since.iter().map(|(id, at)| vec![id.uuid().into(), at.micros().into()]);
    update.run(tx, rows.collect()).await
}

/// Writes that the guests of tickets are not on board.
pub async fn set_ashore(tx: &impl ConnectionTrait, tickets: &[TicketId]) -> Result<(), DbErr> {
    if tickets.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(TicketStatus::Valid.name()))
        .col_expr(Column::RedeemedAt, Expr::value(None::<i64>))
        .filter(Column::Id.is_in(tickets.iter().map(|id| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes tickets for a cancellation that begins.
pub async fn claim(
    tx: &impl ConnectionTrait,
    tickets: impl IntoIterator<Item = TicketId>,
    cancellation: TicketCancellationId,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::CancellationId, Expr::value(cancellation.uuid()))
        .filter(Column::Id.is_in(tickets.into_iter().map(|id| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives the tickets of an order's cancellation back that came to nothing.
pub async fn release(
    tx: &impl ConnectionTrait,
    order: OrderId,
    cancellation: TicketCancellationId,
) -> Result<(), DbErr> {
    lock_of_orders(tx, [order]).await?;
    Entity::update_many()
        .col_expr(Column::CancellationId, Expr::value(None::<Uuid>))
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(Column::CancellationId.eq(cancellation.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Cancels the tickets of an order's cancellation.
pub async fn cancel_claimed(
    tx: &impl ConnectionTrait,
    order: OrderId,
    cancellation: TicketCancellationId,
    at: Timestamp,
) -> Result<(), DbErr> {
    lock_of_orders(tx, [order]).await?;
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(TicketStatus::Cancelled.name()))
        .col_expr(Column::RedeemedAt, Expr::value(None::<i64>))
        .col_expr(Column::CancelledAt, Expr::value(at.micros()))
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(Column::CancellationId.eq(cancellation.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes who comes with a ticket.
pub async fn set_guest_name(
    tx: &impl ConnectionTrait,
    ticket: TicketId,
    name: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::GuestName, Expr::value(name))
        .filter(Column::Id.eq(ticket.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Nobody boards with what is left of the tickets of orders, until they are revived.
pub async fn suspend_of_orders(
    tx: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let ids = lock_of_orders(tx, orders).await?;
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(TicketStatus::Cancelled.name()))
        .col_expr(Column::CancelledAt, Expr::value(at.micros()))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .filter(Column::Status.eq(TicketStatus::Valid.name()))
        .filter(Column::CancellationId.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Tickets of orders that were suspended, and that nobody gave back, are valid again.
pub async fn revive_of_orders(
    tx: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<(), DbErr> {
    let ids = lock_of_orders(tx, orders).await?;
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(TicketStatus::Valid.name()))
        .col_expr(Column::CancelledAt, Expr::value(None::<i64>))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .filter(Column::Status.eq(TicketStatus::Cancelled.name()))
        .filter(Column::CancellationId.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Cancels what is left of the tickets of orders: they can no longer be used.
pub async fn cancel_of_orders(
    tx: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let ids = lock_of_orders(tx, orders).await?;
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(TicketStatus::Cancelled.name()))
        .col_expr(Column::RedeemedAt, Expr::value(None::<i64>))
        .col_expr(Column::CancelledAt, Expr::value(at.micros()))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .filter(Column::Status.ne(TicketStatus::Cancelled.name()))
        .exec(tx)
        .await?;
    Ok(())
}

fn row_of(ticket: &Ticket) -> Model {
    Model {
        id: ticket.id.uuid(),
        order_id: ticket.order.uuid(),
        order_line_id: ticket.line.uuid(),
        shop_id: ticket.shop.uuid(),
        place: ticket.place as i32,
        piece: ticket.piece as i32,
        admits: ticket.admits as i32,
        price_minor: ticket.price.minor,
        currency: ticket.price.currency.code().to_owned(),
        guest_name: ticket.guest_name.clone(),
        status: ticket.status.name().to_owned(),
        redeemed_at: ticket.redeemed_at.map(Timestamp::micros),
        cancelled_at: ticket.cancelled_at.map(Timestamp::micros),
        cancellation_id: ticket.cancellation.map(|id| id.uuid()),
    }
}

fn ticket_of(row: Model) -> Result<Ticket, DbErr> {
    let status = TicketStatus::ALL.into_iter().find(|status| status.name() == row.status);
    Ok(Ticket {
        id: TicketId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        line: OrderLineId::from_uuid(row.order_line_id),
        shop: ShopId::from_uuid(row.shop_id),
        place: row.place as u32,
        piece: row.piece as u32,
        admits: row.admits as u32,
        price: money_of(row.price_minor, &row.currency)?,
        guest_name: row.guest_name,
        status: status.ok_or_else(|| corrupt("a ticket status"))?,
        redeemed_at: row.redeemed_at.map(Timestamp::from_micros),
        cancelled_at: row.cancelled_at.map(Timestamp::from_micros),
        cancellation: row.cancellation_id.map(TicketCancellationId::from_uuid),
    })
}
