//! Payouts in the ledger's first phase: announced when they are planned, posted when they are sent,
//! void when they are thrown away. The caller's transaction holds it.

use kernel::{PayoutId, PostingId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use crate::domain::ledger::{Account, PostingKind};
use crate::domain::pending_posting::PendingPosting;
use crate::store;
use crate::store::payout::KeptPayout;

fn key_of(payout: PayoutId) -> String {
    format!("payout:{payout}")
}

/// Announces planned payouts.
pub async fn reserve(
    tx: &Transaction,
    planned: &[KeptPayout],
    now: Timestamp,
) -> anyhow::Result<()> {
    let announced: Vec<PendingPosting> = planned
        .iter()
        .map(|kept| PendingPosting {
            id: ids::new(),
            kind: PostingKind::PayoutSent,
            subject: kept.id.to_string(),
            idempotency_key: key_of(kept.id),
            debit: Account::ShopPayable(kept.payout.plan.shop),
            credit: Account::PayoutsInTransit,
            amount: kept.payout.plan.amount,
            created_at: now,
            expires_at: None,
            resolution: None,
        })
        .collect();
    store::pending_posting::insert(tx, &announced).await?;
    Ok(())
}

/// Sent payouts are in the books, each by its posting. One that was planned before payouts were
/// announced has nothing to end.
pub async fn posted(
    tx: &Transaction,
    sent: &[(PayoutId, PostingId)],
    now: Timestamp,
) -> anyhow::Result<()> {
    let keys: Vec<String> = sent.iter().map(|(payout, _)| key_of(*payout)).collect();
    let mut announced = store::pending_posting::lock_by_keys(tx, &keys).await?;
    let mut ended = Vec::with_capacity(sent.len());
    for (key, (_, posting)) in keys.iter().zip(sent) {
        let Some(mut one) = announced.remove(key) else { continue };
        one.post(one.amount, now)?;
        ended.push((one, Some(*posting)));
    }
    store::pending_posting::resolve(tx, &ended, now).await?;
    Ok(())
}

/// A payout is not made after all.
pub async fn voided(tx: &Transaction, payout: PayoutId, now: Timestamp) -> anyhow::Result<()> {
    let announced = store::pending_posting::lock_by_keys(tx, &[key_of(payout)]).await?;
    let mut ended = Vec::with_capacity(1);
    for (_, mut one) in announced {
        one.void()?;
        ended.push((one, None));
    }
    store::pending_posting::resolve(tx, &ended, now).await?;
    Ok(())
}
