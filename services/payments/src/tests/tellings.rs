//! One transfer of which several sources tell is one credit; two transfers are two.

use serde_json::Value;

use super::*;
use crate::domain::payment_code::PaymentCode;
use crate::store::feed_event::Delivery;
use crate::usecases::record_credits::{End, Incoming, record_credits};

fn line(day: u8, reference: &str, amount: i64, memo: &str) -> String {
    format!("{day}/01/2027,{reference},,{amount},{memo},{ACCOUNT}")
}

impl Bench {
    /// How many credits of the statement were new, and how many known.
    async fn read_statement(&self, lines: &[String]) -> (u64, u64) {
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let body = format!("{header}\n{}\n", lines.join("\n")).into_bytes();
        let taken = self.payments.import_statement("sao-ke.csv", body, "user_1").await.unwrap();
        self.payments.process_statements().await.unwrap();
        let counts = self.payments.statement(taken.id).await.unwrap().unwrap().counts;
        (counts.credits_new, counts.credits_known)
    }

    /// Tells of a credit as another feed than SePay; gives how many were known.
    async fn tell_otherwise(&self, feed: &str, id: &str, amount: i64, memo: &str) -> u64 {
        let (now, none) = (self.clock.now(), None::<String>);
        let told = Incoming {
            feed: feed.to_owned(),
            provider_id: id.to_owned(),
            statement_identity: None,
            stated_by: None,
            bank: "VPBank".to_owned(),
            account_number: ACCOUNT.to_owned(),
            sub_account: None,
            amount: Money::vnd(amount),
            memo: memo.to_owned(),
            codes: PaymentCode::find_in(memo),
            bank_reference: String::new(),
            counterparty_name: none.clone(),
            counterparty_account: none.clone(),
            counterparty_bin: none,
            booked_at: now,
            received_at: now,
        };
        let tx = self.database.begin().await.unwrap();
        let end = store::ledger::lock(&tx).await.unwrap();
        let recorded =
            record_credits(&self.payments, &tx, End::Held(end), vec![told], now).await.unwrap();
        tx.commit().await.unwrap();
        recorded.known
    }

    async fn bank(&self) -> i64 {
        self.balance(&format!("bank:{ACCOUNT}")).await
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_reference_that_repeats_makes_no_one_of_two_that_name_different_payments(database) {
        let bench = Bench::on(database);
        let (told, lost) = (bench.start(100_000).await, bench.start(100_000).await);
        bench.credit(1, 100_000, &told.code.to_string()).await;
        // The statement tells of the lost one first; both bear the bank's reference FT1.
        let lines = [&lost, &told].map(|payment| line(15, "FT1", 100_000, &payment.code.to_string()));
        assert_eq!(bench.read_statement(&lines).await, (1, 1));
        for payment in [&told, &lost] {
            assert_eq!(bench.status(payment).await, PaymentStatus::Succeeded);
        }
        assert_eq!(bench.bank().await, 200_000);
        bench.assert_sound().await;
    }

    async fn what_is_surest_pairs_first_whatever_the_order_of_the_lines(database) {
        let bench = Bench::on(database);
        bench.credit(1, 5_000, "tra tien xoai cat hoa loc").await;
        bench.credit(2, 5_000, "cam on").await;
        let lines = [line(15, "FT1", 5_000, "khac han"), line(15, "FT1", 5_000, "CAM ON")];
        assert_eq!(bench.read_statement(&lines).await, (0, 2));
        let credits = bench.credits().await;
        assert!(credits.iter().all(|credit| credit.statement_identity.is_some()), "{credits:?}");
        bench.assert_sound().await;
    }

    async fn a_transfer_that_two_feeds_tell_of_is_one_credit(database) {
        let bench = Bench::on(database);
        let payment = bench.start(120_000).await;
        let memo = format!("MBVCB.123.{}", payment.code);
        assert_eq!(bench.credit(1, 60_000, &memo).await, CreditState::Underpaid);
        assert_eq!(bench.tell_otherwise("casso", "a", 60_000, &format!("{memo}.CT tu 001")).await, 1);
        assert_eq!(bench.tell_otherwise("payos", "b", 60_000, &memo).await, 1);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert_eq!((bench.credits().await.len(), bench.bank().await), (1, 60_000));
        // The rest comes, told of by another feed first.
        assert_eq!(bench.tell_otherwise("casso", "c", 60_000, &memo).await, 0);
        bench.credit_told_again(2, 60_000, &memo).await;
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!((bench.credits().await.len(), bench.bank().await), (2, 120_000));
        bench.assert_sound().await;
    }

    async fn two_feeds_that_tell_at_once_tell_of_one_credit(database) {
        let bench = Bench::on(database);
        let payment = bench.start(120_000).await;
        let memo = payment.code.to_string();
        let vectors: Value =
            serde_json::from_str(include_str!("../../tests/data/vn-webhooks.json")).unwrap();
        let mut casso = vectors["casso_v2"]["body"].clone();
        for (key, value) in [
            ("id", json!(4_711)), ("amount", json!(60_000)), ("description", json!(memo)),
            ("accountNumber", json!(ACCOUNT)), ("transactionDateTime", json!("2027-01-15 14:02:00")),
        ] {
            casso["data"][key] = value;
        }
        let received_at = bench.clock.now();
        let delivery = |feed, provider_id: &str, body: String| Delivery {
            feed, provider_id: provider_id.to_owned(), body: body.into_bytes(), received_at,
        };
        let deliveries = [
            delivery("sepay", "1", body(1, 60_000, &memo)), delivery("casso", "4711", casso.to_string()),
        ];
        store::feed_event::insert(&bench.database, &deliveries).await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert_eq!((bench.credits().await.len(), bench.bank().await), (1, 60_000));
        bench.assert_sound().await;
    }

    async fn what_the_bank_books_a_day_later_is_the_same_if_its_code_or_memo_say_so(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_000).await;
        let memo = payment.code.to_string();
        bench.credit(1, 100_000, &memo).await;
        bench.credit(2, 5_000, "tra tien xoai cat hoa loc").await;
        bench.credit(3, 5_000, "cam on").await;
        let lines = [
            line(16, "FT8", 100_000, &format!("CT DEN {memo}")),
            line(14, "FT9", 5_000, "TRA TIEN XOAI CAT HOA LOC FT9"),
            // People thank every day, and references repeat.
            line(16, "FT1", 5_000, "cam on"),
        ];
        assert_eq!(bench.read_statement(&lines).await, (1, 2));
        assert_eq!(bench.bank().await, 100_000 + 5_000 + 5_000 + 5_000);
        // Two days later it is another.
        assert_eq!(bench.read_statement(&[line(17, "FT8", 100_000, &memo)]).await, (1, 0));
        bench.assert_sound().await;
    }
}

impl Bench {
    async fn credit_told_again(&self, id: u64, amount: i64, memo: &str) {
        self.tell(id, amount, memo).await.unwrap();
        process_feed_events(&self.payments).await.unwrap();
    }
}
