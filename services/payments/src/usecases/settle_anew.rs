//! Decides anew on the credits that wait for a payment: when what paid it was taken back, and when a credit that
//! was to go elsewhere waits for it again.

use anyhow::Context;
use kernel::{Money, PaymentId, Timestamp};
use platform::database::Transaction;
use platform::{ids, outbox};

use super::charge_orders::Charged;
use super::decide_credits::{claim_of_earlier, terms_of};
use super::tell_of_payment;
use crate::Payments;
use crate::domain::commission::PaidBy;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::reconciliation::{Claim, settle_as_told};
use crate::domain::shop_line::ShopLine;
use crate::store;

/// What it changes in the books. The caller appends the postings, and then inserts the lines.
#[derive(Default)]
pub struct SettledAnew {
    /// The capture, if the payment is paid now.
    pub postings: Vec<Posting>,
    /// Its lines.
    pub lines: Vec<ShopLine>,
}

/// What the credits that name a pending payment are to it now; some of them may pay it. `because_of` is the
/// decision that made it necessary: it names the capture.
pub async fn settle_anew(
    payments: &Payments,
    tx: &Transaction,
    payment: &mut Payment,
    because_of: &str,
    now: Timestamp,
) -> anyhow::Result<SettledAnew> {
    let waiting = store::bank_credit::waiting_for(tx, &[payment.id]).await?;
    let claims: Vec<Claim> =
        waiting.iter().map(|credit| claim_of_earlier(credit, payment)).collect();
    let tolerance = payments.0.settlement.tolerance;
    let verdicts = settle_as_told(&terms_of(payment, tolerance), &claims);
    let (mut paid_from, mut last) = (None, Timestamp::default());
    let mut came = Money::zero(payment.amount.currency);
    for (credit, verdict) in waiting.iter().zip(&verdicts) {
        if (verdict.state, verdict.rule.name()) != (credit.state, credit.rule.as_str()) {
            store::bank_credit::decide_anew(tx, credit.id, *verdict).await?;
        }
        if verdict.state.is_matched() {
            paid_from = Some(credit.unexplained());
            came = came.checked_add(credit.amount)?;
            last = last.max(credit.received_at);
        }
    }
    let Some(account) = paid_from else { return Ok(SettledAnew::default()) };
    // In time is what was told of in time, however late it is decided on.
    payment.succeed(last).context("a pending payment cannot succeed")?;
    store::payment::close(tx, [payment.id], PaymentStatus::Succeeded, now).await?;
    let charged = Charged::write(payments, tx, &[&*payment], PaidBy::BankTransfer, now).await?;
    let mut entries = vec![Entry { account, amount: came }];
    let difference = payment.amount.checked_sub(came)?;
    if !difference.is_zero() {
        let account = Account::difference(payment.direct_shop());
        entries.push(Entry { account, amount: difference });
    }
    entries.extend(charged.entries(payment)?);
    let subject = payment.id.to_string();
    let idempotency_key = format!("capture:{subject}:{because_of}");
    let (id, kind) = (ids::new(), PostingKind::PartsCaptured);
    let posting = Posting { id, kind, subject, idempotency_key, entries, posted_at: now };
    let posting = posting.balanced()?;
    let lines = charged.lines(payment.id, posting.id, now)?;
    outbox::publish_all(tx, now, tell_of_payment::succeeded(payment, now)).await?;
    Ok(SettledAnew { postings: vec![posting], lines })
}

/// A credit waits again for a payment that it names: with others it may pay it, and if it was paid meanwhile, the
/// credit came besides.
pub async fn settle_returned(
    payments: &Payments,
    tx: &Transaction,
    named: PaymentId,
    because_of: &str,
    now: Timestamp,
) -> anyhow::Result<SettledAnew> {
    let payment = store::payment::lock(tx, named).await?;
    let mut payment = payment.context("a payment that a credit names is gone")?;
    match payment.status {
        PaymentStatus::Pending => settle_anew(payments, tx, &mut payment, because_of, now).await,
        PaymentStatus::Succeeded => {
            store::part_payment::outdo(tx, &[named], None).await?;
            Ok(SettledAnew::default())
        }
        // What waits for one that ended without money is a person's.
        PaymentStatus::Expired | PaymentStatus::Cancelled => Ok(SettledAnew::default()),
    }
}
