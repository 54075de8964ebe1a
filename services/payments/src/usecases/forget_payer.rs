//! Forgets what decisions taught of who sent a credit. Their later credits are nobody's again.

use std::collections::BTreeSet;

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

/// Forgets what decisions taught of who paid for checkouts, and what was said to have money back: their buyers
/// deleted their accounts. What banks told, sums, and where refunds went stay, as the law on accounting demands.
/// Whoever calls shares the turn of the ledger: no decision is taken back meanwhile.
pub async fn forget_payers_of(tx: &Transaction, checkouts: &[CheckoutId]) -> Result<(), DbErr> {
    let (mut payments, mut credits) = (Vec::new(), BTreeSet::new());
    for checkout in checkouts {
        let Some(payment) = store::payment::of_checkout(tx, *checkout).await? else { continue };
        let paid_by = store::bank_credit::that_paid(tx, payment.id).await?;
        credits.extend(paid_by.into_iter().map(|credit| credit.id));
        payments.push(payment.id);
    }
    for id in credits {
        let Some(credit) = store::bank_credit::lock(tx, id).await? else { continue };
        store::learned_payer::forget(tx, &credit).await?;
    }
    store::refund::forget_reasons(tx, &payments).await
}
