//! What resellers are invoiced for bookings: an order with what was taken of it, and no payment.

use std::collections::BTreeSet;

use kernel::{BookingId, Money, OrderId, ResellerId, ShopId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::NAMED_AT_ONCE;
use super::charge_columns::{ChargeColumns, with_charge_columns};
use super::charges::PAGE;
use super::payment::money_of;
use super::settlement_entities::reseller_invoices::{Column, Entity, Model};
use crate::domain::charges::Charges;

/// An invoice to a reseller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResellerInvoice {
    /// The booking.
    pub booking: BookingId,
    /// Who owes it.
    pub reseller: ResellerId,
    /// The order that the booking became.
    pub order: OrderId,
    /// Whose order it is.
    pub shop: ShopId,
    /// What was taken of it.
    pub charges: Charges,
    /// What of it was given back.
    pub returned: Money,
    /// When the guests were there.
    pub fulfilled_at: Option<Timestamp>,
}

/// Writes an invoice.
pub async fn insert(tx: &impl ConnectionTrait, invoice: &ResellerInvoice) -> Result<(), DbErr> {
    let columns = ChargeColumns::from(&invoice.charges);
    let row = with_charge_columns!(columns => Model {
        booking_id: invoice.booking.uuid(),
        reseller_id: invoice.reseller.uuid(),
        order_id: invoice.order.uuid(),
        shop_id: invoice.shop.uuid(),
        returned_minor: invoice.returned.minor,
        fulfilled_at: invoice.fulfilled_at.map(Timestamp::micros),
    });
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The invoice of a booking. Who changes it has locked the end of the ledger.
pub async fn of_booking(
    db: &impl ConnectionTrait,
    booking: BookingId,
) -> Result<Option<ResellerInvoice>, DbErr> {
    Entity::find_by_id(booking.uuid()).one(db).await?.map(invoice_of).transpose()
}

/// Writes what of an invoice was given back.
pub async fn set_returned(
    tx: &impl ConnectionTrait,
    booking: BookingId,
    returned: Money,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ReturnedMinor, Expr::value(returned.minor))
        .filter(Column::BookingId.eq(booking.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Those of some orders.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<ResellerInvoice>, DbErr> {
    let orders: BTreeSet<Uuid> = orders.into_iter().map(OrderId::uuid).collect();
    let orders: Vec<Uuid> = orders.into_iter().collect();
    let mut found = Vec::new();
    for part in orders.chunks(NAMED_AT_ONCE) {
        let rows = Entity::find().filter(Column::OrderId.is_in(part.iter().copied()));
        for row in rows.all(db).await? {
            found.push(invoice_of(row)?);
        }
    }
    Ok(found)
}

/// A page of those that were written in a span of time, the end left out; `after`: the last one of the
/// page before. The last page is empty.
pub async fn accepted_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
    after: Option<&ResellerInvoice>,
) -> Result<Vec<ResellerInvoice>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::AcceptedAt.gte(from.micros()))
        .filter(Column::AcceptedAt.lt(until.micros()))
        .order_by_asc(Column::AcceptedAt)
        .order_by_asc(Column::BookingId)
        .limit(PAGE);
    if let Some(after) = after {
        let at = after.charges.tax.sale.accepted_at.micros();
        let beside = Column::AcceptedAt.eq(at).and(Column::BookingId.gt(after.booking.uuid()));
        select = select.filter(Column::AcceptedAt.gt(at).or(beside));
    }
    select.all(db).await?.into_iter().map(invoice_of).collect()
}

fn invoice_of(row: Model) -> Result<ResellerInvoice, DbErr> {
    Ok(ResellerInvoice {
        booking: BookingId::from_uuid(row.booking_id),
        reseller: ResellerId::from_uuid(row.reseller_id),
        order: OrderId::from_uuid(row.order_id),
        shop: ShopId::from_uuid(row.shop_id),
        returned: money_of(row.returned_minor, &row.currency)?,
        fulfilled_at: row.fulfilled_at.map(Timestamp::from_micros),
        charges: with_charge_columns!(row => ChargeColumns {}).charges()?,
    })
}
