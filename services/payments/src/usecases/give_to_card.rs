//! Gives an approved refund to the card provider's outbox: from then on the provider says what becomes
//! of it, and nobody can take it back.

use anyhow::Context;
use kernel::Timestamp;
use platform::database::Transaction;
use platform::ids;

use crate::domain::card_return::{CardReturn, ReturnStatus};
use crate::domain::refund::{RefundChange, RefundMethod};
use crate::store;
use crate::store::cards::returned::KeptReturn;
use crate::store::refund::{KeptRefund, RefundOf};

/// Writes the intent to send a refund to its card; of refunds by the bank nothing.
pub async fn give_to_card(
    tx: &Transaction,
    refund: &mut KeptRefund,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (RefundMethod::Card, RefundOf::Order { payment, .. }) = (refund.method, refund.of) else {
        return Ok(());
    };
    let attempt = store::cards::attempt::captured_of(tx, payment).await?;
    let attempt = attempt.context("no card paid what is refunded to one")?;
    let returned = CardReturn {
        id: ids::new(),
        attempt: attempt.attempt.id,
        refund: Some(refund.id),
        amount: refund.amount,
        status: ReturnStatus::Waiting,
        created_at: now,
        changed_at: now,
    };
    store::cards::returned::insert(tx, &KeptReturn::waiting(returned, now)).await?;
    (refund.status, refund.changed_at) = (refund.status.after(RefundChange::Send)?, now);
    store::refund::update(tx, refund).await?;
    Ok(())
}
