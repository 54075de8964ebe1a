//! Persons' "not this one": pairs of credit and payment that no rule matches again.

use std::collections::HashSet;

use kernel::{BankCreditId, PaymentId, Timestamp, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::settlement_entities::match_refusals::{Column, Entity, Model};

/// Remembers that a credit is not for some payments.
pub async fn insert(
    tx: &impl ConnectionTrait,
    credit: BankCreditId,
    payments: &[PaymentId],
    (refused_by, refused_at): (UserId, Timestamp),
) -> Result<(), DbErr> {
    let rows = payments.iter().map(|payment| {
        Model {
            credit_id: credit.uuid(),
            payment_id: payment.uuid(),
            refused_by: refused_by.uuid(),
            refused_at: refused_at.micros(),
        }
        .into_active_model()
    });
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::CreditId, Column::PaymentId]).do_nothing().to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forgets a refusal: a person says that the credit is for the payment after all.
pub async fn remove(
    tx: &impl ConnectionTrait,
    credit: BankCreditId,
    payments: impl IntoIterator<Item = PaymentId>,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::CreditId.eq(credit.uuid()))
        .filter(Column::PaymentId.is_in(payments.into_iter().map(PaymentId::uuid)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The refused pairs of some credits.
pub async fn of_credits(
    db: &impl ConnectionTrait,
    credits: &[BankCreditId],
) -> Result<HashSet<(BankCreditId, PaymentId)>, DbErr> {
    if credits.is_empty() {
        return Ok(HashSet::new());
    }
    let ids = credits.iter().map(|credit| credit.uuid());
    let rows = Entity::find().filter(Column::CreditId.is_in(ids)).all(db).await?;
    let pair =
        |row: Model| (BankCreditId::from_uuid(row.credit_id), PaymentId::from_uuid(row.payment_id));
    Ok(rows.into_iter().map(pair).collect())
}
