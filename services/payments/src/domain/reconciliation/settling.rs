//! What the facts that name one expectation are to it.

use kernel::{Money, Timestamp};

/// What a credit (or a debit that was expected) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CreditState {
    /// It pays what was expected, exactly, alone or together with others.
    Matched,
    /// It pays what was expected but for a difference that is allowed.
    MatchedWithTolerance,
    /// Less than was expected.
    Underpaid,
    /// More than was expected.
    Overpaid,
    /// It names what was paid by another.
    Duplicate,
    /// It came after its time.
    Late,
    /// Nothing is meant that we know of, or it is not certain what.
    Orphan,
}

impl CreditState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Matched,
        Self::MatchedWithTolerance,
        Self::Underpaid,
        Self::Overpaid,
        Self::Duplicate,
        Self::Late,
        Self::Orphan,
    ];

    /// The name in the database, in metrics and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::MatchedWithTolerance => "matched_with_tolerance",
            Self::Underpaid => "underpaid",
            Self::Overpaid => "overpaid",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Orphan => "orphan",
        }
    }

    /// Whether the money found what it was for, so that nobody has to look at it.
    pub const fn is_matched(self) -> bool {
        matches!(self, Self::Matched | Self::MatchedWithTolerance)
    }
}

/// The rule that decided. Its name carries its version: a rule that changes gets another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The provider's id and the exact amount.
    ProviderIdAndExactAmount,
    /// The reference in the memo and the exact amount.
    CodeAndExactAmount,
    /// A sub-account of its own and the exact amount.
    SubAccountAndExactAmount,
    /// Named, and the difference is within the tolerance.
    WithinTolerance,
    /// Named, and together with others it sums to what was expected.
    SumOfParts,
    /// It names several and is exactly their sum.
    SumOfSeveral,
    /// Named, and less.
    Less,
    /// Named, and more.
    More,
    /// Named, and another paid it.
    PaidByAnother,
    /// Named, and after its time.
    AfterWindow,
    /// Named, and before its time.
    BeforeWindow,
    /// It names several and is not their sum.
    SeveralCodes,
    /// The reference stands for several expectations, and it is not certain which is meant.
    AmbiguousReference,
    /// Named, and of another currency.
    OtherCurrency,
    /// Named, and money went the other way.
    OppositeDirection,
    /// It came to an account that nobody was asked to pay to.
    OtherAccount,
    /// A person said that it is not for what it names.
    RefusedByPerson,
    /// It names nothing that we know.
    NoCode,
    /// The rules failed on it again and again: a person decides.
    Undecided,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 19] = [
        Self::ProviderIdAndExactAmount,
        Self::CodeAndExactAmount,
        Self::SubAccountAndExactAmount,
        Self::WithinTolerance,
        Self::SumOfParts,
        Self::SumOfSeveral,
        Self::Less,
        Self::More,
        Self::PaidByAnother,
        Self::AfterWindow,
        Self::BeforeWindow,
        Self::SeveralCodes,
        Self::AmbiguousReference,
        Self::OtherCurrency,
        Self::OppositeDirection,
        Self::OtherAccount,
        Self::RefusedByPerson,
        Self::NoCode,
        Self::Undecided,
    ];

    /// Name and version, in the database and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProviderIdAndExactAmount => "provider_id_and_exact_amount/1",
            Self::CodeAndExactAmount => "code_and_exact_amount/1",
            Self::SubAccountAndExactAmount => "sub_account_and_exact_amount/1",
            Self::WithinTolerance => "code_within_tolerance/1",
            Self::SumOfParts => "code_and_sum_of_parts/1",
            Self::SumOfSeveral => "codes_and_their_sum/1",
            Self::Less => "code_and_less/1",
            Self::More => "code_and_more/1",
            Self::PaidByAnother => "code_of_paid/1",
            Self::AfterWindow => "code_after_window/1",
            Self::BeforeWindow => "code_before_window/1",
            Self::SeveralCodes => "several_codes/1",
            Self::AmbiguousReference => "ambiguous_reference/1",
            Self::OtherCurrency => "other_currency/1",
            Self::OppositeDirection => "opposite_direction/1",
            Self::OtherAccount => "other_account/1",
            Self::RefusedByPerson => "refused_by_person/1",
            Self::NoCode => "no_code/1",
            Self::Undecided => "undecided/1",
        }
    }
}

