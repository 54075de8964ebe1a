//! Money that goes back to cards.

use kernel::{CardAttemptId, CardReturnId, PageRequest, RefundId, Timestamp, UserId};
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use uuid::Uuid;

use super::attempt::reference;
use super::entities::card_returns::{Column, Entity, Model};
use crate::domain::card_return::{CardReturn, ReturnStatus};
use crate::providers::card::{BalanceTransactionId, CardRefundId};
use crate::store::corrupt;
use crate::store::payment::money_of;

/// Money that goes back, as it is kept: with what the provider calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReturn {
    /// What goes back.
    pub returned: CardReturn,
    /// The provider's refund.
    pub provider_id: Option<CardRefundId>,
    /// Its movement of our balance, once it is in the books.
    pub movement: Option<BalanceTransactionId>,
    /// The movement by which it came back, once that is in the books.
    pub failure_movement: Option<BalanceTransactionId>,
    /// Why it was refused or failed.
    pub problem: Option<String>,
    /// How often the provider was asked in vain.
    pub tries: u32,
    /// When it is looked at next.
    pub next_try_at: Option<Timestamp>,
    /// Who sent it again; nobody: it goes by itself, or for a refund.
    pub asked_by: Option<UserId>,
    /// The refund to a bank account that takes its place, or took it and ended without money.
    pub instead: Option<RefundId>,
}

impl KeptReturn {
    /// Whether the money is with us, and nobody is sending it: it never went, or it came back.
    pub const fn is_here(&self) -> bool {
        let came_back = self.movement.is_none() || self.failure_movement.is_some();
        matches!(self.returned.status, ReturnStatus::Failed) && came_back
    }

    /// A return that nobody has asked the provider for.
    pub const fn waiting(returned: CardReturn, now: Timestamp) -> Self {
        Self {
            returned,
            provider_id: None,
            movement: None,
            failure_movement: None,
            problem: None,
            tries: 0,
            next_try_at: Some(now),
            asked_by: None,
            instead: None,
        }
    }
}

/// Inserts a return.
pub async fn insert(tx: &impl ConnectionTrait, kept: &KeptReturn) -> Result<(), DbErr> {
    Entity::insert(row_of(kept).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes all of a return.
pub async fn update(tx: &impl ConnectionTrait, kept: &KeptReturn) -> Result<(), DbErr> {
    row_of(kept).into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// One return, locked.
pub async fn lock(
    tx: &impl ConnectionTrait,
    id: CardReturnId,
) -> Result<Option<KeptReturn>, DbErr> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.map(kept_of).transpose()
}

/// The return that the provider calls so.
pub async fn by_provider_id(
    db: &impl ConnectionTrait,
    id: &CardRefundId,
) -> Result<Option<KeptReturn>, DbErr> {
    let found = Entity::find().filter(Column::ProviderId.eq(id.as_str()));
    found.one(db).await?.map(kept_of).transpose()
}

/// The return whose place a refund takes.
pub async fn replaced_by(
    db: &impl ConnectionTrait,
    refund: RefundId,
) -> Result<Option<KeptReturn>, DbErr> {
    let found = Entity::find().filter(Column::InsteadId.eq(refund.uuid()));
    found.one(db).await?.map(kept_of).transpose()
}

/// The returns of a try, the oldest first.
pub async fn of_attempt(
    db: &impl ConnectionTrait,
    attempt: CardAttemptId,
) -> Result<Vec<KeptReturn>, DbErr> {
    let rows = Entity::find()
        .filter(Column::AttemptId.eq(attempt.uuid()))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// Returns that are to be looked at now, the most overdue first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<KeptReturn>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextTryAt.lte(now.micros()))
        .order_by_asc(Column::NextTryAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// Money that came second and could not go back: a page, the newest first.
pub async fn failed_surplus(
    db: &impl ConnectionTrait,
    request: &PageRequest<Uuid>,
) -> Result<Vec<KeptReturn>, DbErr> {
    let select = Entity::find()
        .filter(Expr::cust("card_returns.refund_id IS NULL AND card_returns.status = 'failed'"))
        .filter(waits_for_a_person());
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(kept_of).collect()
}

/// Money that came second and did not go back since then, whatever was tried.
pub async fn stuck_surplus(
    db: &impl ConnectionTrait,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<KeptReturn>, DbErr> {
    let rows = Entity::find()
        .filter(Column::RefundId.is_null())
        .filter(Column::Status.is_in([ReturnStatus::Waiting, ReturnStatus::Failed].map(name)))
        .filter(Column::ChangedAt.lt(since.micros()))
        .filter(waits_for_a_person())
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

const fn name(status: ReturnStatus) -> &'static str {
    status.name()
}

/// It was not sent again, goes to no bank account, and the cardholder's bank did not take the money itself.
fn waits_for_a_person() -> SimpleExpr {
    Expr::cust(
        "NOT EXISTS (SELECT 1 FROM card_returns r WHERE r.attempt_id = card_returns.attempt_id
            AND r.refund_id IS NULL AND r.id > card_returns.id)
         AND NOT EXISTS (SELECT 1 FROM card_disputes d WHERE d.attempt_id = card_returns.attempt_id
            AND d.status = 'lost')
         AND NOT EXISTS (SELECT 1 FROM refunds f WHERE f.id = card_returns.instead_id
            AND f.status NOT IN ('failed', 'cancelled'))",
    )
}

fn row_of(kept: &KeptReturn) -> Model {
    let CardReturn { id, attempt, refund, amount, status, created_at, changed_at } = &kept.returned;
    Model {
        id: id.uuid(),
        attempt_id: attempt.uuid(),
        refund_id: refund.map(RefundId::uuid),
        amount_minor: amount.minor,
        currency: amount.currency.code().to_owned(),
        status: status.name().to_owned(),
        provider_id: kept.provider_id.as_ref().map(ToString::to_string),
        movement_id: kept.movement.as_ref().map(ToString::to_string),
        failure_movement_id: kept.failure_movement.as_ref().map(ToString::to_string),
        problem: kept.problem.clone(),
        tries: kept.tries.cast_signed(),
        next_try_at: kept.next_try_at.map(Timestamp::micros),
        created_at: created_at.micros(),
        changed_at: changed_at.micros(),
        asked_by: kept.asked_by.map(UserId::uuid),
        instead_id: kept.instead.map(RefundId::uuid),
    }
}

fn kept_of(row: Model) -> Result<KeptReturn, DbErr> {
    let status = ReturnStatus::ALL.into_iter().find(|status| status.name() == row.status);
    Ok(KeptReturn {
        returned: CardReturn {
            id: CardReturnId::from_uuid(row.id),
            attempt: CardAttemptId::from_uuid(row.attempt_id),
            refund: row.refund_id.map(RefundId::from_uuid),
            amount: money_of(row.amount_minor, &row.currency)?,
            status: status.ok_or_else(|| corrupt("a status of a card return"))?,
            created_at: Timestamp::from_micros(row.created_at),
            changed_at: Timestamp::from_micros(row.changed_at),
        },
        provider_id: reference(row.provider_id)?,
        movement: reference(row.movement_id)?,
        failure_movement: reference(row.failure_movement_id)?,
        problem: row.problem,
        tries: row.tries.cast_unsigned(),
        next_try_at: row.next_try_at.map(Timestamp::from_micros),
        asked_by: row.asked_by.map(UserId::from_uuid),
        instead: row.instead_id.map(RefundId::from_uuid),
    })
}
