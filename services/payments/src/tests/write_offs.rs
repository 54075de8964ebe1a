//! What is given up, what the bank took back, and the report that counts it all.

use kernel::{BankCreditId, BankDebitId, UserId};

use super::*;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store::bank_debit::{BankDebit, DebitFilter};
use crate::store::credit_list::{CreditFilter, CreditOutcome};
use crate::store::write_off::WriteOffOf;
use crate::usecases::report::{self, Days, of_age};
use crate::usecases::reverse_bank_credit::{ReverseError, reverse_bank_credit};
use crate::usecases::withdraw_write_off::{WithdrawWriteOffError, withdraw_write_off};
use crate::usecases::write_off::{WriteOffError, write_off};

impl Bench {
    async fn statement(&self, rows: &[(&str, i64, i64)]) {
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let none = |minor: i64| if minor == 0 { String::new() } else { minor.to_string() };
        let lines: Vec<String> = rows
            .iter()
            .map(|(memo, debit, credit)| {
                format!("15/01/2027,FT,{},{},{memo},{ACCOUNT}", none(*debit), none(*credit))
            })
            .collect();
        let body = format!("{header}\n{}\n", lines.join("\n")).into_bytes();
        self.payments.import_statement("sao-ke.csv", body, "user_1").await.unwrap();
        self.payments.process_statements().await.unwrap();
    }

    async fn credit_of(&self, minor: i64) -> BankCreditId {
        let credits = self.credits().await;
        credits.into_iter().find(|credit| credit.amount.minor == minor).unwrap().id
    }

    async fn debits(&self, filter: &DebitFilter) -> Vec<BankDebit> {
        let page = kernel::PageRequest::new(100, None);
        store::bank_debit::page(self.database.reader(), filter, &page).await.unwrap()
    }

    async fn debit_of(&self, minor: i64) -> BankDebitId {
        let debits = self.debits(&DebitFilter::default()).await;
        debits.into_iter().find(|debit| debit.amount.minor == minor).unwrap().id
    }

    /// Amounts of write-offs, the newest first.
    async fn given_up(&self, waiting_only: bool) -> Vec<i64> {
        let page = kernel::PageRequest::new(100, None);
        let found = store::write_off::page(self.database.reader(), waiting_only, &page).await;
        found.unwrap().into_iter().map(|one| one.amount.minor).collect()
    }

