//! Sends card money that came second to its card again, after it could not go back: a person says so. It is
//! another return with a key of its own; the one that failed stays as it was.

use anyhow::Context;
use kernel::{CardReturnId, UserId};
use platform::ids;
use sea_orm::DbErr;

use super::refund_payment::{RefundPaymentError, must_not_be_disputed};
use super::return_surplus_to_bank::refund_instead;
use crate::Payments;
use crate::domain::card_return::{
    Again, CardReturn, ReturnStatus, SurplusReturnRefused, surplus_again,
};
use crate::store;
use crate::store::cards::returned::KeptReturn;

/// Why it is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum ReturnCardSurplusError {
    /// There is no such return.
    #[error("there is no such return")]
    Unknown,
    /// The cardholder's bank contests the payment or took it back: it would be paid twice.
    #[error("the payment is disputed")]
    Disputed,
    /// The reason is empty or too long.
    #[error("the reason is empty or too long")]
    Reason,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] SurplusReturnRefused),
    /// The database failed, or what it holds does not fit together.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<DbErr> for ReturnCardSurplusError {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// Sends it again. The same asked again gives the return that was made of it.
pub async fn return_card_surplus(
    payments: &Payments,
    failed: CardReturnId,
    by: UserId,
) -> Result<KeptReturn, ReturnCardSurplusError> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The end of the ledger first, as whoever changes a return does: two who ask at once do so in turn.
    store::ledger::lock(&tx).await?;
    let named = store::cards::returned::lock(&tx, failed).await?;
    let named = named.ok_or(ReturnCardSurplusError::Unknown)?;
    let attempt = named.returned.attempt;
    let returns = store::cards::returned::of_attempt(&tx, attempt).await?;
    let all: Vec<CardReturn> = returns.iter().map(|kept| kept.returned.clone()).collect();
    if let Again::WasMade(id) = surplus_again(&named.returned, &all)? {
        let made = returns.into_iter().find(|kept| kept.returned.id == id);
        return Ok(made.context("a return is gone")?);
    }
    if refund_instead(&tx, &named).await?.is_some() {
        return Err(SurplusReturnRefused::ToBank.into());
    }
    let kept = store::cards::attempt::by_id(&tx, attempt).await?;
    let kept = kept.context("the card attempt of a return is gone")?;
    must_not_be_disputed(&tx, &kept).await.map_err(|error| match error {
        RefundPaymentError::Disputed => ReturnCardSurplusError::Disputed,
        other => ReturnCardSurplusError::Fault(other.into()),
    })?;
    let again = CardReturn {
        id: ids::new(),
        status: ReturnStatus::Waiting,
        created_at: now,
        changed_at: now,
        ..named.returned
    };
    let again = KeptReturn { asked_by: Some(by), ..KeptReturn::waiting(again, now) };
    store::cards::returned::insert(&tx, &again).await?;
    tx.commit().await?;
    service.carded.notify_one();
    metrics::counter!("card_surplus_returned_again_total").increment(1);
    Ok(again)
}