/// When a fact happened, and its identity to tell apart what happened at once: facts are looked at
/// in this order, whenever they come to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// When it was booked, or when we were told: one of them for all facts of an expectation.
    pub at: Timestamp,
    /// The fact's identity.
    pub identity: u128,
}

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Above zero: money that comes; below: money that goes.
    pub amount: Money,
    /// From when.
    pub from: Timestamp,
    /// Until when, this moment included.
    pub to: Timestamp,
    /// By how many minor units a transfer may differ.
    pub tolerance: i64,
}

/// A fact that names an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its place in the order of facts.
    pub moment: Moment,
    /// What came (above zero) or went.
    pub amount: Money,
    /// The rule if its amount is exact: how it names the expectation.
    pub exactly: Rule,
}

/// What a fact is, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it is.
    pub state: CreditState,
    /// Why.
    pub rule: Rule,
}

impl Verdict {
    pub(super) const fn new(state: CreditState, rule: Rule) -> Self {
        Self { state, rule }
    }
}

/// More transfers than this that name one expectation are not searched for parts that sum to it.
const MOST_PARTS_SEARCHED: usize = 100;

/// Decides on all facts that name one expectation, and on none other. Does not depend on the order
/// in which `claims` are given; the verdicts are in that order.
///
/// `paid_with_others`: a transfer that names several and is exactly their sum has paid it.
pub fn settle(terms: &Terms, paid_with_others: bool, claims: &[Claim]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = claims.iter().map(|claim| alone(terms, claim)).collect();
    let winners = if paid_with_others { Vec::new() } else { winners(terms, claims, &verdicts) };
    if winners.is_empty() && !paid_with_others {
        return verdicts;
    }
    for (place, verdict) in verdicts.iter_mut().enumerate() {
        let opposite = matches!(verdict.rule, Rule::OppositeDirection | Rule::OtherCurrency);
        if let Some((_, won)) = winners.iter().find(|(winner, _)| *winner == place) {
            *verdict = *won;
        } else if !opposite && verdict.rule != Rule::BeforeWindow {
            *verdict = Verdict::new(CreditState::Duplicate, Rule::PaidByAnother);
        }
    }
    verdicts
}

/// Whether one transfer that names several is exactly their sum, in time for each.
pub fn settles_together<'a>(
    moment: Moment,
    amount: Money,
    several: impl IntoIterator<Item = &'a Terms>,
) -> bool {
    let mut sum = 0_i128;
    for terms in several {
        let same = terms.amount.currency == amount.currency
            && (terms.amount.minor > 0) == (amount.minor > 0)
            && (terms.from..=terms.to).contains(&moment.at);
        if !same {
            return false;
        }
        sum += i128::from(terms.amount.minor);
    }
    sum == i128::from(amount.minor)
}

/// What a claim is as long as nothing pays the expectation.
pub(super) fn alone(terms: &Terms, claim: &Claim) -> Verdict {
    use CreditState::{Late, Orphan, Overpaid, Underpaid};
    if claim.amount.currency != terms.amount.currency {
        return Verdict::new(Orphan, Rule::OtherCurrency);
    }
    if (claim.amount.minor > 0) != (terms.amount.minor > 0) {
        return Verdict::new(Orphan, Rule::OppositeDirection);
    }
    if claim.moment.at > terms.to {
        return Verdict::new(Late, Rule::AfterWindow);
    }
    if claim.moment.at < terms.from {
        return Verdict::new(Orphan, Rule::BeforeWindow);
    }
    match claim.amount.minor.unsigned_abs().cmp(&terms.amount.minor.unsigned_abs()) {
        std::cmp::Ordering::Less => Verdict::new(Underpaid, Rule::Less),
        std::cmp::Ordering::Greater => Verdict::new(Overpaid, Rule::More),
        std::cmp::Ordering::Equal => Verdict::new(CreditState::Matched, claim.exactly),
    }
}

