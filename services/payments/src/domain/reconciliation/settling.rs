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
    pub const ALL: [Self; 18] = [
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

/// More transfers than this that name one expectation are not searched for two or three that sum to it;
const MOST_PARTS_SEARCHED: usize = 100;
/// and not more than this for four or more: whoever pays what is missing again and again.
const MOST_MANY_PARTS_SEARCHED: usize = 12;
/// How many parts are few.
const FEW_PARTS: usize = 3;

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

/// The same, where each fact is decided on when it is told of: the first facts, in their order, that pay the
/// expectation keep paying it, and what is told of later finds it paid. So it does not matter in which batches
/// they are looked at.
pub fn settle_as_told(terms: &Terms, claims: &[Claim]) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_unstable_by_key(|place| claims[*place].moment);
    let mut told = Vec::with_capacity(claims.len());
    let mut smaller = 0;
    for place in &order {
        told.push(claims[*place]);
        let changes = match alone(terms, &claims[*place]).state {
            CreditState::Matched => true,
            CreditState::Underpaid => {
                smaller += 1;
                // Of more than these none is searched for parts.
                smaller <= MOST_PARTS_SEARCHED || is_near(terms, claims[*place].amount)
            }
            CreditState::Overpaid => is_near(terms, claims[*place].amount),
            _ => false,
        };
        if !changes {
            continue;
        }
        let mut verdicts = settle(terms, false, &told);
        if !verdicts.iter().any(|verdict| verdict.state.is_matched()) {
            continue;
        }
        let later: Vec<Claim> = order[told.len()..].iter().map(|place| claims[*place]).collect();
        verdicts.extend(settle(terms, true, &later));
        let mut decided: Vec<(usize, Verdict)> = order.iter().copied().zip(verdicts).collect();
        decided.sort_unstable_by_key(|(place, _)| *place);
        return decided.into_iter().map(|(_, verdict)| verdict).collect();
    }
    claims.iter().map(|claim| alone(terms, claim)).collect()
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
/// fewest and first that sum to it. More facts never take the payment away again.
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
    if terms.tolerance > 0
        && let Some(place) = in_time.iter().find(|place| is_near(terms, claims[**place].amount))
    {
        let verdict = Verdict::new(CreditState::MatchedWithTolerance, Rule::WithinTolerance);
        return vec![(*place, verdict)];
    }
    let verdict = Verdict::new(CreditState::Matched, Rule::SumOfParts);
    parts(terms, claims, &in_time).into_iter().map(|place| (place, verdict)).collect()
}

fn is_near(terms: &Terms, amount: Money) -> bool {
    amount.minor.abs_diff(terms.amount.minor) <= terms.tolerance.unsigned_abs()
}

/// The first two, else three, else more of the claims in their order that sum to what is expected.
fn parts(terms: &Terms, claims: &[Claim], in_time: &[usize]) -> Vec<usize> {
    let expected = terms.amount.minor.unsigned_abs();
    // All of them go the same way.
    let amount = |place: &usize| claims[*place].amount.minor.unsigned_abs();
    let less = in_time.iter().copied().filter(|place| amount(place) < expected);
    let less: Vec<usize> = less.take(MOST_PARTS_SEARCHED).collect();
    let amounts: Vec<u64> = less.iter().map(amount).collect();
    let many = &amounts[..amounts.len().min(MOST_MANY_PARTS_SEARCHED)];
    for count in 2..=amounts.len() {
        let among = if count <= FEW_PARTS { &amounts[..] } else { many };
        if count > among.len() {
            break;
        }
        let mut chosen = Vec::with_capacity(count);
        if sum_to(expected, count, among, 0, &mut chosen) {
            return chosen.into_iter().map(|place| less[place]).collect();
        }
    }
    Vec::new()
}

/// Chooses the first `count` of the amounts, from a place on, that sum to what is missing; whether there
/// are such.
fn sum_to(
    missing: u64,
    count: usize,
    amounts: &[u64],
    from: usize,
    chosen: &mut Vec<usize>,
) -> bool {
    if count == 0 {
        return missing == 0;
    }
    for place in from..(amounts.len() + 1).saturating_sub(count) {
        let Some(rest) = missing.checked_sub(amounts[place]) else { continue };
        chosen.push(place);
        if sum_to(rest, count - 1, amounts, place + 1, chosen) {
            return true;
        }
        chosen.pop();
    }
    false
}

#[cfg(test)]
#[path = "settling_tests.rs"]
mod tests;
