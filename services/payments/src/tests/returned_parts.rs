//! Credits that were to go elsewhere and wait again for what they name: the return to their payer was taken back
//! or failed, or a person's match with another payment was.

use kernel::BankCreditId;

use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::reconciliation::Rule;
use crate::domain::refund::RefundStatus;
use crate::domain::refund_decision::RefundDecision;
use crate::store::refund::{KeptRefund, RefundOf};
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::send_transfers::send_transfers;

const PRICE: i64 = 1_000_000;

/// Returns that come to nothing: of how much, whether an account is named, how far they get, and how they end.
const RETURNS: [(i64, bool, RefundStatus, RefundDecision); 4] = [
    (600_000, false, RefundStatus::Requested, RefundDecision::Cancel),
    (600_000, true, RefundStatus::NeedsApproval, RefundDecision::Cancel),
    (400_000, true, RefundStatus::Approved, RefundDecision::Cancel),
    (400_000, true, RefundStatus::Sent, RefundDecision::Fail),
];

impl Bench {
    /// A person asks to send a credit back; it gets as far as it should.
    async fn ask_back(
        &self,
        credit: BankCreditId,
        named: bool,
        reached: RefundStatus,
    ) -> KeptRefund {
        let account = named.then(|| PayeeAccount::new("970436", "0099887766", "TRAN THI SAU"));
        let resolution = Resolution::Refund(account);
        let (reason, by) = ("khách đổi ý".to_owned(), ids::new());
        let asked = ResolveBankCredit { credit, resolution, reason, by };
        resolve_bank_credit(&self.payments, asked).await.unwrap();
        if reached == RefundStatus::Sent {
            send_transfers(&self.payments).await.unwrap().unwrap();
        }
        let page = kernel::PageRequest::new(50, None);
        let refunds = store::refund::page(self.database.reader(), None, Some(reached), &page);
        let refunds = refunds.await.unwrap();
        refunds.into_iter().find(|refund| refund.of == RefundOf::Credit(credit)).unwrap()
    }

    async fn end_return(&self, refund: &KeptRefund, decision: RefundDecision) {
        decide_refund(&self.payments, refund.id, decision, ids::new(), None).await.unwrap();
    }

    async fn verdict(&self, id: u64) -> (CreditState, String) {
        let credit = self.told(id).await;
        (credit.state, credit.rule)
    }

    async fn unexplained(&self) -> i64 {
        -self.balance(&format!("suspense:{ACCOUNT}")).await
    }
}

fn is(state: CreditState, rule: Rule) -> (CreditState, String) {
    (state, rule.name().to_owned())
}

