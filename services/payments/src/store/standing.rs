//! Where payments of checkouts and refunds stand, as orders must know them: for `chonoi doctor`, which
//! compares what each service says of itself.

use std::collections::HashMap;

use kernel::{CheckoutId, OrderId, PaymentId, RefundId, ShopId};
use platform::bulk::is_any;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::allocation;
use super::entities::payments::{Column, Entity, Model};
use super::settlement_entities::refunds;
use crate::domain::payment::PaymentStatus;

/// A payment of a checkout, as orders must know it.
#[derive(Clone, Debug)]
pub struct PaymentStanding {
    /// Its id.
    pub id: PaymentId,
    /// What people call it.
    pub code: String,
    /// The checkout.
    pub checkout: CheckoutId,
    /// Whether its money came in time.
    pub succeeded: bool,
    /// What it asks for, in minor units.
    pub amount_minor: i64,
    /// What it pays for, by the orders' ids: order, shop, and how much in minor units.
    pub parts: Vec<(OrderId, ShopId, i64)>,
}

/// The next payments of checkouts behind one, in the order of their ids.
pub async fn payments_after(
    db: &impl ConnectionTrait,
    after: Option<PaymentId>,
    limit: u64,
) -> Result<Vec<PaymentStanding>, DbErr> {
    let of_checkouts = Column::Purpose.eq("checkout");
    let mut select = Entity::find().filter(of_checkouts).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    let rows = select.all(db).await?;
    standings(db, rows).await
}

/// Payments of checkouts by the ids of those, in no order.
pub async fn payments_of_checkouts(
    db: &impl ConnectionTrait,
    checkouts: Vec<CheckoutId>,
) -> Result<Vec<PaymentStanding>, DbErr> {
    let checkouts = checkouts.into_iter().map(CheckoutId::uuid).collect();
    let rows = Entity::find()
        .filter(is_any(db, Column::CheckoutId, checkouts))
        .filter(Column::Purpose.eq("checkout"))
        .all(db)
        .await?;
    standings(db, rows).await
}

async fn standings(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<PaymentStanding>, DbErr> {
    let mut parts = allocation::of_payments(db, rows.iter().map(|row| row.id)).await?;
    let standing = |row: Model| {
        let own = parts.remove(&row.id).unwrap_or_default();
        let mut own: Vec<(OrderId, ShopId, i64)> =
            own.into_iter().map(|part| (part.order, part.shop, part.amount.minor)).collect();
        own.sort_unstable();
        PaymentStanding {
            id: PaymentId::from_uuid(row.id),
            checkout: CheckoutId::from_uuid(row.checkout_id),
            succeeded: row.status == PaymentStatus::Succeeded.name(),
            amount_minor: row.amount_minor,
            code: row.code,
            parts: own,
        }
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Which orders refunds are of, by the refunds' ids; those that are of none or unknown are left out.
pub async fn orders_of_refunds(
    db: &impl ConnectionTrait,
    ids: Vec<RefundId>,
) -> Result<HashMap<RefundId, OrderId>, DbErr> {
    let ids = ids.into_iter().map(RefundId::uuid).collect();
    let rows = refunds::Entity::find().filter(is_any(db, refunds::Column::Id, ids)).all(db).await?;
    let of = |row: refunds::Model| {
        Some((RefundId::from_uuid(row.id), OrderId::from_uuid(row.order_id?)))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}
