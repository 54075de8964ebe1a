//! Refunds of card payments: to the card, by the provider, and by nobody else.

use kernel::UserId;

use super::*;
use crate::domain::card_return::SurplusReturnRefused;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::refund::{RefundMethod, RefundRefused, RefundStatus};
use crate::domain::refund_decision::RefundDecision;
use crate::domain::refund_lines::AskedLine;
use crate::store::refund::KeptRefund;
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::provide_refund_account::{ProvidedBy, provide_refund_account};
use crate::usecases::refund_payment::{
    RefundPayment, RefundPaymentError, RefundedPart, refund_payment,
};
use crate::usecases::return_surplus_to_bank::return_surplus_to_bank;
use crate::usecases::send_transfers::send_transfers;

impl Cards {
    fn asked(&self, payment: &Payment, amount: i64, key: &str, by: UserId) -> RefundPayment {
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

    async fn refund(&self, payment: &Payment, amount: i64, key: &str) -> KeptRefund {
        let asked = self.asked(payment, amount, key, ids::new());
        refund_payment(&self.bench.payments, asked).await.unwrap()
    }

    /// The returns that wait for a person.
    async fn queued(&self) -> Vec<kernel::CardReturnId> {
        let page = kernel::PageRequest::new(20, None);
        let found =
            store::cards::returned::failed_surplus(self.bench.database.reader(), &page).await;
        found.unwrap().into_iter().map(|kept| kept.returned.id).collect()
    }

    async fn status_of(&self, refund: &KeptRefund) -> RefundStatus {
        let db = self.bench.database.reader();
        store::refund::by_id(db, refund.id).await.unwrap().unwrap().status
    }

    async fn owed_to_first(&self, payment: &Payment) -> i64 {
        -self.bench.balance(&format!("shop:{}:payable", payment.allocations[0].shop)).await
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn card_money_of_a_closed_card_goes_to_the_account_that_the_payer_names(database) {
        let cards = Cards::on(database);
        let payments = cards.bench.payments.clone();
        let (payment, _) = cards.surplus(true).await;
        let failed = cards.returns(&payment).await.remove(0).returned.id;
        let by: UserId = ids::new();
        let silent = return_surplus_to_bank(&payments, failed, " ", by).await;
        assert!(matches!(silent, Err(ReturnCardSurplusError::Reason)), "{silent:?}");
        let asked = return_surplus_to_bank(&payments, failed, "thẻ đã đóng", by).await.unwrap();
        assert_eq!((asked.status, asked.payee.clone()), (RefundStatus::Requested, None));
        let same = return_surplus_to_bank(&payments, failed, "thẻ đã đóng", ids::new()).await.unwrap();
        assert_eq!(same.id, asked.id);
        // It waits for an account, and for nobody else.
        assert_eq!(cards.queued().await, []);
        let again = return_card_surplus(&payments, failed, by).await;
        assert!(matches!(again, Err(ReturnCardSurplusError::Refused(SurplusReturnRefused::ToBank))), "{again:?}");
        assert_eq!(cards.bench.balance("suspense:stripe").await, -100_000);
        cards.assert_sound().await;
        let account = PayeeAccount::new("970436", "0099887766", "TRAN THI SAU").unwrap();
        let named = provide_refund_account(&payments, asked.id, account.clone(), ProvidedBy::Buyer(None)).await.unwrap();
        assert_eq!(named.status, RefundStatus::Approved);
        assert_eq!((cards.bench.balance("suspense:stripe").await, cards.bench.balance("refunds").await), (0, -100_000));
        cards.assert_sound().await;
        // Taken back before it was sent, it is owed as before, and can be asked for anew.
        decide_refund(&payments, asked.id, RefundDecision::Cancel, by, None).await.unwrap();
        assert_eq!((cards.bench.balance("suspense:stripe").await, cards.bench.balance("refunds").await), (-100_000, 0));
        assert_eq!(cards.queued().await, [failed]);
        let anew = return_surplus_to_bank(&payments, failed, "thẻ đã đóng", by).await.unwrap();
        assert_ne!(anew.id, asked.id);
        provide_refund_account(&payments, anew.id, account, ProvidedBy::Buyer(None)).await.unwrap();
        send_transfers(&payments).await.unwrap();
        assert_eq!(cards.status_of(&anew).await, RefundStatus::Sent);
        cards.assert_sound().await;
    }

    async fn card_money_that_is_contested_goes_to_no_account(database) {
        let cards = Cards::on(database);
        let payments = cards.bench.payments.clone();
        let (payment, intent) = cards.surplus(true).await;
        let failed = cards.returns(&payment).await.remove(0).returned.id;
        let asked = return_surplus_to_bank(&payments, failed, "thẻ đã đóng", ids::new()).await.unwrap();
        // The dispute comes while the refund waits for its account.
        let dispute = cards.fake.dispute(&intent, 0);
        cards.tell("evt_1", "dispute", dispute.as_str()).await.unwrap();
        cards.work().await;
        let account = PayeeAccount::new("970436", "0099887766", "TRAN THI SAU").unwrap();
        let refused = provide_refund_account(&payments, asked.id, account, ProvidedBy::Buyer(None)).await;
        assert!(matches!(refused, Err(RefundPaymentError::Disputed)), "{refused:?}");
        assert_eq!(cards.status_of(&asked).await, RefundStatus::Requested);
        assert_eq!(cards.bench.balance("refunds").await, 0);
        cards.assert_sound().await;
    }

    async fn card_money_that_went_back_goes_to_no_account(database) {
        let cards = Cards::on(database);
        let payments = cards.bench.payments.clone();
        let (payment, _) = cards.surplus(false).await;
        let went = cards.returns(&payment).await.remove(0).returned;
        assert_eq!(went.status, ReturnStatus::Succeeded);
        let refused = return_surplus_to_bank(&payments, went.id, "x", ids::new()).await;
        assert!(matches!(refused, Err(ReturnCardSurplusError::Refused(SurplusReturnRefused::NotFailed(_)))), "{refused:?}");
        assert_eq!(cards.returns(&payment).await[0].instead, None);
    }

    async fn a_refund_of_a_card_payment_goes_to_the_card_and_needs_no_account(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        let refund = cards.refund(&payment, 40_000, "a").await;
        assert_eq!((refund.method, refund.status), (RefundMethod::Card, RefundStatus::Sent));
        assert_eq!(cards.bench.balance("refunds").await, -40_000);
        assert_eq!(cards.owed_to_first(&payment).await, 59_990);
        cards.assert_sound().await;
        // No bank is given it.
        assert!(send_transfers(&cards.bench.payments).await.unwrap().is_none());
        cards.work().await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
        assert_eq!(cards.bench.balance("refunds").await, 0);
        assert_eq!(cards.fake.state().refunded, 1);
        cards.assert_sound().await;
    }

    async fn an_answer_to_a_refund_that_was_lost_is_one_refund(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        cards.fake.state().lost_answers = 2;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.work().await;
        cards.after(10).await;
        cards.after(10).await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
        assert_eq!(cards.fake.state().refunded, 1);
        cards.assert_sound().await;
    }

    async fn a_lost_answer_is_found_by_the_returns_id_once_the_key_is_forgotten(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        let other = cards.refund(&payment, 10_000, "other").await;
        cards.work().await;
        cards.fake.state().lost_answers = 1;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.work().await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Sent);
        cards.fake.forget_keys();
        cards.after(24 * 3_600).await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
        assert_eq!(cards.status_of(&other).await, RefundStatus::Succeeded);
        // The one of before, and this one: once.
        assert_eq!(cards.fake.state().refunded, 2);
        assert_eq!(cards.bench.balance("refunds").await, 0);
        cards.assert_sound().await;
    }

    async fn a_return_that_the_provider_never_heard_of_is_asked_for_after_a_day_too(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        cards.fake.state().down = true;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.work().await;
        cards.fake.state().down = false;
        cards.after(24 * 3_600).await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
        assert_eq!(cards.fake.state().refunded, 1);
        cards.assert_sound().await;
    }

    async fn money_that_somebody_gave_back_by_hand_meanwhile_is_left_to_a_person(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        cards.fake.state().down = true;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.work().await;
        cards.fake.state().down = false;
        cards.fake.refund_by_hand(&intent, Money::vnd(40_000));
        cards.after(24 * 3_600).await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Sent);
        assert_eq!(cards.fake.state().refunded, 0);
    }

