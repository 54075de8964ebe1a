//! Closings stand on those before them.

use sea_orm::ConnectionTrait;

use super::*;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::usecases::close_books::close_books;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Bench {
    /// Two people close the books to the day before.
    async fn close_yesterday(&self) {
        let today = VietnamDay::of(self.clock.now()).epoch_day();
        let day = VietnamDay::of_epoch_day(today - 1).unwrap();
        for _ in 0..2 {
            close_books(&self.payments, day, ids::new()).await.unwrap();
        }
    }

    /// What the newest closing kept of an account.
    async fn kept_balance(&self, account: &str) -> i64 {
        let question = format!(
            "SELECT b.balance_minor FROM ledger_closing_balances b
             JOIN ledger_closings c ON c.id = b.closing_id WHERE b.account = '{account}'
             ORDER BY c.closed_until DESC LIMIT 1"
        );
        let statement = sea_orm::Statement::from_string(self.database.backend(), question);
        let row = self.database.reader().query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_closing_adds_to_the_one_before_it_what_was_posted_since(database) {
        let bench = Bench::on(database);
        let bank = format!("bank:{ACCOUNT}");
        for (id, amount) in [(1, 100), (2, 20), (3, 3)] {
            bench.credit(id, amount, "khong co ma").await;
            bench.clock.advance(DAY);
            bench.close_yesterday().await;
        }
        assert_eq!(bench.kept_balance(&bank).await, 123);
        bench.assert_sound().await;
        // What was closed is not summed again: entries that were changed since are the doctor's to find.
        let unlock = match bench.database.backend() {
            sea_orm::DbBackend::Sqlite => "DROP TRIGGER ledger_entries_refuses_UPDATE",
            _ => "ALTER TABLE ledger_entries DISABLE TRIGGER USER",
        };
        bench.database.writer().execute_unprepared(unlock).await.unwrap();
        bench.credit(4, 4_000, "khong co ma").await;
        let change = "UPDATE ledger_entries SET amount_minor = amount_minor * 2 WHERE amount_minor IN (100, -100)";
        bench.database.writer().execute_unprepared(change).await.unwrap();
        bench.clock.advance(DAY);
        bench.close_yesterday().await;
        assert_eq!(bench.kept_balance(&bank).await, 4_123);
        let findings = doctor(&bench.database, bench.clock.now()).await.unwrap().join("; ");
        assert!(findings.contains(&format!("the balance of {bank} at the closing")), "{findings}");
    }
}
