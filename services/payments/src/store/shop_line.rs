//! The lines of what shops are owed. A line and its parts, such as what is taken of a sale, are one row: most
//! of what is written of a transfer would be they.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Money, OrderId, PageRequest, PaymentId, PayoutId, PostingId, RefundId, ShopId, ShopLineId,
    ShopScope, Timestamp,
};
use platform::bulk;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::payment::money_of;
use super::settlement_entities::shop_lines::{Column, Entity, Model};
use super::{NAMED_AT_ONCE, corrupt};
use crate::domain::shop_line::{PARTS, ShopLine, ShopLineKind, main_id};

/// Writes lines, the parts of a line right behind it; lines of nothing are left out.
pub async fn insert(tx: &impl ConnectionTrait, lines: &[ShopLine]) -> Result<(), DbErr> {
    let mut rows: Vec<Model> = Vec::with_capacity(lines.len());
    for line in lines {
        let main = rows.last_mut().filter(|row| row.id == main_id(line.id).uuid());
        match (main, line.kind.part_of()) {
            (Some(row), Some((kind, place))) if row.kind == kind.name() => {
                *part_of(row, place) = line.amount.minor;
                row.amount_minor += line.amount.minor;
            }
            _ => rows.push(row_of(line)),
        }
    }
    rows.retain(|row| row.amount_minor != 0 || parts_of(row) != [0; PARTS]);
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// A line with its parts, that no payout holds.
#[derive(Clone, Copy, Debug)]
pub struct OpenLine {
    /// Its id.
    pub id: ShopLineId,
    /// Whose it is.
    pub shop: ShopId,
    /// What is owed, what was taken of it off already.
    pub amount: Money,
    /// The order that it is about.
    pub order: Option<OrderId>,
}

/// A shop's lines that no live payout holds, all of them, the oldest first, locked: a payout that left
/// some out could pay a sale and forget its refund.
pub async fn lock_open(tx: &impl ConnectionTrait, shop: ShopScope) -> Result<Vec<OpenLine>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(shop.shop().uuid()))
        .filter(Expr::cust("settled_by IS NULL AND kind NOT IN ('payout', 'payout_back')"))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    let open = rows.into_iter().map(|row| {
        Ok(OpenLine {
            id: ShopLineId::from_uuid(row.id),
            shop: ShopId::from_uuid(row.shop_id),
            amount: money_of(row.amount_minor, &row.currency)?,
            order: row.order_id.map(OrderId::from_uuid),
        })
    });
    open.collect()
}

/// Shops of which some line is not paid out.
pub async fn shops_with_open(db: &impl ConnectionTrait) -> Result<BTreeSet<ShopId>, DbErr> {
    let rows: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ShopId)
        .distinct()
        .filter(Expr::cust("settled_by IS NULL AND kind NOT IN ('payout', 'payout_back')"))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(ShopId::from_uuid).collect())
}

/// Gives open lines, with their parts, to a payout.
pub async fn settle(
    tx: &impl ConnectionTrait,
    lines: &[ShopLineId],
    payout: PayoutId,
) -> Result<(), DbErr> {
    for part in lines.chunks(NAMED_AT_ONCE) {
        let done = Entity::update_many()
            .col_expr(Column::SettledBy, Expr::value(payout.uuid()))
            .filter(Column::Id.is_in(part.iter().map(|line| line.uuid())))
            .filter(Column::SettledBy.is_null())
            .exec(tx)
            .await?;
        if done.rows_affected != part.len() as u64 {
            return Err(DbErr::Custom("a line is held by another payout".to_owned()));
        }
    }
    Ok(())
}

