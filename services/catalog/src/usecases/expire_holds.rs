//! Sets free what holds hold whose time has gone by: the backstop behind orders' own releases.

use super::settle_holds::expire;
use crate::Catalog;
use crate::store;

/// The most holds in one transaction.
const BATCH: u64 = 100;

/// Expires overdue holds, in batches.
pub async fn expire_holds(catalog: &Catalog) -> anyhow::Result<()> {
    let service = &catalog.0;
    loop {
        let now = service.clock.now();
        let tx = service.database.begin().await?;
        let overdue = store::hold::lock_overdue(&tx, now, BATCH).await?;
        let count = overdue.len() as u64;
        if count > 0 {
            expire(catalog, &tx, overdue).await?;
            tx.commit().await?;
            tracing::info!(count, "holds expired");
        }
        if count < BATCH {
            break;
        }
    }
    let open = store::hold::open(service.database.reader()).await?;
    metrics::gauge!("holds_active").set(open as u32);
    Ok(())
}
