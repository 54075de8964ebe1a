//! Recognises credits that were told of before: by a statement that overlaps, by a statement after
//! a feed, by a feed after a statement, by a feed after another feed.
//!
//! Within a source an id tells (a feed's own, a statement line's identity with its occurrence).
//! Across sources the n-th telling of one is the n-th of the other, among those of the same account and
//! amount that agree: of the same day in their codes, their memo or, as the last, their reference (a bank
//! repeats it); of the day before or after in their codes or a long memo only, because a statement may
//! book what a feed told of a day later. Two that name different payments are never one.

use std::collections::{HashMap, HashSet, VecDeque};

use anyhow::ensure;
use kernel::BankCreditId;
use memchr::memmem;
use platform::database::Transaction;

use super::record_credits::Incoming;
use crate::domain::memo::MemoLetters;
use crate::domain::payment_code::PaymentCode;
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
/// who told of them, too. All are of one source: a feed, or statements.
pub async fn recognise(tx: &Transaction, told: Vec<Incoming>) -> anyhow::Result<Vec<Undecided>> {
    let one_source = told.windows(2).all(|pair| pair[0].feed == pair[1].feed);
    ensure!(one_source, "credits of several sources are told at once");
    let identities: Vec<u128> = told.iter().filter_map(|one| one.statement_identity).collect();
    let known = store::bank_credit::known_on_statements(tx, &identities).await?;
    let mut seen = HashSet::new();
    let told: Vec<Incoming> = told
        .into_iter()
        .filter(|one| {
            one.statement_identity
                .is_none_or(|identity| !known.contains(&identity) && seen.insert(identity))
        })
        .collect();
    let others = told_by_others(tx, &told).await?;
    if others.is_empty() {
        return Ok(told.into_iter().map(|told| Undecided { known: None, told }).collect());
    }
    let same = Tellings::of(&told, &others).pair();
    let named_now = named_now(tx, &told, &others, &same).await?;
    let mut undecided = Vec::with_capacity(told.len());
    for (one, same) in told.into_iter().zip(same) {
        let Some(known) = same.map(|place| &others[place]) else {
            undecided.push(Undecided { known: None, told: one });
            continue;
        };
        match one.statement_identity {
            Some(identity) => store::credit_telling::note_stated(tx, known.id, identity).await?,
            None => {
                let (feed, provider_id) = (&one.feed, &one.provider_id);
                store::credit_telling::note_told(tx, known.id, feed, provider_id).await?;
            }
        }
        if named_now.contains(&known.id) {
            undecided.push(Undecided { told: together(known, one), known: Some(known.clone()) });
        }
    }
    Ok(undecided)
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
async fn told_by_others(tx: &Transaction, told: &[Incoming]) -> anyhow::Result<Vec<BankCredit>> {
    let Some(first) = told.first() else { return Ok(Vec::new()) };
    let buckets: Vec<Bucket> = told.iter().map(bucket_of).collect();
    Ok(match first.statement_identity {
        Some(_) => store::bank_credit::unstated(tx, &buckets).await?,
        None => store::bank_credit::told_by_others(tx, &first.feed, &buckets).await?,
    })
}

fn bucket_of(one: &Incoming) -> Bucket {
    Bucket::of(&one.account_number, one.booked_at, one.amount)
}

/// What tells a credit from others, folded once.
struct Telling<'a> {
    bucket: Bucket,
    codes: Vec<PaymentCode>,
    letters: Vec<u8>,
    reference: &'a str,
}

impl<'a> Telling<'a> {
    fn of(bucket: Bucket, memo: &str, reference: &'a str) -> Self {
        let mut codes = PaymentCode::find_in(memo);
        codes.sort_unstable();
        Self { bucket, codes, letters: MemoLetters::of(memo).letters().to_vec(), reference }
    }

    /// Whether they name different payments. A memo that was cut may have lost a code.
    fn contradicts(&self, other: &Self) -> bool {
        let within = |one: &Self, all: &Self| one.codes.iter().all(|code| all.codes.contains(code));
        !within(self, other) && !within(other, self)
    }

    /// Feeds cut and wrap memos: one holds the other.
    fn holds_memo(&self, other: &Self) -> bool {
        let (short, long) = if self.letters.len() <= other.letters.len() {
            (&self.letters, &other.letters)
        } else {
            (&other.letters, &self.letters)
        };
        short == long || (short.len() >= SHORTEST_HELD && memmem::find(long, short).is_some())
    }
}

/// Shorter memos than this are held by too many others to tell anything.
const SHORTEST_HELD: usize = 12;

/// How two tellings agree, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agreement {
    Codes,
    Memo,
    Reference,
}