/// Takes the lines of a payout away from it: they are open again.
pub async fn reopen(tx: &impl ConnectionTrait, payout: PayoutId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::SettledBy, Expr::value(Option::<Uuid>::None))
        .filter(Column::SettledBy.eq(payout.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The payouts that hold lines of some orders.
pub async fn payouts_of_orders(
    db: &impl ConnectionTrait,
    orders: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<PayoutId>, DbErr> {
    let found: Vec<Option<Uuid>> = Entity::find()
        .select_only()
        .column(Column::SettledBy)
        .distinct()
        .filter(Column::OrderId.is_in(orders.into_iter().map(OrderId::uuid)))
        .filter(Column::SettledBy.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    let found: BTreeSet<Uuid> = found.into_iter().flatten().collect();
    Ok(found.into_iter().map(PayoutId::from_uuid).collect())
}

/// The lines that a payout paid.
pub async fn of_payout(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    payout: PayoutId,
    request: &PageRequest<Uuid>,
) -> Result<Vec<ShopLine>, DbErr> {
    let select = Entity::find()
        .filter(Column::SettledBy.eq(payout.uuid()))
        .filter(Column::ShopId.eq(scope.shop().uuid()));
    page(db, select, &[], request).await
}

/// A shop's lines of some kinds (none: all) in a span of time, the end left out; newest first.
pub async fn page_of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    (from, until): (Timestamp, Timestamp),
    kinds: &[ShopLineKind],
    request: &PageRequest<Uuid>,
) -> Result<Vec<ShopLine>, DbErr> {
    let select = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::PostedAt.gte(from.micros()))
        .filter(Column::PostedAt.lt(until.micros()));
    page(db, select, kinds, request).await
}

/// A page of some rows' lines of some kinds (none: all), the newest first.
async fn page(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    kinds: &[ShopLineKind],
    request: &PageRequest<Uuid>,
) -> Result<Vec<ShopLine>, DbErr> {
    // Each row has a line at least, but the first one may have been told whole on the page before.
    let mut select = select.order_by_desc(Column::Id).limit(request.limit() + 1);
    if !kinds.is_empty() {
        let has_one = kinds.iter().map(|kind| has_line_of(*kind));
        select = select.filter(has_one.fold(Condition::any(), Condition::add));
    }
    if let Some(after) = request.after {
        select = select.filter(Column::Id.lte(after));
    }
    let mut lines = Vec::new();
    for row in select.all(db).await? {
        lines.extend(lines_of(&row)?.into_iter().rev());
    }
    lines.retain(|line| kinds.is_empty() || kinds.contains(&line.kind));
    lines.retain(|line| request.after.is_none_or(|after| line.id.uuid() < after));
    lines.truncate(usize::try_from(request.limit()).unwrap_or(usize::MAX));
    Ok(lines)
}

/// Whether a row has a line of a kind: as its own, or as a part.
fn has_line_of(kind: ShopLineKind) -> SimpleExpr {
    let own = Expr::col(Column::Kind).eq(kind.name()).and(main_amount().ne(0));
    match kind.part_of() {
        None => own,
        Some((main, place)) => {
            let part = Expr::col(PART_COLUMNS[place - 1]).ne(0);
            own.or(Expr::col(Column::Kind).eq(main.name()).and(part))
        }
    }
}

/// What a row's line is without its parts.
pub(super) fn main_amount() -> Expr {
    Expr::cust("amount_minor - fee_minor - vat_minor - pit_minor")
}

/// A shop's lines in a span of time, the end left out; the oldest first, so many at most.
pub async fn all_of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    (from, until): (Timestamp, Timestamp),
    at_most: u64,
) -> Result<Vec<ShopLine>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::PostedAt.gte(from.micros()))
        .filter(Column::PostedAt.lt(until.micros()))
        .order_by_asc(Column::PostedAt)
        .order_by_asc(Column::Id)
        .limit(at_most)
        .all(db)
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.extend(lines_of(&row)?);
    }
    lines.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
    Ok(lines)
}

/// One line of a shop, and the payout that pays it.
pub async fn of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    id: ShopLineId,
) -> Result<Option<(ShopLine, Option<PayoutId>)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in([id, main_id(id)].map(ShopLineId::uuid)))
        .filter(Column::ShopId.eq(scope.shop().uuid()));
    for row in rows.all(db).await? {
        if let Some(line) = lines_of(&row)?.into_iter().find(|line| line.id == id) {
            return Ok(Some((line, row.settled_by.map(PayoutId::from_uuid))));
        }
    }
    Ok(None)
}

/// What an order's refund gave back, or took again, at a moment.
#[derive(Clone, Copy, Debug)]
pub struct RefundLine {
    /// Its line.
    id: ShopLineId,
    /// The order.
    pub order: OrderId,
    /// Above zero: given back.
    pub amount: Money,
    /// What of the order had been given back before.
    pub refunded_before: Money,
    /// When.
    pub posted_at: Timestamp,
}

/// Refunds that one statement reads.
const REFUNDS_AT_ONCE: u64 = 2_000;

