//! Pairs tellings of one credit, or one debit, by several sources.
//!
//! Across sources the n-th telling of one is the n-th of the other, among those of the same account and amount that agree:
//! of the same day in their codes, their memo or, as the last, their reference (a bank repeats it); of the day before or
//! after in their codes or a long memo only, because a statement may book what a feed told of a day later; of two statements
//! only of the same day. Two that name different payments are never one.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use memchr::memmem;

use crate::domain::memo::MemoLetters;
use crate::store::bank_credit::Bucket;

/// The place of the other telling of each new one.
pub fn pair<C: Code>(new: &[Telling<'_, C>], others: &[Telling<'_, C>]) -> Vec<Option<usize>> {
    Tellings { new, others, same: vec![None; new.len()], taken: vec![false; others.len()] }.pair()
}

/// What a memo names: payments, or transfers of ours.
pub trait Code: Copy + Ord + Hash {}

impl<C: Copy + Ord + Hash> Code for C {}

/// What tells a credit or a debit from others, folded once.
pub struct Telling<'a, C> {
    bucket: Bucket,
    codes: Vec<C>,
    letters: Vec<u8>,
    reference: &'a str,
    of_its_day: bool,
}

impl<'a, C: Code> Telling<'a, C> {
    /// A telling with the codes in its memo.
    pub fn of(bucket: Bucket, mut codes: Vec<C>, memo: &str, reference: &'a str) -> Self {
        codes.sort_unstable();
        let letters = MemoLetters::of(memo).letters().to_vec();
        Self { bucket, codes, letters, reference, of_its_day: false }
    }

    /// Of its own day only, if so it is: a statement books each line on one day, whatever its format. Two files that meet
    /// at midnight have no day in common, and the same words on both days are two lines.
    pub fn of_its_day(self, of_its_day: bool) -> Self {
        Self { of_its_day, ..self }
    }

    /// Whether it may be told of on some days around its own.
    fn is_told_on(&self, days: &[i32]) -> bool {
        !self.of_its_day || days == [0]
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
    fn key<'t, C: Code>(self, one: &'t Telling<'_, C>) -> Option<Key<'t, C>> {
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
enum Key<'t, C> {
    Codes(&'t [C]),
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
struct Tellings<'t, 'a, C> {
    new: &'t [Telling<'a, C>],
    others: &'t [Telling<'a, C>],
    /// The other telling of each new one.
    same: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl<C: Code> Tellings<'_, '_, C> {
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
        let mut waiting: HashMap<&Bucket, HashMap<Key<'_, C>, VecDeque<usize>>> = HashMap::new();
        for (place, other) in self.others.iter().enumerate() {
            if let Some(key) = agreement.key(other)
                && !self.taken[place]
                && other.is_told_on(days)
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
            let is_free = !self.taken[place] && other.is_told_on(days);
            if is_free && other.letters.len() >= SHORTEST_HELD {
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
fn tells_across_days<C>(agreement: Agreement, one: &Telling<'_, C>) -> bool {
    agreement == Agreement::Codes || one.letters.len() >= SHORTEST_HELD
}
