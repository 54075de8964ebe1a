//! Works on stored feed events: bank credits, matching, ledger, paid payments. A batch is one
//! transaction with a fixed number of statements. One that fails is worked on event by event: what
//! fails alone is tried again with growing pauses, and then waits in suspense for a person.

use std::time::Duration;

use kernel::{FeedEventId, Timestamp};
use platform::database::{Transaction, is_transient};
use sea_orm::DbErr;

use super::record_credits::{End, Incoming, Recorded, queue_undecided, record_credits};
use super::record_debits::prove_refunds_of_shops;
use crate::Payments;
use crate::domain::payment_code::PaymentCode;
use crate::providers::feeds::{self, Direction, Feed, Transfer};
use crate::store;
use crate::store::feed_event::FeedEvent;
use crate::store::ledger::LedgerHead;

/// The most events in one transaction.
const BATCH: u64 = 200;
/// How often an event is tried that fails by itself: over half a minute.
const MOST_TRIES: u32 = 5;
/// Before the second try; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Works on all events that wait; `fed`: one was stored just now.
pub async fn run_when_fed(payments: &Payments, fed: bool) -> anyhow::Result<()> {
    // Then nobody need ask whether anything waits.
    if fed && take_batch(payments).await? < BATCH {
        return Ok(());
    }
    process_feed_events(payments).await
}

/// Works on all events that wait.
pub async fn process_feed_events(payments: &Payments) -> anyhow::Result<()> {
    while process_batch(payments).await? == BATCH {}
    Ok(())
}

/// Tells the metrics how many credits wait for a person.
pub async fn count_waiting(payments: &Payments) -> anyhow::Result<()> {
    let waiting = store::bank_credit::waiting(payments.0.database.reader()).await?;
    metrics::gauge!("bank_credits_waiting").set(waiting as u32);
    Ok(())
}

/// What is known of the events of a batch.
#[derive(Default)]
struct Read {
    incoming: Vec<(FeedEvent, Transfer)>,
    outgoing: Vec<FeedEventId>,
    /// Of them, those from shops' own accounts.
    of_shops: Vec<(FeedEvent, Transfer)>,
    trials: Vec<FeedEventId>,
    unreadable: Vec<FeedEventId>,
}

async fn process_batch(payments: &Payments) -> anyhow::Result<u64> {
    let service = &payments.0;
    if !store::feed_event::any_waiting(service.database.reader(), service.clock.now()).await? {
        return Ok(0);
    }
    take_batch(payments).await
}

/// Works on the oldest events that wait; gives how many there were.
async fn take_batch(payments: &Payments) -> anyhow::Result<u64> {
    match work_on(payments, None).await {
        Err(error) if !is_outage(&error) => {
            tracing::warn!(error = format!("{error:#}"), "feed events are worked on one by one");
            one_by_one(payments).await
        }
        done => done,
    }
}

async fn one_by_one(payments: &Payments) -> anyhow::Result<u64> {
    let service = &payments.0;
    let (db, now) = (service.database.reader(), service.clock.now());
    let events = store::feed_event::waiting(db, None, now, BATCH).await?;
    let count = events.len() as u64;
    for event in events {
        match work_on(payments, Some(event.id)).await {
            Err(error) if !is_outage(&error) => fail(payments, event, &error).await?,
            done => _ = done?,
        }
    }
    Ok(count)
}

/// Whether the database cannot be reached now, or others were in the way: no event's fault.
fn is_outage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<DbErr>().is_some_and(is_transient))
}

