//! Batches of a statement overlap: one is recorded while the one before posts. What they have in common ends
//! as if they had come one after the other.

use sea_orm::ConnectionTrait;

use super::*;
use crate::store::statement::StatementStatus;
use crate::usecases::import_statement::import_statement;

const HEADER: &str = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
/// As many lines as are written together.
const BATCH: usize = 1_000;

fn line(reference: &str, amount: i64, memo: &str) -> String {
    format!("15/01/2027,{reference},,{amount},{memo},{ACCOUNT}")
}

/// Fills a batch up with what is nobody's.
fn fill(lines: &mut Vec<String>) {
    while !lines.len().is_multiple_of(BATCH) {
        lines.push(line(&format!("FT{}", lines.len()), 7_000, "khong co ma"));
    }
}

async fn take(bench: &Bench, lines: &[String]) -> kernel::StatementId {
    let body = format!("{HEADER}\n{}\n", lines.join("\n")).into_bytes();
    import_statement(&bench.payments, "sao-ke.csv", body, "user_1").await.unwrap().id
}

/// How many credits stand in each state, leaving out what is nobody's.
async fn states(bench: &Bench) -> Vec<(String, i64)> {
    let sql = "SELECT state, COUNT(*) AS many FROM bank_credits WHERE memo <> 'khong co ma' GROUP BY state ORDER BY state";
    let db = bench.database.reader();
    let asked = sea_orm::Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(asked).await.unwrap();
    let of = |row: &sea_orm::QueryResult| {
        (row.try_get("", "state").unwrap(), row.try_get("", "many").unwrap())
    };
    rows.iter().map(of).collect()
}

async fn credits(bench: &Bench) -> i64 {
    states(bench).await.iter().map(|(_, many)| many).sum()
}

on_each_database! { migrations::payments::Migrator,
    async fn parts_doubles_and_sums_meet_across_batches(database) {
        let bench = Bench::charging(database);
        let (mut halves, mut twice, mut paid_with) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..20 {
            halves.push(bench.start(40_000).await);
            twice.push(bench.start(30_000).await);
            paid_with.push(bench.start(20_000).await);
        }
        let mut lines = Vec::new();
        for (number, payment) in halves.iter().enumerate() {
            lines.push(line(&format!("A{number}"), 15_000, &payment.code.to_string()));
        }
        for (number, payment) in twice.iter().enumerate() {
            lines.push(line(&format!("B{number}"), 30_000, &payment.code.to_string()));
        }
        fill(&mut lines);
        for (number, payment) in halves.iter().enumerate() {
            lines.push(line(&format!("C{number}"), 25_000, &payment.code.to_string()));
        }
        // Each is a double of the batch before, and named together with one that is still open.
        for (number, (double, open)) in twice.iter().zip(&paid_with).enumerate() {
            lines.push(line(&format!("D{number}"), 50_000, &format!("{} {}", double.code, open.code)));
        }
        fill(&mut lines);
        for (number, payment) in twice.iter().chain(&paid_with).enumerate() {
            lines.push(line(&format!("E{number}"), payment.amount.minor, &payment.code.to_string()));
        }
        let taken = take(&bench, &lines).await;
        bench.payments.process_statements().await.unwrap();
        let read = bench.payments.statement(taken).await.unwrap().unwrap();
        assert_eq!((read.status, read.problem.as_deref()), (StatementStatus::Done, None));
        assert_eq!(read.counts.lines_read, lines.len() as u64);
        assert_eq!(read.counts.credits_new, lines.len() as u64);
        for payment in halves.iter().chain(&twice).chain(&paid_with) {
            assert_eq!(bench.status(payment).await, PaymentStatus::Succeeded);
        }
        // The halves twice, the doubled ones and the last ones once; the sums name one that is paid.
        assert_eq!(
            states(&bench).await,
            [("duplicate".to_owned(), 20), ("matched".to_owned(), 80), ("orphan".to_owned(), 20)]
        );
        bench.assert_sound().await;
    }

    async fn what_a_feed_tells_while_batches_are_written_is_one_credit(database) {
        let bench = Bench::on(database);
        let mut lines = Vec::new();
        for number in 0..4 * BATCH {
            lines.push(line(&format!("FT{number}"), 10_000, &format!("cam on lan {number}")));
        }
        let taken = take(&bench, &lines).await;
        // Told of lines of every batch: before some are written, and after others.
        let feed = async {
            for number in (0..4 * BATCH).step_by(100) {
                bench.tell(number as u64 + 1, 10_000, &format!("cam on lan {number}")).await.unwrap();
                process_feed_events(&bench.payments).await.unwrap();
            }
        };
        let ((), read) = tokio::join!(feed, bench.payments.process_statements());
        read.unwrap();
        let read = bench.payments.statement(taken).await.unwrap().unwrap();
        assert_eq!((read.status, read.problem.as_deref()), (StatementStatus::Done, None));
        assert_eq!(credits(&bench).await, 4 * BATCH as i64);
        assert_eq!(read.counts.credits_new + read.counts.credits_known, 4 * BATCH as u64);
        bench.assert_sound().await;
    }

    async fn two_statements_that_overlap_are_worked_on_at_once(database) {
        let bench = Bench::on(database);
        let mut lines = Vec::new();
        for number in 0..3 * BATCH {
            lines.push(line(&format!("FT{number}"), 1_000, "giong nhau"));
        }
        let month = take(&bench, &lines[..2 * BATCH]).await;
        let quarter = take(&bench, &lines).await;
        let work = || bench.payments.process_statements();
        let (one, other) = tokio::join!(work(), work());
        one.unwrap();
        other.unwrap();
        // Whose line another told of at the same moment is looked at again: it is no failure of the statement.
        bench.clock.advance(Duration::from_secs(10));
        bench.payments.process_statements().await.unwrap();
        for (statement, count) in [(month, 2 * BATCH), (quarter, 3 * BATCH)] {
            let read = bench.payments.statement(statement).await.unwrap().unwrap();
            assert_eq!((read.status, read.problem.as_deref()), (StatementStatus::Done, None));
            assert_eq!(read.counts.lines_read, count as u64);
        }
        assert_eq!(credits(&bench).await, 3 * BATCH as i64);
        bench.assert_sound().await;
    }

    async fn two_that_work_on_one_statement_write_every_line_once(database) {
        let bench = Bench::on(database);
        let mut lines = Vec::new();
        for number in 0..3 * BATCH {
            lines.push(line(&format!("FT{number}"), 1_000, "giong nhau"));
        }
        let taken = take(&bench, &lines).await;
        // Neither asks whether the other has it: so it is when one's claim ran out.
        let work = || crate::usecases::process_statements::process_batches(&bench.payments, taken, usize::MAX);
        let (one, other) = tokio::join!(work(), work());
        one.unwrap();
        other.unwrap();
        bench.payments.process_statements().await.unwrap();
        let read = bench.payments.statement(taken).await.unwrap().unwrap();
        assert_eq!((read.status, read.counts.lines_read), (StatementStatus::Done, 3 * BATCH as u64));
        assert_eq!(credits(&bench).await, 3 * BATCH as i64);
        bench.assert_sound().await;
    }
}
