//! Records credits that a feed or a statement told of: once each, matched, and in the books.
//!
//! The caller's transaction holds everything. The caller has the turn first ([`End`]): that puts all who
//! record credits into one order, in every process. Only batches of statements overlap: for the payments and
//! the credits of before that they are about they wait row by row. Those of several statements may get into
//! each other's way; the database ends one of them then, and it is tried again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kernel::{BankCreditId, Money, PaymentId, Timestamp};
use platform::database::Transaction;
use platform::{ids, outbox};
use proto::events::event::Body;
use sea_orm::DbErr;
use tokio::sync::oneshot;

use super::charge_orders::Charged;
use super::decide_credits::{Candidates, Capture, Decision, Decisions, NewCredit, decide};
use super::recognise_credits::recognise;
use super::tell_of_payment::{came_in_part, succeeded};
use crate::Payments;
use crate::domain::commission::PaidBy;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::payment_code::PaymentCode;
use crate::domain::reconciliation::{CreditState, Rule, Verdict};
use crate::domain::shop_line::ShopLine;
use crate::store;
use crate::store::ahead::Ahead;
use crate::store::bank_credit::{BankCredit, SHOPS_OWN};
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
        /// Told when all but the books is written, of what depends on no batch before.
        recorded: oneshot::Sender<()>,
        /// The codes of the batch before. What names one of them is recorded when that has ended: it may be a
        /// second payment, or a further part.
        before: HashSet<PaymentCode>,
    },
}

