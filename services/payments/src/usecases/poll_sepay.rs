//! Asks SePay for what its webhooks may have lost: it calls for about half an hour, then never again.
//!
//! What is found is stored as an event of the same feed under the same id, so what a webhook told of
//! is not told twice. What fails is tried again the next time, from where it stood.

use std::time::Duration;

use kernel::Timestamp;

use crate::Payments;
use crate::providers::feeds::Feed;
use crate::providers::feeds::sepay_polling::{SepayList, SepayPollingParts, Window};
use crate::store;
use crate::store::feed_poll::{PollProgress, Round};

/// How far before the last complete round each round begins: banks and SePay tell late.
const OVERLAP: Duration = Duration::from_secs(24 * 3_600);
/// How far back the first round of all looks: longer than any outage left alone.
const FIRST_LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The most pages that are asked for at once; the next time goes on behind them.
const MAX_PAGES: usize = 20;
/// Between two pages: SePay allows two calls a second.
const PAUSE: Duration = Duration::from_millis(600);

/// The rounds of asking. How far they came is in the database: a restart forgets nothing.
#[derive(Debug)]
pub struct Polling {
    parts: SepayPollingParts,
}

impl Polling {
    /// Rounds over SePay's list.
    pub const fn new(parts: SepayPollingParts) -> Self {
        Self { parts }
    }

    /// How often SePay is asked.
    pub const fn every(&self) -> Duration {
        self.parts.every
    }

    /// Where SePay is asked.
    #[cfg(test)]
    pub fn parts(&self) -> &SepayPollingParts {
        &self.parts
    }
}

/// Asks once; gives how many events are new. Without polling configured it asks nobody.
pub async fn poll_sepay(payments: &Payments) -> anyhow::Result<u64> {
    let Some(polling) = &payments.0.polling else { return Ok(0) };
    let list = SepayList::new(&polling.parts)?;
    poll_list(payments, &list, PAUSE).await
}

/// Goes on with the round over a list, or begins the next, with a pause between pages.
pub(crate) async fn poll_list(
    payments: &Payments,
    list: &SepayList,
    pause: Duration,
) -> anyhow::Result<u64> {
    let service = &payments.0;
    let kept = store::feed_poll::of(service.database.reader(), FEED.name()).await?;
    let mut progress = kept.unwrap_or_default();
    let mut round = progress.round.unwrap_or_else(|| begun(&progress, service.clock.now()));
    let mut new = 0;
    for _ in 0..MAX_PAGES {
        let account_number = service.receiving_account.account.clone();
        let window = Window { account_number, from: round.from, until: round.until };
        let page = list.page(&window).await?;
        let found = page.transfers.into_iter().map(|one| (one.provider_id, one.body)).collect();
        // A page whose rows are all of one second leads nowhere: the round begins anew.
        let stuck = page.rest.as_ref() == Some(&window);
        progress.round = page.rest.as_ref().filter(|_| !stuck).map(|rest| Round {
            from: rest.from,
            until: rest.until,
            ..round
        });
        if page.rest.is_none() {
            progress.complete_at = Some(round.begun_at);
        }
        new += store_page(payments, found, &progress).await?;
        match progress.round {
            Some(rest) => round = rest,
            None if stuck => {
                anyhow::bail!(
                    "SePay has more transactions of one second than a page; {new} new ones were stored"
                )
            }
            None => return Ok(new),
        }
        tokio::time::sleep(pause).await;
    }
    tracing::info!(
        new,
        "SePay has more transactions than are asked for at once: the next time goes on"
    );
    Ok(new)
}

/// A round that begins now.
fn begun(progress: &PollProgress, now: Timestamp) -> Round {
    let first = || now.before(FIRST_LOOK_BACK);
    let from = progress.complete_at.map_or_else(first, |complete| complete.before(OVERLAP));
    Round { begun_at: now, from, until: None }
}

const FEED: Feed = Feed::Sepay;

/// A page and how far the round came are one transaction: what was found stays, whatever becomes of the
/// next.
async fn store_page(
    payments: &Payments,
    found: Vec<(String, Vec<u8>)>,
    progress: &PollProgress,
) -> anyhow::Result<u64> {
    let service = &payments.0;
    let feed = FEED.name();
    let tx = service.database.begin().await?;
    let new = store::feed_event::insert_missing(&tx, feed, found, service.clock.now()).await?;
    store::feed_poll::put(&tx, feed, progress).await?;
    tx.commit().await?;
    if new > 0 {
        tracing::info!(feed, new, "asking found events that no webhook told of");
        metrics::counter!("feed_events_polled_total", "feed" => feed).increment(new);
        service.fed.notify_one();
    }
    Ok(new)
}
