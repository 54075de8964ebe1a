//! A book of expectations and the facts that met them, in memory: for files of statements, for
//! measuring, and as the yardstick of what the service does in its database.

use kernel::{Currency, Money, Timestamp};
use rustc_hash::{FxHashMap, FxHashSet};

use super::references::{NotAReference, ReferenceIndex, ReferenceNumber};
use super::settling::{
    Claim, CreditState, Moment, Rule, Terms, Verdict, alone, settle, settles_together,
};
use super::suggesting::{self, AmountIndex, Suggestion};
use crate::domain::memo::MemoLetters;

/// Something that money is expected for.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    /// What its payer was told to write; several expectations may bear one.
    pub reference: &'a str,
    /// Above zero: comes; below: goes.
    pub amount: Money,
    /// From when.
    pub from: Timestamp,
    /// Until when, this moment included.
    pub to: Timestamp,
}

/// A line of a feed or statement.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// When it was booked, and what tells it from every other: the same identity is the same fact.
    pub moment: Moment,
    /// What came (above zero) or went.
    pub amount: Money,
    /// The memo.
    pub memo: &'a str,
}

/// An expectation's number: 0, 1, 2 … as they were told.
pub type ExpectationNumber = u32;
/// A fact's number: 0, 1, 2 … as they were told.
pub type FactNumber = u32;

/// What an expectation has received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Whether it is paid: exactly, within the tolerance, in parts or with others.
    pub paid: bool,
    /// The sum of what counts for it if it is paid; else of what came too little, too much or late.
    pub received: Money,
}

struct Expected {
    terms: Terms,
    next_bearer: u32,
    first_claim: u32,
    paid_with_others: bool,
    dirty: bool,
}

struct Taken {
    moment: Moment,
    amount: Money,
    verdict: Verdict,
    /// The expectation that it names, if it is one.
    names: u32,
    next_claim: u32,
}

/// A transfer that names several expectations and is exactly their sum.
struct Split {
    fact: FactNumber,
    names: Box<[ExpectationNumber]>,
}

const NONE: u32 = u32::MAX;

/// The book.
pub struct Book {
    tolerance: FxHashMap<Currency, i64>,
    references: ReferenceIndex,
    /// The first expectation of each reference.
    bearers: Vec<u32>,
    expected: Vec<Expected>,
    facts: Vec<Taken>,
    known: FxHashMap<u128, FactNumber>,
    splits: Vec<Split>,
    splits_of: FxHashMap<ExpectationNumber, Vec<u32>>,
    refused: FxHashSet<(u128, ExpectationNumber)>,
    dirty: Vec<ExpectationNumber>,
    by_amount: Option<AmountIndex>,
    found: Vec<ReferenceNumber>,
}

impl Book {
    /// An empty book. `tolerance`: by how many minor units of a currency a transfer may differ.
    pub fn new(tolerance: impl IntoIterator<Item = (Currency, i64)>) -> Self {
        Self {
            tolerance: tolerance.into_iter().collect(),
            references: ReferenceIndex::default(),
            bearers: Vec::new(),
            expected: Vec::new(),
            facts: Vec::new(),
            known: FxHashMap::default(),
            splits: Vec::new(),
            splits_of: FxHashMap::default(),
            refused: FxHashSet::default(),
            dirty: Vec::new(),
            by_amount: None,
            found: Vec::new(),
        }
    }

    /// Expects money. Expectations come before the facts that may meet them.
    pub fn expect(
        &mut self,
        expectation: &Expectation<'_>,
    ) -> Result<ExpectationNumber, NotAReference> {
        let reference = self.references.add(expectation.reference)? as usize;
        let number = self.expected.len() as u32;
        if reference == self.bearers.len() {
            self.bearers.push(NONE);
        }
        let next_bearer = std::mem::replace(&mut self.bearers[reference], number);
        let tolerance = self.tolerance.get(&expectation.amount.currency).copied().unwrap_or(0);
        self.expected.push(Expected {
            terms: Terms {
                amount: expectation.amount,
                from: expectation.from,
                to: expectation.to,
                tolerance,
            },
            next_bearer,
            first_claim: NONE,
            paid_with_others: false,
            dirty: false,
        });
        self.by_amount = None;
        Ok(number)
    }

    /// Takes a fact. One that is known already changes nothing. What it is stands after
    /// [`Book::settle`].
    pub fn take(&mut self, fact: &Fact<'_>) -> FactNumber {
        let number = self.facts.len() as u32;
        match self.known.entry(fact.moment.identity) {
            std::collections::hash_map::Entry::Occupied(known) => return *known.get(),
            std::collections::hash_map::Entry::Vacant(vacant) => vacant.insert(number),
        };
        let mut found = std::mem::take(&mut self.found);
        self.references.find(&MemoLetters::of(fact.memo), &mut found);
        let verdict = Verdict::new(CreditState::Orphan, Rule::NoCode);
        self.facts.push(Taken {
            moment: fact.moment,
            amount: fact.amount,
            verdict,
            names: NONE,
            next_claim: NONE,
        });
        match found.as_slice() {
            [] => {}
            [reference] => self.claim(number, *reference),
            several => self.claim_several(number, several),
        }
        self.found = found;
        number
    }