impl Agreement {
    /// What both have alike; nothing, if one says nothing of it.
    fn key<'t>(self, one: &'t Telling<'_>) -> Option<Key<'t>> {
        match self {
            Self::Codes => Some(Key::Codes(&one.codes)).filter(|_| !one.codes.is_empty()),
            Self::Memo => Some(Key::Memo(&one.letters)),
            Self::Reference => {
                Some(Key::Reference(one.reference)).filter(|_| !one.reference.is_empty())
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'t> {
    Codes(&'t [PaymentCode]),
    Memo(&'t [u8]),
    Reference(&'t str),
}

/// The rounds in which tellings are paired: all by what is surest before any by less. Days from the day
/// of the new telling.
const ROUNDS: [(Agreement, &[i32]); 5] = [
    (Agreement::Codes, &[0]),
    (Agreement::Memo, &[0]),
    (Agreement::Reference, &[0]),
    (Agreement::Codes, &[-1, 1]),
    (Agreement::Memo, &[-1, 1]),
];

/// New tellings and those of other sources.
struct Tellings<'a> {
    new: Vec<Telling<'a>>,
    others: Vec<Telling<'a>>,
    /// The other telling of each new one.
    same: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl<'a> Tellings<'a> {
    fn of(told: &'a [Incoming], others: &'a [BankCredit]) -> Self {
        let new: Vec<Telling> = told
            .iter()
            .map(|one| Telling::of(bucket_of(one), &one.memo, &one.bank_reference))
            .collect();
        let others: Vec<Telling> = others
            .iter()
            .map(|one| {
                let bucket = Bucket::of(&one.account_number, one.booked_at, one.amount);
                Telling::of(bucket, &one.memo, &one.bank_reference)
            })
            .collect();
        Self { same: vec![None; new.len()], taken: vec![false; others.len()], new, others }
    }

    /// The place of the other telling of each new one.
    fn pair(mut self) -> Vec<Option<usize>> {
        for (agreement, days) in ROUNDS {
            self.pair_alike(agreement, days);
            if agreement == Agreement::Memo {
                self.pair_held(days);
            }
        }
        self.same
    }

    /// Pairs what has the same codes, memo or reference.
    fn pair_alike(&mut self, agreement: Agreement, days: &[i32]) {
        let mut waiting: HashMap<&Bucket, HashMap<Key, VecDeque<usize>>> = HashMap::new();
        for (place, other) in self.others.iter().enumerate() {
            if let Some(key) = agreement.key(other)
                && !self.taken[place]
            {
                let of_bucket = waiting.entry(&other.bucket).or_default();
                of_bucket.entry(key).or_default().push_back(place);
            }
        }
        for (number, one) in self.new.iter().enumerate() {
            let Some(key) = agreement.key(one) else { continue };
            if self.same[number].is_some() || (days != [0] && !tells_across_days(agreement, one)) {
                continue;
            }
            let found = days.iter().find_map(|day| {
                let places = waiting.get_mut(&one.bucket.days_later(*day))?.get_mut(&key)?;
                let agrees = |place: &usize| !one.contradicts(&self.others[*place]);
                let nth = places.iter().position(agrees)?;
                places.remove(nth)
            });
            if let Some(place) = found {
                (self.same[number], self.taken[place]) = (Some(place), true);
            }
        }
    }

    /// Pairs what a memo was cut of.
    fn pair_held(&mut self, days: &[i32]) {
        let mut waiting: HashMap<&Bucket, Vec<usize>> = HashMap::new();
        for (place, other) in self.others.iter().enumerate() {
            if !self.taken[place] && other.letters.len() >= SHORTEST_HELD {
                waiting.entry(&other.bucket).or_default().push(place);
            }
        }
        for (number, one) in self.new.iter().enumerate() {
            if self.same[number].is_some() || one.letters.len() < SHORTEST_HELD {
                continue;
            }
            let found = days.iter().find_map(|day| {
                let places = waiting.get_mut(&one.bucket.days_later(*day))?;
                let agrees = |place: &usize| {
                    let other = &self.others[*place];
                    !one.contradicts(other) && one.holds_memo(other)
                };
                let nth = places.iter().position(agrees)?;
                Some(places.remove(nth))
            });
            if let Some(place) = found {
                (self.same[number], self.taken[place]) = (Some(place), true);
            }
        }
    }
}

/// People write the same few words every day: of another day only a long memo tells.
fn tells_across_days(agreement: Agreement, one: &Telling<'_>) -> bool {
    agreement == Agreement::Codes || one.letters.len() >= SHORTEST_HELD
}