on_each_database! { migrations::payments::Migrator,
    async fn a_part_that_is_not_sent_back_after_all_pays_with_what_came_meanwhile(database) {
        let bench = Bench::on(database);
        for ((part, named, reached, decision), first) in RETURNS.into_iter().zip([10_u64, 20, 30, 40]) {
            let payment = bench.start(PRICE).await;
            let code = payment.code.to_string();
            assert_eq!(bench.credit(first, part, &code).await, CreditState::Underpaid);
            let refund = bench.ask_back(bench.told(first).await.id, named, reached).await;
            assert_eq!(bench.credit(first + 1, PRICE - part, &code).await, CreditState::Underpaid);
            assert_eq!(bench.status(&payment).await, PaymentStatus::Pending, "{reached:?}");
            bench.end_return(&refund, decision).await;
            assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded, "{reached:?}");
            for id in [first, first + 1] {
                assert_eq!(bench.verdict(id).await, is(CreditState::Matched, Rule::SumOfParts), "{reached:?}");
            }
            let owed = -bench.balance(&format!("shop:{}:payable", payment.allocations[0].shop)).await;
            assert_eq!((owed, bench.unexplained().await), (payment.allocations[0].amount.minor, 0));
            // The same again changes nothing.
            bench.end_return(&refund, decision).await;
            assert_eq!(bench.unexplained().await, 0);
            bench.assert_sound().await;
        }
        assert_eq!(bench.balance("refunds").await, 0);
    }

    async fn a_part_that_is_not_sent_back_after_all_came_besides_what_paid_meanwhile(database) {
        let bench = Bench::on(database);
        let mut besides = 0;
        for ((part, named, reached, decision), first) in RETURNS.into_iter().zip([10_u64, 20, 30, 40]) {
            let payment = bench.start(PRICE).await;
            let code = payment.code.to_string();
            bench.credit(first, part, &code).await;
            let refund = bench.ask_back(bench.told(first).await.id, named, reached).await;
            assert_eq!(bench.credit(first + 1, PRICE, &code).await, CreditState::Matched);
            bench.end_return(&refund, decision).await;
            assert_eq!(bench.verdict(first).await, is(CreditState::Duplicate, Rule::PaidByAnother), "{reached:?}");
            besides += part;
            assert_eq!(bench.unexplained().await, besides);
            bench.assert_sound().await;
        }
    }

    async fn a_part_that_is_not_sent_back_after_all_waits_on_where_its_rest_is_missing(database) {
        let bench = Bench::on(database);
        let payment = bench.start(PRICE).await;
        let code = payment.code.to_string();
        bench.credit(1, 400_000, &code).await;
        let refund = bench.ask_back(bench.told(1).await.id, true, RefundStatus::Approved).await;
        bench.end_return(&refund, RefundDecision::Cancel).await;
        assert_eq!(bench.verdict(1).await, is(CreditState::Underpaid, Rule::Less));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        // Asked for again, and the time goes by: nothing is paid any more.
        let refund = bench.ask_back(bench.told(1).await.id, true, RefundStatus::Approved).await;
        bench.credit(2, 600_000, &code).await;
        bench.clock.advance(Duration::from_secs(63));
        expire_payments(&bench.payments).await.unwrap();
        bench.end_return(&refund, RefundDecision::Cancel).await;
        assert_eq!(bench.verdict(1).await, is(CreditState::Underpaid, Rule::Less));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Expired);
        assert_eq!(bench.unexplained().await, PRICE);
        bench.assert_sound().await;
    }

    async fn what_was_told_of_in_time_pays_while_the_payment_is_open_however_late_a_return_ends(database) {
        let bench = Bench::on(database);
        let payment = bench.start(PRICE).await;
        let code = payment.code.to_string();
        bench.credit(1, 400_000, &code).await;
        let refund = bench.ask_back(bench.told(1).await.id, true, RefundStatus::Approved).await;
        bench.credit(2, 600_000, &code).await;
        bench.clock.advance(Duration::from_secs(61));
        bench.end_return(&refund, RefundDecision::Cancel).await;
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }

    async fn a_credit_that_a_person_gave_to_another_payment_waits_again_for_what_it_names(database) {
        let bench = Bench::on(database);
        // Its rest came meanwhile.
        let (named, other) = (bench.start(100).await, bench.start(60).await);
        bench.credit(1, 60, &named.code.to_string()).await;
        bench.match_by_hand(bench.told(1).await.id, &[&other]).await;
        assert_eq!(bench.credit(2, 40, &named.code.to_string()).await, CreditState::Underpaid);
        bench.unmatch(bench.told(1).await.id).await.unwrap();
        assert_eq!(bench.status(&named).await, PaymentStatus::Succeeded);
        assert_eq!(bench.status(&other).await, PaymentStatus::Pending);
        assert_eq!(bench.verdict(1).await, is(CreditState::Matched, Rule::SumOfParts));
        assert_eq!(bench.unexplained().await, 0);
        bench.assert_sound().await;
        // The whole came meanwhile.
        let (named, other) = (bench.start(100).await, bench.start(60).await);
        bench.credit(3, 60, &named.code.to_string()).await;
        bench.match_by_hand(bench.told(3).await.id, &[&other]).await;
        assert_eq!(bench.credit(4, 100, &named.code.to_string()).await, CreditState::Matched);
        bench.unmatch(bench.told(3).await.id).await.unwrap();
        assert_eq!(bench.verdict(3).await, is(CreditState::Duplicate, Rule::PaidByAnother));
        assert_eq!(bench.unexplained().await, 60);
        bench.assert_sound().await;
    }
}
