//! What happens to a payout after it was planned: a second person agrees or it is thrown away; the
//! bank made it, or gave it back.

use kernel::{BankCreditId, PayoutId, UserId};
use sea_orm::DbErr;

use super::post_payout::{PayoutPosting, post_payout};
use super::reserve_payouts::voided;
use crate::Payments;
use crate::domain::payout::{PayoutRefused, PayoutStatus};
use crate::store;
use crate::store::payout::KeptPayout;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutDecided {
    /// A second person agrees.
    Approve,
    /// It is not made after all.
    Discard,
    /// The bank made it.
    Paid,
    /// The bank refused it, or gave the money back by a credit.
    Returned(Option<BankCreditId>),
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecidePayoutError {
    /// There is no such payout.
    #[error("there is no such payout")]
    Unknown,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] PayoutRefused),
    /// The credit that is said to be the money coming back is another, or was used.
    #[error("the credit is not the money that came back")]
    OtherCredit,
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<DbErr> for DecidePayoutError {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// Decides on a payout. Deciding the same again changes nothing.
pub async fn decide_payout(
    payments: &Payments,
    id: PayoutId,
    decided: PayoutDecided,
    by: UserId,
) -> Result<KeptPayout, DecidePayoutError> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let mut kept = store::payout::lock(&tx, id).await?.ok_or(DecidePayoutError::Unknown)?;
    let before = kept.payout.status;
    if is_done(&kept, decided, by) {
        return Ok(kept);
    }
    match decided {
        PayoutDecided::Approve => kept.payout.approve(by, now)?,
        PayoutDecided::Discard => {
            kept.payout.discard(now)?;
            voided(&tx, id, now).await?;
            store::shop_line::reopen(&tx, id).await?;
        }
        PayoutDecided::Paid => {
            kept.payout.pay(now)?;
            post_payout(&tx, end, &kept, PayoutPosting::Paid { account: own(payments) }, now)
                .await?;
        }
        PayoutDecided::Returned(credit) => {
            kept.payout.come_back(now)?;
            let from = match (before, credit) {
                (PayoutStatus::Sent, None) => PayoutPosting::ReturnedInTransit,
                (PayoutStatus::Paid, Some(credit)) => {
                    let credit = store::bank_credit::lock(&tx, credit)
                        .await?
                        .filter(|credit| credit.amount == kept.payout.plan.amount)
                        .filter(|credit| credit.waits() && credit.shop.is_none())
                        .ok_or(DecidePayoutError::OtherCredit)?;
                    store::bank_credit::resolve(&tx, credit.id, Some("returned")).await?;
                    PayoutPosting::ReturnedByCredit { account: credit.account_number }
                }
                _ => return Err(DecidePayoutError::OtherCredit),
            };
            store::shop_line::reopen(&tx, id).await?;
            post_payout(&tx, end, &kept, from, now).await?;
        }
    }
    store::payout::update(&tx, &kept).await?;
    tx.commit().await?;
    metrics::counter!("payouts_total", "status" => kept.payout.status.name()).increment(1);
    Ok(kept)
}

fn own(payments: &Payments) -> String {
    payments.0.receiving_account.account.clone()
}

fn is_done(kept: &KeptPayout, decided: PayoutDecided, by: UserId) -> bool {
    match (decided, kept.payout.status) {
        (PayoutDecided::Approve, PayoutStatus::Approved) => kept.payout.approved_by == Some(by),
        (PayoutDecided::Discard, PayoutStatus::Discarded)
        | (PayoutDecided::Paid, PayoutStatus::Paid)
        | (PayoutDecided::Returned(_), PayoutStatus::Returned) => true,
        _ => false,
    }
}
