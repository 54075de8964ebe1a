//! What lines of shops sum to: by day and kind, owed, paid out, open.

use std::collections::BTreeMap;

use kernel::{Currency, Money, ShopId, ShopScope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::corrupt;
use super::payment::money_of;
use super::settlement_entities::shop_lines::{Column, Entity};
use super::shop_line::{kind_of, main_amount};
use crate::domain::shop_line::{PARTS, ShopLineKind};

/// What of a shop is not paid out, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSum {
    /// What all of it sums to: below zero the shop owes the market.
    pub total: Money,
    /// No payout can be more than this, whatever is held.
    pub payable_at_most: Money,
}

/// What some shops have open, by shop and currency; nothing is locked.
///
/// What resellers have not paid yet is left out of payouts, with what was given back of it: so nothing is taken
/// off for that here.
pub async fn open_sums(
    db: &impl ConnectionTrait,
    shops: impl IntoIterator<Item = ShopId>,
) -> Result<BTreeMap<(ShopId, Currency), OpenSum>, DbErr> {
    let shops: Vec<Uuid> = shops.into_iter().map(ShopId::uuid).collect();
    let mut sums = BTreeMap::new();
    for some in shops.chunks(SUMMED_AT_ONCE) {
        add_open_sums(db, some, &mut sums).await?;
    }
    Ok(sums)
}

/// Shops whose open lines one statement sums: those of who is paid directly are many.
const SUMMED_AT_ONCE: usize = 100;

async fn add_open_sums(
    db: &impl ConnectionTrait,
    shops: &[Uuid],
    sums: &mut BTreeMap<(ShopId, Currency), OpenSum>,
) -> Result<(), DbErr> {
    let sum = |amount: SimpleExpr| SimpleExpr::from(Func::sum(amount)).cast_as("bigint");
    let at_most = Expr::cust(
        "CASE WHEN amount_minor < 0 AND EXISTS (SELECT 1 FROM reseller_invoices i
            WHERE i.order_id = shop_lines.order_id) THEN 0 ELSE amount_minor END",
    );
    let mut select = Query::select();
    select
        .columns([Column::ShopId, Column::Currency])
        .expr_as(sum(Expr::col(Column::AmountMinor)), "total")
        .expr_as(sum(at_most), "at_most")
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).is_in(shops.iter().copied()))
        .and_where(Expr::cust("settled_by IS NULL AND kind NOT IN ('payout', 'payout_back')"))
        .group_by_columns([Column::ShopId, Column::Currency]);
    for row in db.query_all(&select).await? {
        let (shop, currency): (Uuid, String) =
            (row.try_get("", "shop_id")?, row.try_get("", "currency")?);
        let total = money_of(row.try_get("", "total")?, &currency)?;
        let payable_at_most = money_of(row.try_get("", "at_most")?, &currency)?;
        let key = (ShopId::from_uuid(shop), total.currency);
        sums.insert(key, OpenSum { total, payable_at_most });
    }
    Ok(())
}

/// Sums by kind, day in Vietnam (from 1970-01-01) and currency.
pub type DailySums = BTreeMap<(i64, Currency, ShopLineKind), (u64, i64)>;

/// What a shop's lines in a span of time sum to, by day and kind.
pub async fn daily_sums(
    db: &impl ConnectionTrait,
    shop: ShopScope,
    (from, until): (Timestamp, Timestamp),
) -> Result<DailySums, DbErr> {
    // Seven hours ahead of UTC, all year round.
    let day = Expr::cust("(posted_at + 25200000000) / 86400000000");
    let amounts: [Expr; PARTS + 1] = [
        main_amount(),
        Expr::col(Column::FeeMinor),
        Expr::col(Column::VatMinor),
        Expr::col(Column::PitMinor),
    ];
    let mut select = Query::select();
    select
        .expr_as(day.clone(), "day")
        .columns([Column::Currency, Column::Kind])
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(shop.shop().uuid()))
        .and_where(Expr::col(Column::PostedAt).gte(from.micros()))
        .and_where(Expr::col(Column::PostedAt).lt(until.micros()))
        .add_group_by([day, Expr::col(Column::Currency), Expr::col(Column::Kind)]);
    for (place, amount) in amounts.into_iter().enumerate() {
        let sum: SimpleExpr = Func::sum(amount.clone()).into();
        let is_one = Expr::case(amount.ne(0), 1).finally(0);
        let count: SimpleExpr = Func::sum(is_one).into();
        select.expr_as(sum.cast_as("bigint"), format!("total{place}"));
        select.expr_as(count.cast_as("bigint"), format!("lines{place}"));
    }
    let mut sums = DailySums::new();
    for row in db.query_all(&select).await? {
        let (currency, kind): (String, String) =
            (row.try_get("", "currency")?, row.try_get("", "kind")?);
        let currency: Currency = currency.parse().map_err(|_| corrupt("a currency"))?;
        let (day, kind) = (row.try_get("", "day")?, kind_of(&kind)?);
        let kinds = std::iter::once(kind).chain(kind.parts().into_iter().flatten());
        for (place, kind) in kinds.enumerate() {
            let lines: i64 = row.try_get("", &format!("lines{place}"))?;
            let total: i64 = row.try_get("", &format!("total{place}"))?;
            if lines > 0 {
                let sum = sums.entry((day, currency, kind)).or_default();
                *sum = (sum.0 + lines.cast_unsigned(), sum.1 + total);
            }
        }
    }
    Ok(sums)
}

/// What a shop was owed at a moment.
pub async fn owed_at(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    at: Timestamp,
) -> Result<BTreeMap<Currency, i64>, DbErr> {
    sums_where(db, scope, Expr::col(Column::PostedAt).lt(at.micros())).await
}

/// What a shop was paid so far, payouts that came back taken off.
pub async fn paid_out(
    db: &impl ConnectionTrait,
    scope: ShopScope,
) -> Result<BTreeMap<Currency, i64>, DbErr> {
    let kinds = [ShopLineKind::Payout, ShopLineKind::PayoutBack].map(ShopLineKind::name);
    let sums = sums_where(db, scope, Expr::col(Column::Kind).is_in(kinds)).await?;
    Ok(sums.into_iter().map(|(currency, sum)| (currency, -sum)).collect())
}

async fn sums_where(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    condition: SimpleExpr,
) -> Result<BTreeMap<Currency, i64>, DbErr> {
    let sum: SimpleExpr = Func::sum(Expr::col(Column::AmountMinor)).into();
    let mut select = Query::select();
    select
        .column(Column::Currency)
        .expr_as(sum.cast_as("bigint"), "total")
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(scope.shop().uuid()))
        .and_where(condition)
        .group_by_col(Column::Currency);
    let mut sums = BTreeMap::new();
    for row in db.query_all(&select).await? {
        let currency: String = row.try_get("", "currency")?;
        let currency = currency.parse().map_err(|_| corrupt("a currency"))?;
        sums.insert(currency, row.try_get("", "total")?);
    }
    Ok(sums)
}
