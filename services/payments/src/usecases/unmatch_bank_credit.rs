//! A person takes a match back: "not this one". The books get the way back of the capture, the pair
//! never matches by a rule again, and the payment is open again. What was fulfilled or paid out stays
//! so: the shop's line goes below zero, an explicit debt. A payout that was planned with the sale and
//! not sent is thrown away. Other credits that name the payment are looked at anew.

use std::collections::BTreeSet;

use anyhow::Context;
use kernel::{BankCreditId, Money, OrderId, PaymentId, PayoutId, Timestamp, UserId};
use platform::database::Transaction;
use platform::{ids, outbox};
use sea_orm::DbErr;

use super::charge_orders::Charged;
use super::reserve_payouts::voided;
use super::resolve_bank_credit::LONGEST_REASON;
use super::settle_anew::{SettledAnew, settle_anew, settle_returned};
use super::tell_of_payment;
use crate::Payments;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payment::Payment;
use crate::domain::payout::PayoutStatus;
use crate::domain::reconciliation::{CreditState, Rule, Verdict};
use crate::domain::shop_line::ShopLine;
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::credit_decision::{CreditAction, CreditDecision};
use crate::store::refund::RefundOf;

/// What a person takes back.
#[derive(Clone, Debug)]
pub struct UnmatchBankCredit {
    /// The credit.
    pub credit: BankCreditId,
    /// Why.
    pub reason: String,
    /// Who decides.
    pub by: UserId,
}

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum UnmatchError {
    /// There is no such credit.
    #[error("there is no such credit")]
    UnknownCredit,
    /// It pays nothing: it waits, or it went back.
    #[error("the credit pays nothing")]
    NotMatched,
    /// Money of a payment was given back, or is on its way.
    #[error("money of payment {0} was given back")]
    Refunded(PaymentId),
    /// The reason is empty or too long.
    #[error("the reason is empty or too long")]
    Reason,
    /// The database failed, or what it holds cannot be reckoned with.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<DbErr> for UnmatchError {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// Takes the match of a credit back.
pub async fn unmatch_bank_credit(
    payments: &Payments,
    asked: UnmatchBankCredit,
) -> Result<BankCredit, UnmatchError> {
    let service = &payments.0;
    let reason = kernel::normalize_spaces(&asked.reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(UnmatchError::Reason);
    }
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let credit = store::bank_credit::lock(&tx, asked.credit).await?;
    let credit = credit.ok_or(UnmatchError::UnknownCredit)?;
    let paid = paid_by(&tx, &credit).await?;
    if paid.is_empty() {
        return Err(UnmatchError::NotMatched);
    }
    let refunds = store::refund::of_payments(&tx, &paid).await?;
    let given_back = refunds.iter().find_map(|refund| match refund.of {
        RefundOf::Order { payment, .. } if refund.status.holds_money() => Some(payment),
        _ => None,
    });
    if let Some(payment) = given_back {
        return Err(UnmatchError::Refunded(payment));
    }
    let decision = CreditDecision {
        id: ids::new(),
        credit: credit.id,
        action: CreditAction::Unmatch,
        reason,
        payments: paid.clone(),
        decided_by: asked.by,
        decided_at: now,
    };
    let mut unmatching = Unmatching {
        tx: &tx,
        credit: &credit,
        decision: &decision,
        postings: Vec::new(),
        lines: Vec::new(),
    };
    // What it names was not what it paid: a person knew better. It waits for that one again.
    let named = credit.payment.filter(|id| !paid.contains(id));
    if let Some(named) = named {
        // In the order of their ids, as everybody locks.
        for id in paid.iter().copied().chain([named]).collect::<BTreeSet<PaymentId>>() {
            store::payment::lock(&tx, id).await?;
        }
    }
    let mut reopened = unmatching.reopen(&paid).await?;
    let because_of = decision.id.to_string();
    for payment in &mut reopened {
        let settled = settle_anew(payments, &tx, payment, &because_of, now).await?;
        unmatching.add(settled);
    }
    if let Some(named) = named {
        let settled = settle_returned(payments, &tx, named, &because_of, now).await?;
        unmatching.add(settled);
    }
    store::ledger::append(&tx, end, &unmatching.postings).await?;
    store::shop_line::insert(&tx, &unmatching.lines).await?;
    store::credit_decision::insert(&tx, &decision).await?;
    let unmatched = store::bank_credit::lock(&tx, credit.id).await?;
    tx.commit().await?;
    metrics::counter!("bank_credits_resolved_total", "action" => decision.action.name())
        .increment(1);
    unmatched.ok_or(UnmatchError::UnknownCredit)
}

/// The payments that a credit pays, in the order of their ids.
async fn paid_by(tx: &Transaction, credit: &BankCredit) -> Result<Vec<PaymentId>, DbErr> {
    let mut paid: BTreeSet<PaymentId> = store::bank_credit::splits_of(tx, credit.id).await?;
    if credit.state.is_matched() {
        paid.extend(credit.payment);
    }
    Ok(paid.into_iter().collect())
}

struct Unmatching<'a> {
    tx: &'a Transaction,
    credit: &'a BankCredit,
    decision: &'a CreditDecision,
    postings: Vec<Posting>,
    lines: Vec<ShopLine>,
}

