//! Reads from the card provider what became of a try, and does what follows. Webhooks, the sweeper and
//! operators end here: it may be done at any time, any number of times, and ends the same.

use std::time::Duration;

use anyhow::Context;
use kernel::{CardAttemptId, Timestamp};

use super::open_card_attempt::{key, open_card_attempt};
use super::settle_card_attempt::{Heard, settle_card_attempt};
use super::start_card_attempt::FIRST_LOOK;
use crate::Payments;
use crate::domain::card_attempt::AttemptStatus;
use crate::domain::payment::PaymentStatus;
use crate::providers::card::{CardError, CardPaymentReference, CardProvider};
use crate::service::CardParts;
use crate::store;
use crate::store::cards::attempt::KeptAttempt;

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Looks at a try now.
pub async fn look_at_card_attempt(payments: &Payments, id: CardAttemptId) -> anyhow::Result<()> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let db = service.database.reader();
    let kept = store::cards::attempt::by_id(db, id).await?.context("a card attempt is gone")?;
    let kept = match kept.reference() {
        Some(_) => kept,
        None if kept.attempt.status != AttemptStatus::Requested => return Ok(()),
        None if service.clock.now() > kept.page_closes_at => return give_up(payments, id).await,
        None => open_card_attempt(payments, &kept).await?.attempt,
    };
    let Some(reference) = kept.reference() else { return Ok(()) };
    if kept.attempt.status.is_live() && must_close(payments, &kept).await? {
        close(card.provider.as_ref(), &kept, service.clock.now()).await?;
    }
    let heard = hear(card, &reference).await?;
    settle_card_attempt(payments, id, heard).await
}

/// Asks the provider about a payment, and about the movement of its charge.
pub async fn hear(card: &CardParts, reference: &CardPaymentReference) -> Result<Heard, CardError> {
    let payment = card.provider.get_payment(reference).await?;
    let movement = match &payment.balance_transaction {
        Some(id) => Some(card.provider.balance_transaction(id).await?),
        None => None,
    };
    Ok(Heard { payment, movement })
}

/// Looks at tries whose time has come; what fails is looked at later, ever more seldom.
pub async fn look_at_due_attempts(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let due = store::cards::attempt::due(service.database.reader(), now, BATCH).await?;
    for kept in due {
        let id = kept.attempt.id;
        if let Err(error) = look_at_card_attempt(payments, id).await {
            tracing::warn!(attempt = %id, error = format!("{error:#}"), "a card attempt could not be looked at");
            look_later(payments, id, now).await?;
        }
    }
    Ok(())
}

/// The most tries in one round.
const BATCH: u64 = 50;

async fn look_later(payments: &Payments, id: CardAttemptId, now: Timestamp) -> anyhow::Result<()> {
    let tx = payments.0.database.begin().await?;
    if let Some(mut kept) = store::cards::attempt::lock(&tx, id).await? {
        kept.looks = kept.looks.saturating_add(1);
        kept.next_look_at = kept.next_look_at.map(|_| now.after(pause(kept.looks)));
        store::cards::attempt::update(&tx, &kept).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// How long to wait after so many looks in vain: 2 seconds, doubled each time.
pub fn pause(looks: u32) -> Duration {
    Duration::from_secs(1 << looks.min(12)).min(LONGEST_PAUSE)
}

/// When a try that is still live is looked at next.
pub fn next_look(now: Timestamp, expires_at: Timestamp) -> Timestamp {
    let soon = now.after(FIRST_LOOK);
    if expires_at >= now { soon.min(expires_at.after(Duration::from_millis(1))) } else { soon }
}

/// Whether nobody should pay on its page any more.
async fn must_close(payments: &Payments, kept: &KeptAttempt) -> anyhow::Result<bool> {
    let service = &payments.0;
    let found =
        store::payment::by_ids(service.database.reader(), &[kept.attempt.payment]).await?.pop();
    let payment = found.context("the payment of a card attempt is gone")?;
    let overdue = service.clock.now() > payment.expires_at;
    Ok(payment.status != PaymentStatus::Pending || overdue)
}

/// Closes the page or the intent. A refusal says that it was paid or closed before: what it is says the
/// next question.
async fn close(
    provider: &dyn CardProvider,
    kept: &KeptAttempt,
    now: Timestamp,
) -> Result<(), CardError> {
    // Under another key each second: a provider repeats its old refusal under an old key.
    let key = key(format!("close:{}:{}", kept.attempt.id, now.micros() / 1_000_000))?;
    let closed = match (&kept.session, &kept.intent) {
        (Some(session), _) => provider.expire_checkout_session(session, &key).await,
        (None, Some(intent)) => provider.cancel_payment_intent(intent, &key).await,
        (None, None) => Ok(()),
    };
    match closed {
        Ok(()) | Err(CardError::Refused(_) | CardError::Declined(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The provider never told us of the page, and it would be closed by itself: nobody was ever shown it.
async fn give_up(payments: &Payments, id: CardAttemptId) -> anyhow::Result<()> {
    let now = payments.0.clock.now();
    let tx = payments.0.database.begin().await?;
    if let Some(mut kept) = store::cards::attempt::lock(&tx, id).await?
        && kept.attempt.status == AttemptStatus::Requested
    {
        (kept.attempt.status, kept.attempt.changed_at) = (AttemptStatus::Closed, now);
        kept.next_look_at = None;
        store::cards::attempt::update(&tx, &kept).await?;
    }
    tx.commit().await?;
    Ok(())
}
