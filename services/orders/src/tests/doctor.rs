//! The doctor finds what somebody or something changed behind the program's back.

use std::collections::BTreeSet;

use platform::on_each_database;

use super::fakes::Fault;
use super::*;

/// What is done to a checkout and its orders, and what the doctor says of it.
struct Harm {
    paid: bool,
    statements: &'static [&'static str],
    said: &'static str,
}

const HARMS: &[Harm] = &[
    Harm {
        paid: true,
        statements: &["UPDATE orders SET status = 'pending' WHERE checkout_id = {checkout}"],
        said: "a paid checkout has an order that is not paid: {number}",
    },
    Harm {
        paid: false,
        statements: &[
            "UPDATE orders SET status = 'paid', paid_at = 1 WHERE checkout_id = {checkout}",
        ],
        said: "an order is paid and its checkout is not: {number}",
    },
    Harm {
        paid: false,
        statements: &["UPDATE checkouts SET total_minor = total_minor + 1 WHERE id = {checkout}"],
        said: "the orders of a checkout do not sum to its total: {number}",
    },
    Harm {
        paid: true,
        statements: &[
            "DELETE FROM order_lines WHERE order_id IN (SELECT id FROM orders WHERE checkout_id = {checkout})",
            "DELETE FROM orders WHERE checkout_id = {checkout}",
        ],
        said: "the orders of a checkout do not sum to its total: it has none",
    },
    Harm {
        paid: true,
        statements: &[
            "UPDATE order_lines SET quantity = quantity + 1, total_minor = total_minor + unit_minor
             WHERE order_id IN (SELECT id FROM orders WHERE checkout_id = {checkout})",
        ],
        said: "the lines of an order do not sum to its total: {number}",
    },
    Harm {
        paid: true,
        statements: &[
            "DELETE FROM order_lines WHERE order_id IN (SELECT id FROM orders WHERE checkout_id = {checkout})",
        ],
        said: "the lines of an order do not sum to its total: {number}",
    },
    Harm {
        paid: true,
        statements: &["UPDATE orders SET status = 'refund_due' WHERE checkout_id = {checkout}"],
        said: "a paid order is waiting for a refund: {number}",
    },
];

async fn findings(bench: &Bench) -> BTreeSet<String> {
    let found = crate::doctor(&bench.database, bench.clock.now()).await.unwrap();
    let count = found.len();
    let found: BTreeSet<String> = found.into_iter().collect();
    assert_eq!(found.len(), count, "something is found twice");
    found
}

on_each_database! { migrations::orders::Migrator,
    async fn each_inconsistency_is_found_and_nothing_else_is(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 100);
        let mut wanted = BTreeSet::new();
        for harm in HARMS {
            let checkout = bench.awaiting(&[(&mango, 2)]).await;
            if harm.paid {
                bench.hear(&[bench.outside.pay(&checkout.id)]).await;
            }
            assert_eq!(findings(&bench).await, wanted, "before {}", harm.said);
            let id = bench.literal(checkout.id.parse::<kernel::CheckoutId>().unwrap().uuid());
            for statement in harm.statements {
                bench.write(&statement.replace("{checkout}", &id)).await;
            }
            wanted.insert(harm.said.replace("{number}", &checkout.orders[0].number));
            assert_eq!(findings(&bench).await, wanted);
        }
    }

    async fn tickets_that_do_not_fit_their_orders_or_scans_are_found(database) {
        let bench = Bench::on(database);
        let trip = bench.trip(100);
        let bought = bench.bought(&[(&trip.adult, 2), (&trip.lunch, 1)]).await;
        let number = bought.orders[0].number.clone();
        let order = bench.literal(bought.orders[0].id.parse::<kernel::OrderId>().unwrap().uuid());
        let ticket = bench.tickets(&bought).await.remove(0);
        bench.clock.advance(trip.starts_at.since(bench.clock.now()));
        let scan = bench.scan("doctor", &ticket.code, Duration::ZERO);
        bench.redeem(&trip, &[scan]).await.unwrap();
        assert_eq!(findings(&bench).await, BTreeSet::new());
        let of_order = format!("WHERE order_id = {order}");
        for (harm, mended, said) in [
            (
                format!("UPDATE tickets SET price_minor = price_minor + 1 {of_order} AND place = 2"),
                format!("UPDATE tickets SET price_minor = price_minor - 1 {of_order} AND place = 2"),
                "a paid order does not have the tickets of a line",
            ),
            (
                format!("UPDATE tickets SET redeemed_at = redeemed_at + 1 {of_order} AND place = 1"),
                format!("UPDATE tickets SET redeemed_at = redeemed_at - 1 {of_order} AND place = 1"),
                "a guest is on board without a scan of that moment",
            ),
            (
                format!("UPDATE tickets SET redeemed_at = NULL, status = 'valid' {of_order} AND place = 1"),
                format!(
                    "UPDATE tickets SET redeemed_at = {}, status = 'redeemed' {of_order} AND place = 1",
                    bench.clock.now().micros()
                ),
                "a guest was scanned and is not on board",
            ),
        ] {
            bench.write(&harm).await;
            assert_eq!(findings(&bench).await, BTreeSet::from([format!("{said}: {number}")]));
            bench.write(&mended).await;
            assert_eq!(findings(&bench).await, BTreeSet::new());
        }
    }

    async fn a_checkout_that_nobody_resumes_is_found(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let cart = bench.cart_of(&[(&mango, 2)]).await;
        bench.outside.plan(0, Fault::DiesAsking);
        assert!(bench.outside.until_death(bench.start(&request_for(&cart))).await.is_none());
        let id = bench.checkouts_of(&cart).await.remove(0).id;
        bench.clock.advance(Duration::from_secs(10 * 60));
        assert_eq!(findings(&bench).await, BTreeSet::new());
        bench.clock.advance(Duration::from_secs(1));
        let still_starting = format!("a checkout is still starting: {id}");
        assert_eq!(findings(&bench).await, BTreeSet::from([still_starting]));
        bench.sweep().await;
        bench.assert_sound().await;
    }
}
