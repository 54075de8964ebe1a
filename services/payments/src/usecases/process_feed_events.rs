//! Works on stored feed events: bank credits, matching, ledger, paid payments. A batch is one
//! transaction with a fixed number of statements.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{BankCreditId, FeedEventId, Money, Timestamp};
use platform::database::Transaction;
use platform::{ids, outbox};
use proto::events::PaymentSucceeded;
use proto::events::event::Body;

use crate::Payments;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::matching::{Candidates, CreditFacts, CreditState, Decision, decide};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::payment_code::PaymentCode;
use crate::providers::feeds::sepay::{self, Transfer};
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::feed_event::FeedEvent;

/// The most events in one transaction.
const BATCH: u64 = 200;
/// How long the worker sleeps when nobody wakes it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sleeps until an event was stored (or for a while), then works on all that wait.
pub async fn run_when_fed(payments: &Payments) -> anyhow::Result<()> {
    let _ = tokio::time::timeout(PATIENCE, payments.0.fed.notified()).await;
    process_feed_events(payments).await
}

/// Works on all events that wait.
pub async fn process_feed_events(payments: &Payments) -> anyhow::Result<()> {
    while process_batch(payments).await? == BATCH {}
    let waiting = store::bank_credit::waiting(payments.0.database.reader()).await?;
    metrics::gauge!("bank_credits_waiting").set(waiting as u32);
    Ok(())
}

/// What is known of the events of a batch.
#[derive(Default)]
struct Read {
    incoming: Vec<(FeedEvent, Transfer)>,
    outgoing: Vec<FeedEventId>,
    unreadable: Vec<FeedEventId>,
}

async fn process_batch(payments: &Payments) -> anyhow::Result<u64> {
    let service = &payments.0;
    if !store::feed_event::any_waiting(service.database.reader()).await? {
        return Ok(0);
    }
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The end of the ledger first: it puts the workers of all processes into one order.
    let end = store::ledger::lock(&tx).await?;
    let events = store::feed_event::waiting(&tx, BATCH).await?;
    let count = events.len() as u64;
    let read = read_all(events);
    let (credits, mut candidates) = credits_of(payments, &tx, &read.incoming).await?;
    let mut batch = Batch::new(now);
    for ((event, transfer), facts) in read.incoming.iter().zip(&credits) {
        let decision = decide(facts, &mut candidates);
        batch.take(event, transfer, &decision, &candidates)?;
    }
    batch.write(&tx, end, &candidates).await?;
    let incoming = read.incoming.iter().map(|(event, _)| event.id);
    for (ids, outcome) in [
        (incoming.collect::<Vec<_>>(), "credited"),
        (read.outgoing, "outgoing"),
        (read.unreadable, "unreadable"),
    ] {
        if !ids.is_empty() {
            store::feed_event::mark(&tx, ids, outcome, now).await?;
        }
    }
    tx.commit().await?;
    batch.count_metrics();
    Ok(count)
}

fn read_all(events: Vec<FeedEvent>) -> Read {
    let mut read = Read::default();
    for event in events {
        match sepay::read(&event.body) {
            Ok(transfer) if transfer.incoming && transfer.amount.is_positive() => {
                read.incoming.push((event, transfer));
            }
            Ok(_) => read.outgoing.push(event.id),
            Err(error) => {
                tracing::warn!(event = %event.id, feed = event.feed, %error, "a feed event is unreadable");
                read.unreadable.push(event.id);
            }
        }
    }
    read
}

/// The facts that matching asks for, and the payments that may be meant, locked.
async fn credits_of(
    payments: &Payments,
    tx: &Transaction,
    incoming: &[(FeedEvent, Transfer)],
) -> anyhow::Result<(Vec<CreditFacts>, Candidates)> {
    let own = &payments.0.receiving_account.account;
    let facts: Vec<CreditFacts> = incoming
        .iter()
        .map(|(event, transfer)| CreditFacts {
            amount: transfer.amount,
            codes: PaymentCode::find_in(&transfer.memo),
            own_account: transfer.account_number == *own,
            received_at: event.received_at,
        })
        .collect();
    let codes: Vec<PaymentCode> =
        facts.iter().flat_map(|facts| facts.codes.iter().copied()).collect();
    let found = store::payment::lock_by_codes(tx, &codes).await?;
    Ok((facts, found.into_iter().map(|payment| (payment.code, payment)).collect()))
}

