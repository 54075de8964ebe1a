//! Statements that are odd, large or fail: nothing is lost, nobody else is held up.

use super::*;
use crate::store::statement::{Statement, StatementStatus};

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
        let lines = [line("FT\01", "5000", "cam\0on"), line("FT2", "nam\0nghin", "hong\0")];
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
}
