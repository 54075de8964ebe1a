//! Gives up money that nobody claims or explains: a credit or a debit that waits. Up to the limit of
//! refunds one person is enough; above it another who asks for the same agrees.

use kernel::{MoneyError, UserId};
use platform::ids;
use sea_orm::DbErr;

use super::resolve_bank_credit::LONGEST_REASON;
use crate::Payments;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::store;
use crate::store::credit_decision::{CreditAction, CreditDecision};
use crate::store::write_off::{WriteOff, WriteOffOf};

/// Why nothing is given up.
#[derive(Debug, thiserror::Error)]
pub enum WriteOffError {
    /// There is no such credit or debit.
    #[error("there is no such credit or debit")]
    Unknown,
    /// It does not wait: it is explained.
    #[error("it does not wait")]
    NotWaiting,
    /// The reason is empty or too long.
    #[error("the reason is empty or too long")]
    Reason,
    /// The database failed, or what it holds cannot be reckoned with.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<DbErr> for WriteOffError {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<MoneyError> for WriteOffError {
    fn from(error: MoneyError) -> Self {
        Self::Fault(error.into())
    }
}

/// Asks to give something up, or agrees if another person has asked. Asking again changes nothing.
pub async fn write_off(
    payments: &Payments,
    of: WriteOffOf,
    reason: &str,
    by: UserId,
) -> Result<WriteOff, WriteOffError> {
    let service = &payments.0;
    let reason = kernel::normalize_spaces(reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(WriteOffError::Reason);
    }
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let (amount, account_number, shop, waits) = match of {
        WriteOffOf::Credit(id) => {
            let credit = store::bank_credit::lock(&tx, id).await?.ok_or(WriteOffError::Unknown)?;
            (credit.amount, credit.account_number.clone(), credit.shop, credit.waits())
        }
        WriteOffOf::Debit(id) => {
            let debit = store::bank_debit::lock(&tx, id).await?.ok_or(WriteOffError::Unknown)?;
            (debit.amount, debit.account_number.clone(), debit.shop, debit.waits())
        }
    };
    let earlier = store::write_off::lock(&tx, of).await?;
    if let Some(done) = earlier.as_ref().filter(|one| one.done_at.is_some()) {
        return Ok(done.clone());
    }
    if !waits {
        return Err(WriteOffError::NotWaiting);
    }
    let enough = amount.minor <= service.settlement.one_person_refund_minor;
    let one = match earlier {
        Some(mine) if mine.requested_by == by => return Ok(mine),
        Some(asked) => {
            let agreed = WriteOff { approved_by: Some(by), done_at: Some(now), ..asked };
            store::write_off::update(&tx, &agreed).await?;
            agreed
        }
        None => {
            let asked = WriteOff {
                id: ids::new(),
                of,
                amount,
                reason,
                requested_by: by,
                requested_at: now,
                approved_by: None,
                done_at: enough.then_some(now),
                withdrawn_at: None,
            };
            store::write_off::insert(&tx, &asked).await?;
            asked
        }
    };
    if one.done_at.is_some() {
        let suspense = Account::Suspense { number: account_number };
        let back = amount.checked_neg()?;
        let (in_suspense, given_up, subject) = match of {
            WriteOffOf::Credit(id) => {
                let decision = CreditDecision {
                    id: ids::new(),
                    credit: id,
                    action: CreditAction::WriteOff,
                    reason: one.reason.clone(),
                    payments: Vec::new(),
                    decided_by: by,
                    decided_at: now,
                };
                store::credit_decision::insert(&tx, &decision).await?;
                store::bank_credit::resolve(&tx, id, Some("written_off")).await?;
                (amount, back, id.to_string())
            }
            WriteOffOf::Debit(id) => {
                store::bank_debit::resolve(&tx, id, "written_off", None).await?;
                (back, amount, id.to_string())
            }
        };
        let idempotency_key = format!("write_off:{subject}");
        let entries = vec![
            Entry { account: suspense, amount: in_suspense },
            Entry { account: Account::WrittenOff, amount: given_up },
        ];
        let (id, kind) = (ids::new(), PostingKind::WrittenOff);
        let posting = Posting { id, kind, subject, idempotency_key, entries, posted_at: now };
        // What is on a shop's own account is not the market's to gain or lose.
        if shop.is_none() {
            let posting = posting.balanced().map_err(anyhow::Error::from)?;
            store::ledger::append(&tx, end, &[posting]).await?;
        }
    }
    tx.commit().await?;
    Ok(one)
}
