//! The book of reconciliation: the ladder, several for one and one for several, in any order.

use proptest::prelude::*;

use super::*;
use crate::domain::payment_code::PaymentCode;
use crate::domain::reconciliation::Reason;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn code(number: u64) -> String {
    PaymentCode::from_random(number).to_string()
}

fn book(expected: &[(u64, i64)]) -> Book {
    let mut book = Book::new([]);
    for (number, minor) in expected {
        let reference = &code(*number);
        let amount = Money::vnd(*minor);
        book.expect(&Expectation { reference, amount, from: at(0), to: at(100) }).unwrap();
    }
    book
}

fn fact(identity: u128, minor: i64, memo: &str) -> Fact<'_> {
    Fact { moment: Moment { at: at(50), identity }, amount: Money::vnd(minor), memo }
}

#[test]
fn one_transfer_that_names_two_and_is_their_sum_pays_both() {
    let mut book = book(&[(1, 100), (2, 50)]);
    let memo = format!("tra {} va {}", code(1), code(2));
    let both = book.take(&fact(1, 150, &memo));
    let single = book.take(&fact(2, 100, &code(1)));
    book.settle();
    assert_eq!(book.verdict(both).rule, Rule::SumOfSeveral);
    assert_eq!(book.verdict(single).rule, Rule::PaidByAnother);
    assert!(book.paid(0).paid && book.paid(1).paid);
    assert_eq!(book.named_by(both), [0, 1]);
}

#[test]
fn what_came_in_part_is_told_until_the_rest_pays_it_in_any_order() {
    for order in [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3]] {
        let mut book = book(&[(1, 100)]);
        let mut received = 0;
        for (told, part) in order.into_iter().enumerate() {
            assert_eq!(book.paid(0), Paid { paid: false, received: Money::vnd(received) });
            book.take(&fact(part, part as i64 * 10, &code(1)));
            book.settle();
            received += part as i64 * 10;
            assert_eq!(book.paid(0), Paid { paid: told == 3, received: Money::vnd(received) });
        }
        assert!((0..4).all(|number| book.verdict(number).rule == Rule::SumOfParts));
    }
}

#[test]
fn one_transfer_that_names_two_and_is_not_their_sum_waits() {
    let mut book = book(&[(1, 100), (2, 50)]);
    let memo = format!("tra {} va {}", code(1), code(2));
    let both = book.take(&fact(1, 140, &memo));
    book.settle();
    assert_eq!(book.verdict(both).rule, Rule::SeveralCodes);
    assert!(!book.paid(0).paid && !book.paid(1).paid);
}

#[test]
fn a_reference_of_several_means_the_one_whose_time_and_amount_fit() {
    let mut book = Book::new([]);
    let mut expect = |minor, from, to| {
        let amount = Money::vnd(minor);
        book.expect(&Expectation { reference: "RENT-07", amount, from: at(from), to: at(to) })
            .unwrap();
    };
    expect(100, 0, 10);
    expect(100, 11, 20);
    expect(70, 11, 20);
    expect(5, 30, 40);
    expect(5, 30, 40);
    for (moment, minor, rule, names) in [
        (5_i64, 100_i64, Rule::CodeAndExactAmount, vec![0]),
        (15, 100, Rule::CodeAndExactAmount, vec![1]),
        (15, 70, Rule::CodeAndExactAmount, vec![2]),
        (15, 60, Rule::AmbiguousReference, vec![]),
        (35, 5, Rule::AmbiguousReference, vec![]),
        (99, 9, Rule::AfterWindow, vec![4]),
    ] {
        let identity = (moment as u128) << 64 | minor as u128;
        let taken = book.take(&Fact {
            moment: Moment { at: at(moment), identity },
            amount: Money::vnd(minor),
            memo: "tien nha rent07",
        });
        book.settle();
        assert_eq!((book.verdict(taken).rule, book.named_by(taken)), (rule, names));
    }
}

#[test]
fn what_a_person_refused_never_meets_again() {
    let mut book = book(&[(1, 100)]);
    let taken = book.take(&fact(1, 100, &code(1)));
    book.settle();
    assert!(book.paid(0).paid);
    book.refuse(1, 0);
    book.settle();
    assert_eq!(book.verdict(taken).rule, Rule::RefusedByPerson);
    assert!(!book.paid(0).paid);
    assert_eq!(book.suggest(&fact(1, 100, &code(1))), []);
    let other = book.take(&fact(2, 100, &code(1)));
    book.settle();
    assert!(book.verdict(other).state.is_matched());
}

