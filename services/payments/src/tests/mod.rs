//! Payments as a whole, on both databases: from the webhook to the books.

mod ahead;
mod cards;
mod closings;
mod counter;
mod declaring;
mod direct;
mod direct_accounts;
mod ends;
mod extending;
mod facts;
mod faults;
mod feeds;
mod guards;
mod held_once;
mod histories;
mod ledger;
mod ledger_histories;
mod line_pages;
mod named_later;
mod odd_statements;
mod overlapping_batches;
mod part_payments;
mod payout_runs;
mod polling;
mod polling_rounds;
mod refund_accounts;
mod refunds_of_shops;
mod reseller_bills;
mod resellers;
mod returned_parts;
mod settlement;
mod stated_formats;
mod statements;
mod sub_accounts;
mod suggestions;
mod takeaway;
mod tellings;
mod tolerance;
mod unmatching;
mod whoever_tells;
mod write_offs;

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, ManualClock, Money, OrderId, ShopId, Timestamp};
use platform::database::Database;
use platform::{ids, on_each_database};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::domain::charges::{DirectTax, Tariff};
use crate::domain::commission::Sold;
use crate::domain::payment::{Allocation, Payment, PaymentStatus};
use crate::domain::payout::PayoutTerms;
use crate::domain::reconciliation::CreditState;
use crate::domain::tax;
use crate::providers::feeds::Proof;
use crate::providers::feeds::sepay::{self, SepayCredentials};
use crate::usecases::cancel_payment::{CancelPaymentError, cancel_payment};
use crate::usecases::expire_payments::expire_payments;
use crate::usecases::process_feed_events::process_feed_events;
use crate::usecases::record_feed_event::{RecordError, record_feed_event};
use crate::usecases::start_payment::{StartPayment, StartPaymentError, start_payment};
use crate::{Payments, PaymentsParts, ReceivingAccount, SettlementTerms, doctor, store};

const ACCOUNT: &str = "0011009090909";
const SECRET: &str = "secret-of-tests";

struct Bench {
    payments: Payments,
    clock: ManualClock,
    database: Database,
}

impl Bench {
    /// Of whose sales nothing is taken.
    fn on(database: Database) -> Self {
        Self::with(database, Timestamp::from_micros(1_800_000_000_000_000), |_parts| {})
    }