    async fn listed(&self, filter: CreditFilter) -> Vec<i64> {
        let page = kernel::PageRequest::new(100, None);
        let found = store::credit_list::page(self.database.reader(), &filter, &page).await.unwrap();
        found.into_iter().map(|credit| credit.amount.minor).collect()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn one_person_gives_up_little_and_two_give_up_much(database) {
        let bench = Bench::on(database);
        bench.statement(&[("tien la", 0, 500_000), ("tien la nua", 0, 500_001), ("phi", 11_000, 0)]).await;
        let suspense = format!("suspense:{ACCOUNT}");
        let (one, two): (UserId, UserId) = (ids::new(), ids::new());
        let little = WriteOffOf::Credit(bench.credit_of(500_000).await);
        let much = WriteOffOf::Credit(bench.credit_of(500_001).await);
        for _ in 0..2 {
            assert!(write_off(&bench.payments, little, "không ai nhận", one).await.unwrap().done_at.is_some());
            assert_eq!(write_off(&bench.payments, much, "không ai nhận", one).await.unwrap().done_at, None);
        }
        assert_eq!(bench.balance("platform:written_off").await, -500_000);
        let done = write_off(&bench.payments, much, "đồng ý", two).await.unwrap();
        assert_eq!((done.requested_by, done.approved_by), (one, Some(two)));
        let fee = WriteOffOf::Debit(bench.debit_of(11_000).await);
        write_off(&bench.payments, fee, "phí ngân hàng", one).await.unwrap();
        assert_eq!(bench.balance("platform:written_off").await, -1_000_001 + 11_000);
        assert_eq!(bench.balance(&suspense).await, 0);
        let resolutions: Vec<_> = bench.credits().await.into_iter().filter_map(|credit| credit.resolution).collect();
        assert_eq!(resolutions, ["written_off", "written_off"]);
        bench.assert_sound().await;
    }

    async fn what_waits_for_a_second_person_is_listed_until_it_is_done_or_explained(database) {
        let bench = Bench::on(database);
        bench.statement(&[
            ("tien la", 0, 600_000), ("chuyen nham", 0, 700_000), ("thu hoi", 700_000, 0), ("phi la", 800_000, 0),
            ("it", 0, 5_000),
        ]).await;
        let one: UserId = ids::new();
        let (stray, back) = (bench.credit_of(700_000).await, bench.debit_of(700_000).await);
        for of in [
            WriteOffOf::Credit(bench.credit_of(600_000).await), WriteOffOf::Credit(stray),
            WriteOffOf::Debit(bench.debit_of(800_000).await), WriteOffOf::Credit(bench.credit_of(5_000).await),
        ] {
            write_off(&bench.payments, of, "không ai nhận", one).await.unwrap();
        }
        assert_eq!(bench.given_up(true).await, [800_000, 700_000, 600_000]);
        assert_eq!(bench.given_up(false).await, [5_000, 800_000, 700_000, 600_000]);
        // Another thing becomes of one, and another person agrees to the next.
        reverse_bank_credit(&bench.payments, stray, back, "ngân hàng thu hồi", one).await.unwrap();
        assert_eq!(bench.given_up(true).await, [800_000, 600_000]);
        let fee = WriteOffOf::Debit(bench.debit_of(800_000).await);
        write_off(&bench.payments, fee, "đồng ý", ids::new()).await.unwrap();
        assert_eq!(bench.given_up(true).await, [600_000]);
        assert_eq!(bench.given_up(false).await.len(), 4);
        bench.assert_sound().await;
    }

    async fn who_asked_takes_a_write_off_back_until_it_is_done_and_may_ask_anew(database) {
        let bench = Bench::on(database);
        bench.statement(&[("tien la", 0, 600_000)]).await;
        let (one, two): (UserId, UserId) = (ids::new(), ids::new());
        let stray = WriteOffOf::Credit(bench.credit_of(600_000).await);
        let asked = write_off(&bench.payments, stray, "không ai nhận", one).await.unwrap();
        let other = withdraw_write_off(&bench.payments, asked.id, two).await;
        assert!(matches!(other, Err(WithdrawWriteOffError::Unknown)), "{other:?}");
        assert_eq!(bench.given_up(true).await, [600_000]);
        let withdrawn = withdraw_write_off(&bench.payments, asked.id, one).await.unwrap();
        assert!(withdrawn.withdrawn_at.is_some());
        bench.clock.advance(Duration::from_secs(60));
        assert_eq!(withdraw_write_off(&bench.payments, asked.id, one).await.unwrap(), withdrawn);
        assert_eq!(bench.given_up(true).await, Vec::<i64>::new());
        assert_eq!(bench.given_up(false).await, [600_000]);
        // Another person's agreement to what was taken back is a request of their own.
        let anew = write_off(&bench.payments, stray, "đồng ý", two).await.unwrap();
        assert_eq!((anew.requested_by, anew.done_at), (two, None));
        assert_eq!(bench.balance("platform:written_off").await, 0);
        let done = write_off(&bench.payments, stray, "đồng ý", one).await.unwrap();
        assert!(done.done_at.is_some());
        let late = withdraw_write_off(&bench.payments, done.id, two).await;
        assert!(matches!(late, Err(WithdrawWriteOffError::Done)), "{late:?}");
        assert_eq!(bench.balance("platform:written_off").await, -600_000);
        assert_eq!(bench.given_up(false).await, [600_000, 600_000]);
        bench.assert_sound().await;
    }

    async fn what_pays_or_is_not_there_is_not_given_up(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.credit(1, 100, &payment.code.to_string()).await;
        let paying = WriteOffOf::Credit(bench.credit_of(100).await);
        let before = bench.postings().await;
        let refused = write_off(&bench.payments, paying, "x", ids::new()).await;
        assert!(matches!(refused, Err(WriteOffError::NotWaiting)), "{refused:?}");
        let unknown = write_off(&bench.payments, WriteOffOf::Debit(ids::new()), "x", ids::new()).await;
        assert!(matches!(unknown, Err(WriteOffError::Unknown)), "{unknown:?}");
        let silent = write_off(&bench.payments, paying, " ", ids::new()).await;
        assert!(matches!(silent, Err(WriteOffError::Reason)), "{silent:?}");
        assert_eq!(bench.postings().await, before);
    }

    async fn a_credit_that_the_bank_took_back_is_explained_by_its_debit(database) {
        let bench = Bench::on(database);
        bench.statement(&[("chuyen nham", 0, 70_000), ("thu hoi", 70_000, 0), ("phi", 5_000, 0)]).await;
        let credit = bench.credit_of(70_000).await;
        let (back, fee) = (bench.debit_of(70_000).await, bench.debit_of(5_000).await);
        let reverse = |debit| reverse_bank_credit(&bench.payments, credit, debit, "ngân hàng thu hồi", UserId::from_uuid(uuid::Uuid::from_u128(1)));
        let other = reverse(fee).await;
        assert!(matches!(other, Err(ReverseError::OtherDebit)), "{other:?}");
        for _ in 0..2 {
            assert_eq!(reverse(back).await.unwrap().resolution.as_deref(), Some("reversed"));
        }
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 5_000);
        let twice = reverse(fee).await;
        assert!(matches!(twice, Err(ReverseError::NotWaiting)), "{twice:?}");
        bench.assert_sound().await;
    }