    /// A person says that a fact is not for an expectation: they never meet again.
    pub fn refuse(&mut self, identity: u128, expectation: ExpectationNumber) {
        if self.refused.insert((identity, expectation)) {
            self.mark(expectation);
        }
    }

    /// Decides on all that changed since the last time.
    pub fn settle(&mut self) {
        self.widen_to_conflicts();
        let mut dirty = std::mem::take(&mut self.dirty);
        self.settle_splits(&dirty);
        for expectation in dirty.drain(..) {
            self.expected[expectation as usize].dirty = false;
            self.settle_one(expectation);
        }
        self.dirty = dirty;
    }

    /// What a fact is.
    pub fn verdict(&self, fact: FactNumber) -> Verdict {
        self.facts[fact as usize].verdict
    }

    /// The expectations that a fact is matched with or, waiting, names.
    pub fn named_by(&self, fact: FactNumber) -> Vec<ExpectationNumber> {
        let names = self.facts[fact as usize].names;
        if names != NONE {
            return vec![names];
        }
        let split = self.splits.iter().find(|split| split.fact == fact);
        split.map(|split| split.names.to_vec()).unwrap_or_default()
    }

    /// What was expected.
    pub fn terms(&self, expectation: ExpectationNumber) -> &Terms {
        &self.expected[expectation as usize].terms
    }

    /// How many expectations there are.
    pub fn expectations(&self) -> u32 {
        self.expected.len() as u32
    }

    /// What an expectation has received.
    pub fn paid(&self, expectation: ExpectationNumber) -> Paid {
        let expected = &self.expected[expectation as usize];
        let amount = expected.terms.amount;
        if expected.paid_with_others {
            return Paid { paid: true, received: amount };
        }
        let claims: Vec<&Taken> =
            self.claims_of(expectation).map(|fact| &self.facts[fact as usize]).collect();
        let paid = claims.iter().any(|fact| fact.verdict.state.is_matched());
        let counts = |fact: &&&Taken| {
            fact.verdict.state.is_matched() == paid && fact.amount.currency == amount.currency
        };
        let received = claims.iter().filter(counts).map(|fact| fact.amount.minor).sum();
        Paid { paid, received: Money::new(received, amount.currency) }
    }

    /// What a waiting fact may be for, best first; a person decides. At most three.
    pub fn suggest(&mut self, fact: &Fact<'_>) -> Vec<Suggestion> {
        if self.by_amount.is_none() {
            let terms = self.expected.iter().map(|expected| expected.terms);
            self.by_amount = Some(AmountIndex::of(terms));
        }
        let near = self.references.find_near(&MemoLetters::of(fact.memo), suggesting::MOST);
        let near: Vec<ExpectationNumber> = near
            .into_iter()
            .flat_map(|reference| self.bearers_of(reference).collect::<Vec<_>>())
            .collect();
        let Some(by_amount) = &self.by_amount else { return Vec::new() };
        let open = |expectation: ExpectationNumber| {
            !self.refused.contains(&(fact.moment.identity, expectation))
                && !self.paid(expectation).paid
        };
        suggesting::suggest(fact, &near, by_amount, |number| self.terms(number), open)
    }

    fn bearers_of(&self, reference: ReferenceNumber) -> impl Iterator<Item = ExpectationNumber> {
        let first = self.bearers.get(reference as usize).copied().filter(|first| *first != NONE);
        std::iter::successors(first, |number| {
            Some(self.expected[*number as usize].next_bearer).filter(|next| *next != NONE)
        })
    }

    fn claims_of(&self, expectation: ExpectationNumber) -> impl Iterator<Item = FactNumber> {
        let first = self.expected[expectation as usize].first_claim;
        std::iter::successors(Some(first).filter(|first| *first != NONE), |number| {
            Some(self.facts[*number as usize].next_claim).filter(|next| *next != NONE)
        })
    }

    fn claim(&mut self, fact: FactNumber, reference: ReferenceNumber) {
        let Some(expectation) = self.meant(fact, reference) else {
            let taken = &mut self.facts[fact as usize];
            taken.verdict = Verdict::new(CreditState::Orphan, Rule::AmbiguousReference);
            return;
        };
        let expected = &mut self.expected[expectation as usize];
        let taken = &mut self.facts[fact as usize];
        taken.names = expectation;
        taken.next_claim = std::mem::replace(&mut expected.first_claim, fact);
        self.mark(expectation);
    }

