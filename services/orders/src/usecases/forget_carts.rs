//! Removes carts that nobody bought: browsers forget them long before.

use std::time::Duration;

use crate::Orders;
use crate::store;

/// How long a cart is kept that nobody touches. Browsers keep its key for a month.
const KEPT: Duration = Duration::from_hours(90 * 24);
/// How long such carts are looked for. What was bought stays for ever: without a bound, the search would
/// go through all of it.
const LOOKED_FOR: Duration = Duration::from_hours(30 * 24);
/// Carts in one transaction.
const BATCH: u64 = 500;
/// The most transactions of one run; the rest waits for the next.
const BATCHES: usize = 20;

/// Removes carts that nobody bought or touched for long, in small transactions.
pub async fn forget_carts(orders: &Orders) -> anyhow::Result<()> {
    let before = orders.0.clock.now().before(KEPT);
    for _ in 0..BATCHES {
        let tx = orders.0.database.begin().await?;
        let since = before.before(LOOKED_FOR);
        let removed = store::cart::remove_unbought(&tx, since, before, BATCH).await?;
        tx.commit().await?;
        if removed < BATCH {
            break;
        }
    }
    Ok(())
}
