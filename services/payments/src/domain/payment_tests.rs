//! Tests of payments: what may be asked for, how one ends, opens again, and looks from outside.

use super::*;

/// A pending payment of 100 đồng in time until second 60.
pub fn pending(code: u64) -> Payment {
    let allocation = |amount| Allocation {
        order: OrderId::from_uuid(Uuid::from_u128(1)),
        shop: ShopId::from_uuid(Uuid::from_u128(2)),
        sold: Sold::Goods,
        amount: Money::vnd(amount),
    };
    Payment::start(
        PaymentId::from_uuid(Uuid::from_u128(u128::from(code))),
        Purpose::Checkout(CheckoutId::from_uuid(Uuid::from_u128(u128::from(code)))),
        Money::vnd(100),
        vec![allocation(60), allocation(40)],
        PaymentCode::from_random(code),
        second(0),
        second(60),
    )
    .unwrap()
}

pub fn second(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

#[test]
fn every_transition_is_allowed_or_refused_as_the_table_says() {
    type Change = fn(&mut Payment) -> Result<(), ChangeRefused>;
    let succeed: Change = |payment| payment.succeed(second(60));
    let expire: Change = |payment| payment.expire(second(61));
    let cancel: Change = |payment| payment.cancel(second(1));
    for (first, reached) in [
        (succeed, PaymentStatus::Succeeded),
        (expire, PaymentStatus::Expired),
        (cancel, PaymentStatus::Cancelled),
    ] {
        let mut payment = pending(1);
        first(&mut payment).unwrap();
        assert_eq!(payment.status, reached);
        for second in [succeed, expire, cancel] {
            let before = payment.clone();
            assert_eq!(second(&mut payment), Err(ChangeRefused::Closed(reached)));
            assert_eq!(payment, before);
        }
    }
}

#[test]
fn a_card_pays_what_is_pending_and_nothing_else_whenever_we_hear_of_it() {
    let mut payment = pending(1);
    payment.succeed_by_card(second(100)).unwrap();
    assert_eq!(payment.status, PaymentStatus::Succeeded);
    let (mut expired, mut cancelled) = (pending(1), pending(1));
    expired.expire(second(61)).unwrap();
    cancelled.cancel(second(1)).unwrap();
    for mut closed in [payment, expired, cancelled] {
        let before = closed.clone();
        let refused = closed.succeed_by_card(second(2));
        assert_eq!(refused, Err(ChangeRefused::Closed(before.status)));
        assert_eq!(closed, before);
    }
}

#[test]
fn every_standing_follows_from_the_facts_as_the_table_says() {
    use PaymentStatus as S;
    let since = |processing, refunded, disputed| SinceThen {
        processing,
        received: Money::vnd(0),
        refunded: Money::vnd(refunded),
        disputed,
    };
    let part = |received| SinceThen { received: Money::vnd(received), ..since(false, 0, false) };
    for (status, since, standing) in [
        (S::Pending, since(false, 0, false), Standing::Pending),
        (S::Pending, since(true, 0, false), Standing::Processing),
        (S::Pending, part(1), Standing::PartiallyPaid),
        (S::Pending, part(99), Standing::PartiallyPaid),
        // More than was asked for waits for a person, and is no part.
        (S::Pending, part(101), Standing::Pending),
        (S::Pending, SinceThen { processing: true, ..part(1) }, Standing::Processing),
        (S::Expired, part(99), Standing::Expired),
        (S::Cancelled, part(99), Standing::Cancelled),
        (S::Succeeded, part(99), Standing::Succeeded),
        (S::Expired, since(true, 0, false), Standing::Expired),
        (S::Cancelled, since(true, 0, true), Standing::Cancelled),
        (S::Succeeded, since(true, 0, false), Standing::Succeeded),
        (S::Succeeded, since(false, 1, false), Standing::PartiallyRefunded),
        (S::Succeeded, since(false, 99, false), Standing::PartiallyRefunded),
        (S::Succeeded, since(false, 100, false), Standing::Refunded),
        (S::Succeeded, since(false, 0, true), Standing::Disputed),
        (S::Succeeded, since(false, 100, true), Standing::Disputed),
    ] {
        let payment = Payment { status, ..pending(1) };
        assert_eq!(payment.standing(since), standing, "{status:?} {since:?}");
    }
}

#[test]
fn what_is_open_again_is_never_too_late_and_does_not_expire() {
    let mut payment = pending(1);
    let not_paid = Err(ChangeRefused::NotPaid(PaymentStatus::Pending));
    assert_eq!(payment.reopen(second(1)), not_paid);
    let first = payment.capture_key();
    payment.succeed(second(1)).unwrap();
    payment.reopen(second(2)).unwrap();
    assert_eq!((payment.status, payment.closed_at), (PaymentStatus::Pending, None));
    assert_eq!(payment.expire(second(99)), Err(ChangeRefused::StillInTime));
    assert_ne!(payment.capture_key(), first);
    payment.succeed(second(99)).unwrap();
}

#[test]
fn a_payment_is_extended_once_and_only_while_it_is_in_time() {
    let mut payment = pending(1);
    assert_eq!(payment.extend(second(90), second(60)), Ok(true));
    let extended = (second(90), Some(second(60)));
    assert_eq!((payment.expires_at, payment.extended_at), extended);
    // Asked again it stays as it is, after the new end, too.
    for now in [second(61), second(91)] {
        assert_eq!(payment.extend(second(200), now), Ok(false));
        assert_eq!((payment.expires_at, payment.extended_at), extended);
    }
    assert_eq!(payment.expire(second(90)), Err(ChangeRefused::StillInTime));
    payment.succeed(second(90)).unwrap();
    let closed = Err(ChangeRefused::Closed(PaymentStatus::Succeeded));
    assert_eq!(payment.extend(second(200), second(90)), closed);

    assert_eq!(pending(1).extend(second(90), second(61)), Err(ChangeRefused::TooLate));
    // It never ends earlier than it did.
    let mut payment = pending(1);
    assert_eq!(payment.extend(second(30), second(1)), Ok(true));
    assert_eq!(payment.expires_at, second(60));
    // What is open again has no end to be moved.
    let mut reopened = pending(1);
    reopened.succeed(second(1)).unwrap();
    reopened.reopen(second(99)).unwrap();
    assert_eq!(reopened.extend(second(200), second(100)), Ok(false));
    assert_eq!(reopened.expires_at, second(60));
}

#[test]
fn the_last_moment_is_in_time_and_the_next_is_not() {
    assert_eq!(pending(1).expire(second(60)), Err(ChangeRefused::StillInTime));
    assert_eq!(pending(1).succeed(second(61)), Err(ChangeRefused::TooLate));
}

#[test]
fn parts_that_do_not_sum_to_the_amount_are_refused() {
    let payment = pending(1);
    for (amount, refused) in [
        (Money::vnd(99), StartRefused::AllocationsDiffer),
        (Money::vnd(0), StartRefused::TooSmall { minimum: Money::vnd(1) }),
        (Money::vnd(500_000_000), StartRefused::TooLarge { maximum: Money::vnd(499_999_999) }),
        (Money::new(100, kernel::Currency::Usd), StartRefused::CurrencyNotSupported),
    ] {
        let parts = payment.allocations.clone();
        let (id, code) = (payment.id, payment.code);
        let outcome =
            Payment::start(id, payment.purpose, amount, parts, code, second(0), second(1));
        assert_eq!(outcome, Err(refused));
    }
}
