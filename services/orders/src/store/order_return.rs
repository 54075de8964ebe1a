//! What comes back of orders.

use std::collections::HashMap;

use kernel::{
    CheckoutId, OrderId, OrderLineId, OrderReturnId, RefundId, ShopScope, Timestamp, UserId,
};
use platform::bulk;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::entities::orders;
use super::return_entities::order_return_lines;
use super::return_entities::order_returns::{Column, Entity, Model};
use super::{corrupt, money_of, postponement};
use crate::domain::order_return::{
    OrderReturn, ReturnKind, ReturnParty, ReturnStatus, ReturnedLine,
};
use crate::domain::ticket_cancellation::Account;

/// Writes a return. `retry_at`: from when a sweeper takes it for interrupted, if it is approved.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: &OrderReturn,
    retry_at: Timestamp,
) -> Result<(), DbErr> {
    let row = Model {
        id: new.id.uuid(),
        order_id: new.order.uuid(),
        kind: new.kind.name().to_owned(),
        status: new.status.name().to_owned(),
        asked_by: new.asked_by.name().to_owned(),
        requested_by: new.requested_by.uuid(),
        decided_by: new.decided_by.map(UserId::uuid),
        idempotency_key: new.idempotency_key.clone(),
        request_hash: new.request_hash.clone(),
        reason: new.reason.clone(),
        answer: new.answer.clone(),
        restock: i32::from(new.restock),
        bank_bin: new.account.bank_bin.clone(),
        account_number: new.account.number.clone(),
        account_holder: new.account.holder.clone(),
        refund_id: None,
        refund_minor: 0,
        currency: new.refund.currency.code().to_owned(),
        account_needed: 0,
        created_at: new.created_at.micros(),
        decided_at: new.decided_at.map(Timestamp::micros),
        retry_at: retry_at.micros(),
        finished_at: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let lines = new.lines.iter().map(|line| order_return_lines::Model {
        return_id: new.id.uuid(),
        order_line_id: line.line.uuid(),
        quantity: line.quantity,
    });
    bulk::insert(tx, lines).await
}

/// The return of an order that a key named.
pub async fn by_key(
    db: &impl ConnectionTrait,
    order: OrderId,
    kind: ReturnKind,
    key: &str,
) -> Result<Option<OrderReturn>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(Column::Kind.eq(kind.name()))
        .filter(Column::IdempotencyKey.eq(key));
    Ok(whole(db, select).await?.pop())
}

/// The returns of orders, the oldest first.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<OrderReturn>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrderId.is_in(ids.into_iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id);
    whole(db, select).await
}

/// Whether an order is being called off at this moment. The order must be locked.
pub async fn being_called_off(tx: &impl ConnectionTrait, order: OrderId) -> Result<bool, DbErr> {
    let select = Entity::find()
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(Column::Kind.ne(ReturnKind::Return.name()))
        .filter(Column::Status.eq(ReturnStatus::Approved.name()));
    Ok(select.one(tx).await?.is_some())
}

/// A return, locked.
pub async fn lock(
    tx: &impl ConnectionTrait,
    id: OrderReturnId,
) -> Result<Option<OrderReturn>, DbErr> {
    Ok(whole(tx, Entity::find_by_id(id.uuid()).lock_exclusive()).await?.pop())
}

/// A return of a shop's order, locked; `None` if it is not the shop's.
pub async fn lock_of_shop(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: OrderReturnId,
) -> Result<Option<OrderReturn>, DbErr> {
    let own = Query::select()
        .column(orders::Column::Id)
        .from(orders::Entity)
        .and_where(orders::Column::ShopId.eq(scope.shop().uuid()))
        .take();
    let select =
        Entity::find_by_id(id.uuid()).filter(Column::OrderId.in_subquery(own)).lock_exclusive();
    Ok(whole(tx, select).await?.pop())
}

/// Approved returns that a sweeper should resume.
pub async fn to_resume(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<OrderReturn>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.eq(ReturnStatus::Approved.name()))
        .filter(Column::RetryAt.lt(now.micros()))
        .filter(Column::Id.not_in_subquery(postponement::waiting(now)))
        .order_by_asc(Column::RetryAt)
        .limit(limit);
    whole(db, select).await
}

/// Returns that were approved before a moment and are still under way.
pub async fn stuck(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<OrderReturn>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.eq(ReturnStatus::Approved.name()))
        .filter(Column::DecidedAt.lt(before.micros()))
        .limit(limit);
    whole(db, select).await
}

