//! Whatever migration comes next makes nobody wait (PostgreSQL): every one behind those that were written
//! before this was a rule is tried while others hold all tables and everybody writes to them. It needs no list.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use platform::database::{Database, Transaction};
use platform::testing::TestDatabase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::Statement;
use tokio::sync::watch;

/// How long somebody writes in one transaction, again and again: a change waits for it, and nobody for the
/// change.
const HELD: Duration = Duration::from_secs(2);
/// Between two such transactions: here a change finds its moment.
const PAUSE: Duration = Duration::from_millis(500);
/// Nobody waits longer for a lock.
const LONGEST: Duration = Duration::from_secs(1);

/// The tables there are, each with the number of its file, which changes when all its rows are written anew.
async fn files(database: &Database) -> BTreeMap<String, i64> {
    let question = "SELECT relname::text, relfilenode::bigint FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace";
    let asked = Statement::from_string(database.backend(), question);
    let rows = database.reader().query_all_raw(asked).await.unwrap();
    rows.iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect()
}

/// What whoever writes to a table holds until the end of the transaction.
async fn write_to(database: &Database, tables: &[String]) -> Transaction {
    let tx = database.begin().await.unwrap();
    let named: Vec<String> = tables.iter().map(|table| format!("\"{table}\"")).collect();
    let lock = format!("LOCK TABLE {} IN ROW EXCLUSIVE MODE", named.join(", "));
    tx.execute_unprepared(&lock).await.unwrap();
    tx
}

/// Writes to all tables in long transactions until the end.
async fn hold(
    database: &Database,
    tables: &[String],
    mut holder: Transaction,
    mut ended: watch::Receiver<bool>,
) {
    loop {
        let is_over = tokio::time::timeout(HELD, ended.wait_for(|is_over| *is_over)).await.is_ok();
        holder.commit().await.unwrap();
        if is_over {
            return;
        }
        tokio::time::sleep(PAUSE).await;
        holder = write_to(database, tables).await;
    }
}

/// Writes to each table for a moment, again and again; gives the longest that anything took, and where.
async fn use_tables(
    database: &Database,
    tables: &[String],
    ended: watch::Receiver<bool>,
) -> (Duration, String) {
    let mut longest = (Duration::ZERO, String::new());
    while !*ended.borrow() {
        for table in tables {
            let begun = Instant::now();
            let writer = write_to(database, std::slice::from_ref(table)).await;
            writer.commit().await.unwrap();
            longest = longest.max((begun.elapsed(), table.clone()));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    longest
}

/// Does the next migration while all tables are used.
async fn do_next<M: MigratorTrait>(database: &Database, name: &str) {
    let before = files(database).await;
    let tables: Vec<String> = before.keys().cloned().collect();
    let (ending, ended) = watch::channel(false);
    let holder = write_to(database, &tables).await;
    let change = async {
        let changed = M::up(database.writer(), Some(1)).await;
        ending.send_replace(true);
        changed
    };
    let (changed, (longest, table), ()) = tokio::join!(
        change,
        use_tables(database, &tables, ended.clone()),
        hold(database, &tables, holder, ended.clone()),
    );
    changed.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(longest < LONGEST, "while {name} was done, somebody waited {longest:?} for {table}");
    let after = files(database).await;
    for (table, file) in before {
        let is_same = after.get(&table).is_none_or(|now| *now == file);
        assert!(is_same, "{name} writes all rows of {table} anew, and nobody reads meanwhile");
    }
}

/// For each service: the last migration that was written before nobody was to wait.
macro_rules! nobody_waits_long_for_a_migration {
    ($($service:ident after $last:literal,)*) => {$(
        mod $service {
            use migrations::$service::Migrator;

            use super::*;

            /// The tables of the service as they were before.
            struct Before;

            impl MigratorTrait for Before {
                fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                    Migrator::migrations().into_iter().take(behind()).collect()
                }

                fn migration_table_name() -> DynIden {
                    Migrator::migration_table_name()
                }
            }

            /// The place of the first that is tried.
            fn behind() -> usize {
                Migrator::migrations().iter().position(|one| one.name() == $last).unwrap() + 1
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn nobody_waits_long_for_a_migration() {
                let test = TestDatabase::postgres::<Before>().await;
                for migration in Migrator::migrations().iter().skip(behind()) {
                    do_next::<Migrator>(&test.database, migration.name()).await;
                }
                test.close().await;
            }
        }
    )*};
}

nobody_waits_long_for_a_migration! {
    accounts after "m2026_11_27_000510_outbox_ids",
    catalog after "m2026_11_27_000510_outbox_ids",
    orders after "m2026_11_27_000510_mails",
    payments after "m2026_11_28_000100_sandbox_card_created",
}
