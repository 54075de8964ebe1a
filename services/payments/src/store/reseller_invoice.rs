//! What resellers are invoiced for bookings: an order with what was taken of it, and no payment.

use std::collections::BTreeSet;

use kernel::{BasisPoints, BookingId, Money, OrderId, ResellerId, ShopId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::charges::PAGE;
use super::payee::seller_of;
use super::payment::money_of;
use super::settlement_entities::reseller_invoices::{Column, Entity, Model};
use super::{NAMED_AT_ONCE, corrupt};
use crate::domain::charges::Charges;
use crate::domain::commission::CommissionLine;
use crate::domain::tax::{SupplyKind, TaxLine, TaxedSale, WithheldTax};

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
    let Charges { commission, tax } = &invoice.charges;
    let row = Model {
        booking_id: invoice.booking.uuid(),
        reseller_id: invoice.reseller.uuid(),
        order_id: invoice.order.uuid(),
        shop_id: invoice.shop.uuid(),
        base_minor: commission.base.minor,
        currency: commission.base.currency.code().to_owned(),
        returned_minor: invoice.returned.minor,
        seller_kind: tax.sale.seller.name().to_owned(),
        supply_kind: tax.sale.supply.name().to_owned(),
        fee_rule: commission.rule.clone(),
        fee_rule_version: commission.rule_version.cast_signed(),
        fee_minor: commission.fee.minor,
        vat_rule: tax.vat.rule.clone(),
        vat_basis_points: tax.vat.rate.get().cast_signed(),
        vat_minor: tax.vat.amount.minor,
        pit_rule: tax.pit.rule.clone(),
        pit_basis_points: tax.pit.rate.get().cast_signed(),
        pit_minor: tax.pit.amount.minor,
        accepted_at: tax.sale.accepted_at.micros(),
        fulfilled_at: invoice.fulfilled_at.map(Timestamp::micros),
    };
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
    let base = money_of(row.base_minor, &row.currency)?;
    let part = |minor: i64| Money::new(minor, base.currency);
    let rate =
        |points: i32| BasisPoints::new(points.cast_unsigned()).ok_or_else(|| corrupt("a rate"));
    let supply = SupplyKind::ALL.into_iter().find(|kind| kind.name() == row.supply_kind);
    Ok(ResellerInvoice {
        booking: BookingId::from_uuid(row.booking_id),
        reseller: ResellerId::from_uuid(row.reseller_id),
        order: OrderId::from_uuid(row.order_id),
        shop: ShopId::from_uuid(row.shop_id),
        charges: Charges {
            commission: CommissionLine {
                rule: row.fee_rule,
                rule_version: row.fee_rule_version.cast_unsigned(),
                base,
                fee: part(row.fee_minor),
            },
            tax: TaxLine {
                sale: TaxedSale {
                    seller: seller_of(&row.seller_kind)?,
                    supply: supply.ok_or_else(|| corrupt("a kind of supply"))?,
                    accepted_at: Timestamp::from_micros(row.accepted_at),
                    amount: base,
                },
                vat: WithheldTax {
                    rule: row.vat_rule,
                    rate: rate(row.vat_basis_points)?,
                    amount: part(row.vat_minor),
                },
                pit: WithheldTax {
                    rule: row.pit_rule,
                    rate: rate(row.pit_basis_points)?,
                    amount: part(row.pit_minor),
                },
            },
        },
        returned: part(row.returned_minor),
        fulfilled_at: row.fulfilled_at.map(Timestamp::from_micros),
    })
}
