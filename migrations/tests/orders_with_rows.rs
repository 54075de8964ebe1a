//! Orders that were made before a migration are there after it, as they were.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use migrations::orders::Migrator;
use platform::on_each_database;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// The tables of orders as they were before tickets.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations().into_iter().take(3).collect()
    }

    fn migration_table_name() -> DynIden {
        Migrator::migration_table_name()
    }
}

const ROWS: &[&str] = &[
    "INSERT INTO carts VALUES ({1}, 1)",
    "INSERT INTO checkouts VALUES ({2}, {1}, 'khoa-so-1', {2b}, NULL, 'paid', 'Sáu', '0912', '', 'ship',
        '31135', '12 Hai Bà Trưng', '', 'vietqr', 170000, 'VND', {3}, 1, 2, 3)",
    "INSERT INTO checkout_lines VALUES ({2}, {4}, 2)",
    "INSERT INTO orders VALUES ({5}, 'CN-7K2M-Q4PD', {2}, {6}, NULL, 'paid', 170000, 'VND', 1, 3, NULL)",
    "INSERT INTO order_lines VALUES ({7}, {5}, 0, {4}, {8}, 'Xoài', '', 'X-1', 'kg', 2, 85000, 170000, 'VND')",
];

/// The first columns of an order; others come later.
const ORDER: &str =
    "orders (id, number, checkout_id, shop_id, buyer_id, status, total_minor, currency,
    created_at, paid_at, fulfilled_at) VALUES";

/// Puts in an order of some values.
fn order(values: &str) -> String {
    format!("INSERT INTO {ORDER} {values}")
}

/// A statement with ids as each database writes them.
fn written(statement: &str, backend: DbBackend) -> String {
    let mut written = statement.replace(
        "{2b}",
        match backend {
            DbBackend::Sqlite => "x'02'",
            _ => "'\\x02'",
        },
    );
    for number in 1..9 {
        let id = match backend {
            DbBackend::Sqlite => format!("x'{number:032x}'"),
            _ => format!("'{number:032x}'"),
        };
        written = written.replace(&format!("{{{number}}}"), &id);
    }
    written
}

on_each_database! { Before,
    async fn orders_of_before_are_kept_and_their_tables_hold_tickets(database) {
        let db = database.writer();
        for row in ROWS {
            db.execute_unprepared(&written(row, database.backend())).await.unwrap();
        }
        Migrator::up(db, None).await.unwrap();
        let question = "SELECT o.number, l.sku, l.quantity, l.cancelled_quantity, c.pay_with, w.quantity
            FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN checkouts c ON c.id = o.checkout_id
            JOIN checkout_lines w ON w.checkout_id = c.id JOIN carts k ON k.id = c.cart_id
            WHERE l.ticket IS NULL AND l.departure_id IS NULL";
        let rows = db.query_all_raw(Statement::from_string(database.backend(), question)).await.unwrap();
        let [row] = &rows[..] else { panic!("{} rows", rows.len()) };
        let texts: [String; 3] = [0, 1, 4].map(|at| row.try_get_by_index(at).unwrap());
        let numbers: [i64; 3] = [2, 3, 5].map(|at| row.try_get_by_index(at).unwrap());
        assert_eq!((texts, numbers), (["CN-7K2M-Q4PD", "X-1", "vietqr"].map(str::to_owned), [2, 0, 2]));
        let holds = async |statement: &str| {
            db.execute_unprepared(&written(statement, database.backend())).await.is_ok()
        };
        // The rules that were are still there, and the rows still know each other.
        assert!(!holds("UPDATE orders SET total_minor = -1").await);
        assert!(!holds("UPDATE order_lines SET total_minor = 1").await);
        assert!(!holds("UPDATE checkouts SET payment_id = NULL").await);
        assert!(!holds("UPDATE checkouts SET pay_with = 'cash'").await);
        assert!(!holds("DELETE FROM orders").await);
        assert!(!holds("INSERT INTO checkout_lines VALUES ({8}, {4}, 2)").await);
        assert!(!holds(&order("({8}, 'CN-7K2M-Q4PD', {2}, {8}, NULL, 'pending', 1, 'VND', 1, 3, NULL)")).await);
        // And those that are new: a free seat, an order that a reseller is invoiced for.
        assert!(holds("UPDATE checkouts SET payment_id = NULL, pay_with = 'invoiced'").await);
        assert!(!holds("UPDATE order_lines SET cancelled_quantity = 3").await);
        assert!(!holds("UPDATE order_lines SET departure_id = {8}").await);
        assert!(holds("UPDATE order_lines SET unit_minor = 0, total_minor = 0").await);
        assert!(holds("UPDATE orders SET total_minor = 0").await);
    }
}