/// A page of the refunds that were posted in a span of time, the end left out, the oldest first; `after`:
/// the last one of the page before. The last page is empty.
pub async fn refunds_between(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
    after: Option<&RefundLine>,
) -> Result<Vec<RefundLine>, DbErr> {
    let refunds = || {
        let refunds = Entity::find().filter(Column::Kind.eq(ShopLineKind::Refund.name()));
        refunds.order_by_asc(Column::PostedAt).order_by_asc(Column::Id)
    };
    let mut within = refunds()
        .filter(Column::PostedAt.gte(from.micros()))
        .filter(Column::PostedAt.lt(until.micros()))
        .filter(Column::OrderId.is_not_null())
        .limit(REFUNDS_AT_ONCE);
    if let Some(after) = after {
        let at = after.posted_at.micros();
        let beside = Column::PostedAt.eq(at).and(Column::Id.gt(after.id.uuid()));
        within = within.filter(Column::PostedAt.gt(at).or(beside));
    }
    let within = within.all(db).await?;
    let orders: BTreeSet<Uuid> = within.iter().filter_map(|row| row.order_id).collect();
    let of_page: BTreeSet<Uuid> = within.iter().map(|row| row.id).collect();
    // All of their orders' refunds: what one gives back depends on those before it.
    let all = refunds()
        .filter(Column::OrderId.is_in(orders))
        .filter(Column::PostedAt.lt(until.micros()))
        .all(db)
        .await?;
    let mut before: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut lines = Vec::with_capacity(within.len());
    for row in all {
        let Some(order) = row.order_id else { continue };
        let given_back = before.entry(order).or_default();
        let amount = own_amount(&row)?;
        if of_page.contains(&row.id) {
            lines.push(RefundLine {
                id: ShopLineId::from_uuid(row.id),
                order: OrderId::from_uuid(order),
                amount: Money::new(-amount.minor, amount.currency),
                refunded_before: Money::new(*given_back, amount.currency),
                posted_at: Timestamp::from_micros(row.posted_at),
            });
        }
        *given_back -= amount.minor;
    }
    Ok(lines)
}

pub(super) fn kind_of(name: &str) -> Result<ShopLineKind, DbErr> {
    let known = ShopLineKind::ALL.into_iter().find(|kind| kind.name() == name);
    known.ok_or_else(|| corrupt("a kind of line"))
}

const PART_COLUMNS: [Column; PARTS] = [Column::FeeMinor, Column::VatMinor, Column::PitMinor];

const fn parts_of(row: &Model) -> [i64; PARTS] {
    [row.fee_minor, row.vat_minor, row.pit_minor]
}

const fn part_of(row: &mut Model, place: usize) -> &mut i64 {
    match place {
        1 => &mut row.fee_minor,
        2 => &mut row.vat_minor,
        _ => &mut row.pit_minor,
    }
}

fn row_of(line: &ShopLine) -> Model {
    Model {
        id: line.id.uuid(),
        shop_id: line.shop.uuid(),
        kind: line.kind.name().to_owned(),
        amount_minor: line.amount.minor,
        fee_minor: 0,
        vat_minor: 0,
        pit_minor: 0,
        currency: line.amount.currency.code().to_owned(),
        payment_id: line.payment.map(PaymentId::uuid),
        order_id: line.order.map(OrderId::uuid),
        refund_id: line.refund.map(RefundId::uuid),
        payout_id: line.payout.map(PayoutId::uuid),
        posting_id: line.posting.uuid(),
        posted_at: line.posted_at.micros(),
        settled_by: None,
    }
}

/// What a row's line is, without its parts.
fn own_amount(row: &Model) -> Result<Money, DbErr> {
    let parts: i64 = parts_of(row).iter().sum();
    money_of(row.amount_minor - parts, &row.currency)
}

/// A row's line and its parts, without those of nothing.
fn lines_of(row: &Model) -> Result<Vec<ShopLine>, DbErr> {
    let line = ShopLine {
        id: ShopLineId::from_uuid(row.id),
        shop: ShopId::from_uuid(row.shop_id),
        kind: kind_of(&row.kind)?,
        amount: own_amount(row)?,
        payment: row.payment_id.map(PaymentId::from_uuid),
        order: row.order_id.map(OrderId::from_uuid),
        refund: row.refund_id.map(RefundId::from_uuid),
        payout: row.payout_id.map(PayoutId::from_uuid),
        posting: PostingId::from_uuid(row.posting_id),
        posted_at: Timestamp::from_micros(row.posted_at),
    };
    let parts = parts_of(row);
    let mut lines = if parts == [0; PARTS] {
        // It may be older than lines with parts, and of any id.
        vec![line]
    } else {
        let currency = line.amount.currency;
        line.with_parts(parts.map(|minor| Money::new(minor, currency)))
    };
    lines.retain(|line| !line.amount.is_zero());
    Ok(lines)
}
