//! Credits on the bank account, each in exactly one state.

use kernel::{BankCreditId, Money, PageRequest, PaymentId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::entities::bank_credits::{Column, Entity, Model};
use super::payment::money_of;
use crate::domain::matching::CreditState;

/// A credit, and what was decided on it.
#[derive(Clone, Debug)]
pub struct BankCredit {
    /// Its id.
    pub id: BankCreditId,
    /// Which feed told of it.
    pub feed: String,
    /// Its id at the provider.
    pub provider_id: String,
    /// The bank's name, as the provider says it.
    pub bank: String,
    /// The account that it came to.
    pub account_number: String,
    /// What came.
    pub amount: Money,
    /// The memo, as it came.
    pub memo: String,
    /// The bank's reference; not unique.
    pub bank_reference: String,
    /// When the bank booked it.
    pub booked_at: Timestamp,
    /// When we were told.
    pub received_at: Timestamp,
    /// What it is.
    pub state: CreditState,
    /// The payment that is paid or meant.
    pub payment: Option<PaymentId>,
    /// The rule that decided.
    pub rule: String,
    /// What the payment asked for.
    pub expected: Option<Money>,
}

/// Inserts credits with one statement.
pub async fn insert(tx: &impl ConnectionTrait, credits: &[BankCredit]) -> Result<(), DbErr> {
    let rows = credits.iter().map(|credit| {
        Model {
            id: credit.id.uuid(),
            feed: credit.feed.clone(),
            provider_id: credit.provider_id.clone(),
            bank: credit.bank.clone(),
            account_number: credit.account_number.clone(),
            amount_minor: credit.amount.minor,
            currency: credit.amount.currency.code().to_owned(),
            memo: credit.memo.clone(),
            bank_reference: credit.bank_reference.clone(),
            booked_at: credit.booked_at.micros(),
            received_at: credit.received_at.micros(),
            state: credit.state.name().to_owned(),
            payment_id: credit.payment.map(PaymentId::uuid),
            rule: credit.rule.clone(),
            expected_minor: credit.expected.map(|expected| expected.minor),
        }
        .into_active_model()
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// A page of credits, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    state: Option<CreditState>,
    waiting_only: bool,
    request: &PageRequest<Uuid>,
) -> Result<Vec<BankCredit>, DbErr> {
    let mut select = Entity::find().order_by_desc(Column::Id).limit(request.limit());
    if let Some(state) = state {
        select = select.filter(Column::State.eq(state.name()));
    }
    if waiting_only {
        select = select.filter(Column::State.ne(CreditState::Matched.name()));
    }
    if let Some(after) = request.after {
        select = select.filter(Column::Id.lt(after));
    }
    select.all(db).await?.into_iter().map(credit_of).collect()
}

/// How many credits wait for a person.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::State.ne(CreditState::Matched.name())).count(db).await
}

fn credit_of(row: Model) -> Result<BankCredit, DbErr> {
    let state = CreditState::ALL.into_iter().find(|state| state.name() == row.state);
    let expected = row.expected_minor.map(|minor| money_of(minor, &row.currency)).transpose()?;
    Ok(BankCredit {
        id: BankCreditId::from_uuid(row.id),
        amount: money_of(row.amount_minor, &row.currency)?,
        feed: row.feed,
        provider_id: row.provider_id,
        bank: row.bank,
        account_number: row.account_number,
        memo: row.memo,
        bank_reference: row.bank_reference,
        booked_at: Timestamp::from_micros(row.booked_at),
        received_at: Timestamp::from_micros(row.received_at),
        state: state.ok_or_else(|| corrupt("a credit state"))?,
        payment: row.payment_id.map(PaymentId::from_uuid),
        rule: row.rule,
        expected,
    })
}
