//! Sends money back to cards: what came second, and refunds. What is to go back was written down
//! before; here the provider is asked, under a key made of the return's id, as often as it takes.

use std::time::Duration;

use anyhow::Context;
use kernel::{CardReturnId, Money, RefundId, Timestamp};
use platform::database::Transaction;

use super::card_postings::{Booking, book_movement};
use super::look_at_card_attempt::pause;
use super::open_card_attempt::{failure_code, key};
use super::post_refund::{RefundPosting, booked};
use crate::Payments;
use crate::domain::card_return::ReturnStatus;
use crate::domain::ledger::{Account, Posting, PostingKind};
use crate::domain::refund::RefundChange;
use crate::domain::shop_line::ShopLine;
use crate::providers::card::{
    BalanceTransaction, CardError, CardRefundId, CardRefusal, Refund, RefundRequest,
    RefundStatus as Said,
};
use crate::service::CardParts;
use crate::store;
use crate::store::cards::attempt::KeptAttempt;
use crate::store::cards::returned::KeptReturn;

/// The most returns in one round.
const BATCH: u64 = 50;
/// How often a return that is on its way is asked about.
const ON_ITS_WAY: Duration = Duration::from_secs(6 * 3_600);

/// Stripe keeps idempotency keys for 24 hours at least.
const KEYS_ARE_KEPT: Duration = Duration::from_secs(23 * 3_600);

/// Sends what waits, and asks about what is on its way.
pub async fn send_card_returns(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    for kept in store::cards::returned::due(service.database.reader(), now, BATCH).await? {
        let id = kept.returned.id;
        if let Err(error) = send(payments, &kept).await {
            tracing::warn!(returned = %id, error = format!("{error:#}"), "a return to a card waits");
            postpone(payments, id, now).await?;
        }
    }
    Ok(())
}

/// Reads a refund of the provider's anew, and gives what became of the event that told of it.
pub async fn look_at_card_return(
    payments: &Payments,
    id: &CardRefundId,
) -> anyhow::Result<&'static str> {
    let db = payments.0.database.reader();
    let Some(kept) = store::cards::returned::by_provider_id(db, id).await? else {
        // Told before our own call answered, or made by hand: what it moved is found in the payout.
        return Ok("not_kept_track_of");
    };
    send(payments, &kept).await?;
    Ok("looked_at")
}

/// Asks for it, or about it.
async fn send(payments: &Payments, kept: &KeptReturn) -> anyhow::Result<()> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let db = service.database.reader();
    let attempt = store::cards::attempt::by_id(db, kept.returned.attempt).await?;
    let attempt = attempt.context("the card attempt of a return is gone")?;
    let answer = match &kept.provider_id {
        Some(id) => card.provider.get_refund(id).await,
        None => match made_before(payments, card, kept, &attempt).await? {
            Some(made) => Ok(made),
            None => {
                let request = RefundRequest {
                    intent: attempt.intent.clone().context("a capture without an intent")?,
                    amount: kept.returned.amount,
                    reference: kept.returned.id.to_string(),
                };
                let key = key(format!("return:{}", kept.returned.id))?;
                card.provider.refund(&request, &key).await
            }
        },
    };
    let told = match answer {
        Ok(refund) => Told { movements: movements_of(card, &refund).await?, refund: Ok(refund) },
        // What an operator must mend is tried again: nothing happened.
        Err(error @ CardError::Refused(CardRefusal::BalanceTooLow | CardRefusal::Unauthorized)) => {
            return Err(error.into());
        }
        Err(error @ (CardError::Refused(_) | CardError::Declined(_)))
            if kept.provider_id.is_none() =>
        {
            Told { movements: Movements::default(), refund: Err(failure_code(&error)) }
        }
        Err(error) => return Err(error.into()),
    };
    settle(payments, kept.returned.id, &attempt, told).await
}

