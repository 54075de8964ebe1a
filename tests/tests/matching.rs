//! The matching set: memos of real banks' shapes, of which the truth is known.

use journeys::matching_set::{Treatment, book_of, judge, matching_set};

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
    ] {
        let some = credits.iter().filter(|credit| credit.truth.treatment == treatment).count();
        assert!(some > 20, "{treatment:?}: {some}");
    }
}

#[test]
fn another_order_and_other_batches_end_alike() {
    let (open, mut credits) = matching_set(3, 5_000, 10_000);
    let first = judge(&mut book_of(&open).unwrap(), &credits, 1);
    credits.reverse();
    let second = judge(&mut book_of(&open).unwrap(), &credits, 128);
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
}
