//! Our balance at Stripe: its movements, and its transfers to our bank.

use serde::Deserialize;

use super::super::amounts::money;
use super::{Expandable, Named, NamedTransaction, Unreadable, moment, unknown};
use crate::providers::card::{
    self, BalanceTransactionId, BalanceTransactionKind, PayoutStatus, ProviderPayoutId,
};

/// `balance_transaction`.
#[derive(Deserialize)]
pub(in super::super) struct BalanceTransaction {
    id: BalanceTransactionId,
    #[serde(rename = "type")]
    kind: String,
    amount: i64,
    fee: i64,
    net: i64,
    currency: String,
    available_on: i64,
    created: i64,
    source: Option<Expandable<String, Named<String>>>,
}

impl TryFrom<BalanceTransaction> for card::BalanceTransaction {
    type Error = Unreadable;

    fn try_from(transaction: BalanceTransaction) -> Result<Self, Unreadable> {
        let of = |units| money(units, &transaction.currency);
        Ok(Self {
            amount: of(transaction.amount)?,
            fee: of(transaction.fee)?,
            net: of(transaction.net)?,
            id: transaction.id,
            kind: balance_transaction_kind(transaction.kind),
            available_on: moment(transaction.available_on)?,
            created_at: moment(transaction.created)?,
            source: transaction.source.map(Expandable::id),
        })
    }
}

/// Stripe calls charges and refunds of other means than cards payments; on our books they are one.
fn balance_transaction_kind(kind: String) -> BalanceTransactionKind {
    match kind.as_str() {
        "charge" | "payment" => BalanceTransactionKind::Charge,
        "refund" | "payment_refund" => BalanceTransactionKind::Refund,
        "refund_failure" | "payment_failure_refund" => BalanceTransactionKind::RefundFailure,
        "adjustment" => BalanceTransactionKind::Adjustment,
        "payout" => BalanceTransactionKind::Payout,
        "payout_failure" | "payout_cancel" => BalanceTransactionKind::PayoutFailure,
        "stripe_fee" | "stripe_fx_fee" | "tax_fee" => BalanceTransactionKind::Fee,
        _ => BalanceTransactionKind::Other(kind),
    }
}

/// `payout`.
#[derive(Deserialize)]
pub(in super::super) struct Payout {
    id: ProviderPayoutId,
    amount: i64,
    currency: String,
    status: String,
    arrival_date: i64,
    automatic: bool,
    balance_transaction: Option<NamedTransaction>,
    failure_balance_transaction: Option<NamedTransaction>,
    failure_code: Option<String>,
    trace_id: Option<TraceId>,
    statement_descriptor: Option<String>,
}

#[derive(Deserialize)]
struct TraceId {
    value: Option<String>,
}

impl TryFrom<Payout> for card::Payout {
    type Error = Unreadable;

    fn try_from(payout: Payout) -> Result<Self, Unreadable> {
        let status = match payout.status.as_str() {
            "pending" => PayoutStatus::Pending,
            "in_transit" => PayoutStatus::InTransit,
            "paid" => PayoutStatus::Paid,
            "failed" => PayoutStatus::Failed,
            "canceled" => PayoutStatus::Cancelled,
            other => return Err(unknown("payout", other)),
        };
        Ok(Self {
            amount: money(payout.amount, &payout.currency)?,
            id: payout.id,
            status,
            arrives_at: moment(payout.arrival_date)?,
            automatic: payout.automatic,
            balance_transaction: payout.balance_transaction.map(Expandable::id),
            failure_balance_transaction: payout.failure_balance_transaction.map(Expandable::id),
            failure_code: payout.failure_code,
            bank_reference: payout.trace_id.and_then(|trace| trace.value),
            statement_descriptor: payout.statement_descriptor.filter(|text| !text.is_empty()),
        })
    }
}