/// The refund of a return that may have been asked for under a key which the provider has forgotten by now:
/// it carries the return's id, and is the answer that was lost. While the key is known, asking is safe.
async fn made_before(
    payments: &Payments,
    card: &CardParts,
    kept: &KeptReturn,
    attempt: &KeptAttempt,
) -> anyhow::Result<Option<Refund>> {
    let service = &payments.0;
    let old = service.clock.now() > kept.returned.created_at.after(KEYS_ARE_KEPT);
    let (true, Some(intent)) = (old, &attempt.intent) else { return Ok(None) };
    let all = card.provider.refunds_of(intent).await?;
    let reference = kept.returned.id.to_string();
    let (mut made, others): (Vec<Refund>, Vec<Refund>) =
        all.into_iter().partition(|refund| refund.reference.as_ref() == Some(&reference));
    if !made.is_empty() {
        // One that goes before one that failed, should there ever be two.
        made.sort_by_key(|refund| status_of(refund.status) == ReturnStatus::Failed);
        return Ok(made.into_iter().next());
    }
    let db = service.database.reader();
    let ours = store::cards::returned::of_attempt(db, attempt.attempt.id).await?;
    let is_ours = |refund: &Refund| {
        ours.iter().any(|one| {
            one.provider_id.as_ref() == Some(&refund.id)
                || refund.reference == Some(one.returned.id.to_string())
        })
    };
    let by_hand = others
        .iter()
        .find(|refund| status_of(refund.status) != ReturnStatus::Failed && !is_ours(refund));
    // Somebody may have given the same money back by hand: that is for a person to look at.
    anyhow::ensure!(by_hand.is_none(), "the provider knows of a refund that we do not know of");
    Ok(None)
}

/// What the provider says of a return: its refund, or the code of its refusal.
struct Told {
    refund: Result<Refund, String>,
    movements: Movements,
}

#[derive(Default)]
struct Movements {
    went: Option<BalanceTransaction>,
    came_back: Option<BalanceTransaction>,
}

async fn movements_of(card: &CardParts, refund: &Refund) -> Result<Movements, CardError> {
    let mut movements = Movements::default();
    if let Some(id) = &refund.balance_transaction {
        movements.went = Some(card.provider.balance_transaction(id).await?);
    }
    if let Some(id) = &refund.failure_balance_transaction {
        movements.came_back = Some(card.provider.balance_transaction(id).await?);
    }
    Ok(movements)
}

async fn settle(
    payments: &Payments,
    id: CardReturnId,
    attempt: &KeptAttempt,
    told: Told,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let kept = store::cards::returned::lock(&tx, id).await?.context("a return is gone")?;
    let before = kept.returned.status;
    let mut settling = Settling { tx: &tx, now, provider: &attempt.provider, kept };
    let (mut postings, mut lines) = (settling.apply(&told).await?, Vec::new());
    let kept = settling.kept;
    if let Some(refund) = kept.returned.refund
        && kept.returned.status != before
    {
        let reversed = follow_refund(&tx, refund, kept.returned.status, now).await?;
        if let Some((posting, of_shop)) = reversed {
            postings.push(posting);
            lines.extend(of_shop);
        }
    }
    store::cards::returned::update(&tx, &kept).await?;
    store::ledger::append(&tx, end, &postings).await?;
    store::shop_line::insert(&tx, &lines).await?;
    tx.commit().await?;
    if kept.returned.status != before {
        let status = kept.returned.status.name();
        metrics::counter!("card_returns_total", "status" => status).increment(1);
    }
    Ok(())
}

/// A refund of an order stands where its return does; one that failed is owed to the shop again.
async fn follow_refund(
    tx: &Transaction,
    id: RefundId,
    status: ReturnStatus,
    now: Timestamp,
) -> anyhow::Result<Option<(Posting, Vec<ShopLine>)>> {
    let mut refund =
        store::refund::lock(tx, id).await?.context("the refund of a return is gone")?;
    let (change, reversed) = match status {
        ReturnStatus::Waiting | ReturnStatus::Pending => return Ok(None),
        ReturnStatus::Succeeded => (RefundChange::Succeed, None),
        ReturnStatus::Failed => {
            let reversed = booked(tx, &refund, RefundPosting::Reversed, now).await?;
            (RefundChange::Fail, Some(reversed))
        }
    };
    (refund.status, refund.changed_at) = (refund.status.after(change)?, now);
    store::refund::update(tx, &refund).await?;
    metrics::counter!("refunds_total", "status" => refund.status.name()).increment(1);
    Ok(reversed)
}

