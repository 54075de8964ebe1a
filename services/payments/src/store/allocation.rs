//! How payments are split over orders, and what shops see of it.

use std::collections::HashMap;

use kernel::{Currency, Money, OrderId, PageRequest, PaymentId, ShopId, ShopScope, Timestamp};
use platform::bulk::{self, is_any};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::corrupt;
use super::entities::{allocations, payments};
use super::payment::{money_of, status_of};
use crate::domain::commission::Sold;
use crate::domain::payment::{Allocation, Payment, PaymentStatus};

/// Inserts the parts of payments.
pub async fn insert(
    tx: &impl ConnectionTrait,
    payments: impl IntoIterator<Item = &Payment>,
) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    for payment in payments {
        rows.extend(payment.allocations.iter().map(|part| row_of(payment.id, part)));
    }
    bulk::insert(tx, rows).await?;
    Ok(())
}

fn row_of(payment: PaymentId, part: &Allocation) -> allocations::Model {
    allocations::Model {
        payment_id: payment.uuid(),
        order_id: part.order.uuid(),
        shop_id: part.shop.uuid(),
        sold: part.sold.name().to_owned(),
        amount_minor: part.amount.minor,
        currency: part.amount.currency.code().to_owned(),
    }
}

/// The parts of payments.
pub async fn of_payments(
    db: &impl ConnectionTrait,
    payments: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<Allocation>>, DbErr> {
    let ids: Vec<Uuid> = payments.collect();
    let mut parts: HashMap<Uuid, Vec<Allocation>> = HashMap::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(parts);
    }
    let rows = allocations::Entity::find()
        .filter(is_any(db, allocations::Column::PaymentId, ids))
        .all(db)
        .await?;
    for row in rows {
        let sold = Sold::ALL.into_iter().find(|sold| sold.name() == row.sold);
        parts.entry(row.payment_id).or_default().push(Allocation {
            order: OrderId::from_uuid(row.order_id),
            shop: ShopId::from_uuid(row.shop_id),
            sold: sold.ok_or_else(|| corrupt("what is sold"))?,
            amount: money_of(row.amount_minor, &row.currency)?,
        });
    }
    Ok(parts)
}

/// A shop's part of a payment, as the shop sees it.
#[derive(Clone, Debug)]
pub struct ShopPart {
    /// The payment.
    pub payment: PaymentId,
    /// The shop's order.
    pub order: OrderId,
    /// Where the payment stands.
    pub status: PaymentStatus,
    /// The shop's part.
    pub amount: Money,
    /// The payment's code.
    pub code: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// A page of a shop's parts that were paid or may still be, newest first.
pub async fn page_of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    request: &PageRequest<Uuid>,
) -> Result<Vec<ShopPart>, DbErr> {
    use allocations::Column as Part;
    use payments::Column as Whole;
    let mut select = Query::select();
    select
        .columns([(payments::Entity, Whole::Id)])
        .columns([(payments::Entity, Whole::Status)])
        .columns([(payments::Entity, Whole::Code)])
        .columns([(payments::Entity, Whole::CreatedAt)])
        .columns([(payments::Entity, Whole::ClosedAt)])
        .columns([
            (allocations::Entity, Part::OrderId),
            (allocations::Entity, Part::AmountMinor),
            (allocations::Entity, Part::Currency),
        ])
        .from(allocations::Entity)
        .inner_join(payments::Entity, joined())
        .and_where(Expr::col((allocations::Entity, Part::ShopId)).eq(scope.shop().uuid()))
        .and_where(Expr::col((payments::Entity, Whole::Status)).is_in(["pending", "succeeded"]))
        .order_by((allocations::Entity, Part::PaymentId), Order::Desc)
        .limit(request.limit());
    if let Some(after) = request.after {
        select.and_where(Expr::col((allocations::Entity, Part::PaymentId)).lt(after));
    }
    let mut parts = Vec::new();
    for row in db.query_all(&select).await? {
        let status: String = row.try_get("", "status")?;
        let currency: String = row.try_get("", "currency")?;
        parts.push(ShopPart {
            payment: PaymentId::from_uuid(row.try_get("", "id")?),
            order: OrderId::from_uuid(row.try_get("", "order_id")?),
            status: status_of(&status)?,
            amount: money_of(row.try_get("", "amount_minor")?, &currency)?,
            code: row.try_get("", "code")?,
            created_at: Timestamp::from_micros(row.try_get("", "created_at")?),
            closed_at: row.try_get::<Option<i64>>("", "closed_at")?.map(Timestamp::from_micros),
        });
    }
    Ok(parts)
}

/// What shoppers are being asked for on a shop's behalf and have not paid yet.
pub async fn pending_of_shop(db: &impl ConnectionTrait, scope: ShopScope) -> Result<Money, DbErr> {
    let sum: SimpleExpr =
        Func::sum(Expr::col((allocations::Entity, allocations::Column::AmountMinor))).into();
    let select = Query::select()
        .expr_as(sum.cast_as("bigint"), "pending")
        .from(allocations::Entity)
        .inner_join(payments::Entity, joined())
        .and_where(
            Expr::col((allocations::Entity, allocations::Column::ShopId)).eq(scope.shop().uuid()),
        )
        .and_where(Expr::col((payments::Entity, payments::Column::Status)).eq("pending"))
        .to_owned();
    let row = db.query_one(&select).await?;
    let minor = match row {
        Some(row) => row.try_get::<Option<i64>>("", "pending")?.unwrap_or(0),
        None => 0,
    };
    Ok(Money::new(minor, Currency::Vnd))
}

fn joined() -> SimpleExpr {
    Expr::col((payments::Entity, payments::Column::Id))
        .equals((allocations::Entity, allocations::Column::PaymentId))
}
