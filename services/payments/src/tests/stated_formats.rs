//! The same lines on statements of several formats, each in its own words and under its own ids: each is one credit or
//! one debit, whichever format tells of it first and however often.

use sea_orm::ConnectionTrait;

use super::*;
use crate::store::statement::{Statement, StatementStatus};

/// As many lines as are written together.
const BATCH: usize = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Ofx,
    Camt,
    Mt940,
}

/// A line as the bank has it.
#[derive(Clone, Debug)]
struct Line {
    /// What only OFX tells: unique.
    id: String,
    reference: String,
    amount: i64,
    memo: String,
    /// Of January 2027.
    day: u8,
}

fn line(id: &str, reference: &str, amount: i64, memo: &str) -> Line {
    Line {
        id: id.to_string(),
        reference: reference.to_owned(),
        amount,
        memo: memo.to_owned(),
        day: 15,
    }
}

impl Form {
    fn write(self, line: &Line) -> String {
        let Line { id, reference, amount, memo, day } = line;
        let (credit, size) = (*amount > 0, amount.abs());
        match self {
            Self::Csv if credit => {
                format!("{day:02}/01/2027,{reference},,{size},{memo},{ACCOUNT}\n")
            }
            Self::Csv => format!("{day:02}/01/2027,{reference},{size},,{memo},{ACCOUNT}\n"),
            Self::Ofx => format!(
                "<STMTTRN><TRNTYPE>OTHER<DTPOSTED>202701{day:02}<TRNAMT>{amount}<FITID>{id}<MEMO>{memo}</STMTTRN>\n"
            ),
            Self::Camt => {
                let mark = if credit { "CRDT" } else { "DBIT" };
                format!(
                    "<Ntry><Amt Ccy='VND'>{size}</Amt><CdtDbtInd>{mark}</CdtDbtInd>\
                     <BookgDt><Dt>2027-01-{day:02}</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E2E {reference}</EndToEndId>\
                     <AcctSvcrRef>{reference}</AcctSvcrRef></Refs>\
                     <RmtInf><Ustrd>{memo}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
                )
            }
            Self::Mt940 => {
                let mark = if credit { "C" } else { "D" };
                format!(
                    ":61:2701{day:02}01{day:02}{mark}{size},NTRFNONREF//{reference}\n:86:{memo} GD TAI QUAY\n"
                )
            }
        }
    }

    fn file(self, lines: &[Line]) -> Vec<u8> {
        let written: String = lines.iter().map(|line| self.write(line)).collect();
        let text = match self {
            Self::Csv => {
                format!(
                    "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản\n{written}"
                )
            }
            Self::Ofx => format!(
                "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><STMTRS><CURDEF>VND<BANKACCTFROM><ACCTID>{ACCOUNT}\
                 </BANKACCTFROM><BANKTRANLIST>\n{written}</BANKTRANLIST></STMTRS></OFX>\n"
            ),
            Self::Camt => format!(
                "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt>\
                 <Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id></Acct>{written}</Stmt></BkToCstmrStmt></Document>"
            ),
            Self::Mt940 => {
                format!(
                    ":20:SAOKE\n:25:{ACCOUNT}\n:28C:1/1\n:60F:C270114VND0,\n{written}:62F:C270115VND0,\n-\n"
                )
            }
        };
        text.into_bytes()
    }
}

impl Bench {
    async fn bring(&self, form: Form, lines: &[Line]) -> Statement {
        self.payments.import_statement("sao-ke", form.file(lines), "user_1").await.unwrap()
    }

    /// How many credits of a statement were new, and how many known.
    async fn told_in(&self, form: Form, lines: &[Line]) -> (u64, u64) {
        let taken = self.bring(form, lines).await;
        self.payments.process_statements().await.unwrap();
        let read = self.stands_at(&taken, lines.len()).await;
        (read.counts.credits_new, read.counts.credits_known)
    }

    async fn stands_at(&self, taken: &Statement, lines: usize) -> Statement {
        let read = self.payments.statement(taken.id).await.unwrap().unwrap();
        assert_eq!((read.status, read.problem.as_deref()), (StatementStatus::Done, None));
        assert_eq!((read.counts.lines_read, read.counts.unreadable), (lines as u64, 0));
        read
    }

    async fn rows_of(&self, table: &str) -> i64 {
        let db = self.database.reader();
        let sql = format!("SELECT COUNT(*) AS many FROM {table}");
        let asked = sea_orm::Statement::from_string(db.get_database_backend(), sql);
        db.query_one_raw(asked).await.unwrap().unwrap().try_get("", "many").unwrap()
    }