struct Settling<'a> {
    tx: &'a Transaction,
    now: Timestamp,
    provider: &'a str,
    kept: KeptReturn,
}

impl Settling<'_> {
    async fn apply(&mut self, told: &Told) -> anyhow::Result<Vec<Posting>> {
        let mut postings = Vec::new();
        let said = match &told.refund {
            Ok(refund) => {
                self.kept.provider_id = Some(refund.id.clone());
                if let Some(reason) = &refund.failure_reason {
                    self.kept.problem = Some(reason.clone());
                }
                status_of(refund.status)
            }
            Err(code) => {
                self.kept.problem = Some(code.clone());
                ReturnStatus::Failed
            }
        };
        let reached = self.kept.returned.status.after(said);
        if reached != self.kept.returned.status {
            (self.kept.returned.status, self.kept.returned.changed_at) = (reached, self.now);
        }
        let Movements { went, came_back } = &told.movements;
        if let (Some(movement), None) = (went, &self.kept.movement) {
            self.kept.movement = Some(movement.id.clone());
            let ours = self.kept.returned.amount.checked_neg()?;
            postings.extend(self.book(movement, PostingKind::CardReturned, ours).await?);
        }
        if let (Some(movement), None) = (came_back, &self.kept.failure_movement) {
            self.kept.failure_movement = Some(movement.id.clone());
            let ours = self.kept.returned.amount;
            postings.extend(self.book(movement, PostingKind::CardReturnFailed, ours).await?);
        }
        self.schedule(&told.movements);
        Ok(postings)
    }

    async fn book(
        &self,
        movement: &BalanceTransaction,
        kind: PostingKind,
        ours: Money,
    ) -> anyhow::Result<Option<Posting>> {
        let owed = match self.kept.returned.refund {
            Some(_) => Account::Refunds,
            None => Account::CardSuspense,
        };
        let subject = self.kept.returned.id.to_string();
        let booking = Booking { kind, subject, other: owed, ours };
        book_movement(self.tx, self.provider, movement, booking, self.now).await
    }

    /// It is asked about until it ended and all that it moved is in the books.
    fn schedule(&mut self, movements: &Movements) {
        let kept = &mut self.kept;
        kept.tries = 0;
        let booked = kept.movement.is_some() || movements.went.is_some();
        let came_back = kept.failure_movement.is_some() || movements.came_back.is_some();
        kept.next_try_at = match kept.returned.status {
            ReturnStatus::Waiting | ReturnStatus::Pending => Some(self.now.after(ON_ITS_WAY)),
            ReturnStatus::Succeeded if !booked => Some(self.now.after(Duration::from_secs(60))),
            // What went and failed comes back by a movement that may be told later.
            ReturnStatus::Failed if booked && !came_back => Some(self.now.after(ON_ITS_WAY)),
            ReturnStatus::Succeeded | ReturnStatus::Failed => None,
        };
    }
}

const fn status_of(status: Said) -> ReturnStatus {
    match status {
        Said::Pending | Said::RequiresAction => ReturnStatus::Pending,
        Said::Succeeded => ReturnStatus::Succeeded,
        Said::Failed | Said::Cancelled => ReturnStatus::Failed,
    }
}

async fn postpone(payments: &Payments, id: CardReturnId, now: Timestamp) -> anyhow::Result<()> {
    let tx = payments.0.database.begin().await?;
    if let Some(mut kept) = store::cards::returned::lock(&tx, id).await? {
        kept.tries = kept.tries.saturating_add(1);
        kept.next_try_at = kept.next_try_at.map(|_| now.after(pause(kept.tries)));
        store::cards::returned::update(&tx, &kept).await?;
    }
    tx.commit().await?;
    Ok(())
}
