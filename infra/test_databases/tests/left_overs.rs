//! Databases of processes that are no more go when the next process makes its first.

use sea_orm::sqlx::{self, Connection, Executor, PgConnection};
use test_databases::{Pool, required};

async fn is_there(connection: &mut PgConnection, name: &str) -> anyhow::Result<bool> {
    let asked = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_database WHERE datname = $1");
    Ok(asked.bind(name.to_owned()).fetch_one(&mut *connection).await? == 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_that_ended_left_is_removed_and_what_a_living_one_has_stays()
-> anyhow::Result<()> {
    let server = required("CHONOI_TEST_POSTGRES_URL");
    let (ended, living, other) = ("pool_0000dead_0000", "pool_0000beef_0000", "pool_of_somebody");
    let mut connection = PgConnection::connect(&server).await?;
    // As a living process does: its number is locked.
    connection.execute("SELECT pg_advisory_lock(48879)").await?;
    for statement in [
        "DROP DATABASE IF EXISTS pool_0000dead_0000",
        "DROP DATABASE IF EXISTS pool_0000beef_0000",
        "DROP DATABASE IF EXISTS pool_of_somebody",
        "CREATE DATABASE pool_0000dead_0000",
        "CREATE DATABASE pool_0000beef_0000",
        "CREATE DATABASE pool_of_somebody",
    ] {
        connection.execute(statement).await?;
    }
    let pool = Pool::new();
    let lent = pool.take(&server, |_| async { Ok(()) }).await?;
    assert!(!is_there(&mut connection, ended).await?, "nobody uses it any more");
    for kept in [living, other, lent.name.as_str()] {
        assert!(is_there(&mut connection, kept).await?, "{kept}");
    }
    for statement in ["DROP DATABASE pool_0000beef_0000", "DROP DATABASE pool_of_somebody"] {
        connection.execute(statement).await?;
    }
    Ok(connection.close().await?)
}
