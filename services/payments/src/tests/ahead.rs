//! Statements that are built ahead of those that run.

use super::*;

on_each_database! { migrations::payments::Migrator,
    async fn statements_run_in_the_order_in_which_they_are_built(database) {
        let tx = database.begin().await.unwrap();
        tx.execute_unprepared("CREATE TABLE numbers (number BIGINT PRIMARY KEY)").await.unwrap();
        let (ahead, run) = store::ahead::of(&tx);
        let build = async move {
            ahead.execute_unprepared("INSERT INTO numbers VALUES (1)").await.unwrap();
            for _ in 0..9 {
                let next = "INSERT INTO numbers SELECT MAX(number) + 1 FROM numbers";
                ahead.execute_unprepared(next).await.unwrap();
            }
        };
        let (ran, ()) = tokio::join!(run, build);
        ran.unwrap();
        assert_eq!(tx.execute_unprepared("DELETE FROM numbers WHERE number <= 10").await.unwrap().rows_affected(), 10);
    }

    async fn what_fails_says_why_and_nothing_runs_after_it(database) {
        let tx = database.begin().await.unwrap();
        let (ahead, run) = store::ahead::of(&tx);
        let build = async move {
            let mut taken = 0;
            while ahead.execute_unprepared("INSERT INTO no_such_table VALUES (1)").await.is_ok() {
                taken += 1;
            }
            taken
        };
        let (ran, taken) = tokio::join!(run, build);
        assert!(ran.unwrap_err().to_string().contains("no_such_table"));
        assert!((1..4).contains(&taken), "{taken} were taken");
    }
}
