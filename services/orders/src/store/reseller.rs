//! Resellers and what they are invoiced.

use std::collections::HashMap;

use kernel::{BookingId, Currency, Money, OrderId, ResellerId, ShopId, ShopScope, Timestamp};
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entities::reseller_invoices;
use super::entities::resellers::{Column, Entity, Model};
use super::money_of;
use crate::domain::reseller::Reseller;

/// Inserts a reseller.
pub async fn insert(tx: &impl ConnectionTrait, reseller: &Reseller) -> Result<(), DbErr> {
    let row = Model {
        id: reseller.id.uuid(),
        shop_id: reseller.shop.uuid(),
        name: reseller.name.clone(),
        contact_email: reseller.contact_email.clone(),
        key_digest: reseller.key_digest.clone(),
        created_at: reseller.created_at.micros(),
        revoked_at: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The reseller whose key has a digest.
pub async fn by_key_digest(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<Reseller>, DbErr> {
    let row = Entity::find().filter(Column::KeyDigest.eq(digest.to_vec())).one(db).await?;
    Ok(row.map(reseller_of))
}

/// A reseller.
pub async fn by_id(db: &impl ConnectionTrait, id: ResellerId) -> Result<Option<Reseller>, DbErr> {
    Ok(Entity::find_by_id(id.uuid()).one(db).await?.map(reseller_of))
}

/// Some resellers, in no order.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[ResellerId]) -> Result<Vec<Reseller>, DbErr> {
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    Ok(rows.all(db).await?.into_iter().map(reseller_of).collect())
}

/// A shop's resellers, the oldest first.
pub async fn of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    limit: u64,
) -> Result<Vec<Reseller>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(reseller_of).collect())
}

/// Writes that a shop's reseller is one no more; the first moment stays. Says whether it is the
/// shop's.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    id: ResellerId,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let first = Func::coalesce([Expr::col(Column::RevokedAt), Expr::value(at.micros())]);
    let done = Entity::update_many()
        .col_expr(Column::RevokedAt, first.into())
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// An invoice or the reversal of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// What it is because of: the booking, or the cancellation. One invoice each.
    pub cause: Uuid,
    /// Who owes.
    pub reseller: ResellerId,
    /// The booking.
    pub booking: BookingId,
    /// The order.
    pub order: OrderId,
    /// How much; of a reversal how much less.
    pub amount: Money,
    /// It takes back what was invoiced.
    pub reversal: bool,
    /// When.
    pub at: Timestamp,
}

/// Writes an invoice.
pub async fn insert_invoice(tx: &impl ConnectionTrait, invoice: &Invoice) -> Result<(), DbErr> {
    let row = reseller_invoices::Model {
        cause: invoice.cause,
        reseller_id: invoice.reseller.uuid(),
        booking_id: invoice.booking.uuid(),
        order_id: invoice.order.uuid(),
        amount_minor: invoice.amount.minor,
        currency: invoice.amount.currency.code().to_owned(),
        reversal: i32::from(invoice.reversal),
        at: invoice.at.micros(),
    };
    reseller_invoices::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// What resellers were invoiced: less reversals, in đồng as all of the market.
pub async fn invoiced(
    db: &impl ConnectionTrait,
    resellers: impl IntoIterator<Item = ResellerId>,
) -> Result<HashMap<ResellerId, Money>, DbErr> {
    use reseller_invoices::Column;
    let sum = Expr::cust(
        "CAST(SUM(CASE reversal WHEN 0 THEN amount_minor ELSE -amount_minor END) AS BIGINT)",
    );
    let rows: Vec<(Uuid, String, i64)> = reseller_invoices::Entity::find()
        .select_only()
        .column(Column::ResellerId)
        .column(Column::Currency)
        .column_as(sum, "invoiced")
        .filter(Column::ResellerId.is_in(resellers.into_iter().map(|id| id.uuid())))
        .group_by(Column::ResellerId)
        .group_by(Column::Currency)
        .into_tuple()
        .all(db)
        .await?;
    let mut invoiced = HashMap::new();
    for (reseller, currency, minor) in rows {
        let money = money_of(minor, &currency)?;
        // One currency is sold in; another one would be told apart, not added.
        if money.currency == Currency::Vnd {
            invoiced.insert(ResellerId::from_uuid(reseller), money);
        }
    }
    Ok(invoiced)
}

fn reseller_of(row: Model) -> Reseller {
    Reseller {
        id: ResellerId::from_uuid(row.id),
        shop: ShopId::from_uuid(row.shop_id),
        name: row.name,
        contact_email: row.contact_email,
        key_digest: row.key_digest,
        created_at: Timestamp::from_micros(row.created_at),
        revoked_at: row.revoked_at.map(Timestamp::from_micros),
    }
}