impl Unmatching<'_> {
    const fn now(&self) -> Timestamp {
        self.decision.decided_at
    }

    fn add(&mut self, settled: SettledAnew) {
        self.postings.extend(settled.postings);
        self.lines.extend(settled.lines);
    }

    /// Opens the payments again, and gives everybody back what the capture gave and took.
    async fn reopen(&mut self, paid: &[PaymentId]) -> Result<Vec<Payment>, UnmatchError> {
        let (tx, now) = (self.tx, self.now());
        let mut reopened = Vec::with_capacity(paid.len());
        for id in paid {
            let payment = store::payment::lock(tx, *id).await?;
            let mut payment = payment.context("a paid payment is gone")?;
            payment.reopen(now).context("a paid payment has not succeeded")?;
            reopened.push(payment);
        }
        let charged = Charged::kept(tx, &reopened).await?;
        self.reverse(&charged, &reopened)?;
        // What was given back of the bills pays for nothing else any more, unless the next run of payouts finds
        // it does.
        let mut orders = store::reseller_bill::take_netting_back(tx, charged.resellers()).await?;
        orders.extend(charged.order_ids());
        self.discard_planned(orders).await?;
        charged.move_to_reversed(tx, now).await?;
        for payment in &reopened {
            store::payment::reopen(tx, payment.id, now).await?;
        }
        self.release(paid).await?;
        let events = reopened.iter().filter_map(|payment| tell_of_payment::reopened(payment, now));
        outbox::publish_all(tx, now, events).await?;
        Ok(reopened)
    }

    /// The way back of the capture: what it paid waits in suspense again.
    fn reverse(&mut self, charged: &Charged, reopened: &[Payment]) -> Result<(), UnmatchError> {
        let now = self.now();
        let mut entries = Vec::new();
        let mut captured = Money::zero(self.credit.amount.currency);
        for payment in reopened {
            captured = captured.checked_add(payment.amount).map_err(anyhow::Error::from)?;
            for entry in charged.entries(payment)? {
                let amount = entry.amount.checked_neg().map_err(anyhow::Error::from)?;
                entries.push(Entry { account: entry.account, amount });
            }
        }
        let parts = self.credit.rule == Rule::SumOfParts.name();
        // A part goes back with the others: all that they paid together is in suspense again.
        let waiting = if parts { captured } else { self.credit.amount };
        let back = waiting.checked_neg().map_err(anyhow::Error::from)?;
        entries.push(Entry { account: self.credit.unexplained(), amount: back });
        // What the tolerance had let go is no difference any more.
        let rounding = waiting.checked_sub(captured).map_err(anyhow::Error::from)?;
        if !rounding.is_zero() {
            let account = Account::difference(self.credit.shop);
            entries.push(Entry { account, amount: rounding });
        }
        let subject = self.credit.id.to_string();
        let idempotency_key = format!("unmatch:{}", self.decision.id);
        let (id, kind) = (ids::new(), PostingKind::MatchReversed);
        let posting = Posting { id, kind, subject, idempotency_key, entries, posted_at: now };
        let posting = posting.balanced().map_err(anyhow::Error::from)?;
        for payment in reopened {
            for mut line in charged.lines(payment.id, posting.id, now)? {
                line.amount = line.amount.checked_neg().map_err(anyhow::Error::from)?;
                self.lines.push(line);
            }
        }
        self.postings.push(posting);
        Ok(())
    }

    /// Payouts that were planned with what is no longer owed and not sent are thrown away; the rest
    /// of what they paid is due again.
    async fn discard_planned(&self, orders: Vec<OrderId>) -> Result<(), UnmatchError> {
        let holding: Vec<PayoutId> = store::shop_line::payouts_of_orders(self.tx, orders).await?;
        for id in holding {
            let Some(mut kept) = store::payout::lock(self.tx, id).await? else { continue };
            if matches!(kept.payout.status, PayoutStatus::Draft | PayoutStatus::Approved) {
                kept.payout.discard(self.now()).map_err(anyhow::Error::from)?;
                voided(self.tx, id, self.now()).await?;
                store::shop_line::reopen(self.tx, id).await?;
                store::payout::update(self.tx, &kept).await?;
            }
        }
        Ok(())
    }

    /// The credit waits and is remembered as not for these; parts that paid with it wait, too.
    async fn release(&self, paid: &[PaymentId]) -> Result<(), UnmatchError> {
        let (tx, credit) = (self.tx, self.credit);
        let by = (self.decision.decided_by, self.now());
        store::match_refusal::insert(tx, credit.id, paid, by).await?;
        store::learned_payer::unlearn(tx, credit.id).await?;
        store::bank_credit::remove_splits(tx, credit.id).await?;
        for payment in paid {
            for other in store::bank_credit::that_paid(tx, *payment).await? {
                let verdict = Verdict { state: CreditState::Underpaid, rule: Rule::Less };
                store::bank_credit::decide_anew(tx, other.id, verdict).await?;
            }
        }
        if credit.state.is_matched() || credit.payment.is_some_and(|id| paid.contains(&id)) {
            store::bank_credit::orphan(tx, credit.id, Rule::RefusedByPerson).await?;
        }
        store::bank_credit::resolve(tx, credit.id, None).await?;
        Ok(())
    }
}