/// Who pays the expectation: the first that is exact, else the first within the tolerance, else the
/// first two or three that sum to it. More facts never take the payment away again.
fn winners(terms: &Terms, claims: &[Claim], alone: &[Verdict]) -> Vec<(usize, Verdict)> {
    let mut in_time: Vec<usize> = (0..claims.len())
        .filter(|place| {
            let state = alone[*place].state;
            matches!(state, CreditState::Matched | CreditState::Underpaid | CreditState::Overpaid)
        })
        .collect();
    in_time.sort_unstable_by_key(|place| claims[*place].moment);
    let exact = in_time.iter().find(|place| alone[**place].state == CreditState::Matched);
    if let Some(exact) = exact {
        return vec![(*exact, alone[*exact])];
    }
    let near = |minor: i64| minor.abs_diff(terms.amount.minor) <= terms.tolerance.unsigned_abs();
    if terms.tolerance > 0
        && let Some(place) = in_time.iter().find(|place| near(claims[**place].amount.minor))
    {
        let verdict = Verdict::new(CreditState::MatchedWithTolerance, Rule::WithinTolerance);
        return vec![(*place, verdict)];
    }
    let verdict = Verdict::new(CreditState::Matched, Rule::SumOfParts);
    parts(terms, claims, &in_time).into_iter().map(|place| (place, verdict)).collect()
}

