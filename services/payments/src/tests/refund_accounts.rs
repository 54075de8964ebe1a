//! Refunds of which nobody said where to, and refunds of pieces of an order's lines.

use kernel::{OrderLineId, RefundId, UserId};

use super::*;
use crate::domain::payee_account::{AccountSource, PayeeAccount};
use crate::domain::payment_code::PaymentCode;
use crate::domain::refund::{RefundRefused, RefundStatus};
use crate::domain::refund_decision::RefundDecision;
use crate::domain::refund_lines::{AskedLine, RefundLinesRefused};
use crate::store::refund::KeptRefund;
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::provide_refund_account::{ProvidedBy, provide_refund_account};
use crate::usecases::record_credits::{End, Incoming, record_credits};
use crate::usecases::refund_payment::{
    RefundPayment, RefundPaymentError, RefundedPart, refund_payment,
};
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::send_transfers::send_transfers;

fn account() -> PayeeAccount {
    PayeeAccount::new("970436", "0099887766", "TRAN THI SAU").unwrap()
}

impl Bench {
    /// Tells of a credit as a feed does that says where the money came from.
    async fn credit_from(&self, id: u64, amount: i64, memo: &str, from: Option<(&str, &str)>) {
        let now = self.clock.now();
        let told = Incoming {
            feed: "casso".to_owned(),
            provider_id: id.to_string(),
            statement_identity: None,
            stated_by: None,
            bank: "VPBank".to_owned(),
            account_number: ACCOUNT.to_owned(),
            sub_account: None,
            amount: Money::vnd(amount),
            memo: memo.to_owned(),
            codes: PaymentCode::find_in(memo),
            bank_reference: format!("FT{id}"),
            counterparty_name: Some("NGUYEN VAN A".to_owned()),
            counterparty_account: from.map(|(_, number)| number.to_owned()),
            counterparty_bin: from.map(|(bin, _)| bin.to_owned()),
            booked_at: now,
            received_at: now,
        };
        let tx = self.database.begin().await.unwrap();
        let end = store::ledger::lock(&tx).await.unwrap();
        record_credits(&self.payments, &tx, End::Held(end), vec![told], now).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn unaddressed(&self, payment: &Payment, amount: i64, key: &str, by: UserId) -> RefundPayment {
        RefundPayment {
            payment: payment.id,
            order: payment.allocations[0].order,
            part: RefundedPart::Amount(Money::vnd(amount)),
            reason: "hỏng trên đường".to_owned(),
            account: None,
            requested_by: by,
            scope: None,
            idempotency_key: key.to_owned(),
        }
    }

    async fn kept(&self, id: RefundId) -> KeptRefund {
        store::refund::by_id(self.database.reader(), id).await.unwrap().unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_refund_goes_back_to_where_the_money_came_from_if_that_is_certain(database) {
        let bench = Bench::on(database);
        let from = Some(("970415", "8888888888"));
        let sure = bench.start(100_010).await;
        bench.credit_from(1, 100_010, &sure.code.to_string(), from).await;
        let asked = bench.unaddressed(&sure, 10_000, "a", ids::new());
        let refund = refund_payment(&bench.payments, asked).await.unwrap();
        assert_eq!((refund.status, refund.account_from), (RefundStatus::Approved, AccountSource::Payer));
        assert_eq!(refund.payee.unwrap(), PayeeAccount::new("970415", "8888888888", "NGUYEN VAN A").unwrap());
        // Two payers of one payment, a feed that tells no bank, a feed that tells nothing.
        let several = bench.start(100_010).await;
        bench.credit_from(2, 50_000, &several.code.to_string(), from).await;
        bench.credit_from(3, 50_010, &several.code.to_string(), Some(("970415", "777"))).await;
        let without = bench.start(100_010).await;
        bench.credit(4, 100_010, &without.code.to_string()).await;
        for payment in [several, without] {
            assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
            let asked = bench.unaddressed(&payment, 10_000, &payment.id.to_string(), ids::new());
            let refund = refund_payment(&bench.payments, asked).await.unwrap();
            assert_eq!((refund.status, refund.payee), (RefundStatus::Requested, None));
        }
        assert_eq!(bench.balance("refunds").await, -10_000);
        assert_eq!(send_transfers(&bench.payments).await.unwrap().unwrap().refunds.len(), 1);
        bench.assert_sound().await;
    }

    async fn a_refund_waits_for_its_account_and_holds_its_money_meanwhile(database) {
        let bench = Bench::on(database);
        let payment = bench.start(600_010).await;
        bench.credit(1, 600_010, &payment.code.to_string()).await;
        let (by, operator) = (ids::new(), ids::new());
        let refund = refund_payment(&bench.payments, bench.unaddressed(&payment, 550_000, "a", by)).await.unwrap();
        assert_eq!(refund.status, RefundStatus::Requested);
        let more = refund_payment(&bench.payments, bench.unaddressed(&payment, 60_000, "b", by)).await;
        assert!(matches!(more, Err(RefundPaymentError::Refused(RefundRefused::ExceedsCaptured { .. }))), "{more:?}");
        // Nobody agrees to money that goes nowhere.
        let early = decide_refund(&bench.payments, refund.id, RefundDecision::Approve, operator, None).await;
        assert!(matches!(early, Err(RefundPaymentError::Refused(RefundRefused::WrongStatus(_)))), "{early:?}");
        assert!(send_transfers(&bench.payments).await.unwrap().is_none());
        for _ in 0..2 {
            let provided = ProvidedBy::Operator(operator);
            let named = provide_refund_account(&bench.payments, refund.id, account(), provided).await.unwrap();
            assert_eq!((named.status, named.account_by), (RefundStatus::NeedsApproval, Some(operator)));
        }
        let other = PayeeAccount::new("970436", "1", "KE TROM").unwrap();
        let diverted = provide_refund_account(&bench.payments, refund.id, other, ProvidedBy::Buyer(None)).await;
        assert!(matches!(diverted, Err(RefundPaymentError::Refused(RefundRefused::WrongStatus(_)))), "{diverted:?}");
        assert_eq!(bench.kept(refund.id).await.payee, Some(account()));
        // Neither who asked nor who named the account is the second person.
        for own in [by, operator] {
            let refused = decide_refund(&bench.payments, refund.id, RefundDecision::Approve, own, None).await;
            let expected = RefundRefused::RequesterMayNotApprove;
            assert!(matches!(&refused, Err(RefundPaymentError::Refused(why)) if *why == expected), "{refused:?}");
        }
        assert_eq!(bench.balance("refunds").await, 0);
        decide_refund(&bench.payments, refund.id, RefundDecision::Approve, ids::new(), None).await.unwrap();
        assert_eq!(bench.balance("refunds").await, -550_000);
        bench.assert_sound().await;
    }

    async fn a_buyer_names_the_account_of_a_small_refund_and_it_may_be_sent(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_010).await;
        bench.credit(1, 100_010, &payment.code.to_string()).await;
        let refund = refund_payment(&bench.payments, bench.unaddressed(&payment, 10_000, "a", ids::new())).await.unwrap();
        let named = provide_refund_account(&bench.payments, refund.id, account(), ProvidedBy::Buyer(None)).await.unwrap();
        assert_eq!((named.status, named.account_from), (RefundStatus::Approved, AccountSource::Buyer));
        assert_eq!(bench.kept(refund.id).await, named);
        assert_eq!(send_transfers(&bench.payments).await.unwrap().unwrap().refunds.len(), 1);
        bench.assert_sound().await;
    }

    async fn a_credit_goes_back_to_where_it_came_from_or_waits_for_an_account(database) {
        let bench = Bench::on(database);
        bench.credit_from(1, 300_000, "chuyen nham", Some(("970415", "8888888888"))).await;
        bench.credit(2, 200_000, "chuyen nham").await;
        for credit in bench.credits().await {
            let resolution = Resolution::Refund(None);
            let asked = ResolveBankCredit { credit: credit.id, resolution, reason: "nhầm".to_owned(), by: ids::new() };
            resolve_bank_credit(&bench.payments, asked).await.unwrap();
        }
        assert_eq!(bench.balance("refunds").await, -300_000);
        let page = kernel::PageRequest::new(10, None);
        let requested = Some(RefundStatus::Requested);
        let waiting = store::refund::page(bench.database.reader(), None, requested, &page).await.unwrap();
        let [refund] = waiting.as_slice() else { panic!("{waiting:?}") };
        let operator = ProvidedBy::Operator(ids::new());
        provide_refund_account(&bench.payments, refund.id, account(), operator).await.unwrap();
        assert_eq!(bench.balance("refunds").await, -500_000);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 0);
        bench.assert_sound().await;
    }

