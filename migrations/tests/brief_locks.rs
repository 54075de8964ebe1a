//! Large tables change their rules while everybody reads and writes them (PostgreSQL).

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::time::{Duration, Instant};

use migrations::payments::Migrator;
use platform::database::Database;
use platform::testing::TestDatabase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::Statement;

/// The migration that is the last before the rules change, and the last that changes one.
const BEFORE: &str = "_cards";
const LAST: &str = "_unmatching";

/// The tables of payments as they were before.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations().into_iter().take(place(BEFORE) + 1).collect()
    }

    fn migration_table_name() -> DynIden {
        Migrator::migration_table_name()
    }
}

fn place(name: &str) -> usize {
    let migrations = Migrator::migrations();
    migrations.iter().position(|one| one.name().ends_with(name)).unwrap()
}

/// Rows of each large table.
const ROWS: u32 = 300_000;
/// Nobody waits longer for a lock.
const LONGEST: Duration = Duration::from_secs(1);

async fn fill(database: &Database) {
    const AT_ONCE: u32 = 50_000;
    for start in (0..ROWS).step_by(AT_ONCE as usize) {
        let numbers = format!("generate_series({start}, {}) AS n", start + AT_ONCE - 1);
        for rows in [
            "INSERT INTO shop_lines (id, shop_id, kind, amount_minor, currency, posting_id, posted_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'sale', 1, 'VND', gen_random_uuid(), n FROM",
            "INSERT INTO bank_credits (id, feed, provider_id, bank, account_number, amount_minor, currency, memo,
                bank_reference, booked_at, booked_on, received_at, state, rule, resolution)
                SELECT gen_random_uuid(), 'sepay', n::text, 'VCB', '1', 1, 'VND', 'm', 'r', n, 0, n, 'orphan',
                'no_code/1', 'returned' FROM",
        ] {
            database.writer().execute_unprepared(&format!("{rows} {numbers}")).await.unwrap();
        }
    }
}

/// Reads and writes both tables until told to stop; gives the longest that anything took.
async fn use_tables(database: Database, stop: tokio::sync::watch::Receiver<bool>) -> Duration {
    let mut longest = Duration::ZERO;
    while !*stop.borrow() {
        for what in [
            "SELECT COUNT(*) FROM (SELECT 1 FROM shop_lines LIMIT 5) x",
            "UPDATE bank_credits SET memo = 'n' WHERE provider_id = '77'",
            "INSERT INTO shop_lines (id, shop_id, kind, amount_minor, currency, posting_id, posted_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 'fee', 1, 'VND', gen_random_uuid(), 1)",
        ] {
            let begun = Instant::now();
            database.writer().execute_unprepared(what).await.unwrap();
            longest = longest.max(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_long_while_the_rules_of_large_tables_change() {
    let test = TestDatabase::postgres::<Before>().await;
    let database = test.database.clone();
    fill(&database).await;
    let (stopping, stop) = tokio::sync::watch::channel(false);
    let using = tokio::spawn(use_tables(database.clone(), stop));
    // Somebody reads for two seconds in one transaction: the change waits for it, and nobody for the change.
    let reader = database.begin().await.unwrap();
    reader.execute_unprepared("SELECT 1 FROM shop_lines LIMIT 1").await.unwrap();
    let (changed, ()) = tokio::join!(
        Migrator::up(database.writer(), Some((place(LAST) - place(BEFORE)).try_into().unwrap())),
        async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            reader.commit().await.unwrap();
        },
    );
    changed.unwrap();
    stopping.send(true).unwrap();
    let longest = using.await.unwrap();
    assert!(longest < LONGEST, "somebody waited {longest:?}");

    let question = "SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'c' AND connamespace = current_schema()::regnamespace
            AND conrelid IN ('shop_lines'::regclass, 'bank_credits'::regclass, 'credit_decisions'::regclass)
        ORDER BY conname";
    let asked = Statement::from_string(database.backend(), question);
    let rows = database.reader().query_all_raw(asked).await.unwrap();
    let checks: Vec<(String, bool, String)> = rows
        .iter()
        .map(|row| {
            (
                row.try_get_by_index(0).unwrap(),
                row.try_get_by_index(1).unwrap(),
                row.try_get_by_index(2).unwrap(),
            )
        })
        .collect();
    for (name, is_proven, says) in &checks {
        assert!(is_proven, "{name} is not proven of the rows there are: {says}");
    }
    for (name, word) in [
        ("shop_lines_kind_new_check", "'dispute_back'"),
        ("bank_credits_resolved_as_check", "'written_off'"),
        ("credit_decisions_decided_check", "'reverse'"),
    ] {
        let found = checks.iter().find(|(known, ..)| known == name);
        assert!(found.is_some_and(|(.., says)| says.contains(word)), "{name}: {checks:?}");
    }
    assert_eq!(
        checks.iter().filter(|(_, _, says)| says.contains("'returned'")).count(),
        1,
        "{checks:?}"
    );
    test.close().await;
}