#[test]
fn a_waiting_fact_is_explained_by_what_is_near() {
    let mut book = book(&[(1, 100), (2, 70), (3, 70), (4, 30)]);
    let mut wrong = code(2).into_bytes();
    wrong[4] = if wrong[4] == b'Z' { b'Y' } else { b'Z' };
    let wrong = String::from_utf8(wrong).unwrap();
    let reasons = |book: &mut Book, fact: &Fact<'_>| -> Vec<(u32, Reason)> {
        book.suggest(fact).iter().map(|one| (one.expectation, one.reason)).collect()
    };
    assert_eq!(reasons(&mut book, &fact(1, 70, &wrong)), [(1, Reason::NearCodeAndAmount)]);
    assert_eq!(
        reasons(&mut book, &fact(1, 30, &wrong)),
        [(1, Reason::NearCode), (3, Reason::OnlyOneOfThisAmount)]
    );
    assert_eq!(reasons(&mut book, &fact(1, 100, "mua banh")), [(0, Reason::OnlyOneOfThisAmount)]);
    // Two open ones of the same amount: neither is suggested.
    assert_eq!(reasons(&mut book, &fact(1, 70, "mua banh")), []);
    book.take(&fact(9, 70, &code(3)));
    book.settle();
    assert_eq!(reasons(&mut book, &fact(1, 70, "mua banh")), [(1, Reason::OnlyOneOfThisAmount)]);
}

/// A fact of the property tests: identity, moment, amount, the codes that its memo holds.
type Told = (u8, i64, i64, Vec<u64>);

fn tell(book: &mut Book, told: &Told) {
    let (identity, moment, minor, codes) = told;
    let memo: Vec<String> = codes.iter().map(|number| code(*number)).collect();
    book.take(&Fact {
        moment: Moment { at: at(*moment), identity: u128::from(*identity) },
        amount: Money::vnd(*minor),
        memo: &memo.join(" "),
    });
}

/// What the book hears: a fact, or a person's "not this one" about a fact, told of or not.
#[derive(Clone, Debug)]
enum Heard {
    Fact(Told),
    Refusal(u8, ExpectationNumber),
}

/// What every fact is, and what every expectation received.
type Outcome = (Vec<(u8, CreditState, Rule)>, Vec<Paid>);

fn outcome(heard: &[Heard], batch: usize) -> Outcome {
    let mut book = book(&[(1, 10), (2, 5), (3, 7), (4, 10), (5, 40)]);
    let mut numbers = std::collections::BTreeMap::new();
    for (place, one) in heard.iter().enumerate() {
        match one {
            Heard::Fact(told) => {
                numbers.entry(told.0).or_insert(book.facts.len() as u32);
                tell(&mut book, told);
            }
            Heard::Refusal(identity, expectation) => {
                book.refuse(u128::from(*identity), *expectation);
            }
        }
        if place % batch == 0 {
            book.settle();
        }
    }
    book.settle();
    let verdicts = numbers
        .into_iter()
        .map(|(identity, number)| {
            let verdict = book.verdict(number);
            (identity, verdict.state, verdict.rule)
        })
        .collect();
    (verdicts, (0..book.expectations()).map(|number| book.paid(number)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// TRUST 4 and the promise of the whole: order, batches and repetition change nothing; and neither
    /// does it when a person took a match back, before the fact was told of or after.
    #[test]
    fn the_same_facts_and_refusals_in_any_order_and_batches_repeated_end_in_the_same_state(
        facts in proptest::collection::vec(
            (-5i64..110, 1i64..20, proptest::collection::vec(1u64..7, 0..3)), 0..20),
        // The fifth comes in parts: of two to eight, of which some are late.
        parts in proptest::collection::vec((90i64..105, 5i64..21), 0..8),
        refusals in proptest::collection::vec((0u8..28, 0u32..5), 0..6),
        seed in any::<u64>(), batch in 1usize..8, repeated in 0usize..20,
    ) {
        let mut facts: Vec<Heard> = facts.into_iter().zip(0..)
            .map(|((moment, minor, codes), identity)| Heard::Fact((identity, moment, minor, codes))).collect();
        facts.extend(parts.into_iter().zip(20..)
            .map(|((moment, minor), identity)| Heard::Fact((identity, moment, minor, vec![5]))));
        facts.extend(refusals.into_iter().map(|(identity, number)| Heard::Refusal(identity, number)));
        let mut shuffled = facts.clone();
        shuffled.extend(facts.iter().take(repeated).cloned());
        for index in 1..shuffled.len() {
            let other = seed.wrapping_mul(index as u64 | 1).rotate_left(17) as usize % (index + 1);
            shuffled.swap(index, other);
        }
        prop_assert_eq!(outcome(&facts, 1), outcome(&shuffled, batch));
    }
}
