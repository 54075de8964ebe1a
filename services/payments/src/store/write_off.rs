//! Credits and debits that are given up.

use kernel::{BankCreditId, BankDebitId, Money, PageRequest, Timestamp, UserId, WriteOffId};
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::bank_credit::is_waiting;
use super::bank_debit::UNEXPLAINED;
use super::corrupt;
use super::entities::bank_credits;
use super::payment::money_of;
use super::settlement_entities::bank_debits;
use super::settlement_entities::write_offs::{Column, Entity, Model};

/// What is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOffOf {
    /// Money that came and that nobody claims.
    Credit(BankCreditId),
    /// Money that went and that nobody explains: a bank's fee.
    Debit(BankDebitId),
}

/// A write-off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOff {
    /// Its id.
    pub id: WriteOffId,
    /// What is given up.
    pub of: WriteOffOf,
    /// How much, above zero.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Timestamp,
    /// The second person, where one was needed.
    pub approved_by: Option<UserId>,
    /// When it was done; none as long as it waits for a second person.
    pub done_at: Option<Timestamp>,
    /// When who asked took it back; then nothing of it is done any more.
    pub withdrawn_at: Option<Timestamp>,
}

/// Writes one that is asked for or done.
pub async fn insert(tx: &impl ConnectionTrait, one: &WriteOff) -> Result<(), DbErr> {
    let (credit_id, debit_id) = match one.of {
        WriteOffOf::Credit(credit) => (Some(credit.uuid()), None),
        WriteOffOf::Debit(debit) => (None, Some(debit.uuid())),
    };
    let row = Model {
        id: one.id.uuid(),
        credit_id,
        debit_id,
        amount_minor: one.amount.minor,
        currency: one.amount.currency.code().to_owned(),
        reason: one.reason.clone(),
        requested_by: one.requested_by.uuid(),
        requested_at: one.requested_at.micros(),
        approved_by: one.approved_by.map(UserId::uuid),
        done_at: one.done_at.map(Timestamp::micros),
        withdrawn_at: one.withdrawn_at.map(Timestamp::micros),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes that a second person agreed, or that who asked took it back.
pub async fn update(tx: &impl ConnectionTrait, one: &WriteOff) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ApprovedBy, Expr::value(one.approved_by.map(UserId::uuid)))
        .col_expr(Column::DoneAt, Expr::value(one.done_at.map(Timestamp::micros)))
        .col_expr(Column::WithdrawnAt, Expr::value(one.withdrawn_at.map(Timestamp::micros)))
        .filter(Column::Id.eq(one.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The write-off of a credit or a debit that was not taken back, locked.
pub async fn lock(tx: &impl ConnectionTrait, of: WriteOffOf) -> Result<Option<WriteOff>, DbErr> {
    let found = match of {
        WriteOffOf::Credit(credit) => Entity::find().filter(Column::CreditId.eq(credit.uuid())),
        WriteOffOf::Debit(debit) => Entity::find().filter(Column::DebitId.eq(debit.uuid())),
    };
    let found = found.filter(Column::WithdrawnAt.is_null());
    found.lock_exclusive().one(tx).await?.map(write_off_of).transpose()
}

/// A write-off, locked.
pub async fn lock_by_id(
    tx: &impl ConnectionTrait,
    id: WriteOffId,
) -> Result<Option<WriteOff>, DbErr> {
    let found = Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?;
    found.map(write_off_of).transpose()
}

/// A page of write-offs, the newest first: all, or those that wait for a second person. Of what was explained in
/// another way meanwhile, nothing waits.
pub async fn page(
    db: &impl ConnectionTrait,
    waiting_only: bool,
    request: &PageRequest<Uuid>,
) -> Result<Vec<WriteOff>, DbErr> {
    let mut select = Entity::find();
    if waiting_only {
        let credits = Query::select()
            .column(bank_credits::Column::Id)
            .from(bank_credits::Entity)
            .and_where(is_waiting())
            .to_owned();
        let debits = Query::select()
            .column(bank_debits::Column::Id)
            .from(bank_debits::Entity)
            .and_where(Expr::cust(UNEXPLAINED))
            .to_owned();
        let waits = Condition::any()
            .add(Column::CreditId.in_subquery(credits))
            .add(Column::DebitId.in_subquery(debits));
        select = select.filter(Column::DoneAt.is_null()).filter(Column::WithdrawnAt.is_null());
        select = select.filter(waits);
    }
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(write_off_of).collect()
}

fn write_off_of(row: Model) -> Result<WriteOff, DbErr> {
    let of = match (row.credit_id, row.debit_id) {
        (Some(credit), None) => WriteOffOf::Credit(BankCreditId::from_uuid(credit)),
        (None, Some(debit)) => WriteOffOf::Debit(BankDebitId::from_uuid(debit)),
        _ => return Err(corrupt("a write-off of nothing")),
    };
    Ok(WriteOff {
        id: WriteOffId::from_uuid(row.id),
        of,
        amount: money_of(row.amount_minor, &row.currency)?,
        reason: row.reason,
        requested_by: UserId::from_uuid(row.requested_by),
        requested_at: Timestamp::from_micros(row.requested_at),
        approved_by: row.approved_by.map(UserId::from_uuid),
        done_at: row.done_at.map(Timestamp::from_micros),
        withdrawn_at: row.withdrawn_at.map(Timestamp::from_micros),
    })
}
