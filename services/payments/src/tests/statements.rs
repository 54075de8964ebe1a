//! Statements: every line is in the books once, whoever told of it first and however often.

use super::*;
use crate::providers::statements::StatementFormat;
use crate::providers::statements::table::columns::{Column, DateOrder};
use crate::store::statement::{Counts, Statement, StatementStatus};
use crate::usecases::check_statement::Said;
use crate::usecases::correct_statement_columns::{
    CorrectStatementColumns, correct_statement_columns,
};
use crate::usecases::import_statement::{
    ImportStatementError, import_said_statement, import_statement,
};

impl Bench {
    /// Takes the statement and works on it.
    async fn state(&self, lines: &[String]) -> Statement {
        let body = format!("{HEADER}\n{}\n", lines.join("\n")).into_bytes();
        let taken = import_statement(&self.payments, "sao-ke.csv", body, "user_1").await.unwrap();
        self.payments.process_statements().await.unwrap();
        self.payments.statement(taken.id).await.unwrap().unwrap()
    }
}

const HEADER: &str = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";

fn credit_line(reference: &str, amount: i64, memo: &str) -> String {
    format!("15/01/2027,{reference},,{amount},{memo},{ACCOUNT}")
}

fn counts(new: u64, known: u64, matched: u64) -> (u64, u64, u64) {
    (new, known, matched)
}

fn of(counts: Counts) -> (u64, u64, u64) {
    (counts.credits_new, counts.credits_known, counts.credits_matched)
}

