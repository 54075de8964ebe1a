//! Periods of the ledger that are closed: asked for by one person, agreed to by another, and then kept
//! with their balances and the chain's end.

use std::collections::BTreeMap;

use kernel::{Currency, LedgerClosingId, Timestamp, UserId};
use platform::bulk;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::corrupt;
use super::entities::{entries, postings};
use super::ledger_entities::{closing_balances, closings};

/// Who agreed to a closing, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The second person.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// How many postings the chain had at the end of the period.
    pub sequence: i64,
}

/// A closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Its id.
    pub id: LedgerClosingId,
    /// Postings before this moment are final.
    pub until: Timestamp,
    /// Who asked.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Timestamp,
    /// The second person, once there was one.
    pub closed: Option<Closed>,
}

/// Balances by account and currency, in minor units; those of nothing are left out.
pub type Balances = BTreeMap<(String, Currency), i64>;

/// Asks for a closing.
pub async fn insert(tx: &impl ConnectionTrait, closing: &Closing) -> Result<(), DbErr> {
    let row = closings::Model {
        id: closing.id.uuid(),
        closed_until: closing.until.micros(),
        requested_by: closing.requested_by.uuid(),
        requested_at: closing.requested_at.micros(),
        approved_by: None,
        closed_at: None,
        sequence: None,
        hash: None,
    };
    closings::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The closing of a moment, asked for or done.
pub async fn at(db: &impl ConnectionTrait, until: Timestamp) -> Result<Option<Closing>, DbErr> {
    let found = closings::Entity::find().filter(closings::Column::ClosedUntil.eq(until.micros()));
    Ok(found.one(db).await?.map(closing_of))
}

/// The last moment up to which the books are closed.
pub async fn closed_until(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    let last = closings::Entity::find()
        .filter(closings::Column::ClosedAt.is_not_null())
        .order_by_desc(closings::Column::ClosedUntil)
        .one(db)
        .await?;
    Ok(last.map(|row| Timestamp::from_micros(row.closed_until)))
}

/// The newest closings, asked for or done.
pub async fn newest(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Closing>, DbErr> {
    let rows = closings::Entity::find().order_by_desc(closings::Column::ClosedUntil).limit(limit);
    Ok(rows.all(db).await?.into_iter().map(closing_of).collect())
}

/// Closes: keeps the balances and the chain's end, and lets nothing be posted before it any more.
/// `summed`: what was summed before the ledger was locked; only what was posted since is added.
pub async fn close(
    tx: &impl ConnectionTrait,
    closing: &Closing,
    summed: Summed,
    by: UserId,
    now: Timestamp,
) -> Result<Closed, DbErr> {
    let Summed { mut balances, through } = summed;
    let since = postings_before(closing.until).and(sequence().gt(through));
    add_sums(tx, since, &mut balances).await?;
    let (sequence, hash) = end_before(tx, closing.until).await?;
    closings::Entity::update_many()
        .col_expr(closings::Column::ApprovedBy, Expr::value(by.uuid()))
        .col_expr(closings::Column::ClosedAt, Expr::value(now.micros()))
        .col_expr(closings::Column::Sequence, Expr::value(sequence))
        .col_expr(closings::Column::Hash, Expr::value(hash))
        .filter(closings::Column::Id.eq(closing.id.uuid()))
        .exec(tx)
        .await?;
    let rows =
        balances.into_iter().map(|((account, currency), balance_minor)| closing_balances::Model {
            closing_id: closing.id.uuid(),
            account,
            currency: currency.code().to_owned(),
            balance_minor,
        });
    bulk::insert(tx, rows).await?;
    Ok(Closed { by, at: now, sequence })
}

/// Every account's balance of what was posted before a moment, so far.
#[derive(Clone, Debug)]
pub struct Summed {
    balances: Balances,
    /// The last posting that was looked at.
    through: i64,
}

/// Sums what was posted before a moment, from the last closing on. It locks nothing.
pub async fn sum_before(db: &impl ConnectionTrait, until: Timestamp) -> Result<Summed, DbErr> {
    let last: Option<Option<i64>> = postings::Entity::find()
        .select_only()
        .column_as(postings::Column::Sequence.max(), "last")
        .into_tuple()
        .one(db)
        .await?;
    let through = last.flatten().unwrap_or(0);
    let closed = closings::Entity::find()
        .filter(closings::Column::ClosedAt.is_not_null())
        .filter(closings::Column::ClosedUntil.lte(until.micros()))
        .order_by_desc(closings::Column::ClosedUntil)
        .one(db)
        .await?;
    let (mut balances, mut within) = (Balances::new(), postings_before(until));
    if let Some(closed) = closed {
        balances = kept_at(db, &closed).await?;
        within = within.and(posted_at().gte(closed.closed_until));
    }
    add_sums(db, within.and(sequence().lte(through)), &mut balances).await?;
    Ok(Summed { balances, through })
}

/// The balances that were kept at a closing.
async fn kept_at(db: &impl ConnectionTrait, closing: &closings::Model) -> Result<Balances, DbErr> {
    let kept =
        closing_balances::Entity::find().filter(closing_balances::Column::ClosingId.eq(closing.id));
    let kept = kept.all(db).await?.into_iter().map(|balance| {
        Ok(((balance.account, currency_of(balance.currency)?), balance.balance_minor))
    });
    kept.collect()
}

/// Adds what some postings moved to balances; accounts of nothing are left out.
async fn add_sums(
    db: &impl ConnectionTrait,
    within: SimpleExpr,
    balances: &mut Balances,
) -> Result<(), DbErr> {
    let mut select = summed();
    select
        .column((entries::Entity, entries::Column::Account))
        .and_where(within)
        .group_by_col((entries::Entity, entries::Column::Account));
    for row in db.query_all(&select).await? {
        let moved: i64 = row.try_get("", "total")?;
        let key = (row.try_get("", "account")?, currency_of(row.try_get("", "currency")?)?);
        *balances.entry(key).or_default() += moved;
    }
    balances.retain(|_, balance| *balance != 0);
    Ok(())
}

fn postings_before(until: Timestamp) -> SimpleExpr {
    posted_at().lt(until.micros())
}

fn sequence() -> SimpleExpr {
    Expr::col((postings::Entity, postings::Column::Sequence))
}

/// What an account's debits and credits come to in a span of time, the end left out; in minor units,
/// and how many they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountSums {
    /// Debits.
    pub debits: i64,
    /// Credits, above zero.
    pub credits: i64,
    /// Entries.
    pub entries: i64,
}

/// The sums of an account in a span of time, the end left out.
pub async fn account_sums(
    db: &impl ConnectionTrait,
    account: &str,
    currency: Currency,
    (from, until): (Timestamp, Timestamp),
) -> Result<AccountSums, DbErr> {
    let part = |positive: bool| {
        let test = if positive { ">" } else { "<" };
        Expr::cust(format!(
            "COALESCE(SUM(CASE WHEN amount_minor {test} 0 THEN amount_minor END), 0)"
        ))
        .cast_as("bigint")
    };
    let select = Query::select()
        .expr_as(part(true), "debits")
        .expr_as(part(false), "credits")
        .expr_as(Expr::cust("COUNT(*)").cast_as("bigint"), "entries")
        .from(entries::Entity)
        .inner_join(postings::Entity, joined())
        .and_where(Expr::col((entries::Entity, entries::Column::Account)).eq(account))
        .and_where(Expr::col((entries::Entity, entries::Column::Currency)).eq(currency.code()))
        .and_where(posted_at().gte(from.micros()))
        .and_where(posted_at().lt(until.micros()))
        .to_owned();
    let Some(row) = db.query_one(&select).await? else { return Ok(AccountSums::default()) };
    Ok(AccountSums {
        debits: row.try_get("", "debits")?,
        credits: -row.try_get::<i64>("", "credits")?,
        entries: row.try_get("", "entries")?,
    })
}

/// What of closed periods is no longer as it was kept: in words.
pub async fn verify(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let closed = closings::Entity::find()
        .filter(closings::Column::ClosedAt.is_not_null())
        .order_by_asc(closings::Column::ClosedUntil)
        .all(db)
        .await?;
    let (mut findings, mut balances, mut from) = (Vec::new(), Balances::new(), i64::MIN);
    for row in closed {
        let until = Timestamp::from_micros(row.closed_until);
        let name = until.to_rfc3339();
        let (sequence, hash) = end_before(db, until).await?;
        if (Some(sequence), Some(&hash)) != (row.sequence, row.hash.as_ref()) {
            findings.push(format!(
                "the chain of the period closed until {name} does not end as it did"
            ));
        }
        let mut kept = kept_at(db, &row).await?;
        // From the entries alone, each of them looked at once.
        add_sums(db, postings_before(until).and(posted_at().gte(from)), &mut balances).await?;
        from = row.closed_until;
        for (key, balance) in &balances {
            if kept.remove(key) != Some(*balance) {
                findings.push(format!(
                    "the balance of {} at the closing until {name} has changed",
                    key.0
                ));
            }
        }
        for (account, _) in kept.into_keys() {
            findings.push(format!("the balance of {account} at the closing until {name} is gone"));
        }
    }
    Ok(findings)
}

/// The last posting before a moment: its place and its hash.
async fn end_before(db: &impl ConnectionTrait, until: Timestamp) -> Result<(i64, Vec<u8>), DbErr> {
    let last = postings::Entity::find()
        .filter(postings::Column::PostedAt.lt(until.micros()))
        .order_by_desc(postings::Column::Sequence)
        .one(db)
        .await?;
    Ok(last.map_or((0, Vec::new()), |row| (row.sequence, row.hash)))
}

fn summed() -> SelectStatement {
    let sum: SimpleExpr =
        Func::sum(Expr::col((entries::Entity, entries::Column::AmountMinor))).into();
    Query::select()
        .column((entries::Entity, entries::Column::Currency))
        .expr_as(sum.cast_as("bigint"), "total")
        .from(entries::Entity)
        .inner_join(postings::Entity, joined())
        .group_by_col((entries::Entity, entries::Column::Currency))
        .to_owned()
}

fn joined() -> SimpleExpr {
    Expr::col((postings::Entity, postings::Column::Id))
        .equals((entries::Entity, entries::Column::PostingId))
}

fn posted_at() -> SimpleExpr {
    Expr::col((postings::Entity, postings::Column::PostedAt))
}

fn currency_of(code: String) -> Result<Currency, DbErr> {
    code.parse().map_err(|_| corrupt("a currency"))
}

fn closing_of(row: closings::Model) -> Closing {
    let closed = match (row.approved_by, row.closed_at, row.sequence) {
        (Some(by), Some(at), Some(sequence)) => {
            let (by, at) = (UserId::from_uuid(by), Timestamp::from_micros(at));
            Some(Closed { by, at, sequence })
        }
        _ => None,
    };
    Closing {
        id: LedgerClosingId::from_uuid(row.id),
        until: Timestamp::from_micros(row.closed_until),
        requested_by: UserId::from_uuid(row.requested_by),
        requested_at: Timestamp::from_micros(row.requested_at),
        closed,
    }
}