    /// What the bank's account and what nobody explained hold.
    async fn held(&self) -> [i64; 2] {
        [
            self.balance(&format!("bank:{ACCOUNT}")).await,
            self.balance(&format!("suspense:{ACCOUNT}")).await,
        ]
    }
}

/// Every order of the formats.
fn orders() -> Vec<Vec<Form>> {
    let mut orders = vec![Vec::new()];
    for form in [Form::Csv, Form::Ofx, Form::Camt, Form::Mt940] {
        let longer = orders.into_iter().flat_map(|order: Vec<Form>| {
            (0..=order.len()).map(move |place| {
                let mut order = order.clone();
                order.insert(place, form);
                order
            })
        });
        orders = longer.collect();
    }
    orders
}

on_each_database! { migrations::payments::Migrator,
    async fn whichever_formats_tell_of_the_same_days_each_line_is_in_the_books_once(database) {
        let bench = Bench::on(database);
        let orders = orders();
        assert_eq!(orders.len(), 24);
        for (case, order) in orders.iter().enumerate() {
            let payment = bench.start(100_000).await;
            let paid = format!("MBVCB.{case}.{} tra tien hang", payment.code);
            let (thanks, fee) = (format!("khach quen dot {case} cam on"), format!("phi quan ly dot {case}"));
            // All but one of them twice: two that are alike are two.
            let mut lines = vec![
                line(&format!("{case}a"), &format!("FA{case}"), 100_000, &paid),
                line(&format!("{case}b"), &format!("FA{case}"), 100_000, &paid),
                line(&format!("{case}c"), &format!("FB{case}"), 5_000, &thanks),
                line(&format!("{case}d"), &format!("FB{case}"), 5_000, &thanks),
                line(&format!("{case}e"), &format!("FC{case}"), -1_000, &fee),
                line(&format!("{case}f"), &format!("FC{case}"), -1_000, &fee),
                line(&format!("{case}g"), &format!("FD{case}"), -3_000, &format!("phi chuyen tien {case}")),
            ];
            let before = bench.held().await;
            for (place, form) in order.iter().enumerate() {
                let told = bench.told_in(*form, &lines).await;
                assert_eq!(told, if place == 0 { (4, 0) } else { (0, 4) }, "{order:?}, {form:?}");
                // The same again, in other bytes.
                lines.reverse();
                assert_eq!(bench.told_in(*form, &lines).await, (0, 4), "{order:?}, {form:?} again");
                let [bank, suspense] = bench.held().await;
                assert_eq!(
                    [bank - before[0], suspense - before[1]],
                    [200_000 + 10_000 - 5_000, -100_000 - 10_000 + 5_000],
                    "{order:?}, {form:?}"
                );
            }
            assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
            let naming = bench.credits().await.into_iter().filter(|credit| credit.payment == Some(payment.id));
            let mut states: Vec<_> = naming.map(|credit| credit.state.name()).collect();
            states.sort_unstable();
            assert_eq!(states, ["duplicate", "matched"]);
            // All of them once more, when every format has told.
            for form in order {
                lines.rotate_left(1);
                assert_eq!(bench.told_in(*form, &lines).await, (0, 4));
            }
        }
        assert_eq!(bench.rows_of("bank_credits").await, 24 * 4);
        assert_eq!(bench.rows_of("bank_debits").await, 24 * 3);
        bench.assert_sound().await;
    }

    async fn what_one_format_tells_more_of_is_new_and_the_rest_is_known(database) {
        let bench = Bench::on(database);
        let lines: Vec<Line> =
            (0..4).map(|number| line(&number.to_string(), "FT1", 5_000, "khach quen cam on nhieu")).collect();
        assert_eq!(bench.told_in(Form::Ofx, &lines[..2]).await, (2, 0));
        assert_eq!(bench.told_in(Form::Csv, &lines[..3]).await, (1, 2));
        assert_eq!(bench.told_in(Form::Camt, &lines[..1]).await, (0, 1));
        assert_eq!(bench.told_in(Form::Ofx, &lines[..3]).await, (0, 3));
        assert_eq!(bench.told_in(Form::Camt, &lines).await, (1, 3));
        assert_eq!(bench.told_in(Form::Csv, &lines).await, (0, 4));
        assert_eq!(bench.rows_of("bank_credits").await, 4);
        bench.assert_sound().await;
    }

    async fn the_same_words_on_both_sides_of_midnight_are_two_lines_where_two_formats_meet(database) {
        let bench = Bench::on(database);
        let first: Vec<Line> = [("a", 50_000), ("b", 50_000), ("c", -1_100)]
            .map(|(id, amount)| line(id, "", amount, "nguyen van an chuyen tien"))
            .to_vec();
        let on = |day| first.iter().map(move |line| Line { id: format!("{}{day}", line.id), day, ..line.clone() });
        assert_eq!(bench.told_in(Form::Csv, &first).await, (2, 0));
        // Of the day after another format tells, and then of both.
        assert_eq!(bench.told_in(Form::Ofx, &on(16).collect::<Vec<_>>()).await, (2, 0));
        assert_eq!(bench.told_in(Form::Camt, &on(15).chain(on(16)).collect::<Vec<_>>()).await, (0, 4));
        assert_eq!(bench.told_in(Form::Csv, &on(16).chain(on(14)).collect::<Vec<_>>()).await, (2, 2));
        assert_eq!((bench.rows_of("bank_credits").await, bench.rows_of("bank_debits").await), (6, 3));
        assert_eq!(bench.held().await, [3 * (100_000 - 1_100), -3 * (100_000 - 1_100)]);
        bench.assert_sound().await;
    }

    async fn a_code_that_another_format_tells_later_pays_what_it_names(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_000).await;
        let cut = line("a", "FT1", 100_000, "khach quen chuyen tien");
        assert_eq!(bench.told_in(Form::Csv, &[cut]).await, (1, 0));
        let whole = line("a", "FT1", 100_000, &format!("khach quen chuyen tien {}", payment.code));
        assert_eq!(bench.told_in(Form::Ofx, &[whole]).await, (0, 1));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.held().await, [100_000, 0]);
        bench.assert_sound().await;
    }

    async fn what_was_told_before_formats_were_kept_is_no_other_formats(database) {
        let bench = Bench::on(database);
        let lines = [line("a", "FT1", 5_000, "khach quen cam on"), line("b", "FT2", -700, "phi quan ly")];
        assert_eq!(bench.told_in(Form::Csv, &lines).await, (1, 0));
        for table in ["bank_credits", "bank_debits"] {
            let forget = format!("UPDATE {table} SET stated_by = NULL");
            bench.database.writer().execute_unprepared(&forget).await.unwrap();
        }
        // It may have told of it before: so nobody knows whether this is another.
        assert_eq!(bench.told_in(Form::Ofx, &lines).await, (1, 0));
        let [first, second] = lines.clone();
        assert_eq!(bench.told_in(Form::Csv, &[second, first]).await, (0, 1));
        assert_eq!((bench.rows_of("bank_credits").await, bench.rows_of("bank_debits").await), (2, 2));
        bench.assert_sound().await;
    }

    async fn batches_that_overlap_pair_no_credit_twice(database) {
        let bench = Bench::on(database);
        let many = 2 * BATCH + BATCH / 2;
        let mut lines: Vec<Line> = (0..many).map(|number| line(&number.to_string(), "FT1", 1_000, "giong nhau ca thoi")).collect();
        assert_eq!(bench.told_in(Form::Csv, &lines).await, (many as u64, 0));
        assert_eq!(bench.told_in(Form::Ofx, &lines).await, (0, many as u64));
        lines.reverse();
        assert_eq!(bench.told_in(Form::Ofx, &lines).await, (0, many as u64));
        assert_eq!(bench.rows_of("bank_credits").await, many as i64);
        bench.assert_sound().await;
    }

    async fn formats_that_are_worked_on_at_once_tell_of_the_same(database) {
        let bench = Bench::on(database);
        let mut lines: Vec<Line> = (0..2 * BATCH)
            .map(|number| line(&number.to_string(), &format!("FT{number}"), 1_000, &format!("khach so {number} cam on")))
            .collect();
        lines.push(line("fee", "FEE", -1_000, "phi quan ly tai khoan"));
        let mut taken = Vec::new();
        for form in [Form::Csv, Form::Ofx, Form::Camt] {
            taken.push(bench.bring(form, &lines).await);
        }
        let work = || bench.payments.process_statements();
        let (one, two, three) = tokio::join!(work(), work(), work());
        one.and(two).and(three).unwrap();
        // What was in another's way is tried again.
        bench.clock.advance(Duration::from_secs(10));
        bench.payments.process_statements().await.unwrap();
        for statement in &taken {
            bench.stands_at(statement, lines.len()).await;
        }
        assert_eq!(bench.rows_of("bank_credits").await, 2 * BATCH as i64);
        assert_eq!(bench.rows_of("bank_debits").await, 1);
        bench.assert_sound().await;
    }
}
