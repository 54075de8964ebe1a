//! What happens to a refund after it was asked for: a second person agrees, or it is taken back, or
//! it failed at the bank.

use anyhow::Context;
use kernel::{BankCreditId, RefundId, ShopScope, Timestamp, UserId};
use platform::database::Transaction;

use super::give_to_card::give_to_card;
use super::post_refund::{RefundPosting, post_approved, shop_of};
use super::refund_payment::{RefundPaymentError, must_not_be_disputed};
use super::return_surplus_to_bank::surplus_must_not_be_disputed;
use super::settle_anew::settle_returned;
use crate::Payments;
use crate::domain::refund::RefundStatus;
use crate::domain::refund_decision::RefundDecision;
use crate::store;
use crate::store::refund::{KeptRefund, RefundOf};

/// Decides on a refund. Deciding the same again changes nothing.
pub async fn decide_refund(
    payments: &Payments,
    id: RefundId,
    decision: RefundDecision,
    by: UserId,
    scope: Option<ShopScope>,
) -> Result<KeptRefund, RefundPaymentError> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let mut refund = store::refund::lock(&tx, id).await?.ok_or(RefundPaymentError::Unknown)?;
    if scope.is_some_and(|scope| shop_of(&refund) != Some(scope.shop())) {
        return Err(RefundPaymentError::Unknown);
    }
    let before = refund.status;
    let reached = refund.decidable().decided(decision, by)?;
    if reached == before {
        return Ok(refund);
    }
    if decision == RefundDecision::Approve {
        // The dispute may have come while the refund waited for the second person.
        if let RefundOf::Order { payment, .. } = refund.of
            && let Some(attempt) = store::cards::attempt::captured_of(&tx, payment).await?
        {
            must_not_be_disputed(&tx, &attempt).await?;
        }
        surplus_must_not_be_disputed(&tx, &refund).await?;
        refund.approved_by = Some(by);
        post_approved(&tx, end, &refund, RefundPosting::Approved, now).await?;
    } else if refund.is_posted() {
        post_approved(&tx, end, &refund, RefundPosting::Reversed, now).await?;
    }
    (refund.status, refund.changed_at) = (reached, now);
    store::refund::update(&tx, &refund).await?;
    if reached == RefundStatus::Approved {
        give_to_card(&tx, &mut refund, now).await?;
    }
    if let (RefundOf::Credit(credit), RefundStatus::Cancelled | RefundStatus::Failed) =
        (refund.of, reached)
    {
        waits_again(payments, &tx, credit, refund.id, now).await?;
    }
    tx.commit().await?;
    service.carded.notify_one();
    metrics::counter!("refunds_total", "status" => refund.status.name()).increment(1);
    Ok(refund)
}

/// The credit is not sent back: it waits for what it names, as if nobody had asked for it.
async fn waits_again(
    payments: &Payments,
    tx: &Transaction,
    credit: BankCreditId,
    refund: RefundId,
    now: Timestamp,
) -> anyhow::Result<()> {
    store::bank_credit::resolve(tx, credit, None).await?;
    let credit = store::bank_credit::lock(tx, credit).await?.context("a credit is gone")?;
    let Some(named) = credit.payment else { return Ok(()) };
    let settled = settle_returned(payments, tx, named, &refund.to_string(), now).await?;
    // The way back of the refund moved it on.
    let end = store::ledger::lock_end(tx).await?;
    store::ledger::append(tx, end, &settled.postings).await?;
    store::shop_line::insert(tx, &settled.lines).await?;
    Ok(())
}
