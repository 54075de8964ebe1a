//! The arithmetic of seats and the rules of parties.

use proptest::prelude::*;

use super::*;
use crate::domain::departure::{DepartureStatus, variant_id};
use crate::domain::tour::Tour;
use crate::domain::tour::sample::tour;

const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const NOW: Timestamp = Timestamp::from_micros(1_799_000_000_000_000);

fn departure(tour: &Tour) -> Departure {
    Departure::of(tour, START, tour.capacity, tour.cutoff_minutes)
}

/// Takes tickets by their codes.
fn try_take(
    departure: &mut Departure,
    tour: &Tour,
    wanted: &[(&str, i64)],
) -> Result<i64, Vec<(usize, SeatProblem)>> {
    let asked: Vec<Asked<'_>> = wanted
        .iter()
        .enumerate()
        .map(|(line, (code, quantity))| {
            let way = tour.ways().find(|way| way.code() == *code).unwrap();
            Asked { line, variant: variant_id(departure.id, way), quantity: *quantity, way }
        })
        .collect();
    let before = departure.seats;
    let taken = take(departure, &asked, NOW);
    if taken.is_err() {
        assert_eq!(departure.seats, before, "a refusal takes nothing");
    }
    taken.map(|lines| lines.iter().map(|line| line.seats).sum())
}

#[test]
fn a_party_takes_a_seat_each_but_infants_and_lunches_none() {
    let tour = tour();
    let mut departure = departure(&tour);
    let family = [("adult", 2), ("child", 1), ("infant", 1), ("lunch", 3)];
    assert_eq!(try_take(&mut departure, &tour, &family), Ok(3));
    assert_eq!(departure.seats, Seats { capacity: 12, held: 3, sold: 0 });
    let way = |code: &str| tour.ways().find(|way| way.code() == code).unwrap();
    assert_eq!(available(&departure, way("adult")), 9);
    assert_eq!(available(&departure, way("infant")), 12);
    assert_eq!(available(&departure, way("boat")), 0);
}