/// Everything that a batch writes.
struct Batch {
    now: Timestamp,
    credits: Vec<BankCredit>,
    postings: Vec<Posting>,
    paid: Vec<PaymentCode>,
}

impl Batch {
    const fn new(now: Timestamp) -> Self {
        Self { now, credits: Vec::new(), postings: Vec::new(), paid: Vec::new() }
    }

    fn take(
        &mut self,
        event: &FeedEvent,
        transfer: &Transfer,
        decision: &Decision,
        candidates: &Candidates,
    ) -> anyhow::Result<()> {
        let id: BankCreditId = ids::new();
        let meant =
            decision.payment.and_then(|id| candidates.values().find(|payment| payment.id == id));
        let matched = meant.filter(|_| decision.state == CreditState::Matched);
        self.postings.push(self.posting(id, transfer, matched)?);
        self.paid.extend(matched.map(|payment| payment.code));
        self.credits.push(BankCredit {
            id,
            feed: event.feed.clone(),
            provider_id: event.provider_id.clone(),
            bank: transfer.bank.clone(),
            account_number: transfer.account_number.clone(),
            amount: transfer.amount,
            memo: transfer.memo.clone(),
            bank_reference: transfer.bank_reference.clone(),
            booked_at: transfer.booked_at.unwrap_or(event.received_at),
            received_at: event.received_at,
            state: decision.state,
            payment: decision.payment,
            rule: decision.rule.to_owned(),
            expected: meant.map(|payment| payment.amount),
        });
        Ok(())
    }

    /// Money that came is in the books: for the shops if it is theirs, else in suspense.
    fn posting(
        &self,
        id: BankCreditId,
        transfer: &Transfer,
        matched: Option<&Payment>,
    ) -> anyhow::Result<Posting> {
        let number = transfer.account_number.clone();
        let mut entries = vec![Entry {
            account: Account::Bank { number: number.clone() },
            amount: transfer.amount,
        }];
        let kind = match matched {
            Some(payment) => {
                for part in &payment.allocations {
                    let account = Account::ShopPayable(part.shop);
                    entries.push(Entry { account, amount: part.amount.checked_neg()? });
                }
                PostingKind::PaymentCaptured
            }
            None => {
                let amount: Money = transfer.amount.checked_neg()?;
                entries.push(Entry { account: Account::Suspense { number }, amount });
                PostingKind::CreditQueued
            }
        };
        let posting = Posting {
            id: ids::new(),
            kind,
            subject: id.to_string(),
            idempotency_key: format!("credit:{}:{}", sepay::FEED, transfer.provider_id),
            entries,
            posted_at: self.now,
        };
        Ok(posting.balanced()?)
    }

    async fn write(
        &self,
        tx: &Transaction,
        end: store::ledger::LedgerHead,
        candidates: &Candidates,
    ) -> anyhow::Result<()> {
        if self.credits.is_empty() {
            return Ok(());
        }
        let paid: Vec<&Payment> =
            self.paid.iter().filter_map(|code| candidates.get(code)).collect();
        if !paid.is_empty() {
            let ids = paid.iter().map(|payment| payment.id);
            store::payment::close(tx, ids, PaymentStatus::Succeeded, self.now).await?;
            let events =
                paid.iter().map(|payment| (payment.checkout.to_string(), self.succeeded(payment)));
            outbox::publish_all(tx, self.now, events).await?;
        }
        store::bank_credit::insert(tx, &self.credits).await?;
        store::ledger::append(tx, end, &self.postings).await?;
        Ok(())
    }

    fn succeeded(&self, payment: &Payment) -> Body {
        Body::PaymentSucceeded(PaymentSucceeded {
            payment_id: payment.id.to_string(),
            checkout_id: payment.checkout.to_string(),
            amount: Some(payment.amount.into()),
            succeeded_at: self.now.micros(),
        })
    }

    fn count_metrics(&self) {
        let mut states: BTreeMap<&'static str, u64> = BTreeMap::new();
        for credit in &self.credits {
            *states.entry(credit.state.name()).or_default() += 1;
        }
        for (state, count) in states {
            metrics::counter!("bank_credits_total", "state" => state).increment(count);
        }
        metrics::counter!("payments_total", "status" => "succeeded")
            .increment(self.paid.len() as u64);
    }
}