    async fn news_of_a_refund_by_hand_before_the_news_of_its_payment_come_to_the_same(database) {
        let cards = Cards::on(database);
        let mut ends = Vec::new();
        for refund_first in [false, true] {
            let payment = cards.bench.start(100_000).await;
            let page = cards.open(&payment).await;
            let intent = cards.fake.pay(&page).unwrap();
            let charge = cards.fake.charge_of(&intent);
            let refund = cards.fake.refund_by_hand(&intent, Money::vnd(40_000));
            let of_refund = [("refund", refund.as_str()), ("charge", charge.as_str())];
            let of_payment = [("checkout.session", page.as_str()), ("payment_intent", intent.as_str())];
            let news = if refund_first { [of_refund, of_payment] } else { [of_payment, of_refund] };
            for (place, told) in news.into_iter().enumerate() {
                for (object, about) in told {
                    cards.tell(&format!("evt_{page}_{object}"), object, about).await.unwrap();
                }
                cards.work().await;
                let known = if refund_first && place == 0 { PaymentStatus::Pending } else { PaymentStatus::Succeeded };
                assert_eq!(cards.bench.status(&payment).await, known);
                cards.bench.assert_sound().await;
            }
            assert_eq!(cards.returns(&payment).await, []);
            ends.push((cards.statuses(&payment).await, cards.owed_to_first(&payment).await));
        }
        // What somebody else gave back is no shop's, and waits for a person once the provider's payout nets it.
        let end = (vec![AttemptStatus::Captured], 99_990);
        assert_eq!(ends, [end.clone(), end]);
        let (payout, _) = cards.fake.pay_out(None, cards.bench.clock.now());
        cards.tell("evt_payout", "payout", payout.as_str()).await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.balance("suspense:stripe").await, 2 * 40_000);
        cards.assert_sound().await;
    }

    async fn news_of_a_refund_that_overtake_those_of_its_payment_change_nothing(database) {
        let cards = Cards::on(database);
        let mut ends = Vec::new();
        for refund_first in [false, true] {
            let payment = cards.bench.start(100_000).await;
            let page = cards.open(&payment).await;
            let intent = cards.fake.pay(&page).unwrap();
            if !refund_first {
                cards.tell(&format!("evt_{page}"), "checkout.session", &page).await.unwrap();
            }
            // Looked at because it is time to, if nobody told.
            for _ in 0..2 {
                cards.after(30).await;
            }
            assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
            let refund = cards.refund(&payment, 40_000, "a").await;
            cards.work().await;
            let made = cards.returns(&payment).await[0].provider_id.clone().unwrap();
            let charge = cards.fake.charge_of(&intent);
            cards.tell(&format!("evt_{made}"), "refund", made.as_str()).await.unwrap();
            cards.tell(&format!("evt_{charge}"), "charge", charge.as_str()).await.unwrap();
            cards.work().await;
            let postings = cards.bench.postings().await;
            if refund_first {
                cards.tell(&format!("evt_{page}"), "checkout.session", &page).await.unwrap();
                cards.work().await;
            }
            assert_eq!(cards.bench.postings().await, postings);
            assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
            ends.push((cards.statuses(&payment).await, cards.owed_to_first(&payment).await, cards.returns(&payment).await.len()));
            cards.assert_sound().await;
        }
        let end = (vec![AttemptStatus::Captured], 59_990, 1);
        assert_eq!(ends, [end.clone(), end]);
        assert_eq!(cards.fake.state().refunded, 2);
        assert_eq!(cards.bench.balance("refunds").await, 0);
    }

    async fn refunds_to_cards_never_exceed_what_was_captured_whatever_is_asked_at_once(database) {
        let cards = Arc::new(Cards::on(database));
        let (payment, _) = cards.paid(100_010).await;
        let calls = (0..20).map(|number| {
            let (cards, payment) = (Arc::clone(&cards), payment.clone());
            tokio::spawn(async move {
                let asked = cards.asked(&payment, 30_000, &format!("key {number}"), ids::new());
                refund_payment(&cards.bench.payments, asked).await.is_ok()
            })
        });
        let done = futures_util::future::join_all(calls).await;
        assert_eq!(done.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 3);
        cards.work().await;
        assert_eq!(cards.fake.state().refunded, 3);
        cards.assert_sound().await;
    }

    async fn a_refund_that_fails_days_after_it_succeeded_is_owed_to_the_shop_again(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.work().await;
        let id = cards.returns(&payment).await[0].provider_id.clone().unwrap();
        cards.fake.fail_refund(&id);
        for event in ["evt_1", "evt_2"] {
            cards.tell(event, "refund", id.as_str()).await.unwrap();
            cards.work().await;
        }
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Failed);
        assert_eq!(cards.owed_to_first(&payment).await, 99_990);
        assert_eq!(cards.bench.balance("refunds").await, 0);
        cards.assert_sound().await;
        // Now, and only now, an account may be named.
        let mut asked = cards.asked(&payment, 40_000, "b", ids::new());
        asked.account = Some(PayeeAccount::new("970436", "0099887766", "TRAN THI SAU"));
        let refund = refund_payment(&cards.bench.payments, asked).await.unwrap();
        assert_eq!((refund.method, refund.status), (RefundMethod::BankTransfer, RefundStatus::Approved));
        cards.assert_sound().await;
    }

    async fn a_refund_that_the_provider_refuses_fails_and_the_shop_is_owed_again(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        cards.fake.state().refuses_refunds = true;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.work().await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Failed);
        assert_eq!(cards.returns(&payment).await[0].problem.as_deref(), Some("disputed"));
        assert_eq!(cards.owed_to_first(&payment).await, 99_990);
        cards.assert_sound().await;
    }

    async fn an_account_for_a_card_payment_or_a_disputed_payment_is_refused_and_nothing_changes(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(100_000).await;
        let mut asked = cards.asked(&payment, 40_000, "a", ids::new());
        asked.account = Some(PayeeAccount::new("970436", "0099887766", "TRAN THI SAU"));
        let refused = refund_payment(&cards.bench.payments, asked).await;
        assert!(matches!(refused, Err(RefundPaymentError::GoesToCard)), "{refused:?}");
        let dispute = cards.fake.dispute(&intent, 0);
        cards.tell("evt_1", "dispute", dispute.as_str()).await.unwrap();
        cards.work().await;
        let refused = refund_payment(&cards.bench.payments, cards.asked(&payment, 40_000, "b", ids::new())).await;
        assert!(matches!(refused, Err(RefundPaymentError::Disputed)), "{refused:?}");
        assert_eq!(cards.returns(&payment).await, []);
        assert_eq!(cards.owed_to_first(&payment).await, 99_990);
        cards.assert_sound().await;
    }

    async fn pieces_of_lines_go_back_to_the_card_once_a_key_and_never_more_than_were_bought(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_010).await;
        let (line, by) = (ids::new(), ids::new());
        let asked = |quantity, key: &str| RefundPayment {
            part: RefundedPart::Lines(vec![AskedLine { line, ordered: 3, total: Money::vnd(100_000), quantity }]),
            ..cards.asked(&payment, 0, key, by)
        };
        let refund = |quantity, key| refund_payment(&cards.bench.payments, asked(quantity, key));
        let first = refund(1, "a").await.unwrap();
        assert_eq!((first.amount, first.method), (Money::vnd(33_333), RefundMethod::Card));
        cards.work().await;
        // The same key is the same refund, before and after it went; with another body it is refused.
        assert_eq!(refund(1, "a").await.unwrap().id, first.id);
        let reused = refund(2, "a").await;
        assert!(matches!(reused, Err(RefundPaymentError::KeyReused)), "{reused:?}");
        let refused = refund(3, "b").await;
        assert!(matches!(refused, Err(RefundPaymentError::Lines(_))), "{refused:?}");
        assert_eq!(refund(2, "b").await.unwrap().amount, Money::vnd(66_667));
        cards.work().await;
        assert_eq!(cards.fake.state().refunded, 2);
        assert_eq!(cards.owed_to_first(&payment).await, 0);
        assert_eq!(cards.bench.balance("refunds").await, 0);
        cards.assert_sound().await;
    }

    async fn pieces_whose_refund_failed_may_be_given_back_again(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_010).await;
        let line = ids::new();
        let asked = |key: &str| RefundPayment {
            part: RefundedPart::Lines(vec![AskedLine { line, ordered: 2, total: Money::vnd(100_000), quantity: 2 }]),
            ..cards.asked(&payment, 0, key, ids::new())
        };
        cards.fake.state().refuses_refunds = true;
        let failed = refund_payment(&cards.bench.payments, asked("a")).await.unwrap();
        cards.work().await;
        assert_eq!(cards.status_of(&failed).await, RefundStatus::Failed);
        cards.fake.state().refuses_refunds = false;
        let again = refund_payment(&cards.bench.payments, asked("b")).await.unwrap();
        cards.work().await;
        assert_eq!(cards.status_of(&again).await, RefundStatus::Succeeded);
        assert_eq!(cards.owed_to_first(&payment).await, 0);
        cards.assert_sound().await;
    }

    async fn a_dispute_that_comes_while_a_second_person_is_awaited_stops_the_refund(database) {
        let cards = Cards::on(database);
        let (payment, intent) = cards.paid(1_000_000).await;
        let refund = cards.refund(&payment, 600_000, "a").await;
        assert_eq!(refund.status, RefundStatus::NeedsApproval);
        let dispute = cards.fake.dispute(&intent, 0);
        cards.tell("evt_1", "dispute", dispute.as_str()).await.unwrap();
        cards.work().await;
        let decide = |decision| decide_refund(&cards.bench.payments, refund.id, decision, ids::new(), None);
        let refused = decide(RefundDecision::Approve).await;
        assert!(matches!(refused, Err(RefundPaymentError::Disputed)), "{refused:?}");
        assert_eq!(cards.status_of(&refund).await, RefundStatus::NeedsApproval);
        assert_eq!(decide(RefundDecision::Cancel).await.unwrap().status, RefundStatus::Cancelled);
        assert_eq!(cards.owed_to_first(&payment).await, 999_990);
        assert_eq!(cards.returns(&payment).await, []);
        cards.assert_sound().await;
    }

    async fn a_debit_of_a_bank_proves_no_refund_to_a_card(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(100_000).await;
        let refund = cards.refund(&payment, 40_000, "a").await;
        cards.bench.debit("FT1", 40_000, &refund.reference.to_string()).await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Sent);
        assert_eq!(cards.bench.balance(&format!("suspense:{ACCOUNT}")).await, 40_000);
        cards.work().await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
        cards.assert_sound().await;
    }

    async fn above_the_limit_a_second_person_agrees_before_the_card_gets_anything(database) {
        let cards = Cards::on(database);
        let (payment, _) = cards.paid(1_000_000).await;
        let by: UserId = ids::new();
        let asked = cards.asked(&payment, 600_000, "a", by);
        let refund = refund_payment(&cards.bench.payments, asked).await.unwrap();
        assert_eq!(refund.status, RefundStatus::NeedsApproval);
        cards.work().await;
        assert_eq!(cards.fake.state().refunded, 0);
        let decide = |decision, by| decide_refund(&cards.bench.payments, refund.id, decision, by, None);
        let own = decide(RefundDecision::Approve, by).await;
        assert!(matches!(own, Err(RefundPaymentError::Refused(RefundRefused::RequesterMayNotApprove))));
        let other: UserId = ids::new();
        for _ in 0..2 {
            assert_eq!(decide(RefundDecision::Approve, other).await.unwrap().status, RefundStatus::Sent);
        }
        // It is on its way: no person takes it back or says what became of it.
        for decision in [RefundDecision::Cancel, RefundDecision::Fail] {
            let refused = decide(decision, other).await;
            assert!(matches!(refused, Err(RefundPaymentError::Refused(RefundRefused::WrongStatus(_)))));
        }
        cards.work().await;
        assert_eq!(cards.status_of(&refund).await, RefundStatus::Succeeded);
        assert_eq!(cards.fake.state().refunded, 1);
        cards.assert_sound().await;
    }
}
