//! Which errors of a database say that it should be tried again.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::sync::Arc;

use platform::database::is_transient;
use platform::on_each_database;
use platform::testing::TestDatabase;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, SqlxError, Statement};

#[test]
fn what_cannot_be_read_is_no_outage_and_a_lost_connection_is() {
    let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    for (error, expected) in [
        (SqlxError::Io(lost), true),
        (SqlxError::PoolTimedOut, true),
        (SqlxError::PoolClosed, true),
        (SqlxError::WorkerCrashed, true),
        (SqlxError::Protocol("a message that nobody understands".to_owned()), false),
        (SqlxError::Decode("not UTF-8".into()), false),
        (SqlxError::Encode("too long".into()), false),
        (SqlxError::RowNotFound, false),
    ] {
        let said = error.to_string();
        let source = Arc::new(error);
        for error in [
            DbErr::Query(RuntimeErr::SqlxError(Arc::clone(&source))),
            DbErr::Exec(RuntimeErr::SqlxError(source)),
        ] {
            assert_eq!(is_transient(&error), expected, "{said}");
        }
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_statement_that_takes_too_long_is_not_tried_for_ever(database) {
        if database.backend() == DbBackend::Sqlite {
            // SQLite has no time limit of statements.
            return;
        }
        let tx = database.begin().await.unwrap();
        tx.execute_unprepared("SET LOCAL statement_timeout = 50").await.unwrap();
        let error = tx.execute_unprepared("SELECT pg_sleep(5)").await.unwrap_err();
        assert!(error.to_string().contains("statement timeout"), "{error}");
        assert!(!is_transient(&error));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_an_outage_and_writing_goes_on_when_there_is_room() {
    let test = TestDatabase::sqlite::<migrations::payments::Migrator>().await;
    let database = test.database.clone();
    database.writer().execute_unprepared("CREATE TABLE things (body BLOB)").await.unwrap();
    let number = |sql: &'static str| Statement::from_string(DbBackend::Sqlite, sql);
    let tx = database.begin().await.unwrap();
    let row = tx.query_one_raw(number("PRAGMA page_count")).await.unwrap().unwrap();
    let pages: i64 = row.try_get_by_index(0).unwrap();
    // Only this connection thinks that there is no more room.
    tx.execute_unprepared(&format!("PRAGMA max_page_count = {}", pages + 4)).await.unwrap();
    let much = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO things (body) SELECT randomblob(4000) FROM n";
    let error = tx.execute_unprepared(much).await.unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    assert!(is_transient(&error), "{error}");
    drop(tx);
    // SQLite undid that transaction by itself; the next one begins all the same.
    let tx = database.begin().await.unwrap();
    tx.execute_unprepared("INSERT INTO things (body) VALUES (x'00')").await.unwrap();
    tx.commit().await.unwrap();
    let row = database.reader().query_one_raw(number("SELECT COUNT(*) FROM things")).await;
    let count: i64 = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(count, 1);
    test.close().await;
}
