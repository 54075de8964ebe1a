//! When vouchers count, what they take off, and that nothing is lost where it is spread.

use std::slice::from_ref;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOON: Timestamp = Timestamp::from_micros(1_000_000);

fn shop(number: u128) -> ShopId {
    ShopId::from_uuid(Uuid::from_u128(number))
}

fn wanted() -> Wanted {
    Wanted {
        code: "TET2027".to_owned(),
        amount: Some(Money::vnd(20_000)),
        basis_points: 0,
        cap: None,
        minimum: Money::vnd(0),
        valid_from: None,
        valid_until: None,
        uses_at_most: None,
        uses_per_buyer: None,
    }
}

fn made(wanted: &Wanted) -> Result<Voucher, Vec<VoucherProblem>> {
    let (id, by) = (VoucherId::from_uuid(Uuid::nil()), UserId::from_uuid(Uuid::nil()));
    make(wanted, id, shop(1), by, NOON)
}

fn voucher(reduction: Reduction) -> Voucher {
    Voucher { reduction, ..made(&wanted()).unwrap() }
}

fn share(points: u32, cap: Option<i64>) -> Voucher {
    let rate = BasisPoints::new(points).unwrap();
    voucher(Reduction::Share { rate, cap: cap.map(Money::vnd) })
}

#[test]
fn case_accents_spaces_and_hyphens_make_no_other_code() {
    for typed in ["tet2027", " Tết 2027 ", "TET-2027", "tết2027"] {
        assert_eq!(VoucherCode::parse(typed).unwrap().as_str(), "TET2027", "{typed}");
    }
    assert_eq!(VoucherCode::parse("đi chợ").unwrap().as_str(), "DICHO");
    let long = "A".repeat(21);
    for typed in ["", "AB", long.as_str(), "TẾT!", "TET_1", "金TET", "a;b;c"] {
        assert_eq!(VoucherCode::parse(typed), None, "{typed}");
    }
    assert!(VoucherCode::parse(&"A".repeat(20)).is_some());
}

#[test]
fn a_voucher_counts_from_its_first_moment_to_before_its_last() {
    let (from, until) = (Timestamp::from_micros(10), Timestamp::from_micros(20));
    let timed = Voucher { valid_from: from, valid_until: Some(until), ..share(1_000, None) };
    let at = |micros| timed.check(Timestamp::from_micros(micros));
    assert_eq!(at(9), Err(VoucherRefused::NotYet { from }));
    assert_eq!((at(10), at(19)), (Ok(()), Ok(())));
    assert_eq!(at(20), Err(VoucherRefused::Ended));
    let ended = Voucher { ended_at: Some(from), ..timed };
    assert_eq!(ended.check(from), Err(VoucherRefused::Ended));
    assert_eq!(ended.status(from), VoucherStatus::Over);
}

#[test]
fn a_voucher_is_used_up_in_all_and_by_one_buyer() {
    let voucher =
        Voucher { uses_at_most: Some(10), uses_per_buyer: Some(2), uses: 9, ..share(1_000, None) };
    assert_eq!(voucher.check(NOON), Ok(()));
    assert_eq!((voucher.check_buyer(1), share(1, None).check_buyer(99)), (Ok(()), Ok(())));
    assert_eq!(voucher.check_buyer(2), Err(VoucherRefused::UsedByBuyer { at_most: 2 }));
    let used = Voucher { uses: 10, ..voucher };
    assert_eq!(used.check(NOON), Err(VoucherRefused::UsedUp));
    assert_eq!(used.status(NOON), VoucherStatus::Exhausted);
}

#[test]
fn any_of_number_address_and_account_is_the_same_buyer_and_nobody_is_nobody() {
    let user = Some(UserId::from_uuid(Uuid::from_u128(1)));
    let phone = Buyer { phone: Some(vec![1]), ..Buyer::default() };
    let all = Buyer { user, phone: Some(vec![1]), email: Some(vec![2]) };
    assert!(phone.is(&all) && all.is(&Buyer { email: Some(vec![2]), ..Buyer::default() }));
    assert!(all.is(&Buyer { user, ..Buyer::default() }));
    // What is missing on both sides is not the same.
    assert!(!phone.is(&Buyer { email: Some(vec![1]), ..Buyer::default() }));
    assert!(!Buyer::default().is(&Buyer::default()));
}

#[test]
fn a_share_stops_at_its_cap_and_an_amount_at_what_is_bought() {
    let lines = [(shop(1), Money::vnd(200_000)), (shop(2), Money::vnd(50_000))];
    let off = |voucher: Voucher| discounts(&lines, &[voucher]).unwrap().remove(0);
    assert_eq!(off(share(1_000, None)), Ok(Money::vnd(20_000)));
    assert_eq!(off(share(1_000, Some(15_000))), Ok(Money::vnd(15_000)));
    assert_eq!(off(share(1_000, Some(25_000))), Ok(Money::vnd(20_000)));
    // Another shop's lines pay nothing of it.
    let all = voucher(Reduction::Amount(Money::vnd(900_000)));
    assert_eq!(off(all), Ok(Money::vnd(200_000)));
    let elsewhere = Voucher { shop: shop(3), ..share(1_000, None) };
    assert_eq!(off(elsewhere), Err(VoucherRefused::Unknown));
}

