//! Cancellations of tickets.

use std::collections::HashMap;

use kernel::{
    BasisPoints, Currency, Money, OrderId, OrderLineId, RefundId, TicketCancellationId, TicketId,
    Timestamp, UserId,
};
use platform::bulk;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::entities::ticket_cancellations::{Column, Entity, Model};
use super::entities::{cancelled_lines, cancelled_tickets};
use super::{corrupt, money_of, postponement};
use crate::domain::cancellation::{QuotedLine, QuotedTicket};
use crate::domain::ticket_cancellation::{Account, Cause, TicketCancellation};

/// Writes a cancellation that begins. `retry_at`: from when a sweeper takes it for interrupted.
pub async fn insert(
    tx: &impl ConnectionTrait,
    begun: &TicketCancellation,
    retry_at: Timestamp,
) -> Result<(), DbErr> {
    let row = Model {
        id: begun.id.uuid(),
        order_id: begun.order.uuid(),
        cause: begun.cause.name().to_owned(),
        idempotency_key: begun.idempotency_key.clone(),
        request_hash: begun.request_hash.clone(),
        status: "started".to_owned(),
        reason: begun.reason.clone(),
        refund_minor: begun.refund.minor,
        currency: begun.refund.currency.code().to_owned(),
        bank_bin: begun.account.bank_bin.clone(),
        account_number: begun.account.number.clone(),
        account_holder: begun.account.holder.clone(),
        requested_by: begun.requested_by.uuid(),
        refund_id: None,
        account_needed: 0,
        created_at: begun.created_at.micros(),
        retry_at: retry_at.micros(),
        finished_at: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let tickets = begun.tickets.iter().map(|quoted| cancelled_tickets::Model {
        cancellation_id: begun.id.uuid(),
        ticket_id: quoted.ticket.uuid(),
        price_minor: quoted.price.minor,
        refund_minor: quoted.refund.minor,
        refund_basis_points: quoted.rate.get() as i32,
        hours_before: i64::from(quoted.hours_before),
    });
    bulk::insert(tx, tickets).await?;
    let lines = begun.lines.iter().map(|quoted| cancelled_lines::Model {
        cancellation_id: begun.id.uuid(),
        order_line_id: quoted.line.uuid(),
        quantity: quoted.quantity,
        price_minor: quoted.price.minor,
        refund_minor: quoted.refund.minor,
    });
    bulk::insert(tx, lines).await
}

/// The cancellation of an order that a key began.
pub async fn by_key(
    db: &impl ConnectionTrait,
    order: OrderId,
    cause: Cause,
    key: &str,
) -> Result<Option<TicketCancellation>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(Column::Cause.eq(cause.name()))
        .filter(Column::IdempotencyKey.eq(key));
    Ok(whole(db, select).await?.pop())
}

/// The cancellations of orders, the oldest first.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    ids: &[OrderId],
) -> Result<Vec<TicketCancellation>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrderId.is_in(ids.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id);
    whole(db, select).await
}

/// A cancellation, locked.
pub async fn lock(
    tx: &impl ConnectionTrait,
    id: TicketCancellationId,
) -> Result<Option<TicketCancellation>, DbErr> {
    Ok(whole(tx, Entity::find_by_id(id.uuid()).lock_exclusive()).await?.pop())
}

/// Cancellations that a sweeper should resume.
pub async fn to_resume(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<TicketCancellation>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.eq("started"))
        .filter(Column::RetryAt.lt(now.micros()))
        .filter(Column::Id.not_in_subquery(postponement::waiting(now)))
        .order_by_asc(Column::RetryAt)
        .limit(limit);
    whole(db, select).await
}

