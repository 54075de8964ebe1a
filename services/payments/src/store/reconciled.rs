//! Sums over credits and debits, for the operator's report.

use kernel::{Currency, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryResult};

use super::bank_debit::EXPLAINED;
use super::corrupt;
use super::entities::{bank_credits, payments};
use super::settlement_entities::bank_debits;
use crate::domain::reconciliation::CreditState;

/// What the credits of one day, account and currency are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditSum {
    /// Vietnam's day, counted from 1970-01-01.
    pub day: i64,
    /// The account.
    pub account: String,
    /// The currency.
    pub currency: Currency,
    /// What rules made of them.
    pub state: CreditState,
    /// What a person made of them.
    pub resolution: Option<String>,
    /// How many.
    pub count: i64,
    /// How much, in minor units.
    pub sum: i64,
}

/// What the debits of one day, account and currency are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitSum {
    /// Vietnam's day, counted from 1970-01-01.
    pub day: i64,
    /// The account.
    pub account: String,
    /// The currency.
    pub currency: Currency,
    /// Whether they are payouts' or refunds', or a person explained them.
    pub matched: bool,
    /// How many.
    pub count: i64,
    /// How much, in minor units.
    pub sum: i64,
}

/// Credits booked on some days, both included.
pub async fn credits(
    db: &impl ConnectionTrait,
    first: i64,
    last: i64,
) -> Result<Vec<CreditSum>, DbErr> {
    use bank_credits::Column;
    let mut select = Query::select();
    select
        .expr_as(Expr::col(Column::BookedOn).cast_as("bigint"), "day")
        .columns([Column::AccountNumber, Column::Currency, Column::State, Column::Resolution])
        .from(bank_credits::Entity)
        .and_where(Column::BookedOn.between(first, last))
        .add_group_by([
            Expr::col(Column::BookedOn),
            Expr::col(Column::AccountNumber),
            Expr::col(Column::Currency),
            Expr::col(Column::State),
            Expr::col(Column::Resolution),
        ]);
    count_and_sum(&mut select, Expr::col(Column::AmountMinor));
    let rows = db.query_all(&select).await?;
    let sum_of = |row: QueryResult| {
        Ok(CreditSum {
            day: row.try_get("", "day")?,
            account: row.try_get("", "account_number")?,
            currency: currency_of(&row)?,
            state: state_of(&row)?,
            resolution: row.try_get("", "resolution")?,
            count: row.try_get("", "lines")?,
            sum: row.try_get("", "total")?,
        })
    };
    rows.into_iter().map(sum_of).collect()
}

/// Debits booked in a span of time, the end left out.
pub async fn debits(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<DebitSum>, DbErr> {
    use bank_debits::Column;
    let day = Expr::cust("(booked_at + 25200000000) / 86400000000");
    let matched = Expr::cust(format!("CASE WHEN {EXPLAINED} THEN 1 ELSE 0 END"));
    let mut select = Query::select();
    select
        .expr_as(day.clone().cast_as("bigint"), "day")
        .columns([Column::AccountNumber, Column::Currency])
        .expr_as(matched.clone().cast_as("bigint"), "matched")
        .from(bank_debits::Entity)
        .and_where(Column::BookedAt.gte(from.micros()))
        .and_where(Column::BookedAt.lt(until.micros()))
        .add_group_by([
            day,
            Expr::col(Column::AccountNumber),
            Expr::col(Column::Currency),
            matched,
        ]);
    count_and_sum(&mut select, Expr::col(Column::AmountMinor));
    let rows = db.query_all(&select).await?;
    let sum_of = |row: QueryResult| {
        Ok(DebitSum {
            day: row.try_get("", "day")?,
            account: row.try_get("", "account_number")?,
            currency: currency_of(&row)?,
            matched: row.try_get::<i64>("", "matched")? == 1,
            count: row.try_get("", "lines")?,
            sum: row.try_get("", "total")?,
        })
    };
    rows.into_iter().map(sum_of).collect()
}

/// How many credits wait since a span of time, the end left out, and how much they are.
pub async fn waiting_since(
    db: &impl ConnectionTrait,
    (from, until): (Timestamp, Timestamp),
) -> Result<(i64, i64), DbErr> {
    use bank_credits::Column;
    let mut select = Query::select();
    select
        .from(bank_credits::Entity)
        .and_where(Expr::cust(
            "state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NULL",
        ))
        .and_where(Column::Currency.eq(Currency::Vnd.code()))
        .and_where(Column::ReceivedAt.gte(from.micros()))
        .and_where(Column::ReceivedAt.lt(until.micros()));
    count_and_sum(&mut select, Expr::col(Column::AmountMinor));
    match db.query_one(&select).await? {
        Some(row) => {
            Ok((row.try_get("", "lines")?, row.try_get::<Option<i64>>("", "total")?.unwrap_or(0)))
        }
        None => Ok((0, 0)),
    }
}

fn count_and_sum(select: &mut SelectStatement, amount: SimpleExpr) {
    let sum: SimpleExpr = Func::sum(amount).into();
    select
        .expr_as(sum.cast_as("bigint"), "total")
        .expr_as(Expr::cust("COUNT(*)").cast_as("bigint"), "lines");
}

/// What is asked for and not paid, now: how many, how much.
pub async fn expected(db: &impl ConnectionTrait) -> Result<(i64, i64), DbErr> {
    use payments::Column;
    let mut select = Query::select();
    select
        .from(payments::Entity)
        .and_where(Column::Status.eq("pending"))
        .and_where(Column::Currency.eq(Currency::Vnd.code()));
    count_and_sum(&mut select, Expr::col(Column::AmountMinor));
    match db.query_one(&select).await? {
        Some(row) => {
            Ok((row.try_get("", "lines")?, row.try_get::<Option<i64>>("", "total")?.unwrap_or(0)))
        }
        None => Ok((0, 0)),
    }
}

fn state_of(row: &QueryResult) -> Result<CreditState, DbErr> {
    let name: String = row.try_get("", "state")?;
    let known = CreditState::ALL.into_iter().find(|state| state.name() == name);
    known.ok_or_else(|| corrupt("a credit state"))
}

fn currency_of(row: &QueryResult) -> Result<Currency, DbErr> {
    let code: String = row.try_get("", "currency")?;
    code.parse().map_err(|_| corrupt("a currency"))
}