    /// The expectation that a reference means to a fact; none if that is not certain. Depends on
    /// what was expected only, not on what came.
    fn meant(&self, fact: FactNumber, reference: ReferenceNumber) -> Option<ExpectationNumber> {
        let first = self.bearers[reference as usize];
        if self.expected[first as usize].next_bearer == NONE {
            return Some(first);
        }
        let fact = &self.facts[fact as usize];
        let terms = |number: &ExpectationNumber| &self.expected[*number as usize].terms;
        let bearers: Vec<ExpectationNumber> = self.bearers_of(reference).collect();
        let in_time: Vec<ExpectationNumber> = bearers
            .iter()
            .copied()
            .filter(|number| (terms(number).from..=terms(number).to).contains(&fact.moment.at))
            .collect();
        let exact = |number: &&ExpectationNumber| terms(number).amount == fact.amount;
        match in_time.as_slice() {
            // Too late for some, too early for others: the last whose time went by.
            [] => bearers
                .into_iter()
                .filter(|number| terms(number).to < fact.moment.at)
                .max_by_key(|number| (terms(number).to, *number))
                .or(Some(first)),
            [only] => Some(*only),
            several => {
                let mut exact = several.iter().filter(exact);
                exact.next().filter(|_| exact.next().is_none()).copied()
            }
        }
    }

    fn claim_several(&mut self, fact: FactNumber, references: &[ReferenceNumber]) {
        let names: Option<Box<[ExpectationNumber]>> =
            references.iter().map(|reference| self.meant(fact, *reference)).collect();
        let taken = &mut self.facts[fact as usize];
        taken.verdict = Verdict::new(CreditState::Orphan, Rule::SeveralCodes);
        let Some(names) = names else { return };
        let terms = names.iter().map(|number| &self.expected[*number as usize].terms);
        if !settles_together(taken.moment, taken.amount, terms) {
            return;
        }
        let split = self.splits.len() as u32;
        for expectation in &names {
            self.splits_of.entry(*expectation).or_default().push(split);
            self.mark(*expectation);
        }
        self.splits.push(Split { fact, names });
    }

    fn mark(&mut self, expectation: ExpectationNumber) {
        let expected = &mut self.expected[expectation as usize];
        if !expected.dirty {
            expected.dirty = true;
            self.dirty.push(expectation);
        }
    }

    /// Transfers that name several tie expectations together: what one takes, another cannot.
    fn widen_to_conflicts(&mut self) {
        if self.splits.is_empty() {
            return;
        }
        let mut seen = 0;
        while let Some(expectation) = self.dirty.get(seen).copied() {
            seen += 1;
            for split in self.splits_of.get(&expectation).cloned().unwrap_or_default() {
                for tied in self.splits[split as usize].names.clone() {
                    self.mark(tied);
                }
            }
        }
    }

    fn settle_splits(&mut self, dirty: &[ExpectationNumber]) {
        let mut splits: Vec<u32> = dirty
            .iter()
            .filter_map(|number| self.splits_of.get(number))
            .flatten()
            .copied()
            .collect();
        if splits.is_empty() {
            return;
        }
        let fact_of = |split: u32| self.splits[split as usize].fact;
        splits.sort_unstable_by_key(|split| self.facts[fact_of(*split) as usize].moment);
        splits.dedup();
        for expectation in dirty {
            self.expected[*expectation as usize].paid_with_others = false;
        }
        for split in splits {
            let Split { fact, names } = &self.splits[split as usize];
            let identity = self.facts[*fact as usize].moment.identity;
            let free = names.iter().all(|number| {
                !self.expected[*number as usize].paid_with_others
                    && !self.refused.contains(&(identity, *number))
            });
            self.facts[*fact as usize].verdict = if free {
                for number in names {
                    self.expected[*number as usize].paid_with_others = true;
                }
                Verdict::new(CreditState::Matched, Rule::SumOfSeveral)
            } else {
                Verdict::new(CreditState::Orphan, Rule::SeveralCodes)
            };
        }
    }

    fn settle_one(&mut self, expectation: ExpectationNumber) {
        let expected = &self.expected[expectation as usize];
        let (terms, with_others) = (expected.terms, expected.paid_with_others);
        let first = expected.first_claim;
        if first == NONE {
            return;
        }
        let claim_of = |fact: &Taken| Claim {
            moment: fact.moment,
            amount: fact.amount,
            exactly: Rule::CodeAndExactAmount,
        };
        // Nearly all: one fact that names it.
        let only = &self.facts[first as usize];
        if only.next_claim == NONE
            && !with_others
            && self.refused.is_empty()
            && terms.tolerance == 0
        {
            self.facts[first as usize].verdict = alone(&terms, &claim_of(only));
            return;
        }
        let (refused, numbers): (Vec<FactNumber>, Vec<FactNumber>) =
            self.claims_of(expectation).partition(|fact| {
                let identity = self.facts[*fact as usize].moment.identity;
                self.refused.contains(&(identity, expectation))
            });
        let claims: Vec<Claim> =
            numbers.iter().map(|fact| claim_of(&self.facts[*fact as usize])).collect();
        for (fact, verdict) in numbers.iter().zip(settle(&terms, with_others, &claims)) {
            self.facts[*fact as usize].verdict = verdict;
        }
        for fact in refused {
            self.facts[fact as usize].verdict =
                Verdict::new(CreditState::Orphan, Rule::RefusedByPerson);
        }
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
