//! Writes credits on which was decided: their rows, the payments that they pay, who hears of it, and their
//! postings.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{BankCreditId, Money, PaymentId, Timestamp};
use platform::database::Transaction;
use platform::{ids, outbox};
use proto::events::event::Body;

use super::charge_orders::Charged;
use super::decide_credits::{Candidates, Capture, Decision, Decisions, NewCredit};
use super::record_credits::Recorded;
use super::tell_of_payment::{came_in_part, succeeded};
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::reconciliation::{CreditState, Rule};
use crate::domain::shop_line::ShopLine;
use crate::domain::statement::Format;
use crate::store;
use crate::store::ahead::Ahead;
use crate::store::bank_credit::{BankCredit, SHOPS_OWN};
use crate::store::ledger::LedgerHead;

/// Credits that are written, and what of them is to be posted.
#[derive(Default)]
pub struct Written {
    /// What became of them.
    pub recorded: Recorded,
    postings: Vec<Posting>,
    lines: Vec<ShopLine>,
}

impl Written {
    /// Adds what was written besides.
    pub fn add(&mut self, other: Self) {
        self.recorded.add(other.recorded);
        self.postings.extend(other.postings);
        self.lines.extend(other.lines);
    }

    /// Writes the books.
    pub async fn post(&self, tx: &Transaction, end: LedgerHead) -> anyhow::Result<()> {
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

/// Everything that is written of a batch.
pub struct Writing<'a> {
    /// The caller's transaction.
    pub tx: &'a Transaction,
    /// When it is written.
    pub now: Timestamp,
    /// The credits.
    pub credits: &'a [NewCredit],
    /// The payments that they may pay.
    pub candidates: &'a Candidates,
    /// What is taken of those that they pay.
    pub charged: &'a Charged,
}

impl Writing<'_> {
    /// Writes all but the books.
    pub async fn write(&self, decisions: &Decisions, paid: &[&Payment]) -> anyhow::Result<Written> {
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
        for (_, decision) in self.decided(decisions).filter(|(credit, _)| !credit.known) {
            *recorded.states.entry(decision.verdict.state.name()).or_default() += 1;
        }
        let captures = decisions.captures.iter();
        recorded.paid = captures.map(|capture| capture.payments.len() as u64).sum();
        Ok(Written { recorded, postings, lines })
    }

    fn decided<'b>(
        &'b self,
        decisions: &'b Decisions,
    ) -> impl Iterator<Item = (&'b NewCredit, &'b Decision)> {
        self.credits.iter().zip(&decisions.of_new)
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
        let (mut new, mut known) = (Vec::with_capacity(self.credits.len()), Vec::new());
        for (credit, decision) in self.decided(decisions) {
            let rows = if credit.known { &mut known } else { &mut new };
            rows.push(row_of(credit, decision, self.candidates));
        }
        store::bank_credit::insert(&ahead, &new).await?;
        for credit in &known {
            store::credit_telling::tell_more(&ahead, credit).await?;
        }
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
    /// parts paid together leaves suspense, as does one that is there since it was told of first.
    fn postings(&self, decisions: &Decisions) -> anyhow::Result<(Vec<Posting>, Vec<ShopLine>)> {
        let mut alone: HashMap<BankCreditId, &Vec<PaymentId>> = HashMap::new();
        let mut together = Vec::new();
        let new = || self.credits.iter().filter(|credit| !credit.known);
        let ids_of_new: HashSet<BankCreditId> = new().map(|credit| credit.id).collect();
        for capture in &decisions.captures {
            match capture.credits.as_slice() {
                [credit] if ids_of_new.contains(credit) => {
                    alone.insert(*credit, &capture.payments);
                }
                // Parts, or one that came before and is in suspense.
                _ => together.push(capture),
            }
        }
        let mut postings = Vec::with_capacity(self.credits.len() + together.len());
        let mut lines = Vec::new();
        for credit in new() {
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
                    let posting = self.captured_of_suspense(payment, capture)?;
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

    fn captured_of_suspense(
        &self,
        payment: &Payment,
        capture: &Capture,
    ) -> anyhow::Result<Posting> {
        let account = Account::unexplained(&capture.account_number, capture.shop);
        // Several are paid by exactly their sum, each with its own posting.
        let several = capture.payments.len() > 1;
        let came = if several { payment.amount } else { capture.came };
        let mut entries = vec![Entry { account, amount: came }];
        let difference = payment.amount.checked_sub(came)?;
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
        stated_by: told.stated_by.map(Format::bit),
        resolution: is_shops_own(credit, decision).then(|| SHOPS_OWN.to_owned()),
        shop: credit.shop,
    }
}

/// What else comes to a shop's own account is the shop's affair: nobody at the market is to look at it.
fn is_shops_own(credit: &NewCredit, decision: &Decision) -> bool {
    credit.shop.is_some() && decision.verdict.rule == Rule::NoCode
}
