//! A person decides on a credit of the queue: it pays payments, it goes back, or it waits on. What
//! the rules had said stays beside it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{BankCreditId, Money, MoneyError, PaymentId, ShopId, UserId};
use platform::database::Transaction;
use platform::{ids, outbox};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use super::charge_orders::Charged;
use super::payer_account::account_of_credit;
use super::post_refund::{RefundPosting, post_approved};
use super::tell_of_payment::succeeded;
use crate::Payments;
use crate::domain::commission::PaidBy;
use crate::domain::ledger::{Entry, Posting, PostingKind};
use crate::domain::payee_account::{AccountSource, PayeeAccount, PayeeAccountRefused};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::refund::{RefundMethod, RefundStatus};
use crate::domain::transfer_code::{TransferCode, TransferPurpose};
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::credit_decision::{CreditAction, CreditDecision};
use crate::store::ledger::LedgerHead;
use crate::store::refund::{KeptRefund, RefundOf};

/// The longest reason.
pub const LONGEST_REASON: usize = 500;
/// The most shops that one decision teaches of: who pays more of them at once is known by none.
const MOST_LEARNED: usize = 3;
/// The most payments that one credit pays.
pub const MOST_PARTS: usize = 50;

/// What a person decides.
#[derive(Clone, Debug)]
pub struct ResolveBankCredit {
    /// The credit.
    pub credit: BankCreditId,
    /// What to do with it.
    pub resolution: Resolution,
    /// Why.
    pub reason: String,
    /// Who decides.
    pub by: UserId,
}

/// What to do with a credit.
#[derive(Clone, Debug)]
pub enum Resolution {
    /// It pays these payments, of each the whole.
    Pays(Vec<(PaymentId, Money)>),
    /// It goes back to this account; none: to the one that it came from, if that is known.
    Refund(Option<Result<PayeeAccount, PayeeAccountRefused>>),
    /// It waits on.
    Hold,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// There is no such credit.
    #[error("there is no such credit")]
    UnknownCredit,
    /// There is no such payment.
    #[error("there is no payment {0}")]
    UnknownPayment(PaymentId),
    /// It does not wait: it paid something, or was decided on before.
    #[error("the credit does not wait")]
    NotWaiting,
    /// A payment that is closed cannot be paid: its goods are given up.
    #[error("payment {0} is {name}", name = .1.name())]
    PaymentClosed(PaymentId, PaymentStatus),
    /// The parts are not the credit, or a part is not its payment.
    #[error("the amounts differ: {expected} and {actual}")]
    AmountsDiffer {
        /// What it should be.
        expected: Money,
        /// What it is.
        actual: Money,
    },
    /// The payment asked for money on another account: the credit is not its.
    #[error("payment {0} asked for money on another account")]
    OtherAccount(PaymentId),
    /// It came to a shop's own account: the market cannot send it back.
    #[error("the money is on a shop's own account")]
    NotOurs,
    /// A payment is named twice, or none, or too many are.
    #[error("one to {MOST_PARTS} payments, each once")]
    Parts,
    /// The reason is empty or too long.
    #[error("the reason is empty or too long")]
    Reason,
    /// The account cannot be paid to.
    #[error(transparent)]
    Account(#[from] PayeeAccountRefused),
    /// The database failed, or what it holds cannot be reckoned with.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<DbErr> for ResolveError {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<MoneyError> for ResolveError {
    fn from(error: MoneyError) -> Self {
        Self::Fault(error.into())
    }
}

/// Decides on a credit.
pub async fn resolve_bank_credit(
    payments: &Payments,
    asked: ResolveBankCredit,
) -> Result<BankCredit, ResolveError> {
    let service = &payments.0;
    let reason = kernel::normalize_spaces(&asked.reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(ResolveError::Reason);
    }
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let credit = store::bank_credit::lock(&tx, asked.credit).await?;
    let credit = credit.ok_or(ResolveError::UnknownCredit)?;
    let pays = matches!(asked.resolution, Resolution::Pays(_));
    if !(credit.waits() || (pays && credit.may_pay())) {
        return Err(ResolveError::NotWaiting);
    }
    let mut decision = CreditDecision {
        id: ids::new(),
        credit: credit.id,
        action: CreditAction::Hold,
        reason,
        payments: Vec::new(),
        decided_by: asked.by,
        decided_at: now,
    };
    let resolving = Resolving { payments, tx: &tx, credit: &credit };
    let resolution = match asked.resolution {
        Resolution::Hold => None,
        Resolution::Refund(account) => {
            decision.action = CreditAction::Refund;
            resolving.refund(end, account.transpose()?, &decision).await?;
            Some("refunded")
        }
        Resolution::Pays(parts) => {
            decision.payments = parts.iter().map(|(id, _)| *id).collect();
            let one = parts.len() == 1;
            decision.action = if one { CreditAction::Match } else { CreditAction::Split };
            resolving.pay(end, parts, &decision).await?;
            Some(if one { "matched" } else { "split" })
        }
    };
    store::credit_decision::insert(&tx, &decision).await?;
    if resolution.is_some() {
        store::bank_credit::resolve(&tx, credit.id, resolution).await?;
    }
    let decided = store::bank_credit::lock(&tx, credit.id).await?;
    tx.commit().await?;
    metrics::counter!("bank_credits_resolved_total", "action" => decision.action.name())
        .increment(1);
    decided.ok_or(ResolveError::UnknownCredit)
}

struct Resolving<'a> {
    payments: &'a Payments,
    tx: &'a Transaction,
    credit: &'a BankCredit,
}