#[test]
fn below_the_minimum_it_says_how_much_is_missing() {
    let least = Voucher { minimum: Money::vnd(200_000), ..share(1_000, None) };
    let off = |bought| discounts(&[(shop(1), Money::vnd(bought))], from_ref(&least)).unwrap();
    assert_eq!(off(200_000), [Ok(Money::vnd(20_000))]);
    let (minimum, missing) = (Money::vnd(200_000), Money::vnd(1));
    assert_eq!(off(199_999), [Err(VoucherRefused::BelowMinimum { minimum, missing })]);
}

#[test]
fn something_is_left_to_pay_of_the_whole_cart() {
    let all = voucher(Reduction::Amount(Money::vnd(30_000)));
    let off = |lines: &[(ShopId, Money)]| discounts(lines, from_ref(&all)).unwrap();
    let too_little = [Err(VoucherRefused::LeavesTooLittle { minimum: LEAST_TO_PAY })];
    assert_eq!(off(&[(shop(1), Money::vnd(30_000))]), too_little);
    assert_eq!(off(&[(shop(1), Money::vnd(30_999))]), too_little);
    assert_eq!(off(&[(shop(1), Money::vnd(31_000))]), [Ok(Money::vnd(30_000))]);
    // One shop's order may come to nothing where another's does not.
    let both = [(shop(1), Money::vnd(30_000)), (shop(2), Money::vnd(1_000))];
    assert_eq!(off(&both), [Ok(Money::vnd(30_000))]);
}

#[test]
fn all_that_is_wrong_with_a_voucher_is_said_at_once() {
    use VoucherProblem as P;
    let neither = Wanted { code: "!".to_owned(), amount: None, ..wanted() };
    assert_eq!(made(&neither), Err(vec![P::Code, P::Reduction]));
    let both = Wanted { basis_points: 500, ..wanted() };
    assert_eq!(made(&both), Err(vec![P::Reduction]));
    let wrong = Wanted {
        amount: Some(Money::vnd(0)),
        cap: Some(Money::vnd(5)),
        minimum: Money::vnd(-1),
        valid_until: Some(NOON),
        uses_at_most: Some(0),
        uses_per_buyer: Some(MOST_USES + 1),
        ..wanted()
    };
    let all = vec![P::Amount, P::Cap, P::Minimum, P::ValidUntil, P::UsesAtMost, P::UsesPerBuyer];
    assert_eq!(made(&wrong), Err(all));
    let share = Wanted { amount: None, basis_points: 10_001, ..wanted() };
    assert_eq!(made(&share), Err(vec![P::Share]));
    let fine = Wanted { amount: None, basis_points: 10_000, cap: Some(Money::vnd(1)), ..wanted() };
    assert_eq!(made(&fine).unwrap().valid_from, NOON);
}

proptest! {
    #[test]
    fn the_parts_of_the_lines_sum_to_the_discount_and_no_line_goes_below_zero(
        totals in proptest::collection::vec(0i64..5_000_000, 1..30), points in 0u32..=10_000,
    ) {
        let whole: i64 = totals.iter().sum();
        let part = BasisPoints::new(points).unwrap();
        let discount = Money::vnd(whole).fee_rounded_half_up(part).unwrap();
        let totals: Vec<Money> = totals.into_iter().map(Money::vnd).collect();
        let parts = spread(discount, &totals);
        prop_assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), discount.minor);
        for (part, total) in parts.iter().zip(&totals) {
            prop_assert!(part.minor >= 0 && part.minor <= total.minor);
        }
    }

    #[test]
    fn a_discount_is_never_more_than_is_bought_and_never_leaves_too_little(
        totals in proptest::collection::vec((1u128..4, 0i64..500_000), 1..20),
        points in 1u32..=10_000, amount in 1i64..1_000_000,
    ) {
        let lines: Vec<_> = totals.iter().map(|(of, minor)| (shop(*of), Money::vnd(*minor))).collect();
        let vouchers = [
            share(points, None),
            Voucher { shop: shop(2), ..voucher(Reduction::Amount(Money::vnd(amount))) },
        ];
        let off = discounts(&lines, &vouchers).unwrap();
        for (one, voucher) in off.iter().zip(&vouchers) {
            let bought: i64 = lines.iter().filter(|(of, _)| *of == voucher.shop).map(|(_, total)| total.minor).sum();
            if let Ok(off) = one {
                prop_assert!(off.minor >= 0 && off.minor <= bought);
            }
        }
        let whole: i64 = lines.iter().map(|(_, total)| total.minor).sum();
        let off: i64 = off.iter().flatten().map(|off| off.minor).sum();
        prop_assert!(off == 0 || whole - off >= LEAST_TO_PAY.minor);
    }
}
