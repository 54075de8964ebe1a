//! Recognises credits that were told of before: by a statement that overlaps, by a statement after
//! a feed, by a feed after a statement, by a feed after another feed, by a statement of another format.
//!
//! Within a source an id tells (a feed's own, a statement line's identity with its occurrence). Across sources they
//! are paired by what they say (`pair_tellings.rs`). Each format of statements is a source: what one writes of a line, and
//! the ids that it gives it, are not what another does.

use std::collections::{BTreeSet, HashSet};

use anyhow::ensure;
use kernel::BankCreditId;
use platform::database::Transaction;
use sea_orm::DbErr;

use super::pair_tellings::{Telling, pair};
use super::record_credits::{Incoming, STATEMENT};
use crate::domain::payment_code::PaymentCode;
use crate::domain::statement::Format;
use crate::store;
use crate::store::bank_credit::{BankCredit, Bucket};

/// A credit on which is to be decided.
pub struct Undecided {
    /// As it is kept, if it was told of before: it named nothing, and this telling says more.
    pub known: Option<BankCredit>,
    /// What was told of it, the first telling and this one together.
    pub told: Incoming,
}

/// Those that nobody told of before, and those that named nothing until now. On all that are known it is noted
/// who told of them, too. All are of one source: a feed, or statements of one format.
pub async fn recognise(tx: &Transaction, told: Vec<Incoming>) -> anyhow::Result<Vec<Undecided>> {
    let alike = |one: &Incoming, other: &Incoming| {
        one.feed == other.feed && one.stated_by == other.stated_by
    };
    let one_source = told.windows(2).all(|pair| alike(&pair[0], &pair[1]));
    ensure!(one_source, "credits of several sources are told at once");
    let beside = beside_other_formats(tx, &told).await?;
    let known = known_on_statements(tx, beside, &told).await?;
    let mut seen = HashSet::new();
    let told: Vec<Incoming> = told
        .into_iter()
        .filter(|one| {
            one.statement_identity
                .is_none_or(|identity| !known.contains(&identity) && seen.insert(identity))
        })
        .collect();
    let others = told_by_others(tx, beside, &told).await?;
    if others.is_empty() {
        return Ok(told.into_iter().map(|told| Undecided { known: None, told }).collect());
    }
    let same = same_among(&told, &others);
    let named_now = named_now(tx, &told, &others, &same).await?;
    let mut undecided = Vec::with_capacity(told.len());
    let mut of_others = Vec::new();
    for (one, same) in told.into_iter().zip(same) {
        let Some(known) = same.map(|place| &others[place]) else {
            undecided.push(Undecided { known: None, told: one });
            continue;
        };
        match one.statement_identity {
            // Of a credit that a statement of another format told of, this format's own is kept besides.
            Some(_) if known.statement_identity.is_some() => {
                of_others.push((known.id, one.provider_id.clone()));
            }
            Some(identity) => {
                store::credit_telling::note_stated(tx, known.id, identity, one.stated_by).await?;
            }
            None => {
                let (feed, provider_id) = (&one.feed, &one.provider_id);
                store::credit_telling::note_told(tx, known.id, feed, provider_id).await?;
            }
        }
        if named_now.contains(&known.id) {
            undecided.push(Undecided { told: together(known, one), known: Some(known.clone()) });
        }
    }
    if let Some(format) = beside {
        store::stated::note_credits_of_others(tx, format, of_others).await?;
    }
    Ok(undecided)
}

/// The format of a statement's lines, if statements of other formats may have told of the same. Nearly always there are
/// none, and nothing further is asked.
pub(super) async fn beside_other_formats(
    tx: &Transaction,
    told: &[Incoming],
) -> Result<Option<Format>, DbErr> {
    let Some(format) = told.first().and_then(|one| one.stated_by) else { return Ok(None) };
    let accounts: BTreeSet<&str> = told.iter().map(|one| one.account_number.as_str()).collect();
    let beside = store::stated::is_beside_others(tx, format, accounts).await?;
    Ok(beside.then_some(format))
}

/// The identities of which statements told before: of this format, or of others that say the same of a line.
async fn known_on_statements(
    tx: &Transaction,
    beside: Option<Format>,
    told: &[Incoming],
) -> Result<HashSet<u128>, DbErr> {
    let mut identities: Vec<u128> = told.iter().filter_map(|one| one.statement_identity).collect();
    let mut known = store::bank_credit::known_on_statements(tx, &identities).await?;
    if let Some(format) = beside {
        identities.retain(|identity| !known.contains(identity));
        let more = store::stated::note_known_credits(tx, format, &known, &identities).await?;
        known.extend(more);
    }
    Ok(known)
}

