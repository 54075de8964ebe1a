//! Sub-accounts of which each payment has its own: it is recognised whatever its payer writes.

use proto::payments::GetPaymentsRequest;
use proto::payments::payments_server::Payments as _;
use tonic::Request;

use super::*;
use crate::domain::reconciliation::Rule;
use crate::domain::sub_account::SubAccountPrefix;
use crate::grpc::Grpc;
use crate::store::bank_credit::BankCredit;
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

fn prefix() -> SubAccountPrefix {
    SubAccountPrefix::new("96247").unwrap()
}

/// A bench whose account has sub-accounts.
fn bench_on(database: Database) -> Bench {
    Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
        parts.receiving_account.sub_accounts = Some(prefix());
    })
}

impl Bench {
    /// What came to a sub-account, as SePay tells of it; gives the credit.
    async fn credit_at(&self, id: u64, amount: i64, sub_account: &str, memo: &str) -> BankCredit {
        let mut body: serde_json::Value = serde_json::from_str(&body(id, amount, memo)).unwrap();
        body["subAccount"] = sub_account.into();
        let body = body.to_string();
        let timestamp = (self.clock.now().micros() / 1_000_000).to_string();
        let signature = sepay::sign(SECRET, &timestamp, body.as_bytes());
        let proof = sepay_proof(&timestamp, &signature);
        record_feed_event(&self.payments, proof, body.as_bytes()).await.unwrap();
        process_feed_events(&self.payments).await.unwrap();
        let credits = self.credits().await;
        credits.into_iter().find(|credit| credit.provider_id == id.to_string()).unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_payments_qr_names_its_own_sub_account_and_what_comes_to_it_pays_whatever_is_written(database) {
        let bench = bench_on(database);
        let (payment, other) = (bench.start(100).await, bench.start(100).await);
        let request = Request::new(GetPaymentsRequest { ids: vec![payment.id.to_string()] });
        let shown = Grpc(bench.payments.clone()).get_payments(request).await.unwrap().into_inner();
        let own = prefix().number_of(payment.code);
        assert_eq!(shown.payments[0].qr.as_ref().unwrap().account_number, own);
        let credit = bench.credit_at(1, 100, &own, "an trua").await;
        assert_eq!((credit.state, credit.rule.as_str()), (CreditState::Matched, Rule::SubAccountAndExactAmount.name()));
        assert_eq!((credit.payment, credit.sub_account.as_deref()), (Some(payment.id), Some(own.as_str())));
        assert_eq!(credit.account_number, ACCOUNT);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        // Its amount alone says nothing.
        assert_eq!(bench.status(&other).await, PaymentStatus::Pending);
        assert_eq!(bench.credit_at(2, 100, &own, "an trua").await.state, CreditState::Duplicate);
        // Who writes the code to the account itself is recognised as ever.
        assert_eq!(bench.credit(3, 100, &other.code.to_string()).await, CreditState::Matched);
        bench.assert_sound().await;
    }

    async fn a_closed_payments_sub_account_keeps_nothing_of_an_open_one(database) {
        let bench = bench_on(database);
        let (paid, open) = (bench.start(100).await, bench.start(70).await);
        let own = prefix().number_of(paid.code);
        bench.credit_at(1, 100, &own, "an trua").await;
        assert_eq!(bench.status(&paid).await, PaymentStatus::Succeeded);
        // The app kept the account of last time; the memo says what it is for.
        let credit = bench.credit_at(2, 30, &own, &open.code.to_string()).await;
        assert_eq!((credit.state, credit.payment), (CreditState::Underpaid, Some(open.id)));
        let credit = bench.credit_at(3, 40, &own, &open.code.to_string()).await;
        assert_eq!((credit.state, credit.payment), (CreditState::Matched, Some(open.id)));
        assert_eq!(bench.status(&open).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }

    async fn the_ladder_is_code_and_exact_amount_then_sub_account_then_code(database) {
        let bench = bench_on(database);
        let (here, there) = (bench.start(100).await, bench.start(70).await);
        let own = prefix().number_of(here.code);
        let (here_code, there_code) = (here.code.to_string(), there.code.to_string());
        // Neither amount: it came to the one's own sub-account.
        let credit = bench.credit_at(1, 40, &own, &there_code).await;
        assert_eq!((credit.state, credit.payment), (CreditState::Underpaid, Some(here.id)));
        // The code's exact amount goes before.
        let credit = bench.credit_at(2, 70, &own, &there_code).await;
        assert_eq!((credit.payment, credit.rule.as_str()), (Some(there.id), Rule::CodeAndExactAmount.name()));
        // Parts are parts, however each of them names the payment.
        let credit = bench.credit_at(3, 60, &own, &here_code).await;
        assert_eq!((credit.payment, credit.rule.as_str()), (Some(here.id), Rule::SumOfParts.name()));
        assert_eq!(bench.status(&here).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }

    async fn of_several_codes_the_one_whose_own_it_is_exactly_is_meant_and_else_their_sum(database) {
        let bench = bench_on(database);
        let (one, two) = (bench.start(100).await, bench.start(50).await);
        let own = prefix().number_of(one.code);
        let both = format!("{} {}", one.code, two.code);
        let credit = bench.credit_at(1, 150, &own, &both).await;
        assert_eq!(credit.rule, Rule::SumOfSeveral.name());
        let (three, four) = (bench.start(100).await, bench.start(50).await);
        let own = prefix().number_of(three.code);
        let both = format!("{} {}", three.code, four.code);
        let credit = bench.credit_at(2, 100, &own, &both).await;
        assert_eq!((credit.payment, credit.rule.as_str()), (Some(three.id), Rule::CodeAndExactAmount.name()));
        assert_eq!(bench.status(&four).await, PaymentStatus::Pending);
        bench.assert_sound().await;
    }

    async fn a_number_that_is_no_payments_own_names_nobody(database) {
        let bench = bench_on(database.clone());
        let payment = bench.start(100).await;
        let own = prefix().number_of(payment.code);
        for (id, number) in [(1, "TKP"), (2, &own[1..]), (3, "96247")] {
            let credit = bench.credit_at(id, 100, number, "an trua").await;
            assert_eq!((credit.state, credit.rule.as_str()), (CreditState::Orphan, Rule::NoCode.name()));
        }
        // Where the account has none, a number that looks like one is none either.
        let credit = Bench::on(database).credit_at(4, 100, &own, "an trua").await;
        assert_eq!((credit.state, credit.sub_account), (CreditState::Orphan, Some(own)));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
    }

    async fn what_waited_at_a_sub_account_pays_by_it_when_a_match_is_taken_back(database) {
        let bench = bench_on(database);
        let payment = bench.start(100).await;
        let own = prefix().number_of(payment.code);
        let first = bench.credit_at(1, 100, &own, "mot").await.id;
        assert_eq!(bench.credit_at(2, 100, &own, "hai").await.state, CreditState::Duplicate);
        let asked = UnmatchBankCredit { credit: first, reason: "của người khác".to_owned(), by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        let second = bench.credits().await.into_iter().find(|credit| credit.provider_id == "2").unwrap();
        assert_eq!((second.state, second.rule.as_str()), (CreditState::Matched, Rule::SubAccountAndExactAmount.name()));
        bench.assert_sound().await;
    }
}
