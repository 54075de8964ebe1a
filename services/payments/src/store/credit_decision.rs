//! What persons decided on credits. Written once; the last one of a credit counts.

use kernel::{BankCreditId, CreditDecisionId, PaymentId, Timestamp, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::corrupt;
use super::settlement_entities::credit_decisions::{Column, Entity, Model};

/// What a person may do with a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditAction {
    /// It pays one payment.
    Match,
    /// It pays several.
    Split,
    /// It goes back to who sent it.
    Refund,
    /// It waits on, for a reason.
    Hold,
    /// What it paid is taken back: it is not for these.
    Unmatch,
    /// The bank took it back.
    Reverse,
    /// Nobody claims it: it is the market's.
    WriteOff,
}

impl CreditAction {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Match,
        Self::Split,
        Self::Refund,
        Self::Hold,
        Self::Unmatch,
        Self::Reverse,
        Self::WriteOff,
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Split => "split",
            Self::Refund => "refund",
            Self::Hold => "hold",
            Self::Unmatch => "unmatch",
            Self::Reverse => "reverse",
            Self::WriteOff => "write_off",
        }
    }
}

/// What a person decided.
#[derive(Clone, Debug)]
pub struct CreditDecision {
    /// Its id.
    pub id: CreditDecisionId,
    /// The credit.
    pub credit: BankCreditId,
    /// What to do with it.
    pub action: CreditAction,
    /// Why.
    pub reason: String,
    /// The payments that it pays.
    pub payments: Vec<PaymentId>,
    /// Who decided.
    pub decided_by: UserId,
    /// When.
    pub decided_at: Timestamp,
}

/// Writes a decision.
pub async fn insert(tx: &impl ConnectionTrait, decision: &CreditDecision) -> Result<(), DbErr> {
    let payments: Vec<String> = decision.payments.iter().map(ToString::to_string).collect();
    let row = Model {
        id: decision.id.uuid(),
        credit_id: decision.credit.uuid(),
        action: decision.action.name().to_owned(),
        reason: decision.reason.clone(),
        payments: payments.join(" "),
        decided_by: decision.decided_by.uuid(),
        decided_at: decision.decided_at.micros(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Every decision on some credits, the oldest first.
pub async fn of_credits(
    db: &impl ConnectionTrait,
    credits: &[BankCreditId],
) -> Result<Vec<CreditDecision>, DbErr> {
    if credits.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::CreditId.is_in(credits.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(decision_of).collect()
}

fn decision_of(row: Model) -> Result<CreditDecision, DbErr> {
    let action = CreditAction::ALL.into_iter().find(|action| action.name() == row.action);
    let payments: Result<Vec<PaymentId>, _> =
        row.payments.split_ascii_whitespace().map(str::parse).collect();
    Ok(CreditDecision {
        id: CreditDecisionId::from_uuid(row.id),
        credit: BankCreditId::from_uuid(row.credit_id),
        action: action.ok_or_else(|| corrupt("an action"))?,
        reason: row.reason,
        payments: payments.map_err(|_| corrupt("a payment's id"))?,
        decided_by: UserId::from_uuid(row.decided_by),
        decided_at: Timestamp::from_micros(row.decided_at),
    })
}
