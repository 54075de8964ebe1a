//! Closes payments whose time has gone by. Payments alone decides that money is too late.

use std::time::Duration;

use platform::outbox;

use super::tell_of_payment::closed;
use crate::Payments;
use crate::domain::payment::PaymentStatus;
use crate::store;

/// The most payments closed in one transaction.
const BATCH: u64 = 200;

/// How long an event that came may take until it is stored, before which nobody sees it.
const STORING: Duration = Duration::from_secs(2);

/// How long the card provider may take to say what became of a card that was paying when the time went
/// by. Orders hold the goods for five minutes longer than the payment's time.
const CARD_PATIENCE: Duration = Duration::from_secs(4 * 60);

/// Closes what is overdue, in batches.
pub async fn expire_payments(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    loop {
        let now = service.clock.now();
        let tx = service.database.begin().await?;
        // An event that is stored and not yet looked at may be money that was in time.
        let looked_at = store::feed_event::waiting_since(&tx).await?.unwrap_or(now);
        let due = looked_at.min(now.before(STORING));
        let mut overdue = store::payment::lock_overdue(&tx, due, CARD_PATIENCE, BATCH).await?;
        for payment in &mut overdue {
            payment.expire(now)?;
        }
        if overdue.is_empty() {
            return Ok(());
        }
        let count = overdue.len() as u64;
        store::payment::close(
            &tx,
            overdue.iter().map(|payment| payment.id),
            PaymentStatus::Expired,
            now,
        )
        .await?;
        store::reseller_bill::release(&tx, &overdue).await?;
        outbox::publish_all(&tx, now, overdue.iter().filter_map(closed)).await?;
        tx.commit().await?;
        metrics::counter!("payments_total", "status" => "expired").increment(count);
        if count < BATCH {
            return Ok(());
        }
    }
}
