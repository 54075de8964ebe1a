//! What a fact that nobody is certain of may be for. A person decides; nothing is matched by this.

use kernel::{Currency, Money};
use rustc_hash::FxHashMap;

use super::book::{ExpectationNumber, Fact};
use super::settling::Terms;

/// The most suggestions for one fact.
pub const MOST: usize = 3;
/// The most expectations of one amount that are looked through.
const MOST_ALIKE: usize = 64;

/// Why an expectation is suggested; people read it in their language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The memo holds nearly its reference, and the amount is its own.
    NearCodeAndAmount,
    /// Who sent it usually pays whom it would pay, and the amount is its own.
    KnownPayerAndAmount,
    /// The memo holds nearly its reference.
    NearCode,
    /// It is the only open one of this amount in its time.
    OnlyOneOfThisAmount,
    /// Who sent it usually pays whom it would pay.
    KnownPayer,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::NearCodeAndAmount,
        Self::KnownPayerAndAmount,
        Self::NearCode,
        Self::OnlyOneOfThisAmount,
        Self::KnownPayer,
    ];

    /// The name in files and in message tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NearCodeAndAmount => "near_code_and_amount",
            Self::KnownPayerAndAmount => "known_payer_and_amount",
            Self::NearCode => "near_code",
            Self::OnlyOneOfThisAmount => "only_one_of_this_amount",
            Self::KnownPayer => "known_payer",
        }
    }
}

/// What a fact may be for, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it may be for.
    pub expectation: ExpectationNumber,
    /// Why.
    pub reason: Reason,
}

/// Expectations by their amount.
#[derive(Debug, Default)]
pub struct AmountIndex(FxHashMap<(i64, Currency), Vec<ExpectationNumber>>);

impl AmountIndex {
    /// The index of expectations, numbered as they come.
    pub fn of(terms: impl Iterator<Item = Terms>) -> Self {
        let mut index: FxHashMap<_, Vec<ExpectationNumber>> = FxHashMap::default();
        for (terms, number) in terms.zip(0..) {
            let alike = index.entry((terms.amount.minor, terms.amount.currency)).or_default();
            // One more than is looked through shows that there are too many to suggest one.
            if alike.len() <= MOST_ALIKE {
                alike.push(number);
            }
        }
        Self(index)
    }

    fn alike(&self, amount: Money) -> &[ExpectationNumber] {
        self.0.get(&(amount.minor, amount.currency)).map_or(&[], Vec::as_slice)
    }
}

/// Suggests expectations for a fact: `near` are those whose reference the memo nearly holds, `open`
/// says which still wait for money.
pub fn suggest<'a>(
    fact: &Fact<'_>,
    near: &[ExpectationNumber],
    by_amount: &AmountIndex,
    terms: impl Fn(ExpectationNumber) -> &'a Terms,
    open: impl Fn(ExpectationNumber) -> bool,
) -> Vec<Suggestion> {
    let mut suggestions: Vec<Suggestion> = near
        .iter()
        .filter(|number| open(**number))
        .map(|number| {
            let same = terms(*number).amount == fact.amount;
            let reason = if same { Reason::NearCodeAndAmount } else { Reason::NearCode };
            Suggestion { expectation: *number, reason }
        })
        .collect();
    let alike = by_amount.alike(fact.amount);
    let in_time = |number: &&ExpectationNumber| {
        let terms = terms(**number);
        (terms.from..=terms.to).contains(&fact.moment.at) && open(**number)
    };
    let mut waiting = alike.iter().filter(in_time);
    if let (Some(only), None) = (waiting.next(), waiting.next())
        && alike.len() <= MOST_ALIKE
        && !suggestions.iter().any(|suggestion| suggestion.expectation == *only)
    {
        suggestions.push(Suggestion { expectation: *only, reason: Reason::OnlyOneOfThisAmount });
    }
    suggestions.sort_by_key(|suggestion| (suggestion.reason, suggestion.expectation));
    suggestions.truncate(MOST);
    suggestions
}
