//! Matches that are taken back, and what follows: the books, the shop, the payment, other credits.

use std::collections::HashMap;

use kernel::{BankCreditId, UserId};

use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::{PayoutMaker, PayoutStatus};
use crate::domain::refund_decision::RefundDecision;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store::bank_credit::BankCredit;
use crate::usecases::decide_payout::{PayoutDecided, decide_payout};
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::declare_tax;
use crate::usecases::refund_payment::{RefundPayment, RefundedPart, refund_payment};
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::run_payouts::run_payouts;
use crate::usecases::send_transfers::send_transfers;
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, UnmatchError, unmatch_bank_credit};

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Bench {
    pub(super) async fn unmatch(&self, credit: BankCreditId) -> Result<BankCredit, UnmatchError> {
        let reason = "của người khác".to_owned();
        let asked = UnmatchBankCredit { credit, reason, by: ids::new() };
        unmatch_bank_credit(&self.payments, asked).await
    }

    pub(super) async fn match_by_hand(
        &self,
        credit: BankCreditId,
        payments: &[&Payment],
    ) -> BankCredit {
        let parts = payments.iter().map(|payment| (payment.id, payment.amount)).collect();
        let resolution = Resolution::Pays(parts);
        let asked =
            ResolveBankCredit {
                credit, resolution, reason: "gọi điện".to_owned(), by: ids::new()
            };
        resolve_bank_credit(&self.payments, asked).await.unwrap()
    }

    pub(super) async fn told(&self, id: u64) -> BankCredit {
        let credits = self.credits().await;
        credits.into_iter().find(|credit| credit.provider_id == id.to_string()).unwrap()
    }

    async fn owed_to(&self, payment: &Payment) -> i64 {
        -self.balance(&format!("shop:{}:payable", payment.allocations[0].shop)).await
    }

    async fn in_suspense(&self) -> i64 {
        -self.balance(&format!("suspense:{ACCOUNT}")).await
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_match_by_rule_is_taken_back_and_never_made_by_a_rule_again(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        let code = payment.code.to_string();
        assert_eq!(bench.credit(1, 200_010, &code).await, CreditState::Matched);
        let credit = bench.told(1).await.id;
        let unmatched = bench.unmatch(credit).await.unwrap();
        assert_eq!((unmatched.state, unmatched.rule.as_str()), (CreditState::Orphan, "refused_by_person/1"));
        assert!(unmatched.waits() && unmatched.payment.is_none());
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert_eq!((bench.owed_to(&payment).await, bench.in_suspense().await), (0, 200_010));
        assert_eq!((bench.balance("platform:fees").await, bench.balance("tax:vat").await), (0, 0));
        bench.assert_sound().await;
        // It does not expire, and only a person says that it is paid.
        bench.clock.advance(WEEK);
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.credit(2, 100, "khac").await, CreditState::Orphan);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert!(matches!(bench.unmatch(credit).await, Err(UnmatchError::NotMatched)));
        // Another transfer with the code pays it by the rule, however late.
        assert_eq!(bench.credit(3, 200_010, &code).await, CreditState::Matched);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!((bench.owed_to(&payment).await, bench.in_suspense().await), (191_000, 200_110));
        bench.assert_sound().await;
    }

    async fn a_person_may_match_again_what_a_person_took_back(database) {
        let bench = Bench::charging(database);
        let (one, two) = (bench.start(200_010).await, bench.start(100_010).await);
        bench.credit(1, 300_020, "tien dat hang").await;
        let credit = bench.told(1).await.id;
        for _ in 0..3 {
            bench.match_by_hand(credit, &[&one, &two]).await;
            assert_eq!((bench.owed_to(&one).await, bench.in_suspense().await), (191_000, 0));
            bench.assert_sound().await;
            let unmatched = bench.unmatch(credit).await.unwrap();
            assert_eq!(unmatched.resolution, None);
            assert_eq!((bench.owed_to(&one).await, bench.in_suspense().await), (0, 300_020));
            bench.assert_sound().await;
        }
        let decisions = store::credit_decision::of_credits(bench.database.reader(), &[credit]).await.unwrap();
        let actions: Vec<_> = decisions.iter().map(|decision| decision.action.name()).collect();
        assert_eq!(actions, ["split", "unmatch", "split", "unmatch", "split", "unmatch"]);
    }

    async fn a_second_transfer_that_waited_pays_when_the_first_is_taken_away(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        let code = payment.code.to_string();
        bench.credit(1, 200_010, &code).await;
        assert_eq!(bench.credit(2, 200_010, &code).await, CreditState::Duplicate);
        bench.unmatch(bench.told(1).await.id).await.unwrap();
        assert_eq!(bench.told(2).await.state, CreditState::Matched);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!((bench.owed_to(&payment).await, bench.in_suspense().await), (191_000, 200_010));
        bench.assert_sound().await;
        bench.unmatch(bench.told(2).await.id).await.unwrap();
        assert_eq!((bench.owed_to(&payment).await, bench.in_suspense().await), (0, 400_020));
        bench.assert_sound().await;
    }

    async fn parts_of_a_payment_wait_together_when_one_is_taken_away(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        let code = payment.code.to_string();
        for (id, amount) in [(1, 100_000), (2, 100_010)] {
            bench.credit(id, amount, &code).await;
        }
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.unmatch(bench.told(1).await.id).await.unwrap();
        assert_eq!(bench.told(2).await.state, CreditState::Underpaid);
        assert_eq!((bench.owed_to(&payment).await, bench.in_suspense().await), (0, 200_010));
        bench.assert_sound().await;
        assert_eq!(bench.credit(3, 100_000, &code).await, CreditState::Matched);
        assert_eq!((bench.owed_to(&payment).await, bench.in_suspense().await), (191_000, 100_000));
        bench.assert_sound().await;
    }

    async fn one_transfer_for_several_is_taken_away_from_all(database) {
        let bench = Bench::charging(database);
        let (one, two) = (bench.start(200_010).await, bench.start(100_010).await);
        let memo = format!("{} {}", one.code, two.code);
        assert_eq!(bench.credit(1, 300_020, &memo).await, CreditState::Matched);
        bench.unmatch(bench.told(1).await.id).await.unwrap();
        for payment in [&one, &two] {
            assert_eq!(bench.status(payment).await, PaymentStatus::Pending);
            assert_eq!(bench.owed_to(payment).await, 0);
        }
        assert_eq!(bench.in_suspense().await, 300_020);
        bench.assert_sound().await;
    }

    async fn a_sale_that_was_paid_out_becomes_a_debt_and_a_planned_payout_is_thrown_away(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        bench.credit(1, 200_010, &payment.code.to_string()).await;
        let shop = payment.allocations[0].shop;
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, payee)]);
        let plan = || run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None);
        bench.clock.advance(WEEK);
        let planned = plan().await.unwrap().payouts[0].id;
        let by: UserId = ids::new();
        decide_payout(&bench.payments, planned, PayoutDecided::Approve, by).await.unwrap();
        let credit = bench.told(1).await.id;
        bench.unmatch(credit).await.unwrap();
        let page = kernel::PageRequest::new(10, None);
        let db = bench.database.reader();
        let discarded = store::payout::page(db, None, Some(PayoutStatus::Discarded), &page).await.unwrap();
        assert_eq!(discarded[0].id, planned);
        assert!(send_transfers(&bench.payments).await.unwrap().is_none());
        bench.assert_sound().await;
        // The same again, but sent.
        bench.match_by_hand(credit, &[&payment]).await;
        bench.clock.advance(WEEK);
        let planned = plan().await.unwrap().payouts[0].id;
        decide_payout(&bench.payments, planned, PayoutDecided::Approve, by).await.unwrap();
        send_transfers(&bench.payments).await.unwrap().unwrap();
        bench.unmatch(credit).await.unwrap();
        assert_eq!(bench.owed_to(&payment).await, -191_000);
        let carried = plan().await.unwrap().carried;
        assert!(carried.contains(&(shop, Money::vnd(-191_000))), "{carried:?}");
        bench.assert_sound().await;
    }

    async fn a_payment_of_which_money_went_back_keeps_its_match(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        bench.credit(1, 200_010, &payment.code.to_string()).await;
        let asked = RefundPayment {
            payment: payment.id,
            order: payment.allocations[0].order,
            part: RefundedPart::Amount(Money::vnd(50_000)),
            reason: "hỏng".to_owned(),
            account: None,
            requested_by: ids::new(),
            scope: None,
            idempotency_key: "k".to_owned(),
        };
        let refund = refund_payment(&bench.payments, asked).await.unwrap();
        let credit = bench.told(1).await.id;
        let before = bench.postings().await;
        let refused = bench.unmatch(credit).await;
        assert!(matches!(refused, Err(UnmatchError::Refunded(id)) if id == payment.id), "{refused:?}");
        assert_eq!((bench.postings().await, bench.told(1).await.state), (before, CreditState::Matched));
        decide_refund(&bench.payments, refund.id, RefundDecision::Cancel, ids::new(), None).await.unwrap();
        bench.unmatch(credit).await.unwrap();
        bench.assert_sound().await;
    }

    async fn the_tax_of_a_match_that_was_taken_back_is_declared_and_given_back(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        bench.credit(1, 200_010, &payment.code.to_string()).await;
        let month = VietnamDay::of(bench.clock.now()).month();
        let vat_due = async || {
            let declaration = declare_tax::tax_declaration(&bench.payments, month).await.unwrap();
            declaration.totals().unwrap()[&kernel::Currency::Vnd].vat_due().unwrap()
        };
        assert_eq!(vat_due().await, Money::vnd(2_000));
        bench.unmatch(bench.told(1).await.id).await.unwrap();
        assert_eq!(vat_due().await, Money::vnd(0));
        bench.match_by_hand(bench.told(1).await.id, &[&payment]).await;
        assert_eq!(vat_due().await, Money::vnd(2_000));
    }
}
