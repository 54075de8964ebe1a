//! Money that goes back: refunds and disputes.

use serde::Deserialize;

use super::super::amounts::money;
use super::{BalanceTransaction, Expandable, Named, NamedTransaction, Unreadable, moment, unknown};
use crate::providers::card::{
    self, CardRefundId, ChargeId, DisputeId, DisputeStatus, IntentId, RefundStatus,
};

/// `refund`.
#[derive(Deserialize)]
pub(in super::super) struct Refund {
    id: CardRefundId,
    amount: i64,
    currency: String,
    status: Option<String>,
    payment_intent: Option<Expandable<IntentId, Named<IntentId>>>,
    charge: Option<Expandable<ChargeId, Named<ChargeId>>>,
    balance_transaction: Option<NamedTransaction>,
    failure_balance_transaction: Option<NamedTransaction>,
    failure_reason: Option<String>,
    metadata: Option<RefundMetadata>,
}

/// What we wrote beside the refund when we asked for it.
#[derive(Deserialize)]
struct RefundMetadata {
    refund_id: Option<String>,
}

impl TryFrom<Refund> for card::Refund {
    type Error = Unreadable;

    fn try_from(refund: Refund) -> Result<Self, Unreadable> {
        let status = match refund.status.as_deref() {
            Some("pending") => RefundStatus::Pending,
            Some("requires_action") => RefundStatus::RequiresAction,
            Some("succeeded") => RefundStatus::Succeeded,
            Some("failed") => RefundStatus::Failed,
            Some("canceled") => RefundStatus::Cancelled,
            other => return Err(unknown("refund", other.unwrap_or_default())),
        };
        Ok(Self {
            amount: money(refund.amount, &refund.currency)?,
            id: refund.id,
            intent: refund.payment_intent.map(Expandable::id),
            charge: refund.charge.map(Expandable::id),
            reference: refund.metadata.and_then(|metadata| metadata.refund_id),
            status,
            balance_transaction: refund.balance_transaction.map(Expandable::id),
            failure_balance_transaction: refund.failure_balance_transaction.map(Expandable::id),
            failure_reason: refund.failure_reason,
        })
    }
}

/// `dispute`.
#[derive(Deserialize)]
pub(in super::super) struct Dispute {
    id: DisputeId,
    amount: i64,
    currency: String,
    status: String,
    reason: String,
    charge: Expandable<ChargeId, Named<ChargeId>>,
    payment_intent: Option<Expandable<IntentId, Named<IntentId>>>,
    #[serde(default)]
    balance_transactions: Vec<BalanceTransaction>,
    evidence_details: Option<EvidenceDetails>,
}

#[derive(Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

impl TryFrom<Dispute> for card::Dispute {
    type Error = Unreadable;

    fn try_from(dispute: Dispute) -> Result<Self, Unreadable> {
        let due_by = dispute.evidence_details.and_then(|details| details.due_by);
        let transactions = dispute.balance_transactions.into_iter().map(TryInto::try_into);
        Ok(Self {
            amount: money(dispute.amount, &dispute.currency)?,
            id: dispute.id,
            intent: dispute.payment_intent.map(Expandable::id),
            charge: dispute.charge.id(),
            status: dispute_status(dispute.status),
            reason: dispute.reason,
            // Stripe writes 0 when there is nothing to answer.
            evidence_due_by: due_by.filter(|seconds| *seconds > 0).map(moment).transpose()?,
            balance_transactions: transactions.collect::<Result<_, _>>()?,
        })
    }
}

fn dispute_status(status: String) -> DisputeStatus {
    match status.as_str() {
        "warning_needs_response" => DisputeStatus::WarningNeedsResponse,
        "warning_under_review" => DisputeStatus::WarningUnderReview,
        "warning_closed" => DisputeStatus::WarningClosed,
        "needs_response" => DisputeStatus::NeedsResponse,
        "under_review" => DisputeStatus::UnderReview,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        "prevented" => DisputeStatus::Prevented,
        _ => DisputeStatus::Other(status),
    }
}
