//! Records credits that a feed or a statement told of: once each, matched, and in the books.
//!
//! The caller's transaction holds everything. The caller has the turn first ([`End`]): that puts all who
//! record credits into one order, in every process. Only batches of statements overlap: for the payments and
//! the credits of before that they are about they wait row by row. Those of several statements may get into
//! each other's way; the database ends one of them then, and it is tried again.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kernel::{Money, Timestamp};
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;
use tokio::sync::oneshot;

use super::charge_orders::Charged;
use super::decide_credits::{Candidates, Decision, Decisions, NewCredit, decide};
use super::recognise_credits::{Undecided, recognise};
use super::write_credits::{Writing, Written};
use crate::Payments;
use crate::domain::commission::PaidBy;
use crate::domain::payment::Payment;
use crate::domain::payment_code::PaymentCode;
use crate::domain::reconciliation::{CreditState, Rule, Verdict};
use crate::domain::statement::Format;
use crate::store;
use crate::store::ledger::LedgerHead;

/// The feed of credits that only a statement told of.
pub const STATEMENT: &str = "statement";

/// A credit as it was told.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Who told: a feed, or [`STATEMENT`].
    pub feed: String,
    /// Its id there; of a statement's line, its identity.
    pub provider_id: String,
    /// Its identity, if a statement told.
    pub statement_identity: Option<u128>,
    /// The format of the statement that told; nothing of a feed, or if it is not known.
    pub stated_by: Option<Format>,
    /// The bank's name.
    pub bank: String,
    /// The account that it came to.
    pub account_number: String,
    /// The sub-account of it, if it came to one and the feed says so.
    pub sub_account: Option<String>,
    /// What came.
    pub amount: Money,
    /// The memo.
    pub memo: String,
    /// The payment codes in it.
    pub codes: Vec<PaymentCode>,
    /// The bank's reference.
    pub bank_reference: String,
    /// Who sent it.
    pub counterparty_name: Option<String>,
    /// The account that it came from.
    pub counterparty_account: Option<String>,
    /// BIN of the bank that it came from.
    pub counterparty_bin: Option<String>,
    /// When the bank booked it.
    pub booked_at: Timestamp,
    /// When we were told.
    pub received_at: Timestamp,
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// How many were new, by state.
    pub states: BTreeMap<&'static str, u64>,
    /// How many payments they paid.
    pub paid: u64,
    /// How many were known from another telling.
    pub known: u64,
}

impl Recorded {
    /// Counts what was recorded besides.
    pub fn add(&mut self, other: Self) {
        for (state, count) in other.states {
            *self.states.entry(state).or_default() += count;
        }
        self.paid += other.paid;
        self.known += other.known;
    }

    /// How many were new.
    pub fn new_credits(&self) -> u64 {
        self.states.values().sum()
    }

    /// How many of the new ones were matched at once.
    pub fn matched(&self) -> u64 {
        CreditState::ALL
            .into_iter()
            .filter(|state| state.is_matched())
            .filter_map(|state| self.states.get(state.name()))
            .sum()
    }

    /// Counts them for the metrics; to be called when the transaction is committed.
    pub fn count_metrics(&self) {
        for (state, count) in &self.states {
            metrics::counter!("bank_credits_total", "state" => *state).increment(*count);
        }
        metrics::counter!("payments_total", "status" => "succeeded").increment(self.paid);
    }
}

/// The end of the ledger, to which a transaction appends.
pub enum End {
    /// Locked before anything was read: the transaction records alone.
    Held(LedgerHead),
    /// Locked when all but the books is written: a batch of a statement is recorded while the one before
    /// posts.
    Shared {
        /// Told when all but the books is written.
        recorded: oneshot::Sender<()>,
        /// The codes of the batch before. What names one of them is recorded when that has ended: it may be a
        /// second payment, or a further part.
        before: HashSet<PaymentCode>,
    },
}

impl End {
    /// What can be recorded now, and what only when the end is locked: with a credit wait all that name a code of
    /// its, for they are decided on together.
    fn divide(&self, told: Vec<Undecided>) -> (Vec<Undecided>, Vec<Undecided>) {
        let Self::Shared { before, .. } = self else { return (told, Vec::new()) };
        let names = |codes: &HashSet<PaymentCode>, one: &Undecided| {
            one.told.codes.iter().any(|code| codes.contains(code))
        };
        let (mut later, mut free): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|one| names(before, one));
        let mut waiting = later.len();
        while waiting > 0 {
            let codes = later.iter().flat_map(|one| one.told.codes.iter().copied()).collect();
            let (more, rest) = free.into_iter().partition(|one| names(&codes, one));
            free = rest;
            waiting = more.len();
            later.extend(more);
        }
        (free, later)
    }

    /// The end, locked; and whom to tell when everything is written, if something is written only now.
    async fn lock(
        self,
        tx: &Transaction,
        later: bool,
    ) -> Result<(LedgerHead, Option<oneshot::Sender<()>>), DbErr> {
        match self {
            Self::Held(end) => Ok((end, None)),
            Self::Shared { recorded, .. } => {
                let untold = if later {
                    // What is written behind the end may decide anew on credits of before: the next batch must
                    // not have those, and wait for the end.
                    Some(recorded)
                } else {
                    // Nobody waits, if this is the last batch.
                    let _ = recorded.send(());
                    None
                };
                Ok((store::ledger::lock_end(tx).await?, untold))
            }
        }
    }
}

