//! Reads a payout of the card provider's anew, with every movement of our balance that it nets. What of
//! them is not in the books yet is explained first: so a payout also finds what all webhooks lost.

use std::time::Duration;

use anyhow::Context;
use kernel::{Money, Timestamp};
use platform::ids;

use super::card_postings::{Booking, book_movement};
use super::explain_card_movement::explain_card_movement;
use crate::Payments;
use crate::domain::ledger::{Account, PostingKind};
use crate::providers::card::{
    BalanceTransaction, BalanceTransactionKind, Payout, PayoutStatus, ProviderPayoutId,
};
use crate::service::CardParts;
use crate::store;
use crate::store::cards::payout::KeptCardPayout;

/// How often a payout that is on its way is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// Stripe: a payout that was paid may come back within five business days.
const MAY_COME_BACK: Duration = Duration::from_secs(10 * 24 * 3_600);
/// The most payouts in one round.
const BATCH: u64 = 20;

/// Looks at payouts whose time has come.
pub async fn look_at_due_payouts(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    for kept in store::cards::payout::due(service.database.reader(), now, BATCH).await? {
        if let Err(error) = look_at_card_payout(payments, &kept.provider_id).await {
            tracing::warn!(payout = %kept.id, error = format!("{error:#}"), "a card payout could not be looked at");
            let tx = service.database.begin().await?;
            store::cards::payout::postpone(&tx, kept.id, now.after(LOOK_EVERY)).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Looks at a payout now, and gives what became of the event that told of it.
pub async fn look_at_card_payout(
    payments: &Payments,
    id: &ProviderPayoutId,
) -> anyhow::Result<&'static str> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let told = card.provider.payout(id).await?;
    let movements = movements_of(card, &told).await?;
    for movement in &movements {
        explain_card_movement(payments, movement).await?;
    }
    let now = service.clock.now();
    let provider = card.provider.name();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let known = store::cards::payout::by_provider_id(&tx, provider, id).await?;
    let is_new = known.is_none();
    let mut kept = known.unwrap_or_else(|| new_payout(provider, &told, now));
    if kept.status != told.status {
        (kept.status, kept.changed_at) = (told.status, now);
    }
    kept.arrives_at = told.arrives_at;
    kept.bank_reference.clone_from(&told.bank_reference);
    kept.statement_descriptor.clone_from(&told.statement_descriptor);
    kept.next_look_at = next_look(&told, now);
    if is_new {
        store::cards::payout::insert(&tx, &kept).await?;
    } else {
        store::cards::payout::update(&tx, &kept).await?;
    }
    let mut postings = Vec::new();
    for movement in &movements {
        let booking = booking_of(movement, &kept);
        postings.extend(book_movement(&tx, provider, movement, booking, now).await?);
        store::cards::movement::net_by(&tx, provider, &movement.id, kept.id).await?;
    }
    store::ledger::append(&tx, end, &postings).await?;
    tx.commit().await?;
    warn_unless_it_foots(&told, &movements)?;
    Ok("looked_at")
}

fn new_payout(provider: &str, told: &Payout, now: Timestamp) -> KeptCardPayout {
    KeptCardPayout {
        id: ids::new(),
        provider: provider.to_owned(),
        provider_id: told.id.clone(),
        amount: told.amount,
        status: told.status,
        arrives_at: told.arrives_at,
        bank_reference: None,
        statement_descriptor: None,
        came_by: None,
        next_look_at: None,
        created_at: now,
        changed_at: now,
    }
}

fn next_look(told: &Payout, now: Timestamp) -> Option<Timestamp> {
    match told.status {
        PayoutStatus::Pending | PayoutStatus::InTransit => Some(now.after(LOOK_EVERY)),
        PayoutStatus::Paid if now < told.arrives_at.after(MAY_COME_BACK) => {
            Some(now.after(LOOK_EVERY))
        }
        PayoutStatus::Paid | PayoutStatus::Failed | PayoutStatus::Cancelled => None,
    }
}

/// All that the payout nets, and its own movements. Of one made by hand the provider knows only those.
async fn movements_of(card: &CardParts, told: &Payout) -> anyhow::Result<Vec<BalanceTransaction>> {
    let mut movements = Vec::new();
    if told.automatic {
        movements = card.provider.payout_balance_transactions(&told.id).await?;
    }
    for id in [&told.balance_transaction, &told.failure_balance_transaction].into_iter().flatten() {
        if movements.iter().all(|movement| movement.id != *id) {
            movements.push(card.provider.balance_transaction(id).await?);
        }
    }
    Ok(movements)
}

/// What a movement is that nothing of ours explained.
fn booking_of(movement: &BalanceTransaction, payout: &KeptCardPayout) -> Booking {
    let (kind, other, subject) = match movement.kind {
        BalanceTransactionKind::Payout | BalanceTransactionKind::PayoutFailure => {
            (PostingKind::CardPayoutMoved, Account::CardPayouts, payout.id.to_string())
        }
        BalanceTransactionKind::Fee => {
            (PostingKind::CardFeeTaken, Account::CardFees, movement.id.to_string())
        }
        _ => (PostingKind::CardMovementQueued, Account::CardSuspense, movement.id.to_string()),
    };
    Booking { kind, subject, other, ours: movement.amount }
}

/// An automatic payout is exactly what it nets.
fn warn_unless_it_foots(told: &Payout, movements: &[BalanceTransaction]) -> anyhow::Result<()> {
    let netted = movements.iter().filter(|one| {
        !matches!(one.kind, BalanceTransactionKind::Payout | BalanceTransactionKind::PayoutFailure)
    });
    let sum = Money::checked_sum(told.amount.currency, netted.map(|one| one.net))?;
    if told.automatic && sum != told.amount {
        tracing::error!(payout = %told.id, %sum, amount = %told.amount, "a card payout is not what it nets");
        metrics::counter!("card_payouts_that_do_not_foot_total").increment(1);
    }
    Ok(())
}