/// Cancellations that were begun before a moment and are still under way.
pub async fn stuck(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<TicketCancellation>, DbErr> {
    let select = Entity::find()
        .filter(Column::Status.eq("started"))
        .filter(Column::CreatedAt.lt(before.micros()))
        .limit(limit);
    whole(db, select).await
}

/// Writes that a cancellation is done.
pub async fn finish(
    tx: &impl ConnectionTrait,
    id: TicketCancellationId,
    refund: Option<RefundId>,
    account_needed: bool,
    at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value("done"))
        .col_expr(Column::RefundId, Expr::value(refund.map(|id| id.uuid())))
        .col_expr(Column::AccountNeeded, Expr::value(i32::from(account_needed)))
        .col_expr(Column::FinishedAt, Expr::value(at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes a cancellation back as if it had never been begun.
pub async fn remove(tx: &impl ConnectionTrait, id: TicketCancellationId) -> Result<(), DbErr> {
    cancelled_tickets::Entity::delete_many()
        .filter(cancelled_tickets::Column::CancellationId.eq(id.uuid()))
        .exec(tx)
        .await?;
    cancelled_lines::Entity::delete_many()
        .filter(cancelled_lines::Column::CancellationId.eq(id.uuid()))
        .exec(tx)
        .await?;
    Entity::delete_by_id(id.uuid()).exec(tx).await?;
    Ok(())
}

async fn whole(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
) -> Result<Vec<TicketCancellation>, DbErr> {
    let rows = select.all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || rows.iter().map(|row| row.id);
    let tickets = cancelled_tickets::Entity::find()
        .filter(cancelled_tickets::Column::CancellationId.is_in(ids()))
        .order_by_asc(cancelled_tickets::Column::TicketId)
        .all(db)
        .await?;
    let lines = cancelled_lines::Entity::find()
        .filter(cancelled_lines::Column::CancellationId.is_in(ids()))
        .order_by_asc(cancelled_lines::Column::OrderLineId)
        .all(db)
        .await?;
    let mut tickets_of: HashMap<Uuid, Vec<cancelled_tickets::Model>> = HashMap::new();
    for row in tickets {
        tickets_of.entry(row.cancellation_id).or_default().push(row);
    }
    let mut lines_of: HashMap<Uuid, Vec<cancelled_lines::Model>> = HashMap::new();
    for row in lines {
        lines_of.entry(row.cancellation_id).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let tickets = tickets_of.remove(&row.id).unwrap_or_default();
            let lines = lines_of.remove(&row.id).unwrap_or_default();
            cancellation_of(row, tickets, lines)
        })
        .collect()
}

fn cancellation_of(
    row: Model,
    tickets: Vec<cancelled_tickets::Model>,
    lines: Vec<cancelled_lines::Model>,
) -> Result<TicketCancellation, DbErr> {
    let cause = Cause::ALL.into_iter().find(|cause| cause.name() == row.cause);
    let refund = money_of(row.refund_minor, &row.currency)?;
    let currency = refund.currency;
    Ok(TicketCancellation {
        id: TicketCancellationId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        cause: cause.ok_or_else(|| corrupt("a cause of a cancellation"))?,
        idempotency_key: row.idempotency_key,
        request_hash: row.request_hash,
        reason: row.reason,
        refund,
        account: Account {
            bank_bin: row.bank_bin,
            number: row.account_number,
            holder: row.account_holder,
        },
        requested_by: UserId::from_uuid(row.requested_by),
        refund_id: row.refund_id.map(RefundId::from_uuid),
        account_needed: row.account_needed != 0,
        created_at: Timestamp::from_micros(row.created_at),
        finished_at: row.finished_at.map(Timestamp::from_micros),
        tickets: tickets.into_iter().map(|row| ticket_of(&row, currency)).collect(),
        lines: lines.into_iter().map(|row| line_of(&row, currency)).collect(),
    })
}

fn ticket_of(row: &cancelled_tickets::Model, currency: Currency) -> QuotedTicket {
    QuotedTicket {
        ticket: TicketId::from_uuid(row.ticket_id),
        price: Money::new(row.price_minor, currency),
        refund: Money::new(row.refund_minor, currency),
        rate: BasisPoints::new(row.refund_basis_points as u32).unwrap_or(BasisPoints::ZERO),
        hours_before: row.hours_before as u32,
    }
}

fn line_of(row: &cancelled_lines::Model, currency: Currency) -> QuotedLine {
    QuotedLine {
        line: OrderLineId::from_uuid(row.order_line_id),
        quantity: row.quantity,
        price: Money::new(row.price_minor, currency),
        refund: Money::new(row.refund_minor, currency),
    }
}