/// Records credits, all of one source.
pub async fn record_credits(
    payments: &Payments,
    tx: &Transaction,
    end: End,
    told: Vec<Incoming>,
    now: Timestamp,
) -> anyhow::Result<Recorded> {
    let count = told.len() as u64;
    let undecided = recognise(tx, told).await?;
    let new = undecided.iter().filter(|one| one.known.is_none()).count() as u64;
    let (now_free, later) = end.divide(undecided);
    let mut written = record(payments, tx, now_free, now).await?;
    let (end, untold) = end.lock(tx, !later.is_empty()).await?;
    written.add(record(payments, tx, later, now).await?);
    written.post(tx, end).await?;
    if let Some(recorded) = untold {
        let _ = recorded.send(());
    }
    Ok(Recorded { known: count - new, ..written.recorded })
}

/// Decides on credits, and writes all but the books.
async fn record(
    payments: &Payments,
    tx: &Transaction,
    undecided: Vec<Undecided>,
    now: Timestamp,
) -> anyhow::Result<Written> {
    if undecided.is_empty() {
        return Ok(Written::default());
    }
    let receiving = &payments.0.receiving_account;
    let own = &receiving.account;
    // Nearly all come to the market's account: then nobody is asked whose another one is.
    let accounts = undecided.iter().map(|one| one.told.account_number.as_str());
    let others = accounts.filter(|one| one != own);
    let shops = store::shop_account::owners(tx, others.collect::<BTreeSet<_>>()).await?;
    let credits: Vec<NewCredit> = undecided
        .into_iter()
        .map(|Undecided { known, told }| {
            let (id, shop) = match &known {
                Some(credit) => (credit.id, credit.shop),
                None => (ids::new(), shops.get(&told.account_number).copied()),
            };
            let asked_account = shop.is_some() || told.account_number == *own;
            // Only the market's account has sub-accounts that are payments' own.
            let sub_account = told.sub_account.as_deref().filter(|_| told.account_number == *own);
            let prefix = receiving.sub_accounts.as_ref();
            let own = prefix.zip(sub_account).and_then(|(prefix, number)| prefix.code_in(number));
            NewCredit { id, known: known.is_some(), own, asked_account, shop, told }
        })
        .collect();
    let mut candidates = Candidates::of(tx, &credits).await?;
    let tolerance = payments.0.settlement.tolerance;
    let decisions = decide(tx, &credits, &mut candidates, tolerance).await?;
    let paid: Vec<&Payment> = decisions
        .captures
        .iter()
        .flat_map(|capture| &capture.payments)
        .filter_map(|id| candidates.get(*id))
        .collect();
    let charged = Charged::write(payments, tx, &paid, PaidBy::BankTransfer, now).await?;
    let writing =
        Writing { tx, now, credits: &credits, candidates: &candidates, charged: &charged };
    writing.write(&decisions, &paid).await
}

/// Records a credit on which the rules fail: known, if another source told of it, else in suspense and
/// for a person to decide on.
pub async fn queue_undecided(
    tx: &Transaction,
    end: LedgerHead,
    told: Incoming,
    now: Timestamp,
) -> anyhow::Result<Recorded> {
    let undecided = recognise(tx, vec![told]).await?.pop();
    let Some(Undecided { known: None, told }) = undecided else {
        // Of one that is known a person decides on what was told of it first.
        return Ok(Recorded { known: 1, ..Recorded::default() });
    };
    let shops = store::shop_account::owners(tx, [told.account_number.as_str()]).await?;
    let shop = shops.get(&told.account_number).copied();
    let (id, known, own, asked_account) = (ids::new(), false, None, false);
    let credits = [NewCredit { id, known, own, asked_account, shop, told }];
    let verdict = Verdict { state: CreditState::Orphan, rule: Rule::Undecided };
    let decisions = Decisions {
        of_new: vec![Decision { verdict, payment: None }],
        of_earlier: Vec::new(),
        captures: Vec::new(),
    };
    let (candidates, charged) = (Candidates::of(tx, &credits).await?, Charged::default());
    let (credits, candidates, charged) = (&credits, &candidates, &charged);
    let writing = Writing { tx, now, credits, candidates, charged };
    let written = writing.write(&decisions, &[]).await?;
    written.post(tx, end).await?;
    Ok(written.recorded)
}
