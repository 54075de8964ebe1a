//! Stock that was there before its openings were noted adds up after it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::time::{Duration, Instant};

use migrations::catalog::Migrator;
use platform::database::Database;
use platform::on_each_database;
use platform::testing::TestDatabase;
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

/// An id as each database writes it.
fn id(number: usize, backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    if sqlite { format!("x'{number:032x}'") } else { format!("'{number:032x}'") }
}

/// A statement with ids and bytes as each database writes them.
fn written(statement: &str, backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    let mut written = statement.replace("{blob}", if sqlite { "x'02'" } else { "'\\x02'" });
    for number in 1..9 {
        written = written.replace(&format!("{{{number}}}"), &id(number, backend));
    }
    written
}

/// More variants than are worked on at once, of five pieces each; their ids begin with [`FIRST`].
const MANY: usize = 4_500;
const FIRST: usize = 1_000;

async fn fill(database: &Database) {
    let (db, backend) = (database.writer(), database.backend());
    for row in ROWS {
        db.execute_unprepared(&written(row, backend)).await.unwrap();
    }
    let numbers: Vec<usize> = (FIRST..FIRST + MANY).collect();
    for some in numbers.chunks(500) {
        let row = |number: &usize| {
            let (own, product, shop) = (id(*number, backend), id(1, backend), id(2, backend));
            format!("({own}, {product}, {shop}, 2, 'M{number}', '', 1, 'VND', '[]', 5, 0)")
        };
        let rows: Vec<String> = some.iter().map(row).collect();
        let insert = format!(
            "INSERT INTO variants (id, product_id, shop_id, place, sku, barcode, price_minor, currency,
                option_values, on_hand, held) VALUES {}",
            rows.join(", ")
        );
        db.execute_unprepared(&insert).await.unwrap();
    }
}

/// How many openings there are, and of how many pieces.
async fn openings(database: &Database) -> (i64, i64) {
    let question = "SELECT COUNT(*), CAST(SUM(change) AS BIGINT) FROM stock_movements WHERE reason = 'opening'";
    let asked = Statement::from_string(database.backend(), question);
    let row = database.writer().query_one_raw(asked).await.unwrap().unwrap();
    (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())
}

/// Sales lock what they sell. None waits for the openings longer.
const LONGEST: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_go_on_while_openings_are_noted() {
    let test = TestDatabase::postgres::<Before>().await;
    let database = test.database.clone();
    fill(&database).await;
    let lock = |number| {
        format!("SELECT 1 FROM variants WHERE id = {} FOR UPDATE", id(number, DbBackend::Postgres))
    };
    // One sale takes its time: the openings of its batch wait for it, and must not keep the others waiting.
    let slow = database.begin().await.unwrap();
    slow.execute_unprepared(&lock(FIRST + 1_500)).await.unwrap();
    let (noted, longest) = tokio::join!(Migrator::up(database.writer(), None), async {
        let (begun, mut longest) = (Instant::now(), Duration::ZERO);
        while begun.elapsed() < Duration::from_secs(2) {
            let asked = Instant::now();
            let other = lock(FIRST);
            let sold = database.writer().execute_unprepared(&other);
            let sold = tokio::time::timeout(LONGEST, sold).await;
            longest = longest.max(asked.elapsed());
            if sold.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        slow.commit().await.unwrap();
        longest
    });
    noted.unwrap();
    assert!(longest < LONGEST, "a sale waited {longest:?}");
    assert_eq!(openings(&database).await, (MANY as i64 + 1, 5 * MANY as i64 + 12));
    test.close().await;
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

    async fn openings_of_many_variants_are_noted_once_however_often_that_is_begun(database) {
        fill(&database).await;
        let noted = (MANY as i64 + 1, 5 * MANY as i64 + 12);
        Migrator::up(database.writer(), None).await.unwrap();
        assert_eq!(openings(&database).await, noted);
        // It was interrupted: of some variants there is no opening yet, and nothing says that it is done.
        let backend = database.backend();
        let (from, to) = (id(FIRST + 100, backend), id(FIRST + 3_000, backend));
        for statement in [
            format!("DELETE FROM stock_movements WHERE id > {from} AND id < {to}"),
            "DELETE FROM catalog_migrations WHERE version LIKE '%_opening_stock'".to_owned(),
        ] {
            database.writer().execute_unprepared(&statement).await.unwrap();
        }
        assert_ne!(openings(&database).await, noted);
        Migrator::up(database.writer(), None).await.unwrap();
        assert_eq!(openings(&database).await, noted);
    }
}
