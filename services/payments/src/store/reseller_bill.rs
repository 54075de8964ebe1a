//! What resellers owe, line by line, and the bills that ask for it.
//!
//! A line stands in one bill at most. Who writes lines or bills has locked the end of the ledger; a bill that
//! ends without money gives its lines back without.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    Currency, Money, OrderId, PageRequest, PaymentId, ResellerBillId, ResellerId, Timestamp, UserId,
};
use platform::bulk::{self, is_any};
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::entities::payments;
use super::reseller_entities::{reseller_bills, reseller_lines};
use super::settlement_entities::reseller_invoices;
use super::{NAMED_AT_ONCE, corrupt, payment};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::reseller_bill::{ResellerBill, ResellerLine};
use reseller_bills::Column as Bill;
use reseller_lines::Column as Line;

/// A bill as it is kept.
#[derive(Clone, Debug)]
pub struct KeptBill {
    /// The bill.
    pub bill: ResellerBill,
    /// Of how many lines it was made.
    pub lines: u64,
    /// Its payment: what is asked for, and whether it was paid.
    pub payment: Payment,
}

/// Writes lines.
pub async fn insert_lines(tx: &impl ConnectionTrait, lines: &[ResellerLine]) -> Result<(), DbErr> {
    let row = |line: &ResellerLine| reseller_lines::Model {
        posting_id: line.posting.uuid(),
        reseller_id: line.reseller.uuid(),
        booking_id: line.booking.uuid(),
        order_id: line.order.uuid(),
        amount_minor: line.amount.minor,
        currency: line.amount.currency.code().to_owned(),
        posted_at: line.posted_at.micros(),
        bill_id: None,
        netted_at: None,
    };
    bulk::insert(tx, lines.iter().map(row)).await
}