on_each_database! { migrations::payments::Migrator,
    async fn a_statement_pays_what_no_webhook_told_of(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_000).await;
        let read = bench.state(&[
            credit_line("FT900", 100_000, &format!("MBVCB {} tra tien", payment.code)),
            credit_line("FT901", 55_000, "khong co ma"),
            format!("15/01/2027,FT902,20000,,phi,{ACCOUNT}"),
        ]).await;
        assert_eq!((read.status, read.counts.lines_read), (StatementStatus::Done, 3));
        assert_eq!(of(read.counts), counts(2, 0, 1));
        assert_eq!(read.counts.debits, 1);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        // The bank's fee waits for an explanation, too.
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 20_000 - 55_000);
        assert_eq!(bench.balance(&format!("bank:{ACCOUNT}")).await, 155_000 - 20_000);
        bench.assert_sound().await;
    }

    async fn the_same_bytes_are_the_same_statement(database) {
        let bench = Bench::on(database);
        let lines = [credit_line("FT1", 1_000, "mot"), credit_line("FT1", 1_000, "mot")];
        let (first, again) = (bench.state(&lines).await, bench.state(&lines).await);
        assert_eq!(first.id, again.id);
        // Two identical lines are two credits.
        assert_eq!(of(again.counts), counts(2, 0, 0));
        assert_eq!(bench.credits().await.len(), 2);
        bench.assert_sound().await;
    }

    async fn overlapping_statements_are_told_apart_by_occurrence(database) {
        let bench = Bench::on(database);
        let same = credit_line("FT1", 1_000, "tra tien");
        let other = |reference| credit_line(reference, 2_000, "tra tien");
        bench.state(&[other("FT2"), same.clone(), same.clone()]).await;
        let second = bench.state(&[same.clone(), same.clone(), same.clone(), other("FT3")]).await;
        // The third identical line and FT3 are new.
        assert_eq!(of(second.counts), counts(2, 2, 0));
        assert_eq!(bench.credits().await.len(), 5);
        assert_eq!(bench.postings().await, 5);
        bench.assert_sound().await;
    }

    async fn what_the_feed_told_is_known_on_the_statement(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_000).await;
        let memo = format!("CT DEN {} ND", payment.code);
        assert_eq!(bench.credit(1, 100_000, &memo).await, CreditState::Matched);
        // Twice the same, told by the feed with two ids: both are on the statement, too.
        bench.credit(2, 5_000, "cam on").await;
        bench.credit(3, 5_000, "cam on").await;
        let thanks = credit_line("", 5_000, "cam on");
        let read = bench.state(&[
            credit_line("VCB.777", 100_000, &memo), thanks.clone(), thanks.clone(), thanks,
        ]).await;
        assert_eq!(of(read.counts), counts(1, 3, 0));
        assert_eq!(bench.credits().await.len(), 4);
        bench.assert_sound().await;
    }

    async fn what_the_statement_told_is_known_to_the_feed_that_comes_late(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_000).await;
        let memo = format!("CT DEN {} ND", payment.code);
        bench.state(&[credit_line("FT1", 100_000, &memo)]).await;
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.tell(1, 100_000, &memo).await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.credits().await.len(), 1);
        assert_eq!(bench.postings().await, 1);
        bench.assert_sound().await;
        // A second webhook of the same amount and memo is a second transfer.
        bench.tell(2, 100_000, &memo).await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.credits().await.len(), 2);
        bench.assert_sound().await;
    }

    async fn lines_that_cannot_be_read_are_counted_and_kept(database) {
        let bench = Bench::on(database);
        let read = bench.state(&[
            credit_line("FT1", 1_000, "mot"),
            format!("khong phai ngay,FT2,,1000,hai,{ACCOUNT}"),
            format!("15/01/2027,FT3,,mot nghin,ba,{ACCOUNT}"),
        ]).await;
        assert_eq!((read.counts.lines_read, read.counts.unreadable), (3, 2));
        assert_eq!(of(read.counts), counts(1, 0, 0));
        let problems = store::statement::problems(bench.database.reader(), read.id).await.unwrap();
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4]);
    }

    async fn a_reader_that_died_between_two_batches_goes_on_where_it_stood(database) {
        let bench = Bench::on(database);
        // More than a batch, and all alike: only the count of before tells them apart.
        let lines: Vec<String> = (0..1_500).map(|_| credit_line("FT1", 1_000, "giong nhau")).collect();
        let body = format!("{HEADER}\n{}\n", lines.join("\n")).into_bytes();
        let taken = import_statement(&bench.payments, "a.csv", body, "user_1").await.unwrap();
        crate::usecases::process_statements::process_batches(&bench.payments, taken.id, 1).await.unwrap();
        let half = bench.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!((half.status, half.counts.lines_read), (StatementStatus::Waiting, 1_000));
        bench.assert_sound().await;
        bench.payments.process_statements().await.unwrap();
        let whole = bench.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!((whole.status, whole.counts.lines_read), (StatementStatus::Done, 1_500));
        assert_eq!(of(whole.counts), counts(1_500, 0, 0));
        bench.assert_sound().await;
    }

    async fn a_batch_in_which_every_line_pays_is_written_whole(database) {
        let bench = Bench::charging(database);
        let mut lines = Vec::new();
        for number in 0..1_050 {
            let payment = bench.start(20_010).await;
            lines.push(credit_line(&format!("FT{number}"), 20_010, &payment.code.to_string()));
        }
        let read = bench.state(&lines).await;
        assert_eq!((read.status, read.problem.as_deref()), (StatementStatus::Done, None));
        assert_eq!(of(read.counts), counts(1_050, 0, 1_050));
        bench.assert_sound().await;
    }

    async fn a_statement_of_another_format_or_account_than_was_said_is_refused_and_not_kept(database) {
        let bench = Bench::on(database);
        let body = format!("{HEADER}\n{}\n", credit_line("FT1", 1_000, "x")).into_bytes();
        let take = |account: Option<&str>, format| {
            let said = Said { account: account.map(ToOwned::to_owned), format };
            import_said_statement(&bench.payments, "a.csv", body.clone(), "user_1", said)
        };
        let other = take(None, Some(StatementFormat::Mt940)).await;
        assert!(matches!(other, Err(ImportStatementError::OtherFormat("CSV"))), "{other:?}");
        let unknown = take(Some("999"), None).await;
        assert!(matches!(unknown, Err(ImportStatementError::UnknownAccount)), "{unknown:?}");
        let camt = b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"></Document>".to_vec();
        let format = Some(StatementFormat::Camt053);
        let said = Said { account: None, format };
        let other = import_said_statement(&bench.payments, "a.xml", camt, "user_1", said).await;
        assert!(matches!(other, Err(ImportStatementError::OtherFormat("camt.054"))), "{other:?}");
        bench.payments.process_statements().await.unwrap();
        assert!(bench.credits().await.is_empty());
        // As it is, it is taken.
        take(Some(ACCOUNT), Some(StatementFormat::Csv)).await.unwrap();
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.credits().await.len(), 1);
    }

    async fn a_statement_of_one_account_tells_of_no_other_and_names_it(database) {
        let bench = Bench::on(database);
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let file = |accounts: &[&str]| {
            let rows = accounts.iter().map(|account| format!("15/01/2027,FT,,5000,tien,{account}"));
            format!("{header}\n{}\n", rows.collect::<Vec<_>>().join("\n")).into_bytes()
        };
        let take = |body: Vec<u8>, account: Option<&str>| {
            let said = Said { account: account.map(ToOwned::to_owned), format: None };
            import_said_statement(&bench.payments, "a.csv", body, "user_1", said)
        };
        let other = take(file(&["111222333", "444555666"]), Some(ACCOUNT)).await;
        assert!(matches!(other, Err(ImportStatementError::OtherAccount(ref named)) if named == "111222333"), "{other:?}");
        let two = file(&["111222333", ACCOUNT]);
        let taken = take(two.clone(), Some(ACCOUNT)).await.unwrap();
        bench.payments.process_statements().await.unwrap();
        let read = bench.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!((read.counts.credits_new, read.counts.unreadable), (1, 1));
        assert_eq!(bench.credits().await[0].account_number, ACCOUNT);
        // The same file of all accounts is another statement, of which this line is known.
        let all = take(two, None).await.unwrap();
        assert_ne!(all.id, taken.id);
        bench.payments.process_statements().await.unwrap();
        let read = bench.payments.statement(all.id).await.unwrap().unwrap();
        assert_eq!((read.counts.credits_new, read.counts.credits_known), (1, 1));
        bench.assert_sound().await;
    }

    async fn what_is_no_statement_is_refused_and_not_kept(database) {
        let bench = Bench::on(database);
        let take = |body: &[u8]| import_statement(&bench.payments, "x", body.to_vec(), "user_1");
        assert!(matches!(take(b"").await, Err(ImportStatementError::Empty)));
        let refused = take(b"\x89PNG\r\n\x1a\nrest").await;
        assert!(matches!(refused, Err(ImportStatementError::Unreadable(_))), "{refused:?}");
        bench.payments.process_statements().await.unwrap();
        assert!(bench.credits().await.is_empty());
    }
}

