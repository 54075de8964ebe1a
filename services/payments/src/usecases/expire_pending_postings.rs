//! Ends announced postings whose time has gone by.

use crate::Payments;
use crate::store;

/// The most that are ended in one transaction.
const BATCH: u64 = 200;

/// Ends what is overdue, in batches.
pub async fn expire_pending_postings(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    loop {
        let now = service.clock.now();
        // Payouts, all that is announced today, have no end: nobody is kept from writing for nothing.
        if !store::pending_posting::any_overdue(service.database.reader(), now).await? {
            return Ok(());
        }
        let tx = service.database.begin().await?;
        let overdue = store::pending_posting::lock_overdue(&tx, now, BATCH).await?;
        let count = overdue.len() as u64;
        if count == 0 {
            return Ok(());
        }
        let mut ended = Vec::with_capacity(overdue.len());
        for mut one in overdue {
            one.expire(now)?;
            ended.push((one, None));
        }
        store::pending_posting::resolve(&tx, &ended, now).await?;
        tx.commit().await?;
        if count < BATCH {
            return Ok(());
        }
    }
}
