//! Finds the bank credits by which the card provider's payouts came: one credit for all the movements
//! that a payout nets. It looks at what waits on both sides, so either may be known first.

use std::time::Duration;

use anyhow::Context;
use kernel::BankCreditId;

use super::card_postings::posting;
use crate::Payments;
use crate::domain::card_payout_credit::{Awaited, BY_REFERENCE, Candidate, rule_of};
use crate::domain::ledger::{Account, Entry, PostingKind};
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::cards::payout::KeptCardPayout;

/// The most payouts in one round. The next round goes on after them, and after the last begins anew: what
/// nobody finds keeps nobody waiting.
const BATCH: u64 = 200;
/// The most awaited payouts of one amount: of more it cannot be said which one a credit means.
const MOST_ALIKE: u64 = 1_000;
/// The most credits of one amount that are looked at.
const MOST_CANDIDATES: u64 = 50;
/// No credit of a payout is booked so long before the provider made the payout.
const BEFORE: Duration = Duration::from_secs(3 * 24 * 3_600);

/// Matches what can be matched with certainty.
pub async fn match_card_payouts(payments: &Payments) -> anyhow::Result<()> {
    let db = payments.0.database.reader();
    let awaited = store::cards::payout::awaited(db, *payments.0.matched_until.lock().await, BATCH);
    let awaited = awaited.await?;
    for payout in &awaited {
        let number = &payments.0.receiving_account.account;
        let since = payout.created_at.before(BEFORE);
        let waiting =
            store::bank_credit::orphans_of(db, number, payout.amount, since, MOST_CANDIDATES);
        let waiting = waiting.await?;
        if waiting.is_empty() {
            continue;
        }
        let alike = store::cards::payout::awaited_of(db, payout.amount, MOST_ALIKE).await?;
        if let Some((credit, rule)) = best_of(payout, &waiting, &alike) {
            book(payments, payout, credit, rule).await?;
        }
    }
    let full = awaited.len() as u64 == BATCH;
    *payments.0.matched_until.lock().await = awaited.last().filter(|_| full).map(|last| last.id);
    Ok(())
}

/// The credit, if exactly one may be meant, and by its text exactly this payout.
fn best_of(
    payout: &KeptCardPayout,
    waiting: &[BankCredit],
    alike: &[KeptCardPayout],
) -> Option<(BankCreditId, &'static str)> {
    let rules: Vec<(BankCreditId, &'static str)> = waiting
        .iter()
        .filter_map(|credit| Some((credit.id, rule_between(payout, credit)?)))
        .collect();
    let by_reference: Vec<_> = rules.iter().filter(|(_, rule)| *rule == BY_REFERENCE).collect();
    if let [only] = by_reference.as_slice() {
        return Some(**only);
    }
    let [(credit, rule)] = rules.as_slice() else { return None };
    let told = waiting.iter().find(|one| one.id == *credit)?;
    let meant = alike.iter().filter(|other| rule_between(other, told).is_some());
    let all_known = (alike.len() as u64) < MOST_ALIKE;
    (all_known && meant.count() == 1).then_some((*credit, *rule))
}

fn rule_between(payout: &KeptCardPayout, credit: &BankCredit) -> Option<&'static str> {
    let awaited = Awaited {
        reference: payout.bank_reference.as_deref(),
        descriptor: payout.statement_descriptor.as_deref(),
        arrives_at: payout.arrives_at,
    };
    let candidate = Candidate {
        memo: &credit.memo,
        reference: &credit.bank_reference,
        counterparty: credit.counterparty_name.as_deref().unwrap_or_default(),
        booked_at: credit.booked_at,
    };
    rule_of(awaited, candidate)
}

async fn book(
    payments: &Payments,
    payout: &KeptCardPayout,
    credit: BankCreditId,
    rule: &'static str,
) -> anyhow::Result<()> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let credit = store::bank_credit::lock(&tx, credit).await?.context("a credit is gone")?;
    let kept = store::cards::payout::by_id(&tx, payout.id).await?.context("a payout is gone")?;
    if !credit.waits() || kept.came_by.is_some() {
        return Ok(());
    }
    let number = credit.account_number.clone();
    let entries = vec![
        Entry { account: Account::Suspense { number }, amount: credit.amount },
        Entry { account: Account::CardPayouts, amount: credit.amount.checked_neg()? },
    ];
    let subject = kept.id.to_string();
    let key = format!("card_payout:{subject}");
    let posted = posting(PostingKind::CardPayoutCame, subject, key, entries, now)?;
    let came =
        KeptCardPayout { came_by: Some((credit.id, rule.to_owned())), changed_at: now, ..kept };
    store::cards::payout::update(&tx, &came).await?;
    store::bank_credit::resolve(&tx, credit.id, Some("card_payout")).await?;
    let postings: Vec<_> = posted.into_iter().collect();
    store::ledger::append(&tx, end, &postings).await?;
    tx.commit().await?;
    metrics::counter!("card_payouts_matched_total", "rule" => rule).increment(1);
    Ok(())
}
