//! Which errors of a database say that it should be tried again.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::sync::Arc;

use platform::database::is_transient;
use platform::on_each_database;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, SqlxError};

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
