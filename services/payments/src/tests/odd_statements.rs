//! Statements that are odd, large or fail: nothing is lost, nobody else is held up.

use super::*;
use crate::store::statement::{Statement, StatementStatus};
use crate::usecases::retry_bank_statement::{RetryBankStatementError, retry_bank_statement};

const HEADER: &str = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";

impl Bench {
    async fn taken(&self, lines: &[String]) -> Statement {
        let body = format!("{HEADER}\n{}\n", lines.join("\n")).into_bytes();
        self.payments.import_statement("sao\0ke.csv", body, "user_1").await.unwrap()
    }

    async fn stands(&self, statement: &Statement) -> Statement {
        self.payments.statement(statement.id).await.unwrap().unwrap()
    }
}

fn line(reference: &str, amount: &str, memo: &str) -> String {
    format!("15/01/2027,{reference},,{amount},{memo},{ACCOUNT}")
}

on_each_database! { migrations::payments::Migrator,
    async fn letters_that_no_database_keeps_are_stripped_and_the_line_is_the_same_again(database) {
        let bench = Bench::on(database);
        let lines = [line("FT\x001", "5000", "cam\0on"), line("FT2", "nam\0nghin", "hong\0")];
        let taken = bench.taken(&lines).await;
        bench.payments.process_statements().await.unwrap();
        let read = bench.stands(&taken).await;
        assert_eq!((read.status, read.counts.credits_new, read.counts.unreadable), (StatementStatus::Done, 1, 1));
        let credit = &bench.credits().await[0];
        assert_eq!((credit.memo.as_str(), credit.bank_reference.as_str()), ("camon", "FT1"));
        // The same line on a statement that overlaps.
        let again = bench.taken(&[lines[0].clone(), line("FT3", "7000", "hai")]).await;
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.stands(&again).await.counts.credits_known, 1);
        bench.assert_sound().await;
    }

    async fn a_statement_that_fails_is_tried_with_pauses_and_again_when_it_is_brought_again(database) {
        let bench = Bench::on(database);
        let lines = [line("FT1", "5000", "mot")];
        let taken = bench.taken(&lines).await;
        bench.refuse_credits(true).await;
        bench.payments.process_statements().await.unwrap();
        // Once: there is a pause before the next try.
        bench.payments.process_statements().await.unwrap();
        let waits = bench.stands(&taken).await;
        assert_eq!((waits.status, waits.problem.is_some()), (StatementStatus::Waiting, true));
        for _ in 0..5 {
            bench.clock.advance(Duration::from_secs(600));
            bench.payments.process_statements().await.unwrap();
        }
        assert_eq!(bench.stands(&taken).await.status, StatementStatus::Failed);
        bench.refuse_credits(false).await;
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.stands(&taken).await.status, StatementStatus::Failed);
        assert_eq!(bench.taken(&lines).await.id, taken.id);
        bench.payments.process_statements().await.unwrap();
        let read = bench.stands(&taken).await;
        assert_eq!((read.status, read.counts.credits_new), (StatementStatus::Done, 1));
        bench.assert_sound().await;
    }

    async fn a_statement_that_was_given_up_is_tried_again_when_a_person_says_so(database) {
        let bench = Bench::on(database);
        let taken = bench.taken(&[line("FT1", "5000", "mot")]).await;
        bench.refuse_credits(true).await;
        for _ in 0..6 {
            bench.payments.process_statements().await.unwrap();
            bench.clock.advance(Duration::from_secs(600));
        }
        assert_eq!(bench.stands(&taken).await.status, StatementStatus::Failed);
        bench.refuse_credits(false).await;
        for _ in 0..2 {
            let again = retry_bank_statement(&bench.payments, taken.id).await.unwrap();
            assert_eq!((again.id, again.status), (taken.id, StatementStatus::Waiting));
        }
        bench.payments.process_statements().await.unwrap();
        let read = bench.stands(&taken).await;
        assert_eq!((read.status, read.counts.credits_new), (StatementStatus::Done, 1));
        // What was read to its end, or is nobody's, is refused and stays as it is.
        let refused = retry_bank_statement(&bench.payments, taken.id).await;
        assert!(matches!(refused, Err(RetryBankStatementError::Done)), "{refused:?}");
        let refused = retry_bank_statement(&bench.payments, ids::new()).await;
        assert!(matches!(refused, Err(RetryBankStatementError::Unknown)), "{refused:?}");
        assert_eq!(bench.stands(&taken).await.status, StatementStatus::Done);
        bench.assert_sound().await;
    }

    async fn who_works_on_a_statement_has_it_alone_until_it_is_silent_for_long(database) {
        let bench = Bench::on(database);
        let taken = bench.taken(&[line("FT1", "5000", "mot")]).await;
        let now = bench.clock.now();
        let tx = bench.database.begin().await.unwrap();
        let until = now.after(Duration::from_secs(60));
        assert!(store::statement::claim(&tx, taken.id, now, until).await.unwrap());
        assert!(!store::statement::claim(&tx, taken.id, now, until).await.unwrap());
        tx.commit().await.unwrap();
        // Another process has it: nothing is done, and nobody turns in circles.
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.stands(&taken).await.counts.lines_read, 0);
        // It died: after a while it is worked on.
        bench.clock.advance(Duration::from_secs(61));
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.stands(&taken).await.status, StatementStatus::Done);
        bench.assert_sound().await;
    }
}

impl Bench {
    /// Has the database refuse credits, as a fault in the program would.
    async fn refuse_credits(&self, refuse: bool) {
        let change = match (refuse, self.database.backend()) {
            (true, sea_orm::DbBackend::Sqlite) => {
                "CREATE TRIGGER broken BEFORE INSERT ON bank_credits BEGIN SELECT RAISE(ABORT, 'broken'); END"
            }
            (false, sea_orm::DbBackend::Sqlite) => "DROP TRIGGER broken",
            (true, _) => "ALTER TABLE bank_credits ADD CONSTRAINT broken CHECK (feed = '')",
            (false, _) => "ALTER TABLE bank_credits DROP CONSTRAINT broken",
        };
        self.database.writer().execute_unprepared(change).await.unwrap();
    }
}