impl End {
    /// What can be recorded now, and what only when the end is locked: with a credit wait all that name a code of
    /// its, for they are decided on together.
    fn divide(&self, told: Vec<Incoming>) -> (Vec<Incoming>, Vec<Incoming>) {
        let Self::Shared { before, .. } = self else { return (told, Vec::new()) };
        let names = |codes: &HashSet<PaymentCode>, one: &Incoming| {
            one.codes.iter().any(|code| codes.contains(code))
        };
        let (mut later, mut free): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|one| names(before, one));
        let mut waiting = later.len();
        while waiting > 0 {
            let codes = later.iter().flat_map(|one| one.codes.iter().copied()).collect();
            let (more, rest) = free.into_iter().partition(|one| names(&codes, one));
            free = rest;
            waiting = more.len();
            later.extend(more);
        }
        (free, later)
    }

    async fn lock(self, tx: &Transaction) -> Result<LedgerHead, DbErr> {
        match self {
            Self::Held(end) => Ok(end),
            Self::Shared { recorded, .. } => {
                // Nobody waits, if this is the last batch.
                let _ = recorded.send(());
                store::ledger::lock_end(tx).await
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
    let new = recognise(tx, told).await?;
    let known = count - new.len() as u64;
    let (now_free, later) = end.divide(new);
    let mut part = Part::record(payments, tx, now_free, now).await?;
    let end = end.lock(tx).await?;
    part.add(Part::record(payments, tx, later, now).await?);
    part.post(tx, end).await?;
    Ok(Recorded { known, ..part.recorded })
}

/// Credits that are written, and what of them is to be posted.
#[derive(Default)]
struct Part {
    recorded: Recorded,
    postings: Vec<Posting>,
    lines: Vec<ShopLine>,
}

impl Part {
    /// Writes all of new credits but the books.
    async fn record(
        payments: &Payments,
        tx: &Transaction,
        new: Vec<Incoming>,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        if new.is_empty() {
            return Ok(Self::default());
        }
        let receiving = &payments.0.receiving_account;
        let own = &receiving.account;
        // Nearly all come to the market's account: then nobody is asked whose another one is.
        let others = new.iter().map(|told| told.account_number.as_str()).filter(|one| one != own);
        let shops = store::shop_account::owners(tx, others.collect::<BTreeSet<_>>()).await?;
        let credits: Vec<NewCredit> = new
            .into_iter()
            .map(|told| {
                let shop = shops.get(&told.account_number).copied();
                let asked_account = shop.is_some() || told.account_number == *own;
                // Only the market's account has sub-accounts that are payments' own.
                let sub_account =
                    told.sub_account.as_deref().filter(|_| told.account_number == *own);
                let prefix = receiving.sub_accounts.as_ref();
                let own =
                    prefix.zip(sub_account).and_then(|(prefix, number)| prefix.code_in(number));
                NewCredit { id: ids::new(), own, asked_account, shop, told }
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

    fn add(&mut self, other: Self) {
        self.recorded.add(other.recorded);
        self.postings.extend(other.postings);
        self.lines.extend(other.lines);
    }

    /// Writes the books.
    async fn post(&self, tx: &Transaction, end: LedgerHead) -> anyhow::Result<()> {
        let (ahead, run) = store::ahead::of(tx);
        let built = async {
            let ahead = ahead;
            store::ledger::append(&ahead, end, &self.postings).await?;
            store::shop_line::insert(&ahead, &self.lines).await
        };
        let (ran, built) = tokio::join!(run, built);
        ran?;
        Ok(built?)
    }
}

/// Records a credit on which the rules fail: known, if another source told of it, else in suspense and
/// for a person to decide on.
pub async fn queue_undecided(
    tx: &Transaction,
    end: LedgerHead,
    told: Incoming,
    now: Timestamp,
) -> anyhow::Result<Recorded> {
    let Some(told) = recognise(tx, vec![told]).await?.pop() else {
        return Ok(Recorded { known: 1, ..Recorded::default() });
    };
    let shops = store::shop_account::owners(tx, [told.account_number.as_str()]).await?;
    let shop = shops.get(&told.account_number).copied();
    let credits = [NewCredit { id: ids::new(), own: None, asked_account: false, shop, told }];
    let verdict = Verdict { state: CreditState::Orphan, rule: Rule::Undecided };
    let decisions = Decisions {
        of_new: vec![Decision { verdict, payment: None }],
        of_earlier: Vec::new(),
        captures: Vec::new(),
    };
    let (candidates, charged) = (Candidates::of(tx, &credits).await?, Charged::default());
    let (credits, candidates, charged) = (&credits, &candidates, &charged);
    let part = Writing { tx, now, credits, candidates, charged }.write(&decisions, &[]).await?;
    part.post(tx, end).await?;
    Ok(part.recorded)
}

/// Everything that is written of a batch.
struct Writing<'a> {
    tx: &'a Transaction,
    now: Timestamp,
    credits: &'a [NewCredit],
    candidates: &'a Candidates,
    charged: &'a Charged,
}

impl Writing<'_> {
    /// Writes all but the books.
    async fn write(&self, decisions: &Decisions, paid: &[&Payment]) -> anyhow::Result<Part> {
        let events = paid.iter().filter_map(|payment| succeeded(payment, self.now));
        let events: Vec<_> = events.chain(self.parts_told(decisions)).collect();
        if !events.is_empty() {
            outbox::publish_all(self.tx, self.now, events).await?;
        }
        let (ahead, run) = store::ahead::of(self.tx);
        let (ran, built) = tokio::join!(run, self.build(ahead, decisions, paid));
        ran?;
        let (postings, lines) = built?;
        let mut recorded = Recorded::default();
        for decision in &decisions.of_new {
            *recorded.states.entry(decision.verdict.state.name()).or_default() += 1;
        }
        let captures = decisions.captures.iter();
        recorded.paid = captures.map(|capture| capture.payments.len() as u64).sum();
        Ok(Part { recorded, postings, lines })
    }

    /// Builds each statement while the one before runs, and what is to be posted.
    async fn build(
        &self,
        ahead: Ahead,
        decisions: &Decisions,
        paid: &[&Payment],
    ) -> anyhow::Result<(Vec<Posting>, Vec<ShopLine>)> {
        if !paid.is_empty() {
            let ids = paid.iter().map(|payment| payment.id);
            store::payment::close(&ahead, ids, PaymentStatus::Succeeded, self.now).await?;
            // What waited for them came besides; parts that pay are written as such below.
            let ids: Vec<PaymentId> = paid.iter().map(|payment| payment.id).collect();
            store::part_payment::outdo(&ahead, &ids, None).await?;
        }
        let rows: Vec<BankCredit> = self
            .credits
            .iter()
            .zip(&decisions.of_new)
            .map(|(credit, decision)| row_of(credit, decision, self.candidates))
            .collect();
        store::bank_credit::insert(&ahead, &rows).await?;
        for (id, verdict) in &decisions.of_earlier {
            store::bank_credit::decide_anew(&ahead, *id, *verdict).await?;
        }
        let splits: Vec<(BankCreditId, PaymentId, Money)> = self.splits(decisions);
        if !splits.is_empty() {
            store::bank_credit::insert_splits(&ahead, &splits).await?;
        }
        self.postings(decisions)
    }

    /// Who waits for a payment hears that something came of it, and that it is not all.
    fn parts_told(&self, decisions: &Decisions) -> Vec<(String, Body)> {
        let waiting = decisions.of_new.iter().filter(|decision| {
            matches!(decision.verdict.state, CreditState::Underpaid | CreditState::Overpaid)
        });
        let meant: BTreeSet<PaymentId> = waiting.filter_map(|decision| decision.payment).collect();
        meant
            .into_iter()
            .filter_map(|id| self.candidates.get(id))
            .filter_map(came_in_part)
            .collect()
    }

    fn splits(&self, decisions: &Decisions) -> Vec<(BankCreditId, PaymentId, Money)> {
        let several = decisions.captures.iter().filter(|capture| capture.payments.len() > 1);
        several
            .flat_map(|capture| {
                capture.credits.iter().flat_map(|credit| {
                    capture.payments.iter().filter_map(|id| {
                        let payment = self.candidates.get(*id)?;
                        Some((*credit, *id, payment.amount))
                    })
                })
            })
            .collect()
    }

    /// Every new credit is in the books: for the shops if it pays alone, else in suspense; and what
    /// parts paid together leaves suspense.
    fn postings(&self, decisions: &Decisions) -> anyhow::Result<(Vec<Posting>, Vec<ShopLine>)> {
        let mut alone: HashMap<BankCreditId, &Vec<PaymentId>> = HashMap::new();
        let mut together = Vec::new();
        let new: HashSet<BankCreditId> = self.credits.iter().map(|credit| credit.id).collect();
        for capture in &decisions.captures {
            match capture.credits.as_slice() {
                [credit] if new.contains(credit) => {
                    alone.insert(*credit, &capture.payments);
                }
                // Parts, or one that came before and is in suspense.
                _ => together.push(capture),
            }
        }
        let mut postings = Vec::with_capacity(self.credits.len() + together.len());
        let mut lines = Vec::new();
        for credit in self.credits {
            let Some(paid) = alone.get(&credit.id) else {
                postings.push(self.queued(credit)?);
                continue;
            };
            let posting = self.captured(credit, paid)?;
            for payment in *paid {
                lines.extend(self.charged.lines(*payment, posting.id, self.now)?);
            }
            postings.push(posting);
        }
        for capture in together {
            for id in &capture.payments {
                if let Some(payment) = self.candidates.get(*id) {
                    let posting = self.captured_of_parts(payment, capture)?;
                    lines.extend(self.charged.lines(*id, posting.id, self.now)?);
                    postings.push(posting);
                }
            }
        }
        Ok((postings, lines))
    }

    fn captured(&self, credit: &NewCredit, paid: &[PaymentId]) -> anyhow::Result<Posting> {
        let mut entries = vec![Entry {
            account: Account::at_bank(&credit.told.account_number, credit.shop),
            amount: credit.told.amount,
        }];
        let mut asked = Money::zero(credit.told.amount.currency);
        for payment in paid.iter().filter_map(|id| self.candidates.get(*id)) {
            asked = asked.checked_add(payment.amount)?;
            entries.extend(self.charged.entries(payment)?);
        }
        let difference = asked.checked_sub(credit.told.amount)?;
        if difference.minor != 0 {
            entries.push(Entry { account: Account::difference(credit.shop), amount: difference });
        }
        self.posting(PostingKind::PaymentCaptured, credit.id.to_string(), key_of(credit), entries)
    }

    fn queued(&self, credit: &NewCredit) -> anyhow::Result<Posting> {
        let (number, shop) = (&credit.told.account_number, credit.shop);
        let amount = credit.told.amount;
        let entries = vec![
            Entry { account: Account::at_bank(number, shop), amount },
            Entry { account: Account::unexplained(number, shop), amount: amount.checked_neg()? },
        ];
        self.posting(PostingKind::CreditQueued, credit.id.to_string(), key_of(credit), entries)
    }

    fn captured_of_parts(&self, payment: &Payment, capture: &Capture) -> anyhow::Result<Posting> {
        let account = Account::unexplained(&capture.account_number, capture.shop);
        let mut entries = vec![Entry { account, amount: capture.came }];
        let difference = payment.amount.checked_sub(capture.came)?;
        if !difference.is_zero() {
            entries.push(Entry { account: Account::difference(capture.shop), amount: difference });
        }
        entries.extend(self.charged.entries(payment)?);
        let subject = payment.id.to_string();
        self.posting(PostingKind::PartsCaptured, subject, payment.capture_key(), entries)
    }

    fn posting(
        &self,
        kind: PostingKind,
        subject: String,
        idempotency_key: String,
        entries: Vec<Entry>,
    ) -> anyhow::Result<Posting> {
        let posted_at = self.now;
        let id = ids::new();
        Ok(Posting { id, kind, subject, idempotency_key, entries, posted_at }.balanced()?)
    }
}

fn key_of(credit: &NewCredit) -> String {
    format!("credit:{}:{}", credit.told.feed, credit.told.provider_id)
}

fn row_of(credit: &NewCredit, decision: &Decision, candidates: &Candidates) -> BankCredit {
    let told = credit.told.clone();
    // One that paid several is matched with them by its splits.
    let split = decision.verdict.state == CreditState::Matched && decision.payment.is_none();
    let meant = decision.payment.filter(|_| !split);
    BankCredit {
        id: credit.id,
        feed: told.feed,
        provider_id: told.provider_id,
        bank: told.bank,
        account_number: told.account_number,
        sub_account: told.sub_account,
        amount: told.amount,
        memo: told.memo,
        bank_reference: told.bank_reference,
        counterparty_name: told.counterparty_name,
        counterparty_account: told.counterparty_account,
        counterparty_bin: told.counterparty_bin,
        booked_at: told.booked_at,
        received_at: told.received_at,
        state: decision.verdict.state,
        payment: meant,
        rule: decision.verdict.rule.name().to_owned(),
        expected: meant.and_then(|id| candidates.get(id)).map(|payment| payment.amount),
        statement_identity: told.statement_identity,
        resolution: is_shops_own(credit, decision).then(|| SHOPS_OWN.to_owned()),
        shop: credit.shop,
    }
}

/// What else comes to a shop's own account is the shop's affair: nobody at the market is to look at it.
fn is_shops_own(credit: &NewCredit, decision: &Decision) -> bool {
    credit.shop.is_some() && decision.verdict.rule == Rule::NoCode
}
