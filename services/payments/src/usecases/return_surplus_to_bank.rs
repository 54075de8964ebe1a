//! Gives card money that came second, and that its card does not take, back to a bank account: a person says
//! so, and the payer names the account, as of any refund of which nobody knows where to.

use anyhow::Context;
use kernel::{CardReturnId, RefundId, UserId};
use platform::database::Transaction;
use platform::ids;
use sha2::{Digest, Sha256};

use super::refund_payment::{RefundPaymentError, must_not_be_disputed};
use super::resolve_bank_credit::LONGEST_REASON;
use super::return_card_surplus::ReturnCardSurplusError;
use crate::Payments;
use crate::domain::card_return::{
    Again, CardReturn, ReturnStatus, SurplusReturnRefused, surplus_again,
};
use crate::domain::payee_account::AccountSource;
use crate::domain::refund::{RefundMethod, RefundStatus};
use crate::domain::transfer_code::{TransferCode, TransferPurpose};
use crate::store;
use crate::store::cards::returned::KeptReturn;
use crate::store::refund::{KeptRefund, RefundOf};

/// Asks for it: the refund waits for its account. The same asked again gives the refund that was made of it;
/// one that failed or was cancelled can be asked for anew.
pub async fn return_surplus_to_bank(
    payments: &Payments,
    failed: CardReturnId,
    reason: &str,
    by: UserId,
) -> Result<KeptRefund, ReturnCardSurplusError> {
    let service = &payments.0;
    let reason = kernel::normalize_spaces(reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(ReturnCardSurplusError::Reason);
    }
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The end of the ledger first, as whoever changes a return does: two who ask at once do so in turn.
    store::ledger::lock(&tx).await?;
    let named = store::cards::returned::lock(&tx, failed).await?;
    let mut named = named.ok_or(ReturnCardSurplusError::Unknown)?;
    if let Some(refund) = refund_instead(&tx, &named).await? {
        return Ok(refund);
    }
    let attempt = named.returned.attempt;
    let returns = store::cards::returned::of_attempt(&tx, attempt).await?;
    let all: Vec<CardReturn> = returns.iter().map(|kept| kept.returned.clone()).collect();
    if let Again::WasMade(_) = surplus_again(&named.returned, &all)? {
        return Err(SurplusReturnRefused::SentAgain.into());
    }
    if !named.is_here() {
        // What went and failed is on its way back.
        return Err(SurplusReturnRefused::NotFailed(ReturnStatus::Pending).into());
    }
    let kept = store::cards::attempt::by_id(&tx, attempt).await?;
    let kept = kept.context("the card attempt of a return is gone")?;
    must_not_be_disputed(&tx, &kept).await.map_err(|error| match error {
        RefundPaymentError::Disputed => ReturnCardSurplusError::Disputed,
        other => ReturnCardSurplusError::Fault(other.into()),
    })?;
    let payment = store::payment::by_ids(&tx, &[kept.attempt.payment]).await?.pop();
    let payment = payment.context("the payment of a card attempt is gone")?;
    let order = payment.allocations.first().context("a payment for nothing")?.order;
    let id = ids::new::<RefundId>();
    let refund = KeptRefund {
        id,
        reference: TransferCode::from_random(TransferPurpose::Refund, rand::random()),
        of: RefundOf::Surplus { payment: payment.id, order },
        amount: named.returned.amount,
        reason,
        payee: None,
        account_from: AccountSource::Nobody,
        account_by: None,
        method: RefundMethod::BankTransfer,
        status: RefundStatus::Requested,
        requested_by: by,
        approved_by: None,
        idempotency_key: format!("surplus:{id}"),
        request_hash: Sha256::digest(failed.to_string()).to_vec(),
        file: None,
        created_at: now,
        changed_at: now,
    };
    store::refund::insert(&tx, &refund).await?;
    named.instead = Some(id);
    store::cards::returned::update(&tx, &named).await?;
    tx.commit().await?;
    metrics::counter!("card_surplus_to_bank_total").increment(1);
    Ok(refund)
}

/// The refund that takes a return's place, unless it ended without money.
pub async fn refund_instead(
    tx: &Transaction,
    kept: &KeptReturn,
) -> anyhow::Result<Option<KeptRefund>> {
    let Some(id) = kept.instead else { return Ok(None) };
    let refund = store::refund::by_id(tx, id).await?;
    let refund = refund.context("the refund in a return's place is gone")?;
    Ok(Some(refund).filter(|refund| refund.status.holds_money()))
}

/// Refuses money of which the cardholder's bank contests or took the same: it would be paid twice. Of other
/// refunds than those of card money that came second nothing is said.
pub async fn surplus_must_not_be_disputed(
    tx: &Transaction,
    refund: &KeptRefund,
) -> Result<(), RefundPaymentError> {
    let RefundOf::Surplus { .. } = refund.of else { return Ok(()) };
    let kept = store::cards::returned::replaced_by(tx, refund.id).await?;
    let kept = kept.context("the return whose place a refund takes is gone")?;
    let attempt = store::cards::attempt::by_id(tx, kept.returned.attempt).await?;
    let attempt = attempt.context("the card attempt of a return is gone")?;
    must_not_be_disputed(tx, &attempt).await
}