#[test]
fn each_rule_of_a_party_is_said_by_its_name() {
    let tour = tour();
    type Case<'a> = (&'a [(&'a str, i64)], &'a [(usize, SeatProblem)]);
    let cases: [Case<'_>; 8] = [
        (&[("adult", 1)], &[(0, SeatProblem::PartyTooSmall(2))]),
        (&[("adult", 5), ("child", 4)], &[(0, SeatProblem::PartyTooLarge(8))]),
        (&[("child", 2)], &[(0, SeatProblem::AdultRequired)]),
        (&[("lunch", 1)], &[(0, SeatProblem::PartyTooSmall(1))]),
        (&[("boat", 2)], &[(0, SeatProblem::Insufficient(1))]),
        (&[("boat", 1), ("adult", 2)], &[(1, SeatProblem::BoatTaken)]),
        (&[("adult", 2), ("lunch", 1_000)], &[(1, SeatProblem::Insufficient(MAX_UNSEATED))]),
        (&[("boat", 1), ("infant", 2)], &[(1, SeatProblem::BoatTaken)]),
    ];
    for (wanted, problems) in cases {
        let refused = try_take(&mut departure(&tour), &tour, wanted);
        assert_eq!(refused.unwrap_err(), problems, "{wanted:?}");
    }
}

#[test]
fn what_does_not_fit_says_how_many_do() {
    let tour = tour();
    let mut departure = departure(&tour);
    departure.seats.sold = 9;
    let refused = try_take(&mut departure, &tour, &[("adult", 2), ("child", 2)]);
    assert_eq!(refused, Err(vec![(1, SeatProblem::Insufficient(1))]));
    assert_eq!(try_take(&mut departure, &tour, &[("adult", 2), ("child", 1)]), Ok(3));
    assert_eq!(departure.seats.free(), 0);
}

#[test]
fn a_private_boat_needs_an_empty_departure_and_fills_it() {
    let tour = tour();
    let mut departure = departure(&tour);
    assert_eq!(try_take(&mut departure, &tour, &[("boat", 1), ("lunch", 4)]), Ok(12));
    assert_eq!(
        try_take(&mut departure, &tour, &[("boat", 1)]),
        Err(vec![(0, SeatProblem::BoatTaken)])
    );
    let refused = try_take(&mut departure, &tour, &[("adult", 2)]);
    assert_eq!(refused, Err(vec![(0, SeatProblem::Insufficient(0))]));
    departure.seats.release(12);
    departure.seats.sold = 1;
    assert_eq!(
        try_take(&mut departure, &tour, &[("boat", 1)]),
        Err(vec![(0, SeatProblem::BoatTaken)])
    );
}

#[test]
fn nothing_is_sold_of_a_departure_that_is_closed() {
    let tour = tour();
    for status in [DepartureStatus::Closed, DepartureStatus::Cancelled] {
        let mut departure = Departure { status, ..departure(&tour) };
        let refused = try_take(&mut departure, &tour, &[("adult", 2)]);
        assert_eq!(refused, Err(vec![(0, SeatProblem::Closed)]));
    }
    let past = Timestamp::from_micros(NOW.micros() + 1);
    let mut departure = Departure { starts_at: past, ..departure(&tour) };
    assert_eq!(
        try_take(&mut departure, &tour, &[("adult", 2)]),
        Err(vec![(0, SeatProblem::Closed)])
    );
}

#[test]
fn absurd_quantities_do_not_overflow() {
    let tour = tour();
    let wanted = [("adult", i64::MAX), ("child", i64::MAX)];
    let refused = try_take(&mut departure(&tour), &tour, &wanted).unwrap_err();
    assert!(refused.contains(&(0, SeatProblem::PartyTooLarge(8))));
}

#[test]
fn what_comes_back_comes_of_the_oldest_sales_and_never_more_than_were_sold() {
    let line = |quantity, seats| SoldLine {
        hold: HoldId::from_uuid(uuid::Uuid::nil()),
        variant: VariantId::from_uuid(uuid::Uuid::nil()),
        departure: DepartureId::from_uuid(uuid::Uuid::nil()),
        quantity,
        seats,
        returned: 0,
        returned_seats: 0,
    };
    // The first were sold when one took two seats.
    let mut sold = [line(2, 4), line(3, 3)];
    let freed = |changed: Option<Vec<(SoldLine, i64)>>| -> Option<Vec<i64>> {
        changed.map(|changed| changed.into_iter().map(|(_, seats)| seats).collect())
    };
    assert_eq!(freed(returned(&mut sold, 1)), Some(vec![2]));
    assert_eq!(freed(returned(&mut sold, 5)), None);
    assert_eq!(freed(returned(&mut sold, 3)), Some(vec![2, 2]));
    assert_eq!(freed(returned(&mut sold, 1)), Some(vec![1]));
    assert_eq!(freed(returned(&mut sold, 1)), None);
    assert!(sold.iter().all(|line| line.returned == line.quantity));
    assert!(sold.iter().all(|line| line.returned_seats == line.seats));
}

/// A step of a history: what is done, and to which of the holds that there are.
type Step = (u8, u8, i64);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// 10,000 histories: whatever is held, sold, released, given back, resized, in whatever order, the
    /// seats are what their holds say, and never more than there are.
    #[test]
    fn seats_are_never_sold_twice(
        capacity in 1_i64..20,
        steps in proptest::collection::vec((0_u8..8, any::<u8>(), 0_i64..8), 0..60),
    ) {
        let mut seats = Seats { capacity, held: 0, sold: 0 };
        let (mut held, mut sold): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
        for (what, which, number) in steps as Vec<Step> {
            let pick = |from: &Vec<i64>| (!from.is_empty()).then(|| usize::from(which) % from.len().max(1));
            match what {
                0 | 1 => held.extend(seats.hold(Want::Some(number))),
                2 => {
                    let empty = seats.taken() == 0;
                    let whole = seats.hold(Want::Whole);
                    prop_assert_eq!(whole.is_some(), empty);
                    held.extend(whole);
                }
                3 => {
                    if let Some(place) = pick(&held) {
                        let one = held.swap_remove(place);
                        seats.sell_held(one);
                        sold.push(one);
                    }
                }
                4 => {
                    if let Some(place) = pick(&held) {
                        seats.release(held.swap_remove(place));
                    }
                }
                5 => sold.extend(seats.sell(Want::Some(number))),
                6 => {
                    if let Some(place) = pick(&sold) {
                        seats.give_back(sold.swap_remove(place));
                    }
                }
                _ => {
                    let fits = number >= seats.taken();
                    prop_assert_eq!(seats.resize(number), fits);
                }
            }
            prop_assert_eq!(seats.held, held.iter().sum::<i64>());
            prop_assert_eq!(seats.sold, sold.iter().sum::<i64>());
            prop_assert!(seats.held >= 0 && seats.sold >= 0 && seats.taken() <= seats.capacity);
        }
    }
}
