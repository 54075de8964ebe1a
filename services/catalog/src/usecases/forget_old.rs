//! Forgets what nobody needs any more: files that were imported long ago, and the names and numbers of
//! who waited for departures that are over.

use std::time::Duration;

use crate::Catalog;
use crate::store;

/// How long an imported file is kept, to look into when somebody asks what went wrong.
const FILES_KEPT: Duration = Duration::from_hours(30 * 24);
/// How long it is known who waited, after the departure (TRUST, security 12).
const WAITING_KEPT: Duration = Duration::from_hours(30 * 24);
/// Files in one transaction; each has up to two megabytes.
const FILES: u64 = 20;
/// People in one transaction.
const PEOPLE: u64 = 500;
/// The most transactions of each in one run; the rest waits for the next.
const BATCHES: usize = 20;

/// Forgets what is old, in small transactions.
pub async fn forget_old(catalog: &Catalog) -> anyhow::Result<()> {
    let (database, now) = (&catalog.0.database, catalog.0.clock.now());
    for _ in 0..BATCHES {
        let tx = database.begin().await?;
        let emptied = store::forgetting::empty_files(&tx, now.before(FILES_KEPT), FILES).await?;
        tx.commit().await?;
        if emptied < FILES {
            break;
        }
    }
    for _ in 0..BATCHES {
        let tx = database.begin().await?;
        let removed =
            store::forgetting::remove_waiting(&tx, now.before(WAITING_KEPT), PEOPLE).await?;
        tx.commit().await?;
        if removed < PEOPLE {
            break;
        }
    }
    Ok(())
}