/// The place among others of the credit that each of some tellings tells of.
fn same_among(told: &[Incoming], others: &[BankCredit]) -> Vec<Option<usize>> {
    let is_statement = told.iter().any(|one| one.statement_identity.is_some());
    let new: Vec<_> =
        told.iter().map(|one| telling(bucket_of(one), &one.memo, &one.bank_reference)).collect();
    let others: Vec<_> = others
        .iter()
        .map(|one| {
            let bucket = Bucket::of(&one.account_number, one.booked_at, one.amount);
            let by_statement = one.feed == STATEMENT && is_statement;
            telling(bucket, &one.memo, &one.bank_reference).of_its_day(by_statement)
        })
        .collect();
    pair(&new, &others)
}

fn telling<'t>(bucket: Bucket, memo: &str, reference: &'t str) -> Telling<'t, PaymentCode> {
    Telling::of(bucket, PaymentCode::find_in(memo), memo, reference)
}

/// Of known credits those that named nothing, of which a telling says more, and on which no person decided
/// anything: whoever tells first, the same facts end in the same state.
async fn named_now(
    tx: &Transaction,
    told: &[Incoming],
    others: &[BankCredit],
    same: &[Option<usize>],
) -> anyhow::Result<HashSet<BankCreditId>> {
    let pairs = told.iter().zip(same).filter_map(|(one, same)| Some((one, &others[(*same)?])));
    let more = pairs.filter(|(one, known)| known.names_nothing() && says_more(one, known));
    let ids: Vec<BankCreditId> = more.map(|(_, known)| known.id).collect();
    let decisions = store::credit_decision::of_credits(tx, &ids).await?;
    let mut decided: HashSet<BankCreditId> = decisions.iter().map(|one| one.credit).collect();
    let refusals = store::match_refusal::of_credits(tx, &ids).await?;
    decided.extend(refusals.iter().map(|(credit, _)| *credit));
    Ok(ids.into_iter().filter(|id| !decided.contains(id)).collect())
}

/// Whether a telling says of a known credit for what it is, and what was told of it did not.
fn says_more(one: &Incoming, known: &BankCredit) -> bool {
    has_more_codes(one, known) || (one.sub_account.is_some() && known.sub_account.is_none())
}

fn has_more_codes(one: &Incoming, known: &BankCredit) -> bool {
    let before = PaymentCode::find_in(&known.memo);
    one.codes.iter().any(|code| !before.contains(code))
}

/// A credit as it was told first, with what a later telling says more.
fn together(known: &BankCredit, one: Incoming) -> Incoming {
    let memo = if has_more_codes(&one, known) { one.memo } else { known.memo.clone() };
    Incoming {
        feed: known.feed.clone(),
        provider_id: known.provider_id.clone(),
        statement_identity: known.statement_identity.or(one.statement_identity),
        stated_by: one.stated_by,
        bank: known.bank.clone(),
        account_number: known.account_number.clone(),
        sub_account: known.sub_account.clone().or(one.sub_account),
        amount: known.amount,
        codes: PaymentCode::find_in(&memo),
        memo,
        bank_reference: known.bank_reference.clone(),
        counterparty_name: known.counterparty_name.clone(),
        counterparty_account: known.counterparty_account.clone(),
        counterparty_bin: known.counterparty_bin.clone(),
        booked_at: known.booked_at,
        received_at: known.received_at,
    }
}

/// Credits that other sources told of and this one not yet, where they may meet; the oldest first.
async fn told_by_others(
    tx: &Transaction,
    beside: Option<Format>,
    told: &[Incoming],
) -> anyhow::Result<Vec<BankCredit>> {
    let Some(first) = told.first() else { return Ok(Vec::new()) };
    let buckets: Vec<Bucket> = told.iter().map(bucket_of).collect();
    Ok(match first.statement_identity {
        Some(_) => {
            let mut others = store::bank_credit::unstated(tx, &buckets).await?;
            if let Some(format) = beside {
                others.extend(store::stated::credits_of_others(tx, format, &buckets).await?);
                others.sort_by_key(|one| one.id);
            }
            others
        }
        None => store::bank_credit::told_by_others(tx, &first.feed, &buckets).await?,
    })
}

fn bucket_of(one: &Incoming) -> Bucket {
    Bucket::of(&one.account_number, one.booked_at, one.amount)
}
