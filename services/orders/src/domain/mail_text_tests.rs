//! What letters say, in both languages, of orders, notices and seats.

use kernel::{CheckoutId, OrderId, OrderLineId, ProductId, ShopId, VariantId};
use uuid::Uuid;

use super::*;
use crate::domain::order::{OrderLine, OrderStatus};

fn order() -> Order {
    let id = Uuid::from_u128(1);
    let at = Timestamp::from_micros(0);
    let line = OrderLine {
        id: OrderLineId::from_uuid(id),
        variant: VariantId::from_uuid(id),
        product: ProductId::from_uuid(id),
        title: LocalizedText::new("Xoài {total}", "Mango"),
        sku: String::new(),
        unit: String::new(),
        quantity: 2,
        unit_price: Money::vnd(85_000),
        discount: Money::vnd(0),
        total: Money::vnd(170_000),
        ticket: None,
        cancelled_quantity: 0,
    };
    Order {
        id: OrderId::from_uuid(id),
        number: "CN-7K2M-Q4PD".to_owned(),
        checkout: CheckoutId::from_uuid(id),
        shop: ShopId::from_uuid(id),
        buyer: None,
        voucher: None,
        status: OrderStatus::Paid,
        lines: vec![line],
        total: Money::vnd(170_000),
        created_at: at,
        paid_at: Some(at),
        fulfilled_at: None,
        cancelled_at: None,
        returnable_until: None,
    }
}

fn links() -> Links {
    Links { order: "https://cho.vn/o/1".to_owned(), tickets: "https://cho.vn/t/1".to_owned() }
}

fn notice(kind: NoticeKind, facts: &[(&str, &str)]) -> Notice {
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Notice { kind, at: Timestamp::from_micros(0), facts: facts.collect() }
}

#[test]
fn both_languages_say_the_same_keys_and_put_the_same_in() {
    let [vi, en] = [Locale::Vi, Locale::En].map(Words::of);
    assert!(vi.table.len() > 20 && vi.table.keys().eq(en.table.keys()));
    let holes = |text: &str| {
        let mut holes: Vec<String> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
            .collect();
        holes.sort_unstable();
        holes
    };
    for (key, text) in &vi.table {
        assert_eq!(holes(text), holes(&en.table[key]), "{key}");
    }
}

#[test]
fn who_paid_reads_numbers_lines_total_and_where_to_look() {
    let text = Words::of(Locale::Vi).paid("Trần Thị Sáu", &[order()], &links());
    assert_eq!(text.subject, "Đã nhận tiền đơn hàng CN-7K2M-Q4PD");
    for part in ["Xin chào Trần Thị Sáu,", "2 × Xoài {total}: 170.000", "https://cho.vn/o/1"]
    {
        assert!(text.body.contains(part), "{part}: {}", text.body);
    }
    // Goods have no tickets.
    assert!(!text.body.contains("https://cho.vn/t/1"), "{}", text.body);
    let text = Words::of(Locale::En).paid("Sau", &[order()], &links());
    assert!(text.body.contains("2 × Mango"), "{}", text.body);
}

#[test]
fn nothing_is_promised_of_what_a_reseller_sold() {
    let words = Words::of(Locale::En);
    for kind in [NoticeKind::DepartureMoved, NoticeKind::DepartureRefunded] {
        let facts = [("refund", "170000"), ("currency", "VND"), ("to", "2026-12-02T22:30:00Z")];
        let text = words.notice("", &order(), &notice(kind, &facts), (&links(), true));
        assert!(text.body.contains("ask where you bought them"), "{kind:?}: {}", text.body);
        assert!(!text.body.contains("170"), "{kind:?}: {}", text.body);
    }
}

#[test]
fn every_notice_says_what_becomes_of_the_money() {
    let (from, to) = ("2026-12-01T05:30:00+07:00", "2026-12-02T22:30:00Z");
    let words = Words::of(Locale::Vi);
    let say = |kind, facts: &[(&str, &str)]| {
        words.notice("", &order(), &notice(kind, facts), (&links(), false))
    };
    let moved =
        say(NoticeKind::DepartureMoved, &[("from", from), ("to", to), ("reason", "bão số 5")]);
    for part in ["05:30 01/12/2026", "05:30 03/12/2026", "bão số 5", "https://cho.vn/t/1"] {
        assert!(moved.body.contains(part), "{part}: {}", moved.body);
    }
    let money = [("refund", "170000"), ("currency", "VND"), ("from", from), ("count", "2")];
    for kind in [NoticeKind::DepartureRefunded, NoticeKind::Refunded, NoticeKind::TicketsCancelled]
    {
        let text = say(kind, &money);
        assert!(text.body.contains("170.000"), "{kind:?}: {}", text.body);
        assert!(text.subject.contains("CN-7K2M-Q4PD"), "{kind:?}: {}", text.subject);
    }
    let nothing = say(NoticeKind::TicketsCancelled, &[("refund", "0"), ("currency", "VND")]);
    assert!(nothing.body.contains("không được hoàn tiền"), "{}", nothing.body);
}

#[test]
fn who_waits_reads_until_when_and_where() {
    let offer = OfferedSeats {
        seats: 2,
        title: LocalizedText::new("Chợ nổi Cái Răng", "Cái Răng floating market"),
        starts_at: Timestamp::from_micros(1_796_077_800_000_000),
        until: Timestamp::from_micros(1_796_000_000_000_000),
        link: "https://cho.vn/waiting/token".to_owned(),
    };
    let text = Words::of(Locale::En).seats_offered("Ann", &offer);
    assert!(text.subject.contains("Cái Răng floating market"), "{}", text.subject);
    for part in ["2 seats", "https://cho.vn/waiting/token", "2026"] {
        assert!(text.body.contains(part), "{part}: {}", text.body);
    }
}

#[test]
fn nobody_is_greeted_by_what_is_no_name() {
    for name in ["Trần Thị Sáu", "O’Neill", "Jean-Luc", "Tra\u{302}\u{300}n"] {
        assert_eq!(greeted(name), Some(name));
    }
    for name in ["", "Win at https://evil.vn", "a@b.vn", "{link}", "x\ny", &"a".repeat(61)] {
        assert_eq!(greeted(name), None, "{name}");
    }
}