/// The tables of orders as they were before a shop could have more than one order in a checkout.
struct BeforeKinds;

impl MigratorTrait for BeforeKinds {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations().into_iter().take(6).collect()
    }

    fn migration_table_name() -> DynIden {
        Migrator::migration_table_name()
    }
}

/// The first columns of a line; the others have a default.
const ORDER_LINE: &str =
    "order_lines (id, order_id, place, variant_id, product_id, title_vi, title_en,
    sku, unit, quantity, unit_minor, total_minor, currency) VALUES";

/// Rows of other tables that point at an order.
const POINTING: &[&str] = &[
    "UPDATE order_lines SET ticket = {2b}, departure_id = {8}, admits = 1",
    "INSERT INTO tickets VALUES ({1}, {5}, {7}, {6}, 1, 0, 1, 85000, 'VND', 'Sáu', 'valid', NULL, NULL, NULL)",
    "INSERT INTO tickets VALUES ({2}, {5}, {7}, {6}, 2, 1, 1, 85000, 'VND', 'Bảy', 'valid', NULL, NULL, NULL)",
];

on_each_database! { BeforeKinds,
    async fn orders_of_before_are_kept_and_a_shop_may_have_two_in_a_checkout(database) {
        let db = database.writer();
        let rows = ROWS.iter().map(|row| row.replace("order_lines VALUES", ORDER_LINE));
        for row in rows.chain(POINTING.iter().map(|row| (*row).to_owned())) {
            db.execute_unprepared(&written(&row, database.backend())).await.unwrap();
        }
        Migrator::up(db, None).await.unwrap();
        let question = "SELECT o.number, o.total_minor, COUNT(*) FROM orders o JOIN order_lines l ON l.order_id = o.id
            JOIN tickets t ON t.order_id = o.id AND t.order_line_id = l.id GROUP BY o.number, o.total_minor";
        let rows = db.query_all_raw(Statement::from_string(database.backend(), question)).await.unwrap();
        let [row] = &rows[..] else { panic!("{} rows", rows.len()) };
        let number: String = row.try_get_by_index(0).unwrap();
        let numbers: [i64; 2] = [1, 2].map(|at| row.try_get_by_index(at).unwrap());
        assert_eq!((number.as_str(), numbers), ("CN-7K2M-Q4PD", [170_000, 2]));
        let holds = async |statement: &str| {
            db.execute_unprepared(&written(statement, database.backend())).await.is_ok()
        };
        // The rows still know each other, and a second order of the shop in the checkout is one more.
        assert!(!holds("DELETE FROM orders").await);
        assert!(!holds("UPDATE tickets SET order_id = {8}").await);
        assert!(!holds("UPDATE orders SET checkout_id = {8}").await);
        assert!(!holds("UPDATE orders SET total_minor = -1").await);
        assert!(holds(&order("({8}, 'CN-7K2M-Q4PE', {2}, {6}, NULL, 'paid', 1, 'VND', 1, 3, NULL)")).await);
        assert!(!holds(&order("({4}, 'CN-7K2M-Q4PE', {2}, {6}, NULL, 'paid', 1, 'VND', 1, 3, NULL)")).await);
    }
}
