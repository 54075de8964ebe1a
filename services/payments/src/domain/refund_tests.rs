//! Tests of refunds: never above captured, every transition, two people above the limit.

use kernel::Currency;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::transfer_code::TransferPurpose;

const LIMIT: Money = Money::vnd(500);

fn order(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

fn person(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn code(number: u64) -> TransferCode {
    TransferCode::from_random(TransferPurpose::Refund, number)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn amounts(parts: &[(u128, i64)]) -> Vec<OrderAmount> {
    let part = |(number, amount): &(u128, i64)| OrderAmount {
        order: order(*number),
        amount: Money::vnd(*amount),
    };
    parts.iter().map(part).collect()
}

fn asked(number: u64, parts: &[(u128, i64)]) -> RefundRequest {
    let provider_payment = "pi_1".to_owned();
    RefundRequest {
        reference: code(number),
        orders: amounts(parts),
        destination: RefundDestination::Card { provider_payment },
        requested_by: person(1),
    }
}

/// A payment of 600 for order 1 and 400 for order 2.
fn payment() -> RefundablePayment {
    let id = PaymentId::from_uuid(Uuid::from_u128(1));
    RefundablePayment::new(id, amounts(&[(1, 600), (2, 400)]), vec![]).unwrap()
}

#[test]
fn a_second_refund_cannot_exceed_what_was_captured() {
    let mut payment = payment();
    payment.request(asked(1, &[(1, 500), (2, 100)]), at(1)).unwrap();
    assert_eq!(payment.refundable(), Ok(amounts(&[(1, 100), (2, 300)])));
    let before = payment.clone();
    assert_eq!(
        payment.request(asked(2, &[(2, 300), (1, 101)]), at(2)),
        Err(RefundRefused::ExceedsCaptured {
            order: order(1),
            requested: Money::vnd(101),
            available: Money::vnd(100),
        })
    );
    assert_eq!(payment, before);
    payment.request(asked(2, &[(2, 300), (1, 100)]), at(2)).unwrap();
    assert_eq!(payment.refundable(), Ok(amounts(&[(1, 0), (2, 0)])));
    assert_eq!(payment.refunds()[1].amount, Money::vnd(400));
}

#[test]
fn what_makes_no_refund_is_refused_and_changes_nothing() {
    let mut payment = payment();
    payment.request(asked(1, &[(1, 1)]), at(1)).unwrap();
    let dollars = {
        let mut asked = asked(2, &[(1, 1)]);
        asked.orders[0].amount.currency = Currency::Usd;
        asked
    };
    let (left, right) = (Currency::Usd, Currency::Vnd);
    for (asked, refused) in [
        (asked(1, &[(2, 1)]), RefundRefused::ReferenceTaken(code(1))),
        (asked(2, &[]), RefundRefused::NothingAsked),
        (asked(2, &[(1, 0)]), RefundRefused::NothingAsked),
        (asked(2, &[(1, -5)]), RefundRefused::NothingAsked),
        (asked(2, &[(1, 300), (1, 300)]), RefundRefused::OrderTwice(order(1))),
        (asked(2, &[(3, 1)]), RefundRefused::NotPaidOrder(order(3))),
        (dollars, RefundRefused::Money(MoneyError::CurrenciesDiffer { left, right })),
    ] {
        let before = payment.clone();
        assert_eq!(payment.request(asked, at(2)), Err(refused));
        assert_eq!(payment, before);
    }
    let twice = RefundablePayment::new(payment.payment(), amounts(&[(1, 1), (1, 2)]), vec![]);
    assert_eq!(twice, Err(RefundRefused::OrderTwice(order(1))));
}

type Change = fn(&mut RefundablePayment) -> Result<(), RefundRefused>;

const CHANGES: [(&str, Change); 7] = [
    ("submit below the limit", |payment| payment.submit(code(1), LIMIT, at(2)).map(|_| ())),
    ("submit above the limit", |payment| {
        payment.submit(code(1), Money::vnd(99), at(2)).map(|_| ())
    }),
    ("approve", |payment| payment.approve(code(1), person(2), at(2))),
    ("send", |payment| payment.send(code(1), at(2))),
    ("succeed", |payment| payment.succeed(code(1), at(2))),
    ("fail", |payment| payment.fail(code(1), at(2))),
    ("cancel", |payment| payment.cancel(code(1), at(2))),
];

#[test]
fn every_transition_is_allowed_or_refused_as_the_table_says() {
    use RefundStatus::{Approved, Cancelled, Failed, NeedsApproval, Requested, Sent, Succeeded};
    let allowed = [
        (Requested, "submit below the limit", Approved),
        (Requested, "submit above the limit", NeedsApproval),
        (Requested, "cancel", Cancelled),
        (NeedsApproval, "approve", Approved),
        (NeedsApproval, "cancel", Cancelled),
        (Approved, "send", Sent),
        (Approved, "cancel", Cancelled),
        (Sent, "succeed", Succeeded),
        (Sent, "fail", Failed),
        (Succeeded, "fail", Failed),
    ];
    for status in RefundStatus::ALL {
        for (name, change) in CHANGES {
            let mut payment = payment();
            payment.request(asked(1, &[(1, 100)]), at(1)).unwrap();
            payment.refunds[0].status = status;
            let before = payment.clone();
            let reached = allowed.iter().find(|(from, how, _)| (*from, *how) == (status, name));
            match reached {
                Some((_, _, reached)) => {
                    assert_eq!(change(&mut payment), Ok(()), "{name} {status:?}");
                    let refund = &payment.refunds()[0];
                    assert_eq!((refund.status, refund.changed_at), (*reached, at(2)), "{name}");
                }
                None => {
                    assert_eq!(change(&mut payment), Err(RefundRefused::WrongStatus(status)));
                    assert_eq!(payment, before, "{name} {status:?}");
                }
            }
        }
    }
    for (name, change) in CHANGES {
        let unknown = Err(RefundRefused::UnknownRefund(code(1)));
        assert_eq!(change(&mut payment()), unknown, "{name}");
    }
}

#[test]
fn above_the_limit_a_second_person_agrees() {
    let mut payment = payment();
    payment.request(asked(1, &[(1, 501)]), at(1)).unwrap();
    assert_eq!(payment.submit(code(1), LIMIT, at(2)), Ok(RefundStatus::NeedsApproval));
    let before = payment.clone();
    let refused = payment.approve(code(1), person(1), at(3));
    assert_eq!(refused, Err(RefundRefused::RequesterMayNotApprove));
    assert_eq!(payment, before);
    payment.approve(code(1), person(2), at(3)).unwrap();
    assert_eq!(payment.refunds()[0].approved_by, Some(person(2)));
}

#[test]
fn nobody_stays_below_the_limit_by_asking_in_parts() {
    let mut payment = payment();
    payment.request(asked(1, &[(1, 500)]), at(1)).unwrap();
    assert_eq!(payment.submit(code(1), LIMIT, at(2)), Ok(RefundStatus::Approved));
    payment.request(asked(2, &[(2, 1)]), at(3)).unwrap();
    assert_eq!(payment.submit(code(2), LIMIT, at(4)), Ok(RefundStatus::NeedsApproval));
    // What was cancelled gave nothing back and does not count.
    payment.cancel(code(1), at(5)).unwrap();
    payment.request(asked(3, &[(2, 399)]), at(6)).unwrap();
    assert_eq!(payment.submit(code(3), LIMIT, at(7)), Ok(RefundStatus::Approved));
}

#[test]
fn only_a_failed_or_cancelled_refund_frees_its_money() {
    for status in RefundStatus::ALL {
        let mut payment = payment();
        payment.request(asked(1, &[(1, 600)]), at(1)).unwrap();
        payment.refunds[0].status = status;
        let freed = matches!(status, RefundStatus::Failed | RefundStatus::Cancelled);
        let again = payment.request(asked(2, &[(1, 600)]), at(2));
        assert_eq!(again.is_ok(), freed, "{status:?}");
    }
}

proptest! {
    #[test]
    fn in_any_interleaving_never_more_than_captured_is_given_back(
        steps in proptest::collection::vec((0usize..9, 1u64..6, 1u128..4, 0i64..700, 0i64..700), 1..60),
    ) {
        let mut payment = payment();
        for (now, (what, number, of, one, other)) in steps.into_iter().enumerate() {
            let before = payment.clone();
            let now = at(now as i64);
            let outcome = match what {
                0 | 1 => payment.request(asked(number, &[(of, one), (of % 3 + 1, other)]), now),
                2 => payment.request(asked(number, &[(of, one)]), now),
                3 => payment.submit(code(number), Money::vnd(other), now).map(|_| ()),
                4 => payment.approve(code(number), person(of), now),
                5 => payment.send(code(number), now),
                6 => payment.succeed(code(number), now),
                7 => payment.fail(code(number), now),
                _ => payment.cancel(code(number), now),
            };
            if outcome.is_err() {
                prop_assert_eq!(&payment, &before);
            }
            for (number, captured) in [(1, 600), (2, 400)] {
                let live = payment.refunds().iter().filter(|refund| refund.status.holds_money());
                let held: i64 = live.flat_map(|refund| &refund.orders).filter(|part| part.order == order(number)).map(|part| part.amount.minor).sum();
                prop_assert!((0..=captured).contains(&held), "{held} of {captured}");
            }
            for part in payment.refundable().unwrap() {
                prop_assert!(!part.amount.is_negative());
            }
            for refund in payment.refunds() {
                let sum: i64 = refund.orders.iter().map(|part| part.amount.minor).sum();
                prop_assert_eq!(sum, refund.amount.minor);
                prop_assert_ne!(refund.approved_by, Some(refund.requested_by));
            }
        }
    }
}
