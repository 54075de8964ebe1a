//! Cut-offs go by without anybody doing anything: search hears that those seats are sold no more.

use std::collections::BTreeSet;

use kernel::ProductId;
use platform::outbox;

use super::write_product::changed;
use crate::Catalog;
use crate::store;

/// The most departures in one transaction.
const BATCH: u64 = 200;

/// Tells search of passed cut-offs, in batches, each departure once.
pub async fn pass_cut_offs(catalog: &Catalog) -> anyhow::Result<()> {
    let service = &catalog.0;
    loop {
        let now = service.clock.now();
        let tx = service.database.begin().await?;
        let passed = store::departure::lock_passed(&tx, now, BATCH).await?;
        if passed.is_empty() {
            return Ok(());
        }
        store::departure::set_passed(&tx, &passed).await?;
        // A departure that was full, closed or cancelled was not shown any more before.
        let shown = passed.iter().filter(|departure| departure.seats.free() > 0);
        let shown: BTreeSet<ProductId> = shown.map(|departure| departure.product).collect();
        let products = store::product::by_ids(&tx, shown).await?;
        outbox::publish_all(&tx, now, products.iter().map(changed).collect::<Vec<_>>()).await?;
        tx.commit().await?;
    }
}
