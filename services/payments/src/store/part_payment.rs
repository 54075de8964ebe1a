//! Credits that name a payment and do not pay it: what they sum to, and what they are once another paid it.

use std::collections::HashMap;

use kernel::{BankCreditId, PaymentId};
use platform::bulk::is_any;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entities::bank_credits::{Column, Entity};
use crate::domain::reconciliation::{CreditState, Rule};

/// What came of some payments by transfers that do not pay them and that nobody decided on, in minor units
/// of the payment's currency; only of those of which something came.
pub async fn received(
    db: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<HashMap<PaymentId, i64>, DbErr> {
    let mut received = HashMap::new();
    if payments.is_empty() {
        return Ok(received);
    }
    let sum = SimpleExpr::from(Func::sum(Expr::col(Column::AmountMinor))).cast_as("bigint");
    let mut select = Query::select();
    select
        .column(Column::PaymentId)
        .expr_as(sum, "received")
        .from(Entity)
        .and_where(names(db, payments))
        .and_where(waits_for_its_payment())
        .group_by_col(Column::PaymentId);
    for row in db.query_all(&select).await? {
        let id: Uuid = row.try_get("", "payment_id")?;
        received.insert(PaymentId::from_uuid(id), row.try_get("", "received")?);
    }
    Ok(received)
}

/// Writes of credits that wait for payments which were paid now that they came besides what paid; not of
/// `paying`, if a person decides on that one.
pub async fn outdo(
    tx: &impl ConnectionTrait,
    paid: &[PaymentId],
    paying: Option<BankCreditId>,
) -> Result<(), DbErr> {
    if paid.is_empty() {
        return Ok(());
    }
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(CreditState::Duplicate.name()))
        .col_expr(Column::Rule, Expr::value(Rule::PaidByAnother.name()))
        .filter(names(tx, paid))
        .filter(waits_for_its_payment());
    if let Some(paying) = paying {
        update = update.filter(Column::Id.ne(paying.uuid()));
    }
    update.exec(tx).await?;
    Ok(())
}

fn names(db: &impl ConnectionTrait, payments: &[PaymentId]) -> SimpleExpr {
    is_any(db, Column::PaymentId, payments.iter().map(|id| id.uuid()).collect())
}

/// Of another currency, or the other way, a credit names no payment; what paid and what came besides is
/// not waited with.
fn waits_for_its_payment() -> SimpleExpr {
    Expr::cust("state IN ('underpaid', 'overpaid', 'late') AND resolution IS NULL")
}
