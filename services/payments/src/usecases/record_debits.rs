//! Records debits that a statement tells of: each once, matched to the payout or refund whose code
//! is in its memo, and in the books. The caller's transaction holds everything.

use std::collections::{HashMap, HashSet};

use kernel::{Money, Timestamp};
use platform::database::Transaction;
use platform::ids;

use super::post_payout::{PayoutPosting, of_payout};
use super::record_credits::Incoming;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payout::PayoutStatus;
use crate::domain::refund::{RefundChange, RefundMethod, RefundStatus};
use crate::domain::transfer_code::TransferCode;
use crate::store;
use crate::store::bank_debit::{BankDebit, DebitState};
use crate::store::ledger::LedgerHead;
use crate::store::payout::KeptPayout;
use crate::store::refund::KeptRefund;

/// Records debits: amounts below zero, as statements write them. Gives how many were new.
pub async fn record_debits(
    tx: &Transaction,
    end: LedgerHead,
    told: Vec<Incoming>,
    now: Timestamp,
) -> anyhow::Result<u64> {
    let identities: Vec<u128> = told.iter().filter_map(|one| one.statement_identity).collect();
    let known = store::bank_debit::known(tx, &identities).await?;
    let mut seen = HashSet::new();
    let new: Vec<(u128, Incoming)> = told
        .into_iter()
        .filter_map(|one| Some((one.statement_identity?, one)))
        .filter(|(identity, _)| !known.contains(identity) && seen.insert(*identity))
        .collect();
    if new.is_empty() {
        return Ok(0);
    }
    let codes: Vec<TransferCode> =
        new.iter().flat_map(|(_, one)| TransferCode::find_in(&one.memo)).collect();
    let mut known = Known::of(tx, &codes).await?;
    let (mut debits, mut postings) = (Vec::with_capacity(new.len()), Vec::new());
    for (identity, one) in new {
        let (debit, posting) = known.take(identity, one, now)?;
        debits.push(debit);
        postings.extend(posting);
    }
    known.write(tx).await?;
    store::bank_debit::insert(tx, &debits).await?;
    store::ledger::append(tx, end, &postings).await?;
    Ok(debits.len() as u64)
}

/// The payouts and refunds that memos name, locked.
struct Known {
    payouts: HashMap<TransferCode, KeptPayout>,
    refunds: HashMap<TransferCode, KeptRefund>,
    changed: HashSet<TransferCode>,
    /// Payouts and refunds that a debit proved before.
    proven: HashSet<uuid::Uuid>,
}

impl Known {
    async fn of(tx: &Transaction, codes: &[TransferCode]) -> anyhow::Result<Self> {
        let payouts = store::payout::lock_by_references(tx, codes).await?;
        let refunds = store::refund::lock_by_references(tx, codes).await?;
        let ids = payouts
            .iter()
            .map(|kept| kept.id.uuid())
            .chain(refunds.iter().map(|refund| refund.id.uuid()))
            .collect::<Vec<_>>();
        Ok(Self {
            proven: store::bank_debit::proven(tx, &ids).await?,
            payouts: payouts.into_iter().map(|kept| (kept.payout.plan.reference, kept)).collect(),
            refunds: refunds.into_iter().map(|refund| (refund.reference, refund)).collect(),
            changed: HashSet::new(),
        })
    }

    fn take(
        &mut self,
        identity: u128,
        one: Incoming,
        now: Timestamp,
    ) -> anyhow::Result<(BankDebit, Option<Posting>)> {
        let amount = one.amount.checked_neg()?;
        let code = TransferCode::find_in(&one.memo)
            .into_iter()
            .find(|code| self.payouts.contains_key(code) || self.refunds.contains_key(code));
        let mut debit = BankDebit {
            id: ids::new(),
            statement_identity: identity,
            account_number: one.account_number,
            amount,
            memo: one.memo,
            bank_reference: one.bank_reference,
            booked_at: one.booked_at,
            received_at: one.received_at,
            state: DebitState::Orphan,
            payout: None,
            refund: None,
            resolution: None,
            reversed_credit: None,
        };
        let posting = match code {
            Some(code) if self.payouts.contains_key(&code) => {
                self.of_payout(code, &mut debit, now)?
            }
            Some(code) => self.of_refund(code, &mut debit, now)?,
            None => Some(queued(&debit, now)?),
        };
        Ok((debit, posting))
    }

