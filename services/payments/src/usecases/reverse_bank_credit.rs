//! A person says that the bank took a credit back by a debit: both are explained. Suspense needs no
//! posting: it got the one and gave the other.

use kernel::{BankCreditId, BankDebitId, UserId};
use platform::ids;
use sea_orm::DbErr;

use super::resolve_bank_credit::LONGEST_REASON;
use crate::Payments;
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::credit_decision::{CreditAction, CreditDecision};

/// Why nothing was said to be taken back.
#[derive(Debug, thiserror::Error)]
pub enum ReverseError {
    /// There is no such credit.
    #[error("there is no such credit")]
    UnknownCredit,
    /// There is no such debit that waits, of the same account and amount and not before the credit.
    #[error("the debit is not the credit taken back")]
    OtherDebit,
    /// The credit does not wait: take its match back first.
    #[error("the credit does not wait")]
    NotWaiting,
    /// The reason is empty or too long.
    #[error("the reason is empty or too long")]
    Reason,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Explains a credit and the debit that took it back by each other.
pub async fn reverse_bank_credit(
    payments: &Payments,
    credit: BankCreditId,
    debit: BankDebitId,
    reason: &str,
    by: UserId,
) -> Result<BankCredit, ReverseError> {
    let service = &payments.0;
    let reason = kernel::normalize_spaces(reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(ReverseError::Reason);
    }
    let tx = service.database.begin().await?;
    let _end = store::ledger::lock(&tx).await?;
    let credit = store::bank_credit::lock(&tx, credit).await?.ok_or(ReverseError::UnknownCredit)?;
    let debit = store::bank_debit::lock(&tx, debit).await?.ok_or(ReverseError::OtherDebit)?;
    if credit.resolution.as_deref() == Some("reversed") && debit.reversed_credit == Some(credit.id)
    {
        return Ok(credit);
    }
    if !credit.waits() {
        return Err(ReverseError::NotWaiting);
    }
    let same = debit.account_number == credit.account_number && debit.amount == credit.amount;
    if !debit.waits() || !same || !booked_not_before(&debit, &credit) {
        return Err(ReverseError::OtherDebit);
    }
    let decision = CreditDecision {
        id: ids::new(),
        credit: credit.id,
        action: CreditAction::Reverse,
        reason,
        payments: Vec::new(),
        decided_by: by,
        decided_at: service.clock.now(),
    };
    store::credit_decision::insert(&tx, &decision).await?;
    store::bank_credit::resolve(&tx, credit.id, Some("reversed")).await?;
    store::bank_debit::resolve(&tx, debit.id, "reversed", Some(credit.id)).await?;
    tx.commit().await?;
    Ok(BankCredit { resolution: Some("reversed".to_owned()), ..credit })
}

/// Statements often tell the day only.
fn booked_not_before(debit: &store::bank_debit::BankDebit, credit: &BankCredit) -> bool {
    use crate::domain::vietnam_calendar::VietnamDay;
    VietnamDay::of(debit.booked_at) >= VietnamDay::of(credit.booked_at)
}