impl Resolving<'_> {
    async fn pay(
        &self,
        end: LedgerHead,
        parts: Vec<(PaymentId, Money)>,
        decision: &CreditDecision,
    ) -> Result<(), ResolveError> {
        let now = decision.decided_at;
        let wanted: BTreeMap<PaymentId, Money> = parts.iter().copied().collect();
        if parts.is_empty() || parts.len() > MOST_PARTS || wanted.len() != parts.len() {
            return Err(ResolveError::Parts);
        }
        let mut paid: Vec<Payment> = Vec::with_capacity(wanted.len());
        // In the order of their ids, as everybody locks.
        for (id, amount) in &wanted {
            let payment = store::payment::lock(self.tx, *id).await?;
            let mut payment = payment.ok_or(ResolveError::UnknownPayment(*id))?;
            if !payment.is_asked_on(&self.credit.account_number, self.credit.shop) {
                return Err(ResolveError::OtherAccount(*id));
            }
            if payment.amount != *amount {
                let (expected, actual) = (payment.amount, *amount);
                return Err(ResolveError::AmountsDiffer { expected, actual });
            }
            let at = payment.expires_at.min(now);
            payment.succeed(at).map_err(|_| ResolveError::PaymentClosed(*id, payment.status))?;
            paid.push(payment);
        }
        let sum = Money::checked_sum(self.credit.amount.currency, wanted.values().copied())?;
        if sum != self.credit.amount {
            let (expected, actual) = (self.credit.amount, sum);
            return Err(ResolveError::AmountsDiffer { expected, actual });
        }
        let captured: Vec<&Payment> = paid.iter().collect();
        let charged =
            Charged::write(self.payments, self.tx, &captured, PaidBy::BankTransfer, now).await?;
        let mut entries = vec![Entry { account: self.credit.unexplained(), amount: sum }];
        for payment in &paid {
            entries.extend(charged.entries(payment)?);
        }
        let subject = self.credit.id.to_string();
        // A credit whose match was taken back may be decided on again.
        let idempotency_key = format!("resolve:{subject}:{}", decision.id);
        let (id, kind) = (ids::new(), PostingKind::CreditResolved);
        let posting = Posting { id, kind, subject, idempotency_key, entries, posted_at: now };
        let posting = posting.balanced().map_err(anyhow::Error::from)?;
        let mut lines = Vec::new();
        for payment in &paid {
            lines.extend(charged.lines(payment.id, posting.id, now)?);
        }
        // Who matches them now knows better than who once said "not this one".
        store::match_refusal::remove(self.tx, self.credit.id, wanted.keys().copied()).await?;
        let shops = paid.iter().flat_map(|payment| &payment.allocations);
        let shops: BTreeSet<ShopId> = shops.map(|part| part.shop).take(MOST_LEARNED).collect();
        store::learned_payer::learn(self.tx, self.credit, &shops, now).await?;
        let ids = paid.iter().map(|payment| payment.id);
        store::payment::close(self.tx, ids, PaymentStatus::Succeeded, now).await?;
        let ids: Vec<PaymentId> = wanted.keys().copied().collect();
        store::part_payment::outdo(self.tx, &ids, Some(self.credit.id)).await?;
        let splits: Vec<_> = wanted.iter().map(|(id, sum)| (self.credit.id, *id, *sum)).collect();
        store::bank_credit::insert_splits(self.tx, &splits).await?;
        store::ledger::append(self.tx, end, &[posting]).await?;
        store::shop_line::insert(self.tx, &lines).await?;
        let events = paid.iter().filter_map(|payment| succeeded(payment, now));
        outbox::publish_all(self.tx, now, events).await?;
        Ok(())
    }

    /// The whole credit goes back; above the limit a second person agrees first. Where nobody knows
    /// where to, the refund waits for an account.
    async fn refund(
        &self,
        end: LedgerHead,
        named: Option<PayeeAccount>,
        decision: &CreditDecision,
    ) -> Result<(), ResolveError> {
        if self.credit.shop.is_some() {
            return Err(ResolveError::NotOurs);
        }
        let now = decision.decided_at;
        let (payee, account_from) = match (named, account_of_credit(self.credit)) {
            (Some(named), _) => (Some(named), AccountSource::Request),
            (None, Some(payer)) => (Some(payer), AccountSource::Payer),
            (None, None) => (None, AccountSource::Nobody),
        };
        let status = match payee {
            Some(_) => status_of_return(self.payments, self.credit.amount),
            None => RefundStatus::Requested,
        };
        let refund = KeptRefund {
            id: ids::new(),
            reference: TransferCode::from_random(TransferPurpose::Refund, rand::random()),
            of: RefundOf::Credit(self.credit.id),
            amount: self.credit.amount,
            reason: decision.reason.clone(),
            payee,
            account_from,
            account_by: None,
            method: RefundMethod::BankTransfer,
            status,
            requested_by: decision.decided_by,
            approved_by: None,
            idempotency_key: decision.id.to_string(),
            request_hash: Sha256::digest(decision.id.to_string()).to_vec(),
            file: None,
            created_at: now,
            changed_at: now,
        };
        store::refund::insert(self.tx, &refund).await?;
        if status == RefundStatus::Approved {
            post_approved(self.tx, end, &refund, RefundPosting::Approved, now).await?;
        }
        Ok(())
    }
}

/// Whether one person is enough to send a credit back.
pub fn status_of_return(payments: &Payments, amount: Money) -> RefundStatus {
    if amount.minor > payments.0.settlement.one_person_refund_minor {
        RefundStatus::NeedsApproval
    } else {
        RefundStatus::Approved
    }
}
