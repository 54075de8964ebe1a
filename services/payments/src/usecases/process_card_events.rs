//! Works on what card providers told. An event only hints that something changed: the thing itself is
//! read from the provider, so events may come late, twice and in any order.

use kernel::CardAttemptId;

use super::find_card_attempt::find_card_attempt;
use super::look_at_card_attempt::{look_at_card_attempt, look_at_due_attempts, pause};
use super::look_at_card_payout::{look_at_card_payout, look_at_due_payouts};
use super::look_at_dispute::{look_at_dispute, look_at_due_disputes};
use super::match_card_payouts::match_card_payouts;
use super::send_card_returns::{look_at_card_return, send_card_returns};
use crate::Payments;
use crate::providers::card::CardPaymentReference;
use crate::providers::card::stripe::webhook::{self, Changed};
use crate::store;
use crate::store::cards::event::CardEvent;

/// The most events in one round.
const BATCH: u64 = 50;
/// After so many tries, the last of them an hour apart, an event is given up: about four days.
const MOST_TRIES: u32 = 100;

/// Works on events, tries, returns, disputes and payouts whose time has come.
pub async fn process_cards(payments: &Payments) -> anyhow::Result<()> {
    process_card_events(payments).await?;
    look_at_due_attempts(payments).await?;
    send_card_returns(payments).await?;
    look_at_due_disputes(payments).await?;
    look_at_due_payouts(payments).await?;
    match_card_payouts(payments).await
}

/// Works on all events whose time has come.
pub async fn process_card_events(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    loop {
        let now = service.clock.now();
        let due = store::cards::event::due(service.database.reader(), now, BATCH).await?;
        let count = due.len() as u64;
        for event in due {
            process(payments, &event).await?;
        }
        if count < BATCH {
            return Ok(());
        }
    }
}

async fn process(payments: &Payments, event: &CardEvent) -> anyhow::Result<()> {
    let done = apply(payments, event).await;
    let now = payments.0.clock.now();
    let tx = payments.0.database.begin().await?;
    match done {
        Ok(outcome) => store::cards::event::finish(&tx, event.id, outcome).await?,
        Err(error) if event.tries >= MOST_TRIES => {
            tracing::error!(event = %event.id, error = format!("{error:#}"), "a card event is given up");
            metrics::counter!("card_events_given_up_total").increment(1);
            store::cards::event::finish(&tx, event.id, "given_up").await?;
        }
        Err(error) => {
            tracing::warn!(event = %event.id, error = format!("{error:#}"), "a card event waits");
            let until = now.after(pause(event.tries));
            store::cards::event::postpone(&tx, event.id, until).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Reads what an event is about, and gives what became of the event.
async fn apply(payments: &Payments, event: &CardEvent) -> anyhow::Result<&'static str> {
    let hint = match webhook::read(&event.body) {
        Ok(hint) => hint,
        Err(error) => {
            tracing::warn!(event = %event.id, %error, "a card event is unreadable");
            return Ok("unreadable");
        }
    };
    match hint.about {
        Changed::CheckoutSession(id) => {
            look_at_payment(payments, CardPaymentReference::CheckoutSession(id)).await
        }
        Changed::Intent(id) => look_at_payment(payments, CardPaymentReference::Intent(id)).await,
        Changed::Charge(id) => {
            let db = payments.0.database.reader();
            match store::cards::attempt::by_charge(db, webhook::FEED, &id).await? {
                Some(kept) => look_at(payments, kept.attempt.id).await,
                // Its intent has events of its own.
                None => Ok("left_to_the_intent"),
            }
        }
        Changed::Refund(id) => look_at_card_return(payments, &id).await,
        Changed::Dispute(id) => look_at_dispute(payments, &id).await,
        Changed::Payout(id) => look_at_card_payout(payments, &id).await,
        Changed::Other(_) => Ok("not_kept_track_of"),
    }
}

async fn look_at_payment(
    payments: &Payments,
    reference: CardPaymentReference,
) -> anyhow::Result<&'static str> {
    match find_card_attempt(payments, &reference).await? {
        Some(id) => look_at(payments, id).await,
        None => Ok("not_ours"),
    }
}

async fn look_at(payments: &Payments, id: CardAttemptId) -> anyhow::Result<&'static str> {
    look_at_card_attempt(payments, id).await?;
    Ok("looked_at")
}
