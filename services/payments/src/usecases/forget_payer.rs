//! Forgets what decisions taught of who sent a credit. Their later credits are nobody's again.

use kernel::{BankCreditId, CheckoutId};
use platform::database::Transaction;
use sea_orm::DbErr;

use crate::Payments;
use crate::store;

/// Forgets who sent a credit; gives how many facts were forgotten, and nothing if there is no such
/// credit.
pub async fn forget_payer(payments: &Payments, credit: BankCreditId) -> Result<Option<u64>, DbErr> {
    let tx = payments.0.database.begin().await?;
    // Not while a decision on another credit of the payer is taken back.
    store::ledger::share(&tx).await?;
    let Some(credit) = store::bank_credit::lock(&tx, credit).await? else { return Ok(None) };
    let forgotten = store::learned_payer::forget(&tx, &credit).await?;
    tx.commit().await?;
    Ok(Some(forgotten))
}

/// Forgets what decisions taught of who paid for a checkout: its buyer deleted their account. What banks told and
/// where refunds went stays, as the law on accounting demands.
pub async fn forget_payer_of_checkout(tx: &Transaction, checkout: CheckoutId) -> Result<(), DbErr> {
    let Some(payment) = store::payment::of_checkout(tx, checkout).await? else { return Ok(()) };
    for credit in store::bank_credit::that_paid(tx, payment.id).await? {
        store::learned_payer::forget(tx, &credit).await?;
    }
    Ok(())
}
