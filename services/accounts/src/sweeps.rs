//! Work in the background: sessions that ended long ago are removed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use platform::workers::Periodic;

use crate::service::Context;
use crate::store;

/// How often old sessions are looked for.
const EVERY: Duration = Duration::from_mins(10);
/// How long an expired session is kept, to answer questions about it.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// How many sessions are removed in one transaction.
const BATCH: u64 = 500;
/// How many transactions one run has at most; the rest waits for the next.
const BATCHES: usize = 20;

/// Removes sessions that expired a week ago, in small transactions.
pub(crate) fn remove_old_sessions(context: &Arc<Context>) -> Periodic {
    // Weak, or the work would keep the service alive that it belongs to.
    let context: Weak<Context> = Arc::downgrade(context);
    Periodic::new("accounts.old_sessions", EVERY, move || {
        let context = context.upgrade();
        async move {
            let Some(context) = context else { return Ok(()) };
            for _ in 0..BATCHES {
                let before = context.clock.now().before(KEPT);
                let tx = context.database.begin().await?;
                let removed = store::sessions::remove_expired(&tx, before, BATCH).await?;
                tx.commit().await?;
                if removed < BATCH {
                    break;
                }
            }
            Ok(())
        }
    })
}
