//! The matching set: memos of real banks' shapes, of which the truth is known.

use journeys::matching_set::{Treatment, book_of, judge, matching_set};
use payments::reconciliation::CreditState;

#[test]
fn of_a_hundred_thousand_credits_none_is_matched_wrongly_and_the_readable_are_matched() {
    let seed = 7;
    let (open, credits) = matching_set(seed, 60_000, 100_000);
    let outcome = judge(&mut book_of(&open).unwrap(), &credits, 997);
    println!("seed {seed}: {outcome:?}");
    assert_eq!(outcome.matched_wrong, 0);
    assert!(outcome.readable > 40_000, "the set is no test: {outcome:?}");
    assert!(outcome.readable_matched * 1_000 >= outcome.readable * 995, "{outcome:?}");
    assert_eq!(outcome.queued + outcome.matched_right, outcome.credits);
}

#[test]
fn the_set_holds_every_treatment_of_a_code() {
    let (_, credits) = matching_set(1, 1_000, 2_000);
    for treatment in [
        Treatment::Intact,
        Treatment::Disguised,
        Treatment::Twice,
        Treatment::Cut,
        Treatment::Mistyped,
        Treatment::Missing,
        Treatment::Between,
    ] {
        let some = credits.iter().filter(|credit| credit.truth.treatment == treatment).count();
        assert!(some > 20, "{treatment:?}: {some}");
    }
}

#[test]
fn of_twins_each_pays_its_own_and_what_may_be_either_or_comes_again_waits() {
    let (open, credits) = matching_set(5, 10_000, 20_000);
    let mut book = book_of(&open).unwrap();
    let outcome = judge(&mut book, &credits, 100);
    assert_eq!(outcome.matched_wrong, 0);
    for (payment, twin) in open.iter().filter_map(|one| Some((one, &open[one.twin? as usize]))) {
        let (code, other) = (payment.code.to_string(), twin.code.to_string());
        let differing = code.bytes().zip(other.bytes()).filter(|(one, other)| one != other);
        assert_eq!(differing.count(), 2, "{code} and {other}: a letter and the check");
        assert_eq!(payment.amount, twin.amount);
    }
    let (mut own, mut between, mut again) = (0, 0, 0);
    let mut before = None;
    for credit in &credits {
        // It is known: taken again, it is what it was.
        let number = book.take(&credit.fact());
        let state = book.verdict(number).state;
        let of_twins = open[credit.truth.meant as usize].twin.is_some();
        own += u32::from(of_twins && state.is_matched());
        if credit.truth.treatment == Treatment::Between {
            between += 1;
            assert_eq!(state, CreditState::Orphan, "{credit:?}");
        }
        if credit.truth.again && before.is_some_and(CreditState::is_matched) {
            again += 1;
            assert_eq!(state, CreditState::Duplicate, "{credit:?}");
        }
        before = Some(state);
    }
    let enough = own > 300 && between > 100 && again > 100;
    assert!(enough, "the set is no test: {own}, {between}, {again}");
}

#[test]
fn another_order_and_other_batches_end_alike() {
    let (open, mut credits) = matching_set(3, 5_000, 10_000);
    let first = judge(&mut book_of(&open).unwrap(), &credits, 1);
    credits.reverse();
    let second = judge(&mut book_of(&open).unwrap(), &credits, 128);
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
}
