//! Forgets what feeds and card providers told as it came, once nobody looks into it any more: it names
//! people. What was made of it stays in credits, tries and the books.

use std::time::Duration;

use kernel::Timestamp;
use platform::database::Transaction;
use sea_orm::DbErr;

use crate::Payments;
use crate::store::forgetting::{empty_card_bodies, empty_feed_bodies, remove_rejections};

/// How often it is looked for what is old.
pub const EVERY: Duration = Duration::from_secs(3_600);
/// Rows of one transaction: events wait for its end.
const BATCH: u64 = 500;
/// The most transactions of each kind in one run; the rest waits for the next.
const BATCHES: usize = 20;

/// What is forgotten.
#[derive(Clone, Copy)]
enum Old {
    FeedBodies,
    CardBodies,
    Rejections,
}

/// Forgets what is old, in small transactions.
pub async fn forget_raw_events(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let events = now.before(service.retention.raw_events);
    let rejections = now.before(service.retention.rejections);
    for (what, before) in
        [(Old::FeedBodies, events), (Old::CardBodies, events), (Old::Rejections, rejections)]
    {
        for _ in 0..BATCHES {
            let tx = service.database.begin().await?;
            let forgotten = forget(&tx, what, before).await?;
            tx.commit().await?;
            if forgotten < BATCH {
                break;
            }
        }
    }
    Ok(())
}

async fn forget(tx: &Transaction, what: Old, before: Timestamp) -> Result<u64, DbErr> {
    match what {
        Old::FeedBodies => empty_feed_bodies(tx, before, BATCH).await,
        Old::CardBodies => empty_card_bodies(tx, before, BATCH).await,
        Old::Rejections => remove_rejections(tx, before, BATCH).await,
    }
}
