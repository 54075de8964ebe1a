//! What a test gets of a pool is as if nobody had used it before.

use std::collections::BTreeSet;

use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection};
use test_databases::{LentDatabase, Pool, required};

const TABLES: &str = "CREATE SCHEMA shop;
    CREATE TABLE shop.heads (id INT PRIMARY KEY, sequence BIGINT NOT NULL);
    INSERT INTO shop.heads VALUES (1, 7);
    CREATE TABLE shop.outbox (seq BIGSERIAL PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE shop.postings (id INT PRIMARY KEY, memo TEXT NOT NULL DEFAULT '');
    CREATE TABLE shop.entries (posting_id INT NOT NULL REFERENCES shop.postings);
    CREATE TABLE public.notes (note TEXT NOT NULL);
    CREATE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
    CREATE TRIGGER refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON shop.postings
        FOR EACH STATEMENT EXECUTE FUNCTION shop.refuse()";

async fn migrate(url: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(&url).await?;
    connection.execute(TABLES).await?;
    Ok(connection.close().await?)
}

async fn take(pool: &Pool) -> anyhow::Result<LentDatabase> {
    pool.take(&required("CHONOI_TEST_POSTGRES_URL"), migrate).await
}

async fn run(database: &LentDatabase, statements: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(&database.url).await?;
    connection.execute(AssertSqlSafe(statements.to_owned())).await?;
    Ok(connection.close().await?)
}

async fn number(database: &LentDatabase, question: &str) -> anyhow::Result<i64> {
    let mut connection = PgConnection::connect(&database.url).await?;
    let asked = sqlx::query_scalar::<_, i64>(AssertSqlSafe(question.to_owned()));
    let number = asked.fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(number)
}

/// Which database it is, whatever it is called.
async fn identity(database: &LentDatabase) -> anyhow::Result<i64> {
    number(database, "SELECT oid::bigint FROM pg_database WHERE datname = current_database()").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_test_are_gone_and_those_that_were_there_at_first_are_back() -> anyhow::Result<()>
{
    let pool = Pool::new();
    let first = take(&pool).await?;
    let (name, same) = (first.name.clone(), identity(&first).await?);
    run(
        &first,
        "UPDATE shop.heads SET sequence = 8; INSERT INTO shop.heads VALUES (2, 9);
         INSERT INTO shop.outbox (body) VALUES ('a'), ('b');
         INSERT INTO shop.postings VALUES (1); INSERT INTO shop.entries VALUES (1);
         INSERT INTO public.notes VALUES ('x')",
    )
    .await?;
    pool.give_back(first);
    let second = take(&pool).await?;
    assert_eq!(identity(&second).await?, same, "it is used again");
    assert_ne!(second.name, name, "it has another name");
    for table in ["shop.outbox", "shop.postings", "shop.entries", "public.notes"] {
        assert_eq!(number(&second, &format!("SELECT count(*) FROM {table}")).await?, 0, "{table}");
    }
    assert_eq!(number(&second, "SELECT count(*) FROM shop.heads").await?, 1);
    assert_eq!(number(&second, "SELECT sequence FROM shop.heads WHERE id = 1").await?, 7);
    let next = "INSERT INTO shop.outbox (body) VALUES ('c') RETURNING seq";
    assert_eq!(number(&second, next).await?, 1, "numbers begin anew");
    run(&second, "INSERT INTO shop.postings VALUES (1)").await?;
    for refused in ["DELETE FROM shop.postings", "INSERT INTO shop.entries VALUES (2)"] {
        assert!(run(&second, refused).await.is_err(), "{refused}");
    }
    pool.give_back(second);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_not_what_it_was_is_not_used_again() -> anyhow::Result<()> {
    let pool = Pool::new();
    for change in [
        "ALTER TABLE shop.postings DISABLE TRIGGER USER",
        "DROP TRIGGER refuses ON shop.postings",
        "CREATE OR REPLACE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RETURN NULL; END $$",
        "ALTER TABLE shop.postings DROP COLUMN memo",
        "ALTER TABLE shop.postings ALTER COLUMN memo DROP DEFAULT",
        "ALTER TABLE shop.postings ADD CONSTRAINT small CHECK (id < 9)",
        "ALTER TABLE shop.entries DROP CONSTRAINT entries_posting_id_fkey",
        "ALTER SEQUENCE shop.outbox_seq_seq INCREMENT BY 2",
        "CREATE TABLE shop.more (id INT)",
        "CREATE INDEX more ON shop.outbox (body)",
        "DROP TABLE public.notes",
        "DROP SCHEMA pristine CASCADE",
        // Plans would be others.
        "INSERT INTO shop.outbox (body) VALUES ('a'); ANALYZE shop.outbox",
        // The file stays large.
        "INSERT INTO shop.outbox (body) SELECT repeat('x', 100) FROM generate_series(1, 20000)",
    ] {
        let changed = take(&pool).await?;
        let before = identity(&changed).await?;
        run(&changed, change).await?;
        pool.give_back(changed);
        let next = take(&pool).await?;
        assert_ne!(identity(&next).await?, before, "{change}");
        let there = format!("SELECT count(*) FROM pg_database WHERE oid = {before}");
        assert_eq!(number(&next, &there).await?, 0, "{change}: it is removed");
        pool.give_back(next);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_was_undone_is_none() -> anyhow::Result<()> {
    let pool = Pool::new();
    let first = take(&pool).await?;
    let before = identity(&first).await?;
    run(&first, "BEGIN; CREATE TABLE shop.more (id INT); DROP TABLE public.notes; ROLLBACK")
        .await?;
    pool.give_back(first);
    assert_eq!(identity(&take(&pool).await?).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_still_connected_is_sent_away_and_finds_it_no_more() -> anyhow::Result<()> {
    let pool = Pool::new();
    let first = take(&pool).await?;
    let (url, before) = (first.url.clone(), identity(&first).await?);
    let mut late = PgConnection::connect(&url).await?;
    late.execute("BEGIN; INSERT INTO shop.outbox (body) VALUES ('late')").await?;
    pool.give_back(first);
    let second = take(&pool).await?;
    assert_eq!(identity(&second).await?, before);
    assert!(late.execute("COMMIT").await.is_err(), "it is connected");
    assert!(PgConnection::connect(&url).await.is_err(), "it connects again");
    assert_eq!(number(&second, "SELECT count(*) FROM shop.outbox").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_at_once_has_one_for_itself() -> anyhow::Result<()> {
    static POOL: Pool = Pool::new();
    let mut seen = BTreeSet::new();
    for round in 0..3 {
        let takers: Vec<_> = (0..4).map(|_| tokio::spawn(take(&POOL))).collect();
        let mut lent = Vec::new();
        for taker in takers {
            lent.push(taker.await??);
        }
        let mut together = BTreeSet::new();
        for database in &lent {
            together.insert(identity(database).await?);
        }
        assert_eq!(together.len(), 4, "in round {round}");
        seen.extend(together);
        for database in lent {
            POOL.give_back(database);
        }
    }
    assert_eq!(seen.len(), 4, "later rounds use those of the first again");
    Ok(())
}
