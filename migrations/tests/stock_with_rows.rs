//! Stock that was there before its openings were noted adds up after it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use migrations::catalog::Migrator;
use platform::on_each_database;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// The tables of catalog as they were before.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let all = Migrator::migrations().into_iter();
        all.take_while(|one| !one.name().ends_with("_opening_stock")).collect()
    }

    fn migration_table_name() -> DynIden {
        Migrator::migration_table_name()
    }
}

/// Of 12 pieces that there were 2 went bad, 3 were sold and one of them came back; 4 are held. Of another
/// variant there never was any.
const ROWS: &[&str] = &[
    "INSERT INTO products (id, shop_id, handle, slug, kind, title_vi, title_en, folded, description_vi, description_en,
        category_slug, unit, option_names, attributes, ward_code, ocop_stars, published, visible, price_min,
        price_max, created_at, updated_at) VALUES ({1}, {2}, 'xoai', 'xoai', 'goods', 'Xoài', '', 'xoai', '', '', '', 'kg', '[]',
        '[]', '', 0, TRUE, TRUE, 1, 1, 77, 77)",
    "INSERT INTO variants (id, product_id, shop_id, place, sku, barcode, price_minor, currency, option_values,
        on_hand, held) VALUES ({3}, {1}, {2}, 0, 'A', '', 1, 'VND', '[]', 8, 4)",
    "INSERT INTO variants (id, product_id, shop_id, place, sku, barcode, price_minor, currency, option_values,
        on_hand, held) VALUES ({4}, {1}, {2}, 1, 'B', '', 1, 'VND', '[]', 0, 0)",
    "INSERT INTO stock_movements VALUES ({5}, {3}, -2, 'hư', 78)",
    "INSERT INTO stock_movements VALUES ({6}, {3}, 1, 'ret_1', 79)",
    "INSERT INTO holds VALUES ({7}, 'chk_1', 'committed', {blob}, 80, 78)",
    "INSERT INTO holds VALUES ({8}, 'chk_2', 'held', {blob}, 80, 78)",
    "INSERT INTO hold_lines (hold_id, variant_id, quantity, returned) VALUES ({7}, {3}, 3, 1)",
    "INSERT INTO hold_lines (hold_id, variant_id, quantity, returned) VALUES ({8}, {3}, 4, 0)",
];

/// A statement with ids and bytes as each database writes them.
fn written(statement: &str, backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    let mut written = statement.replace("{blob}", if sqlite { "x'02'" } else { "'\\x02'" });
    for number in 1..9 {
        let id = if sqlite { format!("x'{number:032x}'") } else { format!("'{number:032x}'") };
        written = written.replace(&format!("{{{number}}}"), &id);
    }
    written
}

on_each_database! { Before,
    async fn what_was_there_at_first_is_what_movements_and_sales_do_not_explain(database) {
        let db = database.writer();
        for row in ROWS {
            db.execute_unprepared(&written(row, database.backend())).await.unwrap();
        }
        Migrator::up(db, None).await.unwrap();
        let question = "SELECT v.sku, m.change, m.at FROM stock_movements m JOIN variants v ON v.id = m.variant_id
            WHERE m.reason = 'opening'";
        let rows = db.query_all_raw(Statement::from_string(database.backend(), question)).await.unwrap();
        let [row] = &rows[..] else { panic!("{} rows", rows.len()) };
        let sku: String = row.try_get_by_index(0).unwrap();
        let numbers: [i64; 2] = [1, 2].map(|at| row.try_get_by_index(at).unwrap());
        assert_eq!((sku.as_str(), numbers), ("A", [12, 77]));
    }
}