    fn of_payout(
        &mut self,
        code: TransferCode,
        debit: &mut BankDebit,
        now: Timestamp,
    ) -> anyhow::Result<Option<Posting>> {
        let Some(kept) = self.payouts.get_mut(&code) else { return Ok(Some(queued(debit, now)?)) };
        debit.payout = Some(kept.id);
        let proven = self.proven.contains(&kept.id.uuid());
        debit.state = match kept.payout.status {
            _ if kept.payout.plan.amount != debit.amount => DebitState::Differs,
            _ if proven => DebitState::Duplicate,
            PayoutStatus::Sent | PayoutStatus::Paid => DebitState::Matched,
            _ => DebitState::Differs,
        };
        if debit.state != DebitState::Matched {
            return Ok(Some(queued(debit, now)?));
        }
        self.proven.insert(kept.id.uuid());
        if kept.payout.status == PayoutStatus::Paid {
            // A person said so before: it is in the books.
            return Ok(None);
        }
        kept.payout.pay(now)?;
        self.changed.insert(code);
        let account = debit.account_number.clone();
        Ok(Some(of_payout(kept, PayoutPosting::Paid { account }, now)?.0))
    }

    fn of_refund(
        &mut self,
        code: TransferCode,
        debit: &mut BankDebit,
        now: Timestamp,
    ) -> anyhow::Result<Option<Posting>> {
        let Some(refund) = self.refunds.get_mut(&code) else {
            return Ok(Some(queued(debit, now)?));
        };
        debit.refund = Some(refund.id);
        let proven = self.proven.contains(&refund.id.uuid());
        debit.state = match refund.status {
            _ if refund.amount != debit.amount => DebitState::Differs,
            // No bank was given it: whoever wrote its code meant something else.
            _ if refund.method == RefundMethod::Card => DebitState::Differs,
            _ if proven => DebitState::Duplicate,
            RefundStatus::Sent => DebitState::Matched,
            _ => DebitState::Differs,
        };
        if debit.state != DebitState::Matched {
            return Ok(Some(queued(debit, now)?));
        }
        self.proven.insert(refund.id.uuid());
        (refund.status, refund.changed_at) = (refund.status.after(RefundChange::Succeed)?, now);
        self.changed.insert(code);
        let subject = refund.id.to_string();
        let key = format!("refund:{subject}:paid");
        let account = Account::Bank { number: debit.account_number.clone() };
        let entries = (Account::Refunds, account, debit.amount);
        Ok(Some(posting(PostingKind::RefundPaid, subject, key, entries, now)?))
    }

    async fn write(&self, tx: &Transaction) -> anyhow::Result<()> {
        for code in &self.changed {
            if let Some(kept) = self.payouts.get(code) {
                store::payout::update(tx, kept).await?;
            }
            if let Some(refund) = self.refunds.get(code) {
                store::refund::update(tx, refund).await?;
            }
        }
        Ok(())
    }
}

/// A debit that nobody has explained: a bank's fee, perhaps.
fn queued(debit: &BankDebit, now: Timestamp) -> anyhow::Result<Posting> {
    let number = debit.account_number.clone();
    let subject = debit.id.to_string();
    let key = format!("debit:{:032x}", debit.statement_identity);
    let suspense = Account::Suspense { number: number.clone() };
    let entries = (suspense, Account::Bank { number }, debit.amount);
    posting(PostingKind::DebitQueued, subject, key, entries, now)
}

fn posting(
    kind: PostingKind,
    subject: String,
    idempotency_key: String,
    (debited, credited, amount): (Account, Account, Money),
    posted_at: Timestamp,
) -> anyhow::Result<Posting> {
    let entries = vec![
        Entry { account: debited, amount },
        Entry { account: credited, amount: amount.checked_neg()? },
    ];
    let id = ids::new();
    Ok(Posting { id, kind, subject, idempotency_key, entries, posted_at }.balanced()?)
}
