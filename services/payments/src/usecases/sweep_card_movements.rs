//! Asks the card provider for every movement of our balance of late, and explains those that are not in
//! the books: so what webhooks lost is found, whatever it was.

use std::time::Duration;

use anyhow::Context;

use super::explain_card_movement::explain_card_movement;
use super::look_at_card_payout::look_at_card_payout;
use crate::Payments;
use crate::providers::card::BalanceTransactionKind;
use crate::store;

/// How often it is asked.
pub const EVERY: Duration = Duration::from_secs(3_600);
/// How far back each round looks: longer than Stripe tells late, and than any outage left alone.
const LOOK_BACK: Duration = Duration::from_secs(3 * 24 * 3_600);

/// One round.
pub async fn sweep_card_movements(payments: &Payments) -> anyhow::Result<()> {
    let service = &payments.0;
    let Some(card) = &service.card else { return Ok(()) };
    let since = service.clock.now().before(LOOK_BACK);
    let provider = card.provider.name();
    for movement in card.provider.balance_transactions_since(since).await? {
        let db = service.database.reader();
        if store::cards::movement::is_booked(db, provider, &movement.id).await? {
            continue;
        }
        let explained = match (&movement.kind, &movement.source) {
            (
                BalanceTransactionKind::Payout | BalanceTransactionKind::PayoutFailure,
                Some(source),
            ) => {
                let payout = source.parse().context("a payout's id")?;
                look_at_card_payout(payments, &payout).await.map(drop)
            }
            _ => explain_card_movement(payments, &movement).await,
        };
        // One that cannot be explained now does not hold up the others.
        if let Err(error) = explained {
            tracing::warn!(movement = %movement.id, error = format!("{error:#}"), "a card movement is not explained");
        }
    }
    Ok(())
}
