//! What the facts that name one expectation are to it: the amounts, the parts, and no order.

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
        (vec![(11, 40), (12, 30), (13, 20), (14, 10)], vec![SumOfParts; 4]),
        (vec![(11, 1), (12, 2), (13, 3), (14, 4), (15, 90)], vec![SumOfParts; 5]),
        // The fewest: 60 and 40 are two, 10, 20, 30 and 40 are four.
        (
            vec![(11, 10), (12, 20), (13, 30), (14, 40), (15, 60)],
            vec![PaidByAnother, PaidByAnother, PaidByAnother, SumOfParts, SumOfParts],
        ),
        // More than is expected is no part, and what is missing is still missing.
        (vec![(11, 60), (12, 130), (13, 30)], vec![Less, More, Less]),
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
fn parts_beyond_those_that_are_searched_are_left_and_an_exact_one_still_pays() {
    let mut claims: Vec<Claim> = (0..5_000).map(|at| claim(20 + at, 1)).collect();
    let far = Terms { to: Timestamp::from_micros(1_000_000), ..terms(100_000, 0) };
    let alone = settle_as_told(&far, &claims);
    assert!(alone.iter().all(|verdict| verdict.rule == Rule::Less));
    claims.push(claim(10_000, 100_000));
    let paid = settle_as_told(&far, &claims);
    assert_eq!(paid[5_000].rule, Rule::CodeAndExactAmount);
    assert!(paid[..5_000].iter().all(|verdict| verdict.rule == Rule::PaidByAnother));
}

#[test]
fn what_was_told_of_first_keeps_paying() {
    use Rule::*;
    let told = |terms: &Terms, claims: &[(i64, i64)]| {
        let claims: Vec<Claim> = claims.iter().map(|(at, amount)| claim(*at, *amount)).collect();
        let verdicts = settle_as_told(terms, &claims);
        verdicts.into_iter().map(|verdict| verdict.rule).collect::<Vec<Rule>>()
    };
    for (tolerance, claims, expected) in [
        // The parts had paid it when the exact one came; given in another order, too.
        (0, vec![(11, 60), (12, 40), (13, 100)], vec![SumOfParts, SumOfParts, PaidByAnother]),
        (0, vec![(13, 100), (12, 40), (11, 60)], vec![PaidByAnother, SumOfParts, SumOfParts]),
        (
            0,
            vec![(11, 60), (12, 100), (13, 40)],
            vec![PaidByAnother, CodeAndExactAmount, PaidByAnother],
        ),
        (2, vec![(11, 98), (12, 100)], vec![WithinTolerance, PaidByAnother]),
        // Paid in time: what is late then is a second payment, and what went is none.
        (
            0,
            vec![(11, 100), (25, 100), (12, -5)],
            vec![CodeAndExactAmount, PaidByAnother, OppositeDirection],
        ),
        (0, vec![(11, 60), (21, 40)], vec![Less, AfterWindow]),
        (0, vec![], vec![]),
    ] {
        assert_eq!(told(&terms(100, tolerance), &claims), expected, "{claims:?}");
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

    /// The service sees facts in batches, with those that wait from before: whatever the batches are, the end
    /// is the same.
    #[test]
    fn the_batches_in_which_facts_are_decided_on_change_nothing(
        claims in proptest::collection::vec((5i64..25, 1i64..12), 1..9),
        tolerance in 0i64..3,
        batch in 1usize..5,
    ) {
        let terms = terms(10, tolerance);
        let mut claims: Vec<Claim> = claims
            .into_iter()
            .zip(0..)
            .map(|((at, amount), identity)| {
                let claim = claim(at, amount);
                Claim { moment: Moment { identity, ..claim.moment }, ..claim }
            })
            .collect();
        claims.sort_unstable_by_key(|claim| claim.moment);
        let at_once: Vec<Verdict> = settle_as_told(&terms, &claims);
        let mut verdicts: Vec<Verdict> = Vec::new();
        for new in claims.chunks(batch) {
            let paid = verdicts.iter().any(|verdict| verdict.state.is_matched());
            if paid {
                verdicts.extend(settle(&terms, true, new));
                continue;
            }
            verdicts = settle_as_told(&terms, &claims[..verdicts.len() + new.len()]);
        }
        prop_assert_eq!(verdicts, at_once);
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
    fn whoever_pays_just_what_is_missing_has_paid(
        claims in proptest::collection::vec((10i64..21, 1i64..12), 1..8),
    ) {
        let mut all: Vec<Claim> = claims.iter().map(|(at, amount)| claim(*at, *amount * 10)).collect();
        for (claim, identity) in all.iter_mut().zip(0..) {
            claim.moment.identity = identity;
        }
        let expected = terms(500, 0);
        let verdicts = settle(&expected, false, &all);
        let received: i64 = all.iter().map(|claim| claim.amount.minor).sum();
        prop_assume!(received < 500 && !verdicts.iter().any(|one| one.state.is_matched()));
        let mut rest = claim(20, 500 - received);
        rest.moment.identity = 1_000;
        all.push(rest);
        let verdicts = settle(&expected, false, &all);
        prop_assert!(verdicts.iter().all(|one| one.rule == Rule::SumOfParts), "{verdicts:?}");
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
