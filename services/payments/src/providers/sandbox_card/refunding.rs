//! Giving money back.

use super::book::Book;
use super::cards::TestCard;
use super::forms::Form;
use super::objects::{BalanceTransaction, Charge, Intent, Refund, RefundStatus};
use super::refusals::{Refusal, Trouble};

/// `POST /v1/refunds`: all or a part of what was paid, never more than is left of it.
pub async fn create_refund(book: &mut Book, form: &mut Form) -> Result<Refund, Trouble> {
    let (intent, charge) = (form.take("payment_intent"), form.take("charge"));
    let mut charge = paid_charge(book, intent.as_deref(), charge.as_deref()).await?;
    let left = charge.refundable();
    if charge.disputed {
        let message = format!("Charge {} has been charged back; cannot issue a refund.", charge.id);
        return Err(Refusal::invalid(message).coded("charge_disputed").into());
    }
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(Refusal::invalid(message).coded("charge_already_refunded").into());
    }
    let amount = form.integer("amount")?.unwrap_or(left);
    if amount < 1 {
        return Err(Refusal::parameter("amount", "Invalid positive integer")
            .coded("parameter_invalid_integer")
            .into());
    }
    if amount > left {
        // Stripe gives this refusal no code.
        let message = format!(
            "Refund amount ({amount} {0}) is greater than unrefunded amount on charge ({left} {0})",
            charge.currency
        );
        return Err(Refusal::parameter("amount", message).into());
    }
    let (status, later) = match charge.card {
        TestCard::RefundPending => (RefundStatus::Pending, true),
        TestCard::RefundFails => (RefundStatus::Succeeded, true),
        _ => (RefundStatus::Succeeded, false),
    };
    let created = book.seconds();
    let id = Book::new_id("re");
    let booked = movement(book, "refund", -amount, &charge.currency, &id);
    let refund = Refund {
        id,
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        status,
        amount,
        currency: charge.currency.clone(),
        balance_transaction: booked.id.clone(),
        failure_balance_transaction: None,
        reason: form.one_of("reason", &["duplicate", "fraudulent", "requested_by_customer"])?,
        metadata: form.metadata("metadata")?,
        created,
        changes_at: later.then(|| created + book.terms.refund_settles_after.as_secs() as i64),
    };
    charge.amount_refunded += amount;
    book.put(&booked).await?;
    book.put(&refund).await?;
    book.put(&charge).await?;
    book.announce("refund.created", &refund).await?;
    book.announce("charge.refunded", &charge).await?;
    Ok(refund)
}

/// The charge that took the money of an intent, or the charge itself.
async fn paid_charge(
    book: &Book,
    intent: Option<&str>,
    charge: Option<&str>,
) -> Result<Charge, Trouble> {
    let id = match (intent, charge) {
        (Some(intent), None) => {
            let intent: Intent = book.get(intent).await?;
            intent.latest_charge.ok_or_else(|| {
                Refusal::invalid(format!(
                    "This PaymentIntent ({}) does not have a successful charge to refund.",
                    intent.id
                ))
                .coded("payment_intent_unexpected_state")
            })?
        }
        (None, Some(charge)) => charge.to_owned(),
        _ => {
            let message =
                "One of the following params should be provided: payment_intent or charge.";
            return Err(Refusal::invalid(message).coded("parameter_missing").into());
        }
    };
    let charge: Charge = book.get(&id).await?;
    if charge.failure.is_some() {
        let message = format!("The charge {} failed, so it cannot be refunded.", charge.id);
        return Err(Refusal::invalid(message).into());
    }
    Ok(charge)
}

/// A refund's time has come: it succeeds, or it fails and the money is ours again.
pub async fn settle(book: &mut Book, mut refund: Refund) -> Result<(), Trouble> {
    refund.changes_at = None;
    if refund.status == RefundStatus::Pending {
        refund.status = RefundStatus::Succeeded;
        book.put(&refund).await?;
        return book.announce("refund.updated", &refund).await;
    }
    let booked = movement(book, "refund_failure", refund.amount, &refund.currency, &refund.id);
    refund.status = RefundStatus::Failed;
    refund.failure_balance_transaction = Some(booked.id.clone());
    let mut charge: Charge = book.get(&refund.charge).await?;
    charge.amount_refunded -= refund.amount;
    book.put(&booked).await?;
    book.put(&refund).await?;
    book.put(&charge).await?;
    book.announce("refund.updated", &refund).await?;
    book.announce("refund.failed", &refund).await
}

/// A movement of our balance without a fee, available at once.
pub fn movement(
    book: &Book,
    kind: &str,
    amount: i64,
    currency: &str,
    source: &str,
) -> BalanceTransaction {
    let now = book.seconds();
    BalanceTransaction {
        id: Book::new_id("txn"),
        kind: kind.to_owned(),
        amount,
        fee: 0,
        currency: currency.to_owned(),
        source: source.to_owned(),
        description: None,
        available_on: now,
        created: now,
        payout: None,
    }
}
