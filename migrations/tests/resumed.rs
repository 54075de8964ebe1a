//! A migration that was interrupted between its work and the note that it is done is done again.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use platform::database::Database;
use platform::on_each_database;
use sea_orm_migration::prelude::*;

/// No table at all.
struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }

    fn migration_table_name() -> DynIden {
        "nothing_migrations".into_iden()
    }
}

/// Makes the tables of a service, each step from one on twice.
async fn make_twice<M: MigratorTrait>(database: &Database, service: &str, from: &str) {
    let (db, mut is_twice) = (database.writer(), false);
    let names: Vec<String> = M::migrations().iter().map(|one| one.name().to_owned()).collect();
    for name in names {
        M::up(db, Some(1)).await.unwrap();
        is_twice |= name.ends_with(from);
        if is_twice {
            let forget = format!("DELETE FROM {service}_migrations WHERE version = '{name}'");
            db.execute_unprepared(&forget).await.unwrap();
            M::up(db, Some(1)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
    assert!(is_twice, "{from}");
}

on_each_database! { Nothing,
    async fn the_steps_of_accounts_can_be_done_again(database) {
        make_twice::<migrations::accounts::Migrator>(&database, "accounts", "_declined_letters").await;
    }

    async fn the_steps_of_catalog_can_be_done_again(database) {
        make_twice::<migrations::catalog::Migrator>(&database, "catalog", "_opening_stock").await;
    }

    async fn the_steps_of_orders_can_be_done_again(database) {
        make_twice::<migrations::orders::Migrator>(&database, "orders", "_shop_news").await;
    }

    async fn the_steps_of_payments_can_be_done_again(database) {
        make_twice::<migrations::payments::Migrator>(&database, "payments", "_sub_accounts").await;
    }

    async fn reviews_that_were_made_in_part_are_made_whole(database) {
        use migrations::catalog::Migrator;
        let db = database.writer();
        Migrator::up(db, None).await.unwrap();
        for undo in [
            "DROP TABLE reviews",
            "ALTER TABLE products DROP COLUMN rating_count",
            "DELETE FROM catalog_migrations WHERE version LIKE '%_reviews'",
        ] {
            db.execute_unprepared(undo).await.unwrap();
        }
        Migrator::up(db, None).await.unwrap();
        for there in ["SELECT rating_sum, rating_count, rating FROM products", "SELECT id FROM reviews", "SELECT buyer_id FROM review_rights"] {
            db.execute_unprepared(there).await.unwrap();
        }
    }
}