const ODD: &str = "Ngày GD;Mã GD;Thu;Chi;Diễn giải;Ghi chú\n15/01/2027;FT7;phí;;1.000.000;{memo}\n";

fn said(statement: kernel::StatementId, columns: Vec<Option<Column>>) -> CorrectStatementColumns {
    let date_order = DateOrder::DayFirst;
    CorrectStatementColumns { statement, columns, date_order, by: ids::new() }
}

on_each_database! { migrations::payments::Migrator,
    async fn what_a_person_says_of_the_columns_holds_for_this_and_the_next_of_its_shape(database) {
        let bench = Bench::on(database);
        let (one, two) = (bench.start(1_000_000).await, bench.start(1_000_000).await);
        let file = |payment: &Payment| ODD.replace("{memo}", &payment.code.to_string()).into_bytes();
        let taken = bench.payments.import_statement("a.csv", file(&one), "user_1").await.unwrap();
        bench.payments.process_statements().await.unwrap();
        // The bank says "Thu" of its notes and writes the amount under "Diễn giải".
        let statement = bench.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!((statement.counts.unreadable, statement.counts.credits_new), (1, 0));
        let columns = vec![
            Some(Column::Date), Some(Column::Reference), None, Some(Column::Debit),
            Some(Column::Credit), Some(Column::Details),
        ];
        for (wrong, refused) in [
            (columns[..5].to_vec(), "the statement has 6 columns"),
            (vec![None; 6], "a date and an amount are needed"),
            (vec![Some(Column::Date), Some(Column::Date), Some(Column::Credit), None, None, None],
                "two columns hold the same"),
        ] {
            let answer = correct_statement_columns(&bench.payments, said(taken.id, wrong)).await;
            assert_eq!(answer.unwrap_err().to_string(), refused);
        }
        let before = bench.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!(before.mapping, statement.mapping);
        correct_statement_columns(&bench.payments, said(taken.id, columns.clone())).await.unwrap();
        bench.payments.process_statements().await.unwrap();
        let again = bench.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!((again.counts.unreadable, again.counts.credits_matched), (0, 1));
        assert_eq!(bench.status(&one).await, PaymentStatus::Succeeded);
        // What was taken is not read in another way: it would be taken twice.
        correct_statement_columns(&bench.payments, said(taken.id, columns)).await.unwrap();
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.credits().await.len(), 1);
        // The next of the same shape is understood at once.
        bench.payments.import_statement("b.csv", file(&two), "user_1").await.unwrap();
        bench.payments.process_statements().await.unwrap();
        assert_eq!(bench.status(&two).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }
}
