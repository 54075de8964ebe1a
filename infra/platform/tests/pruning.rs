//! What is old is forgotten, in small transactions; what may still be needed stays.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::time::Duration;

use kernel::Timestamp;
use platform::database::Database;
use platform::idempotency::{Recalled, recall, remember};
use platform::on_each_database;
use platform::pruning::{first_id_at, prune, remove_older};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

/// The outbox, as far as it says how old its rows are.
mod outbox {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub published_at: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn run(database: &Database, sql: &str, values: Vec<sea_orm::Value>) {
    let statement = Statement::from_sql_and_values(database.backend(), sql, values);
    database.writer().execute_raw(statement).await.unwrap();
}

/// A statement with places as each database counts them.
fn placed(database: &Database, sql: &str) -> String {
    let mut places = 0;
    let mut written = String::new();
    for c in sql.chars() {
        match (c, database.backend()) {
            ('?', DbBackend::Postgres) => {
                places += 1;
                written.push_str(&format!("${places}"));
            }
            _ => written.push(c),
        }
    }
    written
}

/// The id of an event of a moment.
fn id_at(moment: Timestamp, number: u128) -> Uuid {
    Uuid::from_u128(first_id_at(moment).as_u128() | number)
}

async fn note(database: &Database, consumer: &str, id: Uuid, received_at: Timestamp) {
    let sql =
        placed(database, "INSERT INTO inbox (consumer, event_id, received_at) VALUES (?, ?, ?)");
    run(database, &sql, vec![consumer.into(), id.into(), received_at.micros().into()]).await;
}

async fn publish(database: &Database, number: u128, published_at: Option<Timestamp>) {
    let sql = placed(
        database,
        "INSERT INTO outbox (event_id, topic, aggregate, payload, created_at, published_at)
         VALUES (?, 'orders', 'x', ?, 0, ?)",
    );
    let published_at = published_at.map(Timestamp::micros);
    let values = vec![Uuid::from_u128(number).into(), vec![1_u8].into(), published_at.into()];
    run(database, &sql, values).await;
}

async fn count(database: &Database, table: &str) -> i64 {
    let question = format!("SELECT COUNT(*) FROM {table}");
    let statement = Statement::from_string(database.backend(), question);
    let row = database.reader().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

on_each_database! { migrations::payments::Migrator,
    async fn what_is_old_is_forgotten_and_the_rest_stays(database) {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        publish(&database, 1, Some(now.before(4 * DAY))).await;
        publish(&database, 2, Some(now.before(2 * DAY))).await;
        publish(&database, 3, None).await;
        let (old, new) = (now.before(15 * DAY), now.before(13 * DAY));
        for consumer in ["payments.orders", "payments.shops"] {
            note(&database, consumer, id_at(old, 1), old).await;
            // An old event that came late.
            note(&database, consumer, id_at(old, 2), new).await;
            note(&database, consumer, id_at(new, 3), new).await;
        }
        let tx = database.begin().await.unwrap();
        remember(&tx, "s", "old", b"", b"", now.before(91 * DAY)).await.unwrap();
        remember(&tx, "s", "new", b"", b"", now.before(89 * DAY)).await.unwrap();
        tx.commit().await.unwrap();
        for (number, replayed_at) in
            [(1, Some(now.before(91 * DAY))), (2, Some(now.before(DAY))), (3, None)]
        {
            let sql = placed(&database, "INSERT INTO dead_letters
                (consumer, event_id, payload, error, failed_at, replayed_at) VALUES ('c', ?, ?, '', 0, ?)");
            let replayed_at = replayed_at.map(Timestamp::micros);
            run(&database, &sql, vec![Uuid::from_u128(number).into(), vec![1_u8].into(), replayed_at.into()]).await;
        }
        assert!(prune(&database, now).await.unwrap());
        for (table, left) in [("outbox", 2), ("inbox", 4), ("idempotency", 1), ("dead_letters", 2)] {
            assert_eq!(count(&database, table).await, left, "{table}");
        }
        let tx = database.begin().await.unwrap();
        assert_eq!(recall(&tx, "s", "old", b"").await.unwrap(), Recalled::New);
        assert_eq!(recall(&tx, "s", "new", b"").await.unwrap(), Recalled::Same(Vec::new()));
    }

    async fn much_is_forgotten_little_by_little(database) {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let many = "WITH RECURSIVE numbers (n) AS (
                SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 7000)";
        let id = match database.backend() {
            DbBackend::Sqlite => "CAST(printf('%016d', n) AS BLOB)",
            _ => "CAST(lpad(CAST(n AS TEXT), 32, '0') AS UUID)",
        };
        let insert = format!("INSERT INTO outbox (event_id, topic, aggregate, payload, created_at, published_at)
            {many} SELECT {id}, 'orders', 'x', {id_bytes}, 0, 1 FROM numbers",
            id_bytes = match database.backend() { DbBackend::Sqlite => "x'01'", _ => "'\\x01'::bytea" });
        run(&database, &insert, Vec::new()).await;
        assert!(!prune(&database, now).await.unwrap(), "more is left");
        assert_eq!(count(&database, "outbox").await, 2_000);
        assert!(prune(&database, now).await.unwrap());
        assert_eq!(count(&database, "outbox").await, 0);
    }

    async fn what_somebody_changes_just_now_is_forgotten_the_next_time_and_waited_for_by_nobody(database) {
        for (number, published_at) in [(1, Some(1)), (2, Some(2)), (3, Some(3)), (4, None)] {
            publish(&database, number, published_at.map(Timestamp::from_micros)).await;
        }
        let forget = async || {
            let tx = database.begin().await.unwrap();
            let columns = (outbox::Column::Seq, outbox::Column::PublishedAt);
            let before = Timestamp::from_micros(3);
            let gone = remove_older::<outbox::Entity>(&tx, columns, before, 10).await.unwrap();
            tx.commit().await.unwrap();
            gone
        };
        // On SQLite whoever writes is alone.
        let postgres = database.backend() == DbBackend::Postgres;
        let other = if postgres { Some(database.begin().await.unwrap()) } else { None };
        if let Some(other) = &other {
            let change = "UPDATE outbox SET aggregate = 'y' WHERE published_at = 1";
            other.execute_unprepared(change).await.unwrap();
        }
        assert_eq!(forget().await, if postgres { 1 } else { 2 });
        if let Some(other) = other {
            other.rollback().await.unwrap();
        }
        assert_eq!(forget().await, u64::from(postgres));
        assert_eq!(count(&database, "outbox").await, 2);
    }
}
