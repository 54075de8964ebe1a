//! Tests of returns: what may come back, and when.

use kernel::{CheckoutId, LocalizedText, ProductId, ShopId, VariantId};
use uuid::Uuid;

use super::super::order::OrderLine;
use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn line(number: u128, quantity: i64, cancelled_quantity: i64) -> OrderLine {
    let uuid = Uuid::from_u128(number);
    OrderLine {
        id: OrderLineId::from_uuid(uuid),
        variant: VariantId::from_uuid(uuid),
        product: ProductId::from_uuid(uuid),
        title: LocalizedText::default(),
        sku: String::new(),
        unit: String::new(),
        quantity,
        unit_price: Money::vnd(1_000),
        discount: Money::vnd(0),
        total: Money::vnd(1_000 * quantity),
        ticket: None,
        cancelled_quantity,
    }
}

fn order(status: OrderStatus) -> Order {
    let uuid = Uuid::from_u128(9);
    Order {
        id: OrderId::from_uuid(uuid),
        number: String::new(),
        checkout: CheckoutId::from_uuid(uuid),
        shop: ShopId::from_uuid(uuid),
        buyer: None,
        status,
        lines: vec![line(1, 3, 0), line(2, 2, 2)],
        total: Money::vnd(5_000),
        voucher: None,
        created_at: at(0),
        paid_at: Some(at(1)),
        fulfilled_at: Some(at(2)),
        cancelled_at: None,
        returnable_until: Some(at(100)),
    }
}

fn pieces(number: u128, quantity: i64) -> ReturnedLine {
    ReturnedLine { line: OrderLineId::from_uuid(Uuid::from_u128(number)), quantity }
}

fn earlier(status: ReturnStatus, lines: &[ReturnedLine]) -> OrderReturn {
    OrderReturn {
        id: OrderReturnId::from_uuid(Uuid::nil()),
        order: OrderId::from_uuid(Uuid::from_u128(9)),
        kind: ReturnKind::Return,
        status,
        asked_by: ReturnParty::Buyer,
        requested_by: UserId::from_uuid(Uuid::nil()),
        decided_by: None,
        idempotency_key: String::new(),
        request_hash: Vec::new(),
        reason: String::new(),
        answer: String::new(),
        restock: false,
        account: Account::default(),
        refund_id: None,
        refund: Money::vnd(0),
        account_needed: false,
        created_at: at(3),
        decided_at: None,
        finished_at: None,
        lines: lines.to_vec(),
    }
}

#[test]
fn every_transition_is_as_the_table_says() {
    use ReturnStatus as S;
    for from in S::ALL {
        for to in S::ALL {
            let allowed = match from {
                S::Requested => [S::Approved, S::Declined].contains(&to),
                S::Approved => [S::Done, S::Requested].contains(&to),
                S::Declined | S::Done => false,
            };
            assert_eq!(from.may_become(to), allowed, "{from:?} → {to:?}");
        }
    }
}

#[test]
fn only_a_paid_order_that_was_not_handed_over_is_called_off() {
    for status in OrderStatus::ALL {
        let called_off = whole_of(&order(status), &[], ReturnParty::Buyer);
        if matches!(status, OrderStatus::Paid | OrderStatus::RefundDue) {
            assert_eq!(called_off, Ok(vec![pieces(1, 3)]));
        } else {
            assert_eq!(called_off, Err(ReturnRefused::WrongStatus(status)));
        }
    }
}

#[test]
fn pieces_come_back_until_the_last_moment_of_the_window() {
    let order = order(OrderStatus::Fulfilled);
    assert_eq!(check_request(&order, &[], &[pieces(1, 3)], at(100)), Ok(()));
    let late = check_request(&order, &[], &[pieces(1, 3)], at(101));
    assert_eq!(late, Err(ReturnRefused::TooLate(Some(at(100)))));
    let never = Order { returnable_until: None, ..order };
    let refused = check_request(&never, &[], &[pieces(1, 3)], at(3));
    assert_eq!(refused, Err(ReturnRefused::TooLate(None)));
    let paid = Order { status: OrderStatus::Paid, ..never };
    let refused = check_request(&paid, &[], &[pieces(1, 3)], at(3));
    assert_eq!(refused, Err(ReturnRefused::WrongStatus(OrderStatus::Paid)));
}

#[test]
fn no_piece_comes_back_twice() {
    let order = order(OrderStatus::Fulfilled);
    let ask = |earlier: &[OrderReturn], asked: &[ReturnedLine]| {
        check_request(&order, earlier, asked, at(3))
    };
    let open = earlier(ReturnStatus::Requested, &[pieces(1, 2)]);
    let (line, other) = (pieces(1, 0).line, pieces(2, 0).line);
    assert_eq!(ask(std::slice::from_ref(&open), &[pieces(1, 1)]), Ok(()));
    let left_one = Err(ReturnRefused::Quantity { line, available: 1 });
    assert_eq!(ask(&[open], &[pieces(1, 2)]), left_one);
    let declined = earlier(ReturnStatus::Declined, &[pieces(1, 2)]);
    assert_eq!(ask(&[declined], &[pieces(1, 3)]), Ok(()));
    let none = Err(ReturnRefused::Quantity { line: other, available: 0 });
    assert_eq!(ask(&[], &[pieces(2, 1)]), none);
    assert_eq!(ask(&[], &[pieces(1, 0)]), Err(ReturnRefused::Quantity { line, available: 3 }));
    assert_eq!(ask(&[], &[pieces(1, 1), pieces(1, 1)]), Err(ReturnRefused::UnknownLine(line)));
    assert_eq!(ask(&[], &[pieces(7, 1)]), Err(ReturnRefused::UnknownLine(pieces(7, 0).line)));
    assert_eq!(ask(&[], &[]), Err(ReturnRefused::Nothing));
}
