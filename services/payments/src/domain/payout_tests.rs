//! Tests of payouts: what is due, what is held, what is carried, and who may move a payout.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::transfer_code::TransferPurpose;

const TERMS: PayoutTerms =
    PayoutTerms { days_after_fulfilment: 3, days_after_capture: Some(14), minimum_minor: 1_000 };

fn shop(number: u8) -> ShopId {
    ShopId::from_uuid(Uuid::from_u128(u128::from(number)))
}

fn entry_id(number: usize) -> ShopLineId {
    ShopLineId::from_uuid(Uuid::from_u128(number as u128))
}

fn person(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn day(day: i64) -> Timestamp {
    Timestamp::from_micros(day * 24 * 60 * 60 * 1_000_000)
}

/// An order captured on day 0.
fn order(number: u8, fulfilled_on: Option<i64>) -> HeldOrder {
    let id = OrderId::from_uuid(Uuid::from_u128(u128::from(number)));
    HeldOrder { id, captured_at: day(0), fulfilled_at: fulfilled_on.map(day) }
}

fn entry(number: usize, amount: i64, order: Option<HeldOrder>) -> PayableEntry {
    PayableEntry { id: entry_id(number), shop: shop(1), amount: Money::vnd(amount), order }
}

fn code(number: u64) -> TransferCode {
    TransferCode::from_random(TransferPurpose::Payout, number)
}

fn plan(
    entries: &[PayableEntry],
    terms: &PayoutTerms,
    now: Timestamp,
) -> Result<Vec<PayoutDecision>, PlanRefused> {
    let mut drawn = 0;
    plan_payouts(entries, terms, now, || {
        drawn += 1;
        code(drawn)
    })
}

fn pays(amount: i64, entries: &[usize]) -> Vec<PayoutDecision> {
    let entries = entries.iter().copied().map(entry_id).collect();
    let (amount, reference) = (Money::vnd(amount), code(1));
    vec![PayoutDecision::Pay(PayoutPlan { shop: shop(1), amount, entries, reference })]
}

fn carries(balance: i64) -> Vec<PayoutDecision> {
    vec![PayoutDecision::Carried { shop: shop(1), balance: Money::vnd(balance) }]
}

#[test]
fn money_is_held_until_days_after_fulfilment_or_capture() {
    let never = PayoutTerms { days_after_capture: None, ..TERMS };
    for (terms, fulfilled_on, first_day) in [
        (TERMS, Some(1), Some(4)),
        // Fulfilled late: the later day holds, although capture was long ago.
        (TERMS, Some(20), Some(23)),
        (TERMS, None, Some(14)),
        (never, Some(1), Some(4)),
        (never, None, None),
    ] {
        let entries = [entry(1, 5_000, Some(order(1, fulfilled_on)))];
        let Some(first_day) = first_day else {
            assert_eq!(plan(&entries, &terms, day(10_000)), Ok(vec![]));
            continue;
        };
        let a_moment_before = Timestamp::from_micros(day(first_day).micros() - 1);
        assert_eq!(plan(&entries, &terms, a_moment_before), Ok(vec![]));
        assert_eq!(plan(&entries, &terms, day(first_day)), Ok(pays(5_000, &[1])));
    }
}

#[test]
fn an_orders_fees_wait_with_its_sale_and_its_reversals_are_netted() {
    let (due, held) = (order(1, Some(0)), order(2, None));
    let entries = [
        entry(6, -90, Some(due)),
        entry(1, 10_000, Some(due)),
        entry(2, -300, Some(due)),
        entry(3, -2_000, Some(due)),
        entry(4, 60, Some(due)),
        entry(5, 50_000, Some(held)),
        entry(7, -1_500, Some(held)),
    ];
    assert_eq!(plan(&entries, &TERMS, day(5)), Ok(pays(7_670, &[1, 2, 3, 4, 6])));
}

#[test]
fn a_refund_after_the_payout_counts_at_once_even_while_held() {
    let entries =
        [entry(1, 10_000, Some(order(1, Some(0)))), entry(2, -4_000, Some(order(2, None)))];
    assert_eq!(plan(&entries, &TERMS, day(5)), Ok(pays(6_000, &[1, 2])));
}

#[test]
fn what_is_below_the_minimum_or_below_zero_is_carried_to_the_next_run() {
    let due = Some(order(1, Some(0)));
    assert_eq!(plan(&[entry(1, 999, due)], &TERMS, day(5)), Ok(carries(999)));
    assert_eq!(plan(&[entry(1, 1_000, due)], &TERMS, day(5)), Ok(pays(1_000, &[1])));
    let debt = entry(2, -5_000, None);
    assert_eq!(plan(&[entry(1, 999, due), debt.clone()], &TERMS, day(5)), Ok(carries(-4_001)));
    let next = [entry(1, 999, due), debt, entry(3, 6_000, Some(order(2, Some(1))))];
    assert_eq!(plan(&next, &TERMS, day(6)), Ok(pays(1_999, &[1, 2, 3])));
    let no_minimum = PayoutTerms { minimum_minor: 0, ..TERMS };
    let nothing = [entry(1, 5, None), entry(2, -5, None)];
    assert_eq!(plan(&nothing, &no_minimum, day(5)), Ok(carries(0)));
}

#[test]
fn an_entry_that_is_there_twice_is_refused() {
    let twice = [entry(1, 5_000, None), entry(1, 5_000, None)];
    assert_eq!(plan(&twice, &TERMS, day(5)), Err(PlanRefused::EntryTwice(entry_id(1))));
}

#[test]
fn every_shop_and_currency_is_paid_apart() {
    let mut entries = [entry(1, 5_000, None), entry(2, 6_000, None), entry(3, 7_000, None)];
    entries[0].shop = shop(2);
    entries[1].amount.currency = Currency::Usd;
    let decisions = plan(&entries, &TERMS, day(5)).unwrap();
    let paid: Vec<_> = decisions
        .into_iter()
        .map(|decision| match decision {
            PayoutDecision::Pay(plan) => (plan.shop, plan.amount, plan.reference),
            PayoutDecision::Carried { .. } => panic!("all is due"),
        })
        .collect();
    let expected = [
        (shop(1), Money::vnd(7_000), code(1)),
        (shop(1), Money::new(6_000, Currency::Usd), code(2)),
        (shop(2), Money::vnd(5_000), code(3)),
    ];
    assert_eq!(paid, expected);
}

type Change = fn(&mut Payout) -> Result<(), PayoutRefused>;

const CHANGES: [(&str, Change); 5] = [
    ("approve", |payout| payout.approve(person(2), day(1))),
    ("discard", |payout| payout.discard(day(1))),
    ("send", |payout| payout.send(day(1))),
    ("pay", |payout| payout.pay(day(1))),
    ("come back", |payout| payout.come_back(day(1))),
];

fn draft() -> Payout {
    let Some(PayoutDecision::Pay(plan)) = pays(5_000, &[1]).pop() else { panic!("it pays") };
    Payout::draft(plan, PayoutMaker::Person(person(1)), day(0))
}

#[test]
fn every_transition_is_allowed_or_refused_as_the_table_says() {
    use PayoutStatus::{Approved, Discarded, Draft, Paid, Returned, Sent};
    let allowed = [
        (Draft, "approve", Approved),
        (Draft, "discard", Discarded),
        (Approved, "discard", Discarded),
        (Approved, "send", Sent),
        (Sent, "pay", Paid),
        (Sent, "come back", Returned),
        (Paid, "come back", Returned),
    ];
    for status in PayoutStatus::ALL {
        for (name, change) in CHANGES {
            let before = Payout { status, ..draft() };
            let mut payout = before.clone();
            let reached = allowed.iter().find(|(from, how, _)| (*from, *how) == (status, name));
            match reached {
                Some((_, _, reached)) => {
                    assert_eq!(change(&mut payout), Ok(()), "{name} {status:?}");
                    assert_eq!((payout.status, payout.changed_at), (*reached, day(1)));
                }
                None => {
                    assert_eq!(change(&mut payout), Err(PayoutRefused::WrongStatus(status)));
                    assert_eq!(payout, before, "{name} {status:?}");
                }
            }
        }
    }
}

#[test]
fn who_made_a_payout_may_not_approve_it() {
    let mut payout = draft();
    let refused = payout.approve(person(1), day(1));
    assert_eq!(refused, Err(PayoutRefused::MakerMayNotApprove));
    assert_eq!(payout, draft());
    payout.approve(person(2), day(1)).unwrap();
    assert_eq!(payout.approved_by, Some(person(2)));
    let mut of_the_run = Payout { made_by: PayoutMaker::DailyRun, ..draft() };
    assert_eq!(of_the_run.approve(person(1), day(1)), Ok(()));
}

#[test]
fn only_a_discarded_or_returned_payout_gives_its_entries_back() {
    let open: Vec<_> =
        PayoutStatus::ALL.into_iter().filter(|status| !status.holds_entries()).collect();
    assert_eq!(open, [PayoutStatus::Discarded, PayoutStatus::Returned]);
}

proptest! {
    #[test]
    fn nothing_is_lost_or_paid_twice_over_any_runs(
        amounts in proptest::collection::vec((1u8..4, 0u8..6, -20_000i64..50_000, 0i64..10), 0..40),
        returned in proptest::collection::vec(any::<bool>(), 12), turn in any::<prop::sample::Index>(),
    ) {
        let entries: Vec<PayableEntry> = amounts.iter().enumerate().map(|(number, (shop_number, order_number, amount, _))| {
            // Order 0 stands for none; an order is of one shop.
            let held = (*order_number > 0).then(|| order(shop_number * 10 + order_number, Some(i64::from(*order_number))));
            PayableEntry { id: entry_id(number), shop: shop(*shop_number), amount: Money::vnd(*amount), order: held }
        }).collect();
        let owed: i64 = entries.iter().map(|entry| entry.amount.minor).sum();
        let mut open = entries.clone();
        let (mut paid, mut runs) = (0, returned.into_iter());
        for now in (0..12).map(day) {
            let decisions = plan(&open, &TERMS, now).unwrap();
            let mut turned = open.clone();
            if !turned.is_empty() {
                let by = turn.index(turned.len());
                turned.rotate_left(by);
            }
            prop_assert_eq!(plan(&turned, &TERMS, now).unwrap(), decisions.clone());
            let come_back = runs.next().unwrap();
            for decision in decisions {
                match decision {
                    PayoutDecision::Pay(plan) => {
                        let of_plan: Vec<_> = open.iter().filter(|entry| plan.entries.contains(&entry.id)).collect();
                        prop_assert_eq!(of_plan.len(), plan.entries.len());
                        prop_assert!(of_plan.iter().all(|entry| entry.shop == plan.shop));
                        let sum: i64 = of_plan.iter().map(|entry| entry.amount.minor).sum();
                        prop_assert_eq!(sum, plan.amount.minor);
                        prop_assert!(sum >= TERMS.minimum_minor);
                        let mut payout = Payout::draft(plan, PayoutMaker::DailyRun, now);
                        payout.approve(person(1), now).unwrap();
                        payout.send(now).unwrap();
                        if come_back { payout.come_back(now).unwrap() } else { payout.pay(now).unwrap() }
                        if payout.status.holds_entries() {
                            paid += sum;
                            open.retain(|entry| !payout.plan.entries.contains(&entry.id));
                        }
                    }
                    PayoutDecision::Carried { balance, .. } => prop_assert!(balance.minor < TERMS.minimum_minor),
                }
            }
        }
        let still_open: i64 = open.iter().map(|entry| entry.amount.minor).sum();
        prop_assert_eq!(paid + still_open, owed);
    }
}

#[test]
fn a_run_of_a_day_pays_what_is_due_at_its_end_and_never_what_is_due_after_now() {
    let today: VietnamDay = "2026-11-30".parse().unwrap();
    let now = today.begins().after(Duration::from_secs(12 * 3_600));
    let day = |text: &str| Some(text.parse::<VietnamDay>().unwrap());
    assert_eq!(run_at(None, now), Ok(now));
    assert_eq!(run_at(day("2026-11-30"), now), Ok(now));
    let end = today.begins().before(Duration::from_micros(1));
    assert_eq!(run_at(day("2026-11-29"), now), Ok(end));
    assert_eq!(run_at(day("2026-12-01"), now), Err(NotYet(day("2026-12-01").unwrap())));
}