    /// With the market's own commission and the taxes of the law.
    fn charging(database: Database) -> Self {
        Self::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
            parts.tariff = Tariff::from_toml(None, None).unwrap();
        })
    }

    /// A bench at some moment, with other parts than those of all.
    fn with(database: Database, at: Timestamp, adapt: impl FnOnce(&mut PaymentsParts)) -> Self {
        let clock = ManualClock::at(at);
        let mut parts = PaymentsParts {
            database: database.clone(),
            clock: Arc::new(clock.clone()),
            receiving_account: ReceivingAccount {
                bin: "970436".to_owned(),
                account: ACCOUNT.to_owned(),
                holder: "CHO NOI".to_owned(),
                bank_name: "Vietcombank".to_owned(),
                sub_accounts: None,
            },
            sepay: SepayCredentials { api_key: None, hmac_secret: Some(SECRET.to_owned()) },
            casso: None,
            payos: None,
            sepay_polling: None,
            sandbox: None,
            sandbox_card: None,
            tariff: free_of_charge(),
            settlement: SettlementTerms {
                payouts: PayoutTerms {
                    days_after_fulfilment: 2,
                    days_after_capture: Some(7),
                    minimum_minor: 10_000,
                },
                one_person_refund_minor: 500_000,
                tolerance: Money::vnd(0),
                plan_every: None,
                direct_tax: DirectTax::Seller,
                cooling_off: Duration::from_secs(86_400),
            },
            accounts: None,
            card: None,
            retention: crate::RetentionTerms::default(),
        };
        adapt(&mut parts);
        Self { payments: Payments::new(parts), clock, database }
    }

    fn request(&self, amount: i64) -> StartPayment {
        let part = |amount| Allocation {
            order: ids::new::<OrderId>(),
            shop: ids::new::<ShopId>(),
            sold: Sold::Goods,
            amount: Money::vnd(amount),
        };
        StartPayment {
            checkout: ids::new(),
            amount: Money::vnd(amount),
            allocations: vec![part(amount - 10), part(10)],
            expires_at: self.clock.now().after(Duration::from_secs(60)),
            by_card: false,
        }
    }

    async fn start(&self, amount: i64) -> Payment {
        start_payment(&self.payments, self.request(amount)).await.unwrap().into_payment()
    }

    async fn tell(&self, id: u64, amount: i64, memo: &str) -> Result<(), RecordError> {
        let body = body(id, amount, memo);
        let timestamp = (self.clock.now().micros() / 1_000_000).to_string();
        let signature = sepay::sign(SECRET, &timestamp, body.as_bytes());
        let proof = sepay_proof(&timestamp, &signature);
        record_feed_event(&self.payments, proof, body.as_bytes()).await
    }

    async fn credit(&self, id: u64, amount: i64, memo: &str) -> CreditState {
        self.tell(id, amount, memo).await.unwrap();
        process_feed_events(&self.payments).await.unwrap();
        let credits = self.credits().await;
        credits.into_iter().find(|credit| credit.provider_id == id.to_string()).unwrap().state
    }

    async fn credits(&self) -> Vec<store::bank_credit::BankCredit> {
        let page = kernel::PageRequest::new(100, None);
        let all = store::credit_list::CreditFilter::default();
        store::credit_list::page(self.database.reader(), &all, &page).await.unwrap()
    }

    async fn balance(&self, account: &str) -> i64 {
        let balance = store::ledger::balance(self.database.reader(), account).await.unwrap();
        balance.map_or(0, |balance| balance.debit.minor - balance.credit.minor)
    }

    async fn status(&self, payment: &Payment) -> PaymentStatus {
        store::payment::by_ids(self.database.reader(), &[payment.id]).await.unwrap()[0].status
    }

    async fn postings(&self) -> usize {
        let page = kernel::PageRequest::new(100, None);
        let lines =
            store::ledger::entries(self.database.reader(), None, None, &page).await.unwrap();
        lines.into_iter().map(|line| line.posting).collect::<std::collections::BTreeSet<_>>().len()
    }

    async fn assert_sound(&self) {
        assert_eq!(doctor(&self.database, self.clock.now()).await.unwrap(), Vec::<String>::new());
    }
}

fn sepay_proof<'a>(timestamp: &'a str, signature: &'a str) -> Proof<'a> {
    let (timestamp, signature) = (Some(timestamp), Some(signature));
    Proof::Sepay(sepay::Proof { authorization: None, timestamp, signature })
}

/// No commission, and a table of taxes of nothing since ever.
fn free_of_charge() -> Tariff {
    let free = "[[rule]]\nid='free'\nversion=1\nwhy=''\nbasis_points=0";
    let lines = tax::DEFAULT_TABLE.lines().map(|line| match line.split_once("_basis_points") {
        Some((tax, _)) if !line.starts_with('#') => format!("{tax}_basis_points = 0"),
        _ if line.starts_with("valid_from") => "valid_from = '2000-01-01'".to_owned(),
        _ => line.to_owned(),
    });
    let untaxed: Vec<String> = lines.collect();
    Tariff::from_toml(Some(free), Some(&untaxed.join("\n"))).unwrap()
}

fn body(id: u64, amount: i64, memo: &str) -> String {
    json!({
        "id": id, "gateway": "Vietcombank", "transactionDate": "2027-01-15 14:02:37",
        "accountNumber": ACCOUNT, "code": null, "content": memo, "transferType": "in",
        "transferAmount": amount, "referenceCode": "FT1", "description": "",
    })
    .to_string()
}