/// The first two, else the first three claims in their order that sum to what is expected.
fn parts(terms: &Terms, claims: &[Claim], in_time: &[usize]) -> Vec<usize> {
    let in_time = &in_time[..in_time.len().min(MOST_PARTS_SEARCHED)];
    let amount = |place: usize| i128::from(claims[place].amount.minor);
    let expected = i128::from(terms.amount.minor);
    for (first, one) in in_time.iter().enumerate() {
        let rest = &in_time[first + 1..];
        if let Some(two) = rest.iter().find(|two| amount(*one) + amount(**two) == expected) {
            return vec![*one, *two];
        }
    }
    for (first, one) in in_time.iter().enumerate() {
        for (second, two) in in_time.iter().enumerate().skip(first + 1) {
            let missing = expected - amount(*one) - amount(*two);
            let third = in_time[second + 1..].iter().find(|three| amount(**three) == missing);
            if let Some(three) = third {
                return vec![*one, *two, *three];
            }
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(amount: i64, tolerance: i64) -> Terms {
        let at = Timestamp::from_micros;
        Terms { amount: Money::vnd(amount), from: at(10), to: at(20), tolerance }
    }

    fn claim(at: i64, amount: i64) -> Claim {
        let moment = Moment { at: Timestamp::from_micros(at), identity: 0 };
        Claim { moment, amount: Money::vnd(amount), exactly: Rule::CodeAndExactAmount }
    }

    fn rules(terms: &Terms, claims: &[(i64, i64)]) -> Vec<Rule> {
        let claims: Vec<Claim> = claims
            .iter()
            .zip(0..)
            .map(|((at, amount), identity)| {
                let claim = claim(*at, *amount);
                Claim { moment: Moment { identity, ..claim.moment }, ..claim }
            })
            .collect();
        settle(terms, false, &claims).into_iter().map(|verdict| verdict.rule).collect()
    }

    #[test]
    fn each_fact_is_what_it_is_to_the_expectation() {
        use Rule::*;
        for (claims, expected) in [
            (vec![(10, 100)], vec![CodeAndExactAmount]),
            (vec![(20, 100)], vec![CodeAndExactAmount]),
            (vec![(21, 100)], vec![AfterWindow]),
            (vec![(9, 100)], vec![BeforeWindow]),
            (vec![(15, 99)], vec![Less]),
            (vec![(15, 101)], vec![More]),
            (vec![(15, -100)], vec![OppositeDirection]),
            // The first that is exact pays, wherever it stands among others.
            (vec![(16, 100), (15, 100)], vec![PaidByAnother, CodeAndExactAmount]),
            (vec![(11, 60), (12, 100)], vec![PaidByAnother, CodeAndExactAmount]),
            (vec![(12, 100), (25, 100)], vec![CodeAndExactAmount, PaidByAnother]),
            // Several that sum to it.
            (vec![(11, 60), (12, 40)], vec![SumOfParts, SumOfParts]),
            (vec![(11, 50), (12, 30), (13, 20)], vec![SumOfParts; 3]),
            (vec![(11, 10), (12, 60), (13, 40)], vec![PaidByAnother, SumOfParts, SumOfParts]),
            (vec![(11, 60), (12, 60)], vec![Less, Less]),
            (vec![(11, 60), (21, 40)], vec![Less, AfterWindow]),
        ] {
            assert_eq!(rules(&terms(100, 0), &claims), expected, "{claims:?}");
        }
    }

    #[test]
    fn a_difference_within_the_tolerance_pays_unless_another_is_exact() {
        use Rule::*;
        for (claims, expected) in [
            (vec![(11, 98)], vec![WithinTolerance]),
            (vec![(11, 102)], vec![WithinTolerance]),
            (vec![(11, 97)], vec![Less]),
            (vec![(11, 98), (12, 100)], vec![PaidByAnother, CodeAndExactAmount]),
        ] {
            assert_eq!(rules(&terms(100, 2), &claims), expected, "{claims:?}");
        }
    }

    #[test]
    fn money_that_goes_is_matched_as_money_that_comes() {
        assert_eq!(rules(&terms(-100, 0), &[(11, -100)]), [Rule::CodeAndExactAmount]);
        assert_eq!(rules(&terms(-100, 0), &[(11, -90)]), [Rule::Less]);
        assert_eq!(rules(&terms(-100, 0), &[(11, 100)]), [Rule::OppositeDirection]);
    }

    #[test]
    fn one_transfer_settles_several_only_as_their_exact_sum_in_time_for_each() {
        let moment = |at| claim(at, 1).moment;
        let late = Terms { from: Timestamp::from_micros(16), ..terms(50, 0) };
        assert!(settles_together(moment(15), Money::vnd(150), &[terms(100, 0), terms(50, 0)]));
        assert!(!settles_together(moment(15), Money::vnd(149), &[terms(100, 9), terms(50, 9)]));
        assert!(!settles_together(moment(15), Money::vnd(150), &[terms(100, 0), late]));
        assert!(!settles_together(moment(15), Money::vnd(50), &[terms(100, 0), terms(-50, 0)]));
    }

    proptest! {
        #[test]
        fn the_order_in_which_facts_are_given_changes_nothing(
            claims in proptest::collection::vec((5i64..25, 1i64..12), 0..8),
            tolerance in 0i64..3,
            seed in any::<u64>(),
        ) {
            let terms = terms(10, tolerance);
            let claims: Vec<Claim> = claims
                .into_iter()
                .zip(0..)
                .map(|((at, amount), identity)| {
                    let claim = claim(at, amount);
                    Claim { moment: Moment { identity, ..claim.moment }, ..claim }
                })
                .collect();
            let by_identity = |order: &[Claim]| {
                let mut verdicts: Vec<_> = order
                    .iter()
                    .map(|claim| claim.moment.identity)
                    .zip(settle(&terms, false, order).into_iter().map(|verdict| verdict.rule))
                    .collect();
                verdicts.sort();
                verdicts
            };
            let mut shuffled = claims.clone();
            for index in 1..shuffled.len() {
                shuffled.swap(index, (seed.rotate_left(index as u32) % (index as u64 + 1)) as usize);
            }
            prop_assert_eq!(by_identity(&claims), by_identity(&shuffled));
        }

        #[test]
        fn what_is_paid_stays_paid_whatever_comes_besides(
            claims in proptest::collection::vec((10i64..21, 1i64..12), 1..8), extra in (5i64..25, 1i64..12),
        ) {
            let paid = |claims: &[Claim]| {
                settle(&terms(10, 1), false, claims).iter().any(|verdict| verdict.state.is_matched())
            };
            let mut all: Vec<Claim> = claims.iter().map(|(at, amount)| claim(*at, *amount)).collect();
            for (claim, identity) in all.iter_mut().zip(0..) {
                claim.moment.identity = identity;
            }
            if paid(&all) {
                let mut more = claim(extra.0, extra.1);
                more.moment.identity = 1_000;
                all.push(more);
                prop_assert!(paid(&all));
            }
        }

        #[test]
        fn matched_money_is_exactly_what_was_expected_or_within_the_tolerance(
            claims in proptest::collection::vec((5i64..25, 1i64..12), 0..8), tolerance in 0i64..3,
        ) {
            let all: Vec<Claim> = claims.iter().map(|(at, amount)| claim(*at, *amount)).collect();
            let verdicts = settle(&terms(10, tolerance), false, &all);
            let sum: i64 = all.iter().zip(&verdicts).filter(|(_, verdict)| verdict.state.is_matched())
                .map(|(claim, _)| claim.amount.minor).sum();
            prop_assert!(sum == 0 || (sum - 10).abs() <= tolerance, "{sum}");
        }
    }
}
