//! What the database itself refuses, whatever the program thinks.

use sea_orm::{DbErr, RuntimeErr};

use super::*;
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};

impl Bench {
    async fn refuses(&self, change: &str) {
        let done = self.database.writer().execute_unprepared(change).await;
        let code = match &done {
            Err(
                DbErr::Exec(RuntimeErr::SqlxError(cause))
                | DbErr::Query(RuntimeErr::SqlxError(cause)),
            ) => cause.as_database_error().and_then(|error| error.code()),
            _ => None,
        };
        // What is misspelled is refused, too (SQLite's 1, PostgreSQL's class 42): no guard did that.
        let guarded = code.is_some_and(|code| code != "1" && !code.starts_with("42"));
        assert!(guarded, "{change}: {done:?}");
    }

    /// An id as this database writes it.
    fn id(&self, id: uuid::Uuid) -> String {
        match self.database.backend() {
            sea_orm::DbBackend::Sqlite => format!("x'{}'", id.simple()),
            _ => format!("'{id}'"),
        }
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn no_more_is_allocated_than_a_credit_has_and_nothing_twice(database) {
        let bench = Bench::on(database);
        let (paid, open) = (bench.start(100).await, bench.start(200).await);
        bench.credit(1, 100, &paid.code.to_string()).await;
        bench.credit(2, 150, "khong co ma").await;
        let credits = bench.credits().await;
        let (alone, other) = (bench.id(credits[1].id.uuid()), bench.id(credits[0].id.uuid()));
        let (paid, open) = (bench.id(paid.id.uuid()), bench.id(open.id.uuid()));
        // One that pays alone pays nothing besides; one of 150 pays no 151.
        bench.refuses(&format!("INSERT INTO credit_splits VALUES ({alone}, {open}, 1)")).await;
        bench.refuses(&format!("INSERT INTO credit_splits VALUES ({other}, {open}, 151)")).await;
        let within = format!("INSERT INTO credit_splits VALUES ({other}, {open}, 100)");
        bench.database.writer().execute_unprepared(&within).await.unwrap();
        bench.refuses("UPDATE credit_splits SET amount_minor = 151").await;
        bench.refuses(&format!("INSERT INTO credit_splits VALUES ({other}, {paid}, 51)")).await;
        // Nor does one that is split pay alone.
        bench.refuses(&format!("UPDATE bank_credits SET state = 'matched', payment_id = {open} WHERE id = {other}")).await;
    }

    async fn what_a_person_decided_is_never_changed(database) {
        let bench = Bench::on(database);
        bench.credit(1, 150, "khong co ma").await;
        let credit = bench.credits().await[0].id;
        let asked = ResolveBankCredit {
            credit, resolution: Resolution::Hold, reason: "chờ khách".to_owned(), by: ids::new(),
        };
        resolve_bank_credit(&bench.payments, asked).await.unwrap();
        bench.refuses("UPDATE credit_decisions SET reason = 'khac'").await;
        bench.refuses("DELETE FROM credit_decisions").await;
    }

    async fn a_line_of_a_shop_is_about_what_there_is(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.credit(1, 100, &payment.code.to_string()).await;
        let nothing = bench.id(uuid::Uuid::from_u128(7));
        for column in ["posting_id", "payment_id", "refund_id", "payout_id"] {
            bench.refuses(&format!("UPDATE shop_lines SET {column} = {nothing}")).await;
        }
        bench.assert_sound().await;
    }

    async fn a_line_that_is_no_sale_and_no_refund_has_no_parts(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.credit(1, 100, &payment.code.to_string()).await;
        bench.refuses("UPDATE shop_lines SET kind = 'dispute', fee_minor = 1").await;
        bench.refuses(
            "INSERT INTO shop_lines (id, shop_id, kind, amount_minor, vat_minor, currency, posting_id, posted_at)
             SELECT shop_id, shop_id, 'dispute', 1, 1, currency, posting_id, posted_at FROM shop_lines",
        ).await;
        bench.assert_sound().await;
    }

    async fn what_points_at_nothing_is_refused_and_what_is_pointed_at_stays(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.credit(1, 100, &payment.code.to_string()).await;
        let (nothing, new) = (uuid::Uuid::from_u128(7), uuid::Uuid::from_u128(8));
        let (nothing, new) = (bench.id(nothing), bench.id(new));
        for (table, columns, values) in [
            ("ledger_entries", "id, posting_id, place, account, amount_minor, currency",
                format!("{new}, {nothing}, place, account, amount_minor, currency")),
            ("shop_lines", "id, shop_id, kind, amount_minor, currency, posting_id, posted_at",
                format!("{new}, shop_id, kind, amount_minor, currency, {nothing}, posted_at")),
            ("shop_lines", "id, shop_id, kind, amount_minor, currency, posting_id, payment_id, posted_at",
                format!("{new}, shop_id, kind, amount_minor, currency, posting_id, {nothing}, posted_at")),
        ] {
            bench.refuses(&format!("INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1")).await;
        }
        for table in ["bank_credits", "order_charges", "shop_lines"] {
            bench.refuses(&format!("UPDATE {table} SET payment_id = {nothing}")).await;
        }
        bench.refuses("UPDATE bank_credits SET payment_id = NULL").await;
        bench.refuses("DELETE FROM payments").await;
        bench.assert_sound().await;
    }
}
