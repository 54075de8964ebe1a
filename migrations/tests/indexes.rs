//! What pages ask for stands in an index in the order in which it is shown.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use platform::on_each_database;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

on_each_database! { migrations::catalog::Migrator,
    async fn the_best_rated_are_read_in_their_order_and_nothing_is_sorted(database) {
        let question = "SELECT id FROM products WHERE visible ORDER BY rating DESC, id DESC LIMIT 20";
        let postgres = database.backend() == DbBackend::Postgres;
        let tx = database.begin().await.unwrap();
        if postgres {
            // Of an empty table PostgreSQL would rather read all.
            tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        }
        let explain = if postgres { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
        let asked = Statement::from_string(database.backend(), format!("{explain} {question}"));
        let rows = tx.query_all_raw(asked).await.unwrap();
        let place = if postgres { 0 } else { 3 };
        let plan: Vec<String> = rows.iter().map(|row| row.try_get_by_index(place).unwrap()).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("products_best_rated"), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
