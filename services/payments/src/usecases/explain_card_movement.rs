//! What a movement of our balance at the card provider comes from: a charge, a refund or a dispute of
//! ours is looked at, and books the movement itself.

use anyhow::Context;

use super::look_at_card_attempt::look_at_card_attempt;
use super::look_at_dispute::look_at_dispute;
use super::send_card_returns::look_at_card_return;
use crate::Payments;
use crate::providers::card::{BalanceTransaction, BalanceTransactionKind};
use crate::store;

/// Explains a movement that is not in the books. One that comes from nothing of ours stays unexplained.
pub async fn explain_card_movement(
    payments: &Payments,
    movement: &BalanceTransaction,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let card = service.card.as_ref().context("the market takes no cards")?;
    let (db, provider) = (service.database.reader(), card.provider.name());
    if store::cards::movement::is_booked(db, provider, &movement.id).await? {
        return Ok(());
    }
    let Some(source) = &movement.source else { return Ok(()) };
    match movement.kind {
        BalanceTransactionKind::Charge => {
            let Ok(charge) = source.parse() else { return Ok(()) };
            if let Some(kept) = store::cards::attempt::by_charge(db, provider, &charge).await? {
                look_at_card_attempt(payments, kept.attempt.id).await?;
            }
        }
        BalanceTransactionKind::Refund | BalanceTransactionKind::RefundFailure => {
            let Ok(refund) = source.parse() else { return Ok(()) };
            look_at_card_return(payments, &refund).await?;
        }
        // Other corrections have no dispute for a source.
        BalanceTransactionKind::Adjustment if is_dispute(source) => {
            let Ok(dispute) = source.parse() else { return Ok(()) };
            look_at_dispute(payments, &dispute).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Stripe's ids of disputes begin so.
fn is_dispute(source: &str) -> bool {
    source.starts_with("du_") || source.starts_with("dp_")
}