/// Has an event tried again later; after some tries its money is queued for a person.
async fn fail(payments: &Payments, event: FeedEvent, error: &anyhow::Error) -> anyhow::Result<()> {
    let service = &payments.0;
    let (id, problem, now) = (event.id, format!("{error:#}"), service.clock.now());
    tracing::error!(event = %id, feed = event.feed, error = problem, tries = event.tries, "a feed event fails");
    let next_try_at =
        now.after(FIRST_PAUSE * 2_u32.pow(event.tries.unsigned_abs().min(MOST_TRIES)));
    let tx = service.database.begin().await?;
    store::feed_event::note_failure(&tx, &event, &problem, next_try_at).await?;
    tx.commit().await?;
    if event.tries.unsigned_abs() + 1 < MOST_TRIES {
        return Ok(());
    }
    metrics::counter!("feed_events_given_up_total").increment(1);
    if let Err(error) = queue(payments, event).await {
        if is_outage(&error) {
            return Err(error);
        }
        tracing::error!(event = %id, error = format!("{error:#}"), "its money is not in the books: it must be looked at");
        let tx = service.database.begin().await?;
        store::feed_event::mark(&tx, [id], "failed", now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Puts the money of an event into suspense, matched with nothing.
async fn queue(payments: &Payments, event: FeedEvent) -> anyhow::Result<()> {
    let service = &payments.0;
    let (id, now) = (event.id, service.clock.now());
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let mut recorded = Recorded::default();
    if let Some(incoming) = read_all(vec![event]).incoming.pop() {
        recorded = queue_undecided(&tx, end, told(incoming), now).await?;
    }
    store::feed_event::mark(&tx, [id], "suspended", now).await?;
    tx.commit().await?;
    recorded.count_metrics();
    Ok(())
}

/// Works on the events that wait, or on one of them.
async fn work_on(payments: &Payments, only: Option<FeedEventId>) -> anyhow::Result<u64> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The end of the ledger first: it puts the workers of all processes into one order.
    let end = store::ledger::lock(&tx).await?;
    let events = store::feed_event::waiting(&tx, only, now, BATCH).await?;
    let count = events.len() as u64;
    let Read { incoming, outgoing, of_shops, trials, unreadable } = read_all(events);
    let credited: Vec<FeedEventId> = incoming.iter().map(|(event, _)| event.id).collect();
    let recorded = record(payments, &tx, end, incoming, now).await?;
    if !of_shops.is_empty() {
        let end = store::ledger::lock(&tx).await?;
        let told: Vec<Incoming> = of_shops.into_iter().map(told).collect();
        prove_refunds_of_shops(&tx, end, &told, now).await?;
    }
    for (ids, outcome) in [
        (credited, "credited"),
        (outgoing, "outgoing"),
        (trials, "trial"),
        (unreadable, "unreadable"),
    ] {
        if !ids.is_empty() {
            store::feed_event::mark(&tx, ids, outcome, now).await?;
        }
    }
    tx.commit().await?;
    recorded.count_metrics();
    Ok(count)
}

/// Records transfers feed by feed, in the order in which they were told: what one feed told of is known
/// to the next.
async fn record(
    payments: &Payments,
    tx: &Transaction,
    end: LedgerHead,
    incoming: Vec<(FeedEvent, Transfer)>,
    now: Timestamp,
) -> anyhow::Result<Recorded> {
    let told: Vec<Incoming> = incoming.into_iter().map(told).collect();
    let mut recorded = Recorded::default();
    let mut end = Some(end);
    for of_one_feed in told.chunk_by(|one, next| one.feed == next.feed) {
        // Where it was is moved on by those before.
        let end = match end.take() {
            Some(end) => end,
            None => store::ledger::lock(tx).await?,
        };
        recorded
            .add(record_credits(payments, tx, End::Held(end), of_one_feed.to_vec(), now).await?);
    }
    Ok(recorded)
}

fn told((event, transfer): (FeedEvent, Transfer)) -> Incoming {
    Incoming {
        feed: event.feed,
        provider_id: event.provider_id,
        statement_identity: None,
        stated_by: None,
        bank: transfer.bank,
        account_number: transfer.account_number,
        sub_account: transfer.sub_account,
        amount: transfer.amount,
        codes: PaymentCode::find_in(&transfer.memo),
        memo: transfer.memo,
        bank_reference: transfer.bank_reference,
        counterparty_name: transfer.counterparty_name,
        counterparty_account: transfer.counterparty_account,
        counterparty_bin: transfer.counterparty_bin,
        booked_at: transfer.booked_at.unwrap_or(event.received_at),
        received_at: event.received_at,
    }
}

fn read_all(events: Vec<FeedEvent>) -> Read {
    let mut read = Read::default();
    for event in events {
        let Some(feed) = Feed::named(&event.feed) else {
            tracing::warn!(event = %event.id, feed = event.feed, "a feed is unknown");
            read.unreadable.push(event.id);
            continue;
        };
        match feeds::read(feed, &event.body) {
            Ok(transfer) if transfer.incoming() => read.incoming.push((event, transfer)),
            Ok(transfer) if transfer.direction == Direction::Trial => read.trials.push(event.id),
            Ok(transfer) => {
                read.outgoing.push(event.id);
                if feed == Feed::SepayOfShop {
                    read.of_shops.push((event, transfer));
                }
            }
            Err(error) => {
                tracing::warn!(event = %event.id, feed = event.feed, %error, "a feed event is unreadable");
                read.unreadable.push(event.id);
            }
        }
    }
    read
}