/// Writes what was decided on, and how far a return is.
pub async fn decide(
    tx: &impl ConnectionTrait,
    decided: &OrderReturn,
    retry_at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(decided.status.name()))
        .col_expr(Column::DecidedBy, Expr::value(decided.decided_by.map(UserId::uuid)))
        .col_expr(Column::DecidedAt, Expr::value(decided.decided_at.map(Timestamp::micros)))
        .col_expr(Column::Answer, Expr::value(decided.answer.clone()))
        .col_expr(Column::Restock, Expr::value(i32::from(decided.restock)))
        .col_expr(Column::RetryAt, Expr::value(retry_at.micros()))
        .filter(Column::Id.eq(decided.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes that a return is done.
pub async fn finish(tx: &impl ConnectionTrait, done: &OrderReturn) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(ReturnStatus::Done.name()))
        .col_expr(Column::RefundId, Expr::value(done.refund_id.map(RefundId::uuid)))
        .col_expr(Column::RefundMinor, Expr::value(done.refund.minor))
        .col_expr(Column::AccountNeeded, Expr::value(i32::from(done.account_needed)))
        .col_expr(Column::FinishedAt, Expr::value(done.finished_at.map(Timestamp::micros)))
        .filter(Column::Id.eq(done.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What could not be sold after all has no stock that could come back.
pub async fn keep_no_stock(
    tx: &impl ConnectionTrait,
    checkouts: impl IntoIterator<Item = CheckoutId>,
) -> Result<(), DbErr> {
    let of = Query::select()
        .column(orders::Column::Id)
        .from(orders::Entity)
        .and_where(orders::Column::CheckoutId.is_in(checkouts.into_iter().map(|id| id.uuid())))
        .take();
    Entity::update_many()
        .col_expr(Column::Restock, Expr::value(0))
        .filter(Column::Status.eq(ReturnStatus::Approved.name()))
        .filter(Column::OrderId.in_subquery(of))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes a return back as if it had never been asked for.
pub async fn remove(tx: &impl ConnectionTrait, id: OrderReturnId) -> Result<(), DbErr> {
    order_return_lines::Entity::delete_many()
        .filter(order_return_lines::Column::ReturnId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Entity::delete_by_id(id.uuid()).exec(tx).await?;
    Ok(())
}

async fn whole(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
) -> Result<Vec<OrderReturn>, DbErr> {
    let rows = select.all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = order_return_lines::Entity::find()
        .filter(order_return_lines::Column::ReturnId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(order_return_lines::Column::OrderLineId)
        .all(db)
        .await?;
    let mut lines: HashMap<Uuid, Vec<ReturnedLine>> = HashMap::with_capacity(rows.len());
    for row in found {
        let line = OrderLineId::from_uuid(row.order_line_id);
        lines.entry(row.return_id).or_default().push(ReturnedLine { line, quantity: row.quantity });
    }
    rows.into_iter().map(|row| return_of(&mut lines, row)).collect()
}

fn return_of(
    lines: &mut HashMap<Uuid, Vec<ReturnedLine>>,
    row: Model,
) -> Result<OrderReturn, DbErr> {
    let kind = ReturnKind::ALL.into_iter().find(|kind| kind.name() == row.kind);
    let status = ReturnStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let asked_by = ReturnParty::ALL.into_iter().find(|party| party.name() == row.asked_by);
    Ok(OrderReturn {
        id: OrderReturnId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        kind: kind.ok_or_else(|| corrupt("a kind of return"))?,
        status: status.ok_or_else(|| corrupt("a status of a return"))?,
        asked_by: asked_by.ok_or_else(|| corrupt("a party of a return"))?,
        requested_by: UserId::from_uuid(row.requested_by),
        decided_by: row.decided_by.map(UserId::from_uuid),
        idempotency_key: row.idempotency_key,
        request_hash: row.request_hash,
        reason: row.reason,
        answer: row.answer,
        restock: row.restock != 0,
        account: Account {
            bank_bin: row.bank_bin,
            number: row.account_number,
            holder: row.account_holder,
        },
        refund_id: row.refund_id.map(RefundId::from_uuid),
        refund: money_of(row.refund_minor, &row.currency)?,
        account_needed: row.account_needed != 0,
        created_at: Timestamp::from_micros(row.created_at),
        decided_at: row.decided_at.map(Timestamp::from_micros),
        finished_at: row.finished_at.map(Timestamp::from_micros),
        lines: lines.remove(&row.id).unwrap_or_default(),
    })
}
