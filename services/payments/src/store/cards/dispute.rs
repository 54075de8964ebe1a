//! Card payments that cardholders' banks contest.

use kernel::{CardAttemptId, CardDisputeId, Money, PageRequest, Timestamp};
use platform::paging::newest_first;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entities::card_disputes::{Column, Entity, Model};
use crate::domain::dispute::DisputeEnd;
use crate::providers::card::{ChargeId, DisputeId, DisputeStatus};
use crate::store::corrupt;
use crate::store::payment::money_of;

/// A dispute as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDispute {
    /// Its id here.
    pub id: CardDisputeId,
    /// Whose it is.
    pub provider: String,
    /// The provider's id of it.
    pub provider_id: DisputeId,
    /// The try whose money is contested; none: not ours.
    pub attempt: Option<CardAttemptId>,
    /// The charge that is contested.
    pub charge: ChargeId,
    /// How much of it.
    pub amount: Money,
    /// Where it stands, in the provider's word.
    pub status: String,
    /// The provider's code of the cardholder's reason.
    pub reason: String,
    /// Until when we may answer.
    pub evidence_due_by: Option<Timestamp>,
    /// What of it somebody bears so far.
    pub borne: Money,
    /// What of that is paid with the contested money itself, which came second and had not gone back.
    pub borne_by_surplus: Money,
    /// How often any of it changed: the next change's posting is known by it.
    pub borne_changes: u32,
    /// When it is looked at next.
    pub next_look_at: Option<Timestamp>,
    /// When we heard of it.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl KeptDispute {
    /// How it stands, as far as money is concerned.
    pub fn end(&self) -> DisputeEnd {
        match self.status.as_str() {
            "won" | "warning_closed" | "prevented" => DisputeEnd::Won,
            "lost" => DisputeEnd::Lost,
            _ => DisputeEnd::Open,
        }
    }
}

/// The provider's word for where a dispute stands.
pub fn status_name(status: &DisputeStatus) -> &str {
    match status {
        DisputeStatus::WarningNeedsResponse => "warning_needs_response",
        DisputeStatus::WarningUnderReview => "warning_under_review",
        DisputeStatus::WarningClosed => "warning_closed",
        DisputeStatus::NeedsResponse => "needs_response",
        DisputeStatus::UnderReview => "under_review",
        DisputeStatus::Won => "won",
        DisputeStatus::Lost => "lost",
        DisputeStatus::Prevented => "prevented",
        DisputeStatus::Other(name) => name,
    }
}

/// Inserts a dispute.
pub async fn insert(tx: &impl ConnectionTrait, kept: &KeptDispute) -> Result<(), DbErr> {
    Entity::insert(row_of(kept).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes all of a dispute.
pub async fn update(tx: &impl ConnectionTrait, kept: &KeptDispute) -> Result<(), DbErr> {
    row_of(kept).into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// Writes when a dispute is looked at next, and nothing else: what is known of it may have changed since it
/// was read.
pub async fn postpone(
    tx: &impl ConnectionTrait,
    id: CardDisputeId,
    next_look_at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextLookAt, Expr::value(next_look_at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The dispute that the provider calls so.
pub async fn by_provider_id(
    db: &impl ConnectionTrait,
    provider: &str,
    id: &DisputeId,
) -> Result<Option<KeptDispute>, DbErr> {
    let found = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::ProviderId.eq(id.as_str()));
    found.one(db).await?.map(kept_of).transpose()
}

/// The disputes of some tries, the oldest first.
pub async fn of_attempts(
    db: &impl ConnectionTrait,
    attempts: &[CardAttemptId],
) -> Result<Vec<KeptDispute>, DbErr> {
    if attempts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::AttemptId.is_in(attempts.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// Disputes that are to be looked at now, the most overdue first.
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<KeptDispute>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NextLookAt.lte(now.micros()))
        .order_by_asc(Column::NextLookAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(kept_of).collect()
}

/// A page of disputes, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    request: &PageRequest<Uuid>,
) -> Result<Vec<KeptDispute>, DbErr> {
    let select = Entity::find();
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(kept_of).collect()
}

fn row_of(kept: &KeptDispute) -> Model {
    Model {
        id: kept.id.uuid(),
        provider: kept.provider.clone(),
        provider_id: kept.provider_id.to_string(),
        attempt_id: kept.attempt.map(CardAttemptId::uuid),
        charge_id: kept.charge.to_string(),
        amount_minor: kept.amount.minor,
        currency: kept.amount.currency.code().to_owned(),
        status: kept.status.clone(),
        reason: kept.reason.clone(),
        evidence_due_by: kept.evidence_due_by.map(Timestamp::micros),
        borne_minor: kept.borne.minor,
        borne_changes: kept.borne_changes.cast_signed(),
        borne_by_surplus_minor: kept.borne_by_surplus.minor,
        next_look_at: kept.next_look_at.map(Timestamp::micros),
        created_at: kept.created_at.micros(),
        changed_at: kept.changed_at.micros(),
    }
}

fn kept_of(row: Model) -> Result<KeptDispute, DbErr> {
    let amount = money_of(row.amount_minor, &row.currency)?;
    Ok(KeptDispute {
        id: CardDisputeId::from_uuid(row.id),
        provider: row.provider,
        provider_id: row.provider_id.parse().map_err(|_| corrupt("a provider's id"))?,
        attempt: row.attempt_id.map(CardAttemptId::from_uuid),
        charge: row.charge_id.parse().map_err(|_| corrupt("a provider's id"))?,
        amount,
        status: row.status,
        reason: row.reason,
        evidence_due_by: row.evidence_due_by.map(Timestamp::from_micros),
        borne: Money::new(row.borne_minor, amount.currency),
        borne_changes: row.borne_changes.cast_unsigned(),
        borne_by_surplus: Money::new(row.borne_by_surplus_minor, amount.currency),
        next_look_at: row.next_look_at.map(Timestamp::from_micros),
        created_at: Timestamp::from_micros(row.created_at),
        changed_at: Timestamp::from_micros(row.changed_at),
    })
}