on_each_database! { migrations::payments::Migrator,
    async fn a_credit_with_code_and_exact_amount_pays_each_shop_its_part(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let memo = format!("MBVCB.12345.{} CT tu 0011", payment.code);
        assert_eq!(bench.credit(1, 100, &memo).await, CreditState::Matched);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        for part in &payment.allocations {
            let account = format!("shop:{}:payable", part.shop);
            let balance = store::ledger::balance(bench.database.reader(), &account).await.unwrap().unwrap();
            assert_eq!((balance.credit, balance.debit), (part.amount, Money::vnd(0)));
        }
        bench.assert_sound().await;
    }

    async fn what_does_not_match_is_queued_as_what_it_is_and_posted(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        assert_eq!(bench.credit(1, 99, &code).await, CreditState::Underpaid);
        assert_eq!(bench.credit(2, 101, &code).await, CreditState::Overpaid);
        assert_eq!(bench.credit(3, 100, "khong co ma").await, CreditState::Orphan);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert_eq!(bench.credit(4, 100, &code).await, CreditState::Matched);
        assert_eq!(bench.credit(5, 100, &code).await, CreditState::Duplicate);
        assert_eq!(bench.postings().await, 5);
        bench.assert_sound().await;
    }

    async fn fifty_deliveries_at_once_are_one_event_and_one_credit(database) {
        let bench = Arc::new(Bench::on(database));
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        let calls = (0..50).map(|_| {
            let (bench, code) = (Arc::clone(&bench), code.clone());
            tokio::spawn(async move { bench.tell(7, 100, &code).await.is_ok() })
        });
        for call in futures_util::future::join_all(calls).await {
            assert!(call.unwrap());
        }
        let (one, two) = tokio::join!(process_feed_events(&bench.payments), process_feed_events(&bench.payments));
        one.and(two).unwrap();
        assert_eq!(store::feed_event::counts(bench.database.reader()).await.unwrap(), (1, 0));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.postings().await, 1);
        bench.assert_sound().await;
    }

    async fn a_forged_event_leaves_a_rejection_and_nothing_else(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let body = body(9, 100, &payment.code.to_string());
        let timestamp = (bench.clock.now().micros() / 1_000_000).to_string();
        let signature = sepay::sign("another secret", &timestamp, body.as_bytes());
        let proof = sepay_proof(&timestamp, &signature);
        let refused = record_feed_event(&bench.payments, proof, body.as_bytes()).await;
        assert!(matches!(refused, Err(RecordError::Disbelieved(_))));
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(store::feed_event::counts(bench.database.reader()).await.unwrap(), (0, 1));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert_eq!(bench.postings().await, 0);
    }

    async fn money_in_time_counts_even_if_it_is_looked_at_late(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.clock.advance(Duration::from_secs(60));
        bench.tell(1, 100, &payment.code.to_string()).await.unwrap();
        bench.clock.advance(Duration::from_secs(60));
        // The sweeper waits for events that are stored and not looked at yet.
        expire_payments(&bench.payments).await.unwrap();
        process_feed_events(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }

    async fn money_after_expiry_or_cancellation_is_late_and_in_suspense(database) {
        let bench = Bench::on(database);
        let (expired, cancelled) = (bench.start(100).await, bench.start(200).await);
        cancel_payment(&bench.payments, cancelled.id).await.unwrap();
        bench.clock.advance(Duration::from_secs(63));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&expired).await, PaymentStatus::Expired);
        assert_eq!(bench.credit(1, 100, &expired.code.to_string()).await, CreditState::Late);
        assert_eq!(bench.credit(2, 200, &cancelled.code.to_string()).await, CreditState::Late);
        let account = format!("suspense:{ACCOUNT}");
        let suspense = store::ledger::balance(bench.database.reader(), &account).await.unwrap().unwrap();
        assert_eq!(suspense.credit, Money::vnd(300));
        bench.assert_sound().await;
    }

    async fn a_paid_payment_cannot_be_cancelled(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.credit(1, 100, &payment.code.to_string()).await;
        let refused = cancel_payment(&bench.payments, payment.id).await;
        assert!(matches!(refused, Err(CancelPaymentError::Refused(_))));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
    }

    async fn a_checkout_has_one_payment_whatever_is_repeated(database) {
        let bench = Bench::on(database);
        let request = bench.request(100);
        let (one, two) = tokio::join!(
            start_payment(&bench.payments, request.clone()),
            start_payment(&bench.payments, request.clone())
        );
        assert_eq!(one.unwrap().into_payment().id, two.unwrap().into_payment().id);
        let other = StartPayment { checkout: request.checkout, ..bench.request(500) };
        let refused = start_payment(&bench.payments, other).await;
        assert!(matches!(refused, Err(StartPaymentError::Different)));
    }

    async fn the_database_itself_refuses_to_change_the_ledger(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.credit(1, 100, &payment.code.to_string()).await;
        for change in [
            "UPDATE ledger_entries SET amount_minor = amount_minor + 1",
            "DELETE FROM ledger_entries",
            "UPDATE ledger_postings SET kind = 'x'",
            "DELETE FROM ledger_postings",
        ] {
            assert!(bench.database.writer().execute_unprepared(change).await.is_err(), "{change}");
        }
        bench.assert_sound().await;
    }

    async fn tampering_that_gets_past_the_triggers_is_found(database) {
        let bench = Bench::on(database);
        for id in 1..4 {
            let payment = bench.start(100).await;
            bench.credit(id, 100, &payment.code.to_string()).await;
        }
        bench.assert_sound().await;
        let writer = bench.database.writer();
        let unlock = match bench.database.backend() {
            sea_orm::DbBackend::Sqlite => "DROP TRIGGER ledger_postings_refuses_UPDATE",
            _ => "ALTER TABLE ledger_postings DISABLE TRIGGER USER",
        };
        writer.execute_unprepared(unlock).await.unwrap();
        writer.execute_unprepared("UPDATE ledger_postings SET subject = 'x' WHERE sequence = 2").await.unwrap();
        let findings = doctor(&bench.database, bench.clock.now()).await.unwrap();
        assert!(findings.iter().any(|finding| finding.contains("chain is broken at posting 2")), "{findings:?}");
    }

    async fn several_transfers_that_sum_to_a_payment_pay_it_together(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        assert_eq!(bench.credit(1, 30, &code).await, CreditState::Underpaid);
        assert_eq!(bench.credit(2, 45, &code).await, CreditState::Underpaid);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        bench.assert_sound().await;
        assert_eq!(bench.credit(3, 70, &code).await, CreditState::Matched);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        let credits = bench.credits().await;
        let states: Vec<_> = credits.iter().map(|credit| (credit.amount.minor, credit.state)).collect();
        // The newest first: 30 + 70 paid; 45 is too much.
        assert_eq!(states, [
            (70, CreditState::Matched), (45, CreditState::Duplicate), (30, CreditState::Matched),
        ]);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -45);
        bench.assert_sound().await;
    }

    async fn one_transfer_that_is_the_sum_of_two_payments_pays_both(database) {
        let bench = Bench::on(database);
        let (one, two) = (bench.start(100).await, bench.start(50).await);
        let memo = format!("tra {} va {}", one.code, two.code);
        assert_eq!(bench.credit(1, 149, &memo).await, CreditState::Orphan);
        assert_eq!(bench.credit(2, 150, &memo).await, CreditState::Matched);
        assert_eq!(bench.status(&one).await, PaymentStatus::Succeeded);
        assert_eq!(bench.status(&two).await, PaymentStatus::Succeeded);
        assert_eq!(bench.credit(3, 150, &memo).await, CreditState::Orphan);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -299);
        bench.assert_sound().await;
    }
}