    async fn pieces_of_lines_come_back_at_their_price_and_never_more_than_were_ordered(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_010).await;
        bench.credit(1, 100_010, &payment.code.to_string()).await;
        let line: OrderLineId = ids::new();
        let lines = |quantity| RefundedPart::Lines(vec![AskedLine { line, ordered: 3, total: Money::vnd(100_000), quantity }]);
        let asked = |quantity, key: &str| RefundPayment {
            part: lines(quantity),
            account: Some(Ok(account())),
            ..bench.unaddressed(&payment, 0, key, ids::new())
        };
        let first = refund_payment(&bench.payments, asked(1, "a")).await.unwrap();
        assert_eq!(first.amount, Money::vnd(33_333));
        let refused = refund_payment(&bench.payments, asked(3, "b")).await;
        let Err(RefundPaymentError::Lines(RefundLinesRefused::TooMany { available, .. })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(available, 2);
        // What is taken back is free again.
        decide_refund(&bench.payments, first.id, RefundDecision::Cancel, ids::new(), None).await.unwrap();
        assert_eq!(refund_payment(&bench.payments, asked(3, "c")).await.unwrap().amount, Money::vnd(100_000));
        assert_eq!(bench.balance("refunds").await, -100_000);
        bench.assert_sound().await;
    }
}