    async fn every_figure_of_the_report_opens_to_exactly_its_lines(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.statement(&[
            (&payment.code.to_string(), 0, 100), (&format!("x {}", payment.code), 0, 99),
            ("khong ro", 0, 7_000), ("bo di", 0, 8_000), ("phi", 5_000, 0), ("phi la", 6_000, 0),
        ]).await;
        write_off(&bench.payments, WriteOffOf::Credit(bench.credit_of(8_000).await), "bỏ", ids::new()).await.unwrap();
        write_off(&bench.payments, WriteOffOf::Debit(bench.debit_of(5_000).await), "phí", ids::new()).await.unwrap();
        let day = VietnamDay::of(bench.credits().await[0].booked_at);
        let days = Days { from: day, to: day };
        let found = report::reconciliation(&bench.payments, days).await.unwrap();
        let [of_day] = found.days.as_slice() else { panic!("{:?}", found.days) };
        assert!(of_day.foots(), "{of_day:?}");
        let on_day = |outcome| CreditFilter {
            outcome: Some(outcome),
            account: Some(ACCOUNT.to_owned()),
            booked_on: Some((day.epoch_day(), day.epoch_day())),
            ..CreditFilter::default()
        };
        for (outcome, expected, total) in [
            (CreditOutcome::Matched, vec![100], of_day.matched.minor),
            (CreditOutcome::Resolved, vec![8_000], of_day.resolved.minor),
            (CreditOutcome::Waiting, vec![7_000, 99], of_day.waiting.minor),
        ] {
            let mut listed = bench.listed(on_day(outcome)).await;
            listed.sort_unstable_by_key(|minor| std::cmp::Reverse(*minor));
            assert_eq!((listed.iter().sum::<i64>(), listed), (total, expected));
        }
        let written = CreditFilter { resolution: Some("written_off".to_owned()), ..CreditFilter::default() };
        assert_eq!(bench.listed(written).await, [8_000]);
        let elsewhere = CreditFilter { account: Some("1".to_owned()), ..CreditFilter::default() };
        assert_eq!(bench.listed(elsewhere).await, Vec::<i64>::new());
        let explained = |explained| DebitFilter { explained: Some(explained), booked: Some(days.span()), ..DebitFilter::default() };
        for (is_explained, minor) in [(true, 5_000), (false, 6_000)] {
            let listed: Vec<i64> = bench.debits(&explained(is_explained)).await.iter().map(|debit| debit.amount.minor).collect();
            assert_eq!(listed, [minor]);
            let total = if is_explained { of_day.explained } else { of_day.unexplained };
            assert_eq!(total.minor, minor);
        }
        // The queue by age, as it grows older.
        for (age, bucket) in [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (7, 2), (8, 3), (30, 3)] {
            let now = bench.clock.now().after(Duration::from_secs(age * 86_400 + 3_600));
            for (place, (from, to)) in [(0, Some(1)), (2, Some(3)), (4, Some(7)), (8, None)].into_iter().enumerate() {
                let received = Some(of_age(now, from, to));
                let waiting = CreditFilter { outcome: Some(CreditOutcome::Waiting), received, ..CreditFilter::default() };
                let listed = bench.listed(waiting).await;
                assert_eq!(listed.len(), if place == bucket { 2 } else { 0 }, "{age} days, bucket {place}");
            }
        }
        assert_eq!((found.expected.count, found.expected.minor), (0, 0));
        bench.assert_sound().await;
    }
}
