//! Asks SePay for what its webhooks may have lost: it calls for about half an hour, then never again.
//!
//! What is found is stored as an event of the same feed under the same id, so what a webhook told of
//! is not told twice. What fails is tried again at the next round, over the same span of time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::Timestamp;

use crate::Payments;
use crate::providers::feeds::Feed;
use crate::providers::feeds::sepay_polling::{SepayList, SepayPollingParts, Window};
use crate::store;

/// How far before the last complete round each round begins: banks and SePay tell late.
const OVERLAP: Duration = Duration::from_secs(24 * 3_600);
/// How far back the first round of a process looks: longer than any outage left alone.
const FIRST_LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The most pages of a round.
const MAX_PAGES: usize = 20;
/// Between two pages: SePay allows two calls a second.
const PAUSE: Duration = Duration::from_millis(600);

/// The rounds of asking.
#[derive(Debug)]
pub struct Polling {
    parts: SepayPollingParts,
    /// When the last complete round began.
    complete_at: Mutex<Option<Timestamp>>,
}

impl Polling {
    /// Rounds that have not begun.
    pub fn new(parts: SepayPollingParts) -> Self {
        Self { parts, complete_at: Mutex::new(None) }
    }

    /// How often a round is made.
    pub fn every(&self) -> Duration {
        self.parts.every
    }

    /// Where SePay is asked.
    #[cfg(test)]
    pub fn parts(&self) -> &SepayPollingParts {
        &self.parts
    }

    fn begin_at(&self, now: Timestamp) -> Timestamp {
        let complete_at = *self.complete_at.lock().unwrap_or_else(PoisonError::into_inner);
        complete_at.map_or(now.before(FIRST_LOOK_BACK), |complete| complete.before(OVERLAP))
    }

    fn completed(&self, at: Timestamp) {
        *self.complete_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }
}

/// One round; gives how many events are new. Without polling configured it asks nobody.
pub async fn poll_sepay(payments: &Payments) -> anyhow::Result<u64> {
    let Some(polling) = &payments.0.polling else { return Ok(0) };
    let list = SepayList::new(&polling.parts)?;
    poll_list(payments, polling, &list, PAUSE).await
}

/// A round over a list, with a pause between its pages.
pub(crate) async fn poll_list(
    payments: &Payments,
    polling: &Polling,
    list: &SepayList,
    pause: Duration,
) -> anyhow::Result<u64> {
    let service = &payments.0;
    let now = service.clock.now();
    let account_number = service.receiving_account.account.clone();
    let mut window = Window { account_number, from: polling.begin_at(now), until: None };
    let mut new = 0;
    for _ in 0..MAX_PAGES {
        let page = list.page(&window).await?;
        let found = page.transfers.into_iter().map(|one| (one.provider_id, one.body)).collect();
        new += store_page(payments, found).await?;
        match page.rest {
            None => {
                polling.completed(now);
                return Ok(new);
            }
            // A page whose rows are all of one second leads nowhere.
            Some(rest) if rest == window => break,
            Some(rest) => window = rest,
        }
        tokio::time::sleep(pause).await;
    }
    anyhow::bail!("SePay has more transactions than one round asks for; {new} new ones were stored")
}

/// A page is one transaction: what was found stays, whatever becomes of the next.
async fn store_page(payments: &Payments, found: Vec<(String, Vec<u8>)>) -> anyhow::Result<u64> {
    let service = &payments.0;
    let feed = Feed::Sepay.name();
    let tx = service.database.begin().await?;
    let new = store::feed_event::insert_missing(&tx, feed, found, service.clock.now()).await?;
    tx.commit().await?;
    if new > 0 {
        tracing::info!(feed, new, "asking found events that no webhook told of");
        metrics::counter!("feed_events_polled_total", "feed" => feed).increment(new);
        service.fed.notify_one();
    }
    Ok(new)
}