/// Writes a bill. Its payment is there already.
pub async fn insert(
    tx: &impl ConnectionTrait,
    bill: &ResellerBill,
    payment: PaymentId,
    lines: u64,
) -> Result<(), DbErr> {
    let row = reseller_bills::Model {
        id: bill.id.uuid(),
        reseller_id: bill.reseller.uuid(),
        payment_id: payment.uuid(),
        until_day: bill.until.to_string(),
        line_count: lines.cast_signed(),
        asked_by: bill.asked_by.uuid(),
        idempotency_key: bill.idempotency_key.clone(),
    };
    reseller_bills::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// How many lines of a reseller up to a moment (left out) no bill asks for, and their sum.
pub async fn open_until(
    db: &impl ConnectionTrait,
    reseller: ResellerId,
    until: Timestamp,
) -> Result<(u64, Money), DbErr> {
    let count: SimpleExpr = Func::count(Expr::col(Line::PostingId)).into();
    let select = Query::select()
        .expr_as(sum_of_lines(), "total")
        .expr_as(count.cast_as("bigint"), "lines")
        .from(reseller_lines::Entity)
        .and_where(open_of(reseller, until))
        .to_owned();
    let Some(row) = db.query_one(&select).await? else { return Ok((0, Money::vnd(0))) };
    let lines: i64 = row.try_get("", "lines")?;
    let minor: Option<i64> = row.try_get("", "total")?;
    Ok((lines.cast_unsigned(), Money::vnd(minor.unwrap_or(0))))
}

/// Gives the open lines of a reseller up to a moment (left out) to a bill; says how many.
pub async fn claim(
    tx: &impl ConnectionTrait,
    bill: &ResellerBill,
    until: Timestamp,
) -> Result<u64, DbErr> {
    let done = reseller_lines::Entity::update_many()
        .col_expr(Line::BillId, Expr::value(bill.id.uuid()))
        .filter(open_of(bill.reseller, until))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Notes of each reseller that owes nothing, with what bills ask for, that its open lines are netted: what was
/// given back pays for what was invoiced. Who calls this has locked the end of the ledger. Says how many lines.
pub async fn net_open(tx: &impl ConnectionTrait, at: Timestamp) -> Result<u64, DbErr> {
    let mut netted = 0;
    for (reseller, owed) in owed(tx, None).await? {
        if owed.is_nothing() {
            let done = reseller_lines::Entity::update_many()
                .col_expr(Line::NettedAt, Expr::value(at.micros()))
                .filter(Line::ResellerId.eq(reseller.uuid()))
                .filter(Line::BillId.is_null())
                .filter(Line::NettedAt.is_null())
                .exec(tx)
                .await?;
            netted += done.rows_affected;
        }
    }
    Ok(netted)
}

/// Forgets of some resellers that lines were netted; gives the orders of these. The caller has locked the end of
/// the ledger.
pub async fn take_netting_back(
    tx: &impl ConnectionTrait,
    resellers: impl IntoIterator<Item = ResellerId>,
) -> Result<Vec<OrderId>, DbErr> {
    let resellers: Vec<Uuid> = resellers.into_iter().map(ResellerId::uuid).collect();
    if resellers.is_empty() {
        return Ok(Vec::new());
    }
    let netted = || {
        let of_them = Line::ResellerId.is_in(resellers.iter().copied());
        of_them.and(Line::NettedAt.is_not_null())
    };
    let orders: Vec<Uuid> = reseller_lines::Entity::find()
        .select_only()
        .column(Line::OrderId)
        .distinct()
        .filter(netted())
        .into_tuple()
        .all(tx)
        .await?;
    reseller_lines::Entity::update_many()
        .col_expr(Line::NettedAt, Expr::value(Option::<i64>::None))
        .filter(netted())
        .exec(tx)
        .await?;
    Ok(orders.into_iter().map(OrderId::from_uuid).collect())
}

/// Whether any line of a reseller that owes nothing is not noted as netted.
pub async fn is_any_to_net(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let owed = owed(db, None).await?;
    let nothing = owed.iter().filter(|(_, owed)| owed.is_nothing());
    let resellers: Vec<Uuid> = nothing.map(|(reseller, _)| reseller.uuid()).collect();
    for part in resellers.chunks(NAMED_AT_ONCE) {
        let line = reseller_lines::Entity::find()
            .filter(Line::ResellerId.is_in(part.iter().copied()))
            .filter(Line::BillId.is_null())
            .filter(Line::NettedAt.is_null());
        if line.one(db).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What was given back of a booking that a bill asks for which is not paid: the market has nothing of it that could
/// pay for another. When the bill ends, it counts.
const GIVEN_BACK_UNPAID: &str = "reseller_lines.amount_minor < 0 AND EXISTS (
    SELECT 1 FROM reseller_lines i JOIN reseller_bills b ON b.id = i.bill_id
    JOIN payments p ON p.id = b.payment_id
    WHERE i.booking_id = reseller_lines.booking_id AND i.amount_minor > 0 AND p.status = 'pending')";

/// A bill is for đồng: so are the transfers that pay it. What is netted stands in the next bill whatever day it is
/// of: what was given back stays together with what it paid for.
fn open_of(reseller: ResellerId, until: Timestamp) -> SimpleExpr {
    Line::ResellerId
        .eq(reseller.uuid())
        .and(Line::BillId.is_null())
        .and(Line::PostedAt.lt(until.micros()).or(Line::NettedAt.is_not_null()))
        .and(Line::Currency.eq(Currency::Vnd.code()))
        .and(Expr::cust(GIVEN_BACK_UNPAID).not())
}

/// Takes the lines of bills away from them, whose payments ended without money: they are open again.
pub async fn release<'a>(
    tx: &impl ConnectionTrait,
    closed: impl IntoIterator<Item = &'a Payment>,
) -> Result<(), DbErr> {
    let bills: Vec<Uuid> =
        closed.into_iter().filter_map(Payment::bill).map(ResellerBillId::uuid).collect();
    if bills.is_empty() {
        return Ok(());
    }
    reseller_lines::Entity::update_many()
        .col_expr(Line::BillId, Expr::value(Option::<Uuid>::None))
        .filter(Line::BillId.is_in(bills))
        .exec(tx)
        .await?;
    Ok(())
}

/// One bill.
pub async fn by_id(
    db: &impl ConnectionTrait,
    id: ResellerBillId,
) -> Result<Option<KeptBill>, DbErr> {
    let rows = reseller_bills::Entity::find_by_id(id.uuid()).all(db).await?;
    Ok(kept(db, rows).await?.pop())
}

/// What a reseller was billed under a key.
pub async fn by_key(
    db: &impl ConnectionTrait,
    reseller: ResellerId,
    key: &str,
) -> Result<Option<KeptBill>, DbErr> {
    let rows = reseller_bills::Entity::find()
        .filter(Bill::ResellerId.eq(reseller.uuid()))
        .filter(Bill::IdempotencyKey.eq(key))
        .all(db)
        .await?;
    Ok(kept(db, rows).await?.pop())
}

/// A page of a reseller's bills, the newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    reseller: ResellerId,
    request: &PageRequest<Uuid>,
) -> Result<Vec<KeptBill>, DbErr> {
    let select = reseller_bills::Entity::find().filter(Bill::ResellerId.eq(reseller.uuid()));
    kept(db, newest_first(select, Bill::Id, request).all(db).await?).await
}

/// Who pays payments that are bills, in no order.
pub async fn resellers_of(
    db: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<HashMap<PaymentId, ResellerId>, DbErr> {
    let rows = reseller_bills::Entity::find()
        .filter(Bill::PaymentId.is_in(payments.iter().map(|id| id.uuid())))
        .all(db)
        .await?;
    let of_row = |row: reseller_bills::Model| {
        (PaymentId::from_uuid(row.payment_id), ResellerId::from_uuid(row.reseller_id))
    };
    Ok(rows.into_iter().map(of_row).collect())
}

/// The orders that some bills ask for, by their payments.
pub async fn orders_of(
    db: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<Vec<OrderId>, DbErr> {
    let bills = Query::select()
        .column(Bill::Id)
        .from(reseller_bills::Entity)
        .and_where(Bill::PaymentId.is_in(payments.iter().map(|id| id.uuid())))
        .to_owned();
    let orders: Vec<Uuid> = reseller_lines::Entity::find()
        .select_only()
        .column(Line::OrderId)
        .distinct()
        .filter(Line::BillId.in_subquery(bills))
        .into_tuple()
        .all(db)
        .await?;
    Ok(orders.into_iter().map(OrderId::from_uuid).collect())
}

/// Since when the invoices of orders are paid, by money or by what was given back; those that are not are left
/// out.
pub async fn paid_since(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<BTreeMap<OrderId, Timestamp>, DbErr> {
    let orders: Vec<Uuid> = orders.into_iter().map(OrderId::uuid).collect();
    let mut paid = BTreeMap::new();
    for part in orders.chunks(NAMED_AT_ONCE) {
        let select = joined_with_payments(PaymentStatus::Succeeded)
            .column((reseller_lines::Entity, Line::OrderId))
            .column((payments::Entity, payments::Column::ClosedAt))
            .and_where(Line::OrderId.is_in(part.iter().copied()))
            // The invoice itself: what of it was given back later is netted elsewhere.
            .and_where(Line::AmountMinor.gt(0))
            .to_owned();
        for row in db.query_all(&select).await? {
            let order = OrderId::from_uuid(row.try_get("", "order_id")?);
            paid.insert(order, Timestamp::from_micros(row.try_get("", "closed_at")?));
        }
        let netted: Vec<(Uuid, i64)> = reseller_lines::Entity::find()
            .select_only()
            .columns([Line::OrderId, Line::NettedAt])
            .filter(Line::OrderId.is_in(part.iter().copied()))
            .filter(Line::AmountMinor.gt(0))
            .filter(Line::NettedAt.is_not_null())
            .into_tuple()
            .all(db)
            .await?;
        for (order, at) in netted {
            let at = Timestamp::from_micros(at);
            let since = paid.entry(OrderId::from_uuid(order)).or_insert(at);
            *since = at.min(*since);
        }
    }
    Ok(paid)
}

/// What a reseller owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Invoiced and given back, and in no bill; may be below zero.
    pub open: Money,
    /// In bills that are not paid.
    pub billed: Money,
}

impl Owed {
    /// Whether all that it was invoiced is paid, by money or by what was given back.
    const fn is_nothing(&self) -> bool {
        self.open.minor + self.billed.minor <= 0
    }
}

/// A page of the resellers that were ever invoiced, in the order of their ids.
pub async fn resellers(
    db: &impl ConnectionTrait,
    request: &PageRequest<Uuid>,
) -> Result<Vec<ResellerId>, DbErr> {
    let mut select = reseller_invoices::Entity::find()
        .select_only()
        .column(reseller_invoices::Column::ResellerId)
        .distinct()
        .order_by_asc(reseller_invoices::Column::ResellerId)
        .limit(request.limit());
    if let Some(after) = request.after {
        select = select.filter(reseller_invoices::Column::ResellerId.gt(after));
    }
    let found: Vec<Uuid> = select.into_tuple().all(db).await?;
    Ok(found.into_iter().map(ResellerId::from_uuid).collect())
}

/// What resellers owe; who owes nothing may be left out. None named: all.
pub async fn owed(
    db: &impl ConnectionTrait,
    resellers: Option<&[ResellerId]>,
) -> Result<BTreeMap<ResellerId, Owed>, DbErr> {
    let open =
        Query::select().from(reseller_lines::Entity).and_where(Line::BillId.is_null()).take();
    let billed = joined_with_payments(PaymentStatus::Pending);
    let mut owed: BTreeMap<ResellerId, Owed> = BTreeMap::new();
    // Bills first: one that ends between the two gives its lines back, and they are counted twice. The other way
    // round they would be missing, and somebody who owes would seem to owe nothing.
    for (mut select, of_bills) in [(billed, true), (open, false)] {
        select
            .column((reseller_lines::Entity, Line::ResellerId))
            .expr_as(sum_of_lines(), "total")
            .group_by_col((reseller_lines::Entity, Line::ResellerId));
        if let Some(named) = resellers {
            let ids = named.iter().map(|id| id.uuid()).collect();
            select.and_where(is_any(db, Line::ResellerId, ids));
        }
        for row in db.query_all(&select).await? {
            let reseller = ResellerId::from_uuid(row.try_get("", "reseller_id")?);
            let sum = Money::vnd(row.try_get("", "total")?);
            let nothing = Owed { open: Money::vnd(0), billed: Money::vnd(0) };
            let of_one = owed.entry(reseller).or_insert(nothing);
            *(if of_bills { &mut of_one.billed } else { &mut of_one.open }) = sum;
        }
    }
    Ok(owed)
}

/// Lines in bills whose payments have a status.
fn joined_with_payments(status: PaymentStatus) -> SelectStatement {
    let bill = Expr::col((reseller_bills::Entity, Bill::Id))
        .equals((reseller_lines::Entity, Line::BillId));
    let payment = Expr::col((payments::Entity, payments::Column::Id))
        .equals((reseller_bills::Entity, Bill::PaymentId));
    Query::select()
        .from(reseller_lines::Entity)
        .inner_join(reseller_bills::Entity, bill)
        .inner_join(payments::Entity, payment)
        .and_where(payments::Column::Status.eq(status.name()))
        .to_owned()
}

fn sum_of_lines() -> SimpleExpr {
    let sum: SimpleExpr = Func::sum(Expr::col((reseller_lines::Entity, Line::AmountMinor))).into();
    sum.cast_as("bigint")
}

async fn kept(
    db: &impl ConnectionTrait,
    rows: Vec<reseller_bills::Model>,
) -> Result<Vec<KeptBill>, DbErr> {
    let ids: Vec<PaymentId> = rows.iter().map(|row| PaymentId::from_uuid(row.payment_id)).collect();
    let found = payment::by_ids(db, &ids).await?;
    let mut payments: HashMap<Uuid, Payment> =
        found.into_iter().map(|payment| (payment.id.uuid(), payment)).collect();
    let of_row = |row: reseller_bills::Model| {
        let payment = payments.remove(&row.payment_id).ok_or_else(|| corrupt("a bill"))?;
        Ok(KeptBill {
            bill: ResellerBill {
                id: ResellerBillId::from_uuid(row.id),
                reseller: ResellerId::from_uuid(row.reseller_id),
                until: row.until_day.parse().map_err(|_| corrupt("a day"))?,
                asked_by: UserId::from_uuid(row.asked_by),
                idempotency_key: row.idempotency_key,
            },
            lines: row.line_count.cast_unsigned(),
            payment,
        })
    };
    rows.into_iter().map(of_row).collect()
}
