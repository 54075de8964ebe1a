//! What later tellings of a credit add to what was told of it first.

use kernel::{BankCreditId, PaymentId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::bank_credit::{BankCredit, bytes_of};
use super::entities::bank_credits::{Column, Entity};
use super::entities::credit_aliases;
use crate::domain::statement::Format;

/// Notes that a statement told of a credit of a feed, and of which format it is, if that is known.
pub async fn note_stated(
    tx: &impl ConnectionTrait,
    id: BankCreditId,
    identity: u128,
    format: Option<Format>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::StatementIdentity, Expr::value(bytes_of(identity)))
        .col_expr(Column::StatedBy, Expr::value(format.map(Format::bit)))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that a feed told of a credit of a statement.
pub async fn note_told(
    tx: &impl ConnectionTrait,
    id: BankCreditId,
    feed: &str,
    provider_id: &str,
) -> Result<(), DbErr> {
    let alias = credit_aliases::Model {
        feed: feed.to_owned(),
        provider_id: provider_id.to_owned(),
        credit_id: id.uuid(),
    };
    credit_aliases::Entity::insert(alias.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes of a credit that named nothing for what it is by now.
pub async fn tell_more(tx: &impl ConnectionTrait, credit: &BankCredit) -> Result<(), DbErr> {
    let expected = credit.expected.map(|expected| expected.minor);
    Entity::update_many()
        .col_expr(Column::Memo, Expr::value(credit.memo.clone()))
        .col_expr(Column::SubAccount, Expr::value(credit.sub_account.clone()))
        .col_expr(Column::State, Expr::value(credit.state.name()))
        .col_expr(Column::PaymentId, Expr::value(credit.payment.map(PaymentId::uuid)))
        .col_expr(Column::Rule, Expr::value(credit.rule.clone()))
        .col_expr(Column::ExpectedMinor, Expr::value(expected))
        .col_expr(Column::Resolution, Expr::value(credit.resolution.clone()))
        .filter(Column::Id.eq(credit.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}
