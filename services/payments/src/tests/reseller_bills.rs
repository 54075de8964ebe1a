//! Resellers pay: one bill for many bookings, matched like any payment, and only then the shops are paid out.

use std::collections::HashMap;

use kernel::{ResellerBillId, ResellerId, UserId};
use proto::events::event::Body;
use proto::events::{Event, OrderFulfilled};
use sea_orm::{ConnectionTrait, Statement};

use super::resellers::Booked;
use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payment::ChangeRefused;
use crate::domain::payout::{PayoutMaker, PayoutStatus};
use crate::domain::reseller_bill::{BillRefused, ResellerBill};
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store::reseller_bill::{KeptBill, Owed};
use crate::usecases::bill_reseller::{BillResellerError, bill_reseller, cancel_reseller_bill};
use crate::usecases::decide_payout::{PayoutDecided, decide_payout};
use crate::usecases::expire_payments::expire_payments;
use crate::usecases::run_payouts::run_payouts;
use crate::usecases::send_transfers::send_transfers;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Booked {
    /// Another booking of the same reseller with the same shop.
    fn another(&self) -> Self {
        Self { booking: ids::new(), order: ids::new(), ..self.clone() }
    }
}

impl Bench {
    async fn billed(&self, of: &Booked, key: &str) -> Result<KeptBill, BillResellerError> {
        self.billed_until(of, VietnamDay::of(self.clock.now()), key).await
    }

    async fn billed_until(
        &self,
        of: &Booked,
        until: VietnamDay,
        key: &str,
    ) -> Result<KeptBill, BillResellerError> {
        let bill = ResellerBill {
            id: ids::new::<ResellerBillId>(),
            reseller: of.reseller,
            until,
            asked_by: ids::new::<UserId>(),
            idempotency_key: key.to_owned(),
        };
        bill_reseller(&self.payments, bill).await
    }

    async fn owes(&self, reseller: ResellerId) -> (i64, i64) {
        let db = self.database.reader();
        let owed = store::reseller_bill::owed(db, Some(&[reseller])).await.unwrap();
        owed.get(&reseller).map_or((0, 0), |Owed { open, billed }| (open.minor, billed.minor))
    }

    /// What a run would pay the shop, nothing written.
    async fn due(&self, of: &Booked) -> i64 {
        let run = self.planned(of, true).await;
        run.payouts.iter().map(|kept| kept.payout.plan.amount.minor).sum()
    }

    async fn planned(&self, of: &Booked, dry: bool) -> crate::usecases::run_payouts::PayoutRun {
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(of.shop, payee)]);
        run_payouts(&self.payments, &payees, PayoutMaker::DailyRun, dry, None).await.unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_bill_that_is_paid_fills_the_receivable_and_lets_the_shop_be_paid(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        let two = one.another();
        bench.hear(&[one.event("one", 1_000_000, false), two.event("two", 500_000, false), two.event("half", 250_000, true)]).await;
        let before = bench.books_of(&one).await;
        let kept = bench.billed(&one, "november").await.unwrap();
        assert_eq!((kept.payment.amount, kept.lines), (Money::vnd(1_250_000), 3));
        assert_eq!(bench.owes(one.reseller).await, (0, 1_250_000));
        // Asked for is not paid.
        bench.clock.advance(20 * DAY);
        assert_eq!((bench.due(&one).await, bench.books_of(&one).await), (0, before));
        bench.assert_sound().await;
        let state = bench.credit(1, 1_250_000, &format!("TT HOA DON {}", kept.payment.code)).await;
        assert_eq!((state, bench.status(&kept.payment).await), (CreditState::Matched, PaymentStatus::Succeeded));
        // Bank to receivable, and nothing else: it is no second sale.
        let mut after = before;
        after[0] = 0;
        assert_eq!(bench.books_of(&one).await, after);
        assert_eq!(bench.balance(&format!("bank:{ACCOUNT}")).await, 1_250_000);
        assert_eq!(bench.owes(one.reseller).await, (0, 0));
        bench.assert_sound().await;
        // Held from when the money came.
        assert_eq!(bench.due(&one).await, 0);
        bench.clock.advance(7 * DAY);
        // 85 % of what was not given back.
        assert_eq!(bench.due(&one).await, 1_062_500);
        assert_eq!(bench.planned(&one, false).await.payouts.len(), 1);
        bench.assert_sound().await;
    }

    async fn guests_who_were_there_shorten_the_holding(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        let fulfilled = OrderFulfilled {
            order_id: one.order.to_string(),
            fulfilled_at: bench.clock.now().micros(),
            ..OrderFulfilled::default()
        };
        let event = Event {
            id: ids::new::<kernel::EventId>().to_string(),
            occurred_at: 0,
            aggregate_id: one.order.to_string(),
            body: Some(Body::OrderFulfilled(fulfilled)),
        };
        // Both are told at the same moment, as after payments stood still.
        bench.hear(&[one.event("one", 1_000_000, false), event]).await;
        bench.clock.advance(3 * DAY);
        assert_eq!(bench.due(&one).await, 0);
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        assert_eq!(bench.due(&one).await, 850_000);
    }

    async fn a_line_stands_in_one_bill_and_a_key_is_one_bill(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let first = bench.billed(&one, "k").await.unwrap();
        let again = bench.billed(&one, "k").await.unwrap();
        assert_eq!((first.bill.id, first.payment), (again.bill.id, again.payment));
        let other_day = bench.billed_until(&one, "2020-01-01".parse().unwrap(), "k").await;
        assert!(matches!(other_day, Err(BillResellerError::KeyReused)));
        let nothing = bench.billed(&one, "other").await;
        assert!(matches!(nothing, Err(BillResellerError::Refused(BillRefused::NothingToPay { .. }))));
        // The database itself says so.
        for change in ["UPDATE reseller_lines SET bill_id = NULL", "UPDATE reseller_lines SET bill_id = reseller_id"] {
            let statement = Statement::from_string(bench.database.backend(), change);
            let tx = bench.database.begin().await.unwrap();
            let refused = tx.execute_raw(statement).await.unwrap_err().to_string();
            assert!(refused.contains("billed once"), "{refused}");
            tx.rollback().await.unwrap();
        }
        bench.assert_sound().await;
    }

    async fn bills_asked_for_at_the_same_time_ask_once(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let (left, right, same) = tokio::join!(bench.billed(&one, "a"), bench.billed(&one, "b"), bench.billed(&one, "a"));
        let made: Vec<_> = [left, right, same].into_iter().flatten().map(|kept| kept.bill.id).collect();
        assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]), "{made:?}");
        assert_eq!(bench.owes(one.reseller).await, (0, 1_000_000));
        bench.assert_sound().await;
    }

    async fn what_comes_after_the_day_waits_for_the_next_bill(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        let later = one.another();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let today = VietnamDay::of(bench.clock.now());
        bench.clock.advance(DAY);
        bench.hear(&[later.event("later", 300_000, false)]).await;
        let kept = bench.billed_until(&one, today, "k").await.unwrap();
        assert_eq!((kept.payment.amount, bench.owes(one.reseller).await), (Money::vnd(1_000_000), (300_000, 1_000_000)));
        assert_eq!(bench.billed(&one, "next").await.unwrap().payment.amount, Money::vnd(300_000));
    }

    async fn other_amounts_wait_for_a_person_and_the_shop_with_them(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        let code = kept.payment.code.to_string();
        assert_eq!(bench.credit(1, 999_999, &code).await, CreditState::Underpaid);
        assert_eq!(bench.credit(2, 1_000_001, &code).await, CreditState::Overpaid);
        bench.clock.advance(30 * DAY);
        assert_eq!((bench.due(&one).await, bench.owes(one.reseller).await), (0, (0, 1_000_000)));
        bench.assert_sound().await;
        // In parts it is paid like any payment.
        assert_eq!(bench.credit(3, 1, &code).await, CreditState::Matched);
        assert_eq!(bench.status(&kept.payment).await, PaymentStatus::Succeeded);
        bench.clock.advance(7 * DAY);
        assert_eq!(bench.due(&one).await, 850_000);
        bench.assert_sound().await;
    }

    async fn what_was_not_paid_in_time_stands_in_the_next_bill_and_late_money_can_pay_that(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.clock.advance(46 * DAY);
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.owes(one.reseller).await, (1_000_000, 0));
        bench.assert_sound().await;
        assert_eq!(bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await, CreditState::Late);
        let next = bench.billed(&one, "next").await.unwrap();
        let credit = bench.told(1).await;
        bench.match_by_hand(credit.id, &[&next.payment]).await;
        assert_eq!((bench.owes(one.reseller).await, bench.books_of(&one).await[0]), ((0, 0), 0));
        bench.assert_sound().await;
    }

    async fn a_bill_that_is_taken_back_asks_for_nothing_and_a_paid_one_stays(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        for _ in 0..2 {
            let back = cancel_reseller_bill(&bench.payments, kept.bill.id).await.unwrap();
            assert_eq!(back.payment.status, PaymentStatus::Cancelled);
        }
        assert_eq!(bench.owes(one.reseller).await, (1_000_000, 0));
        let next = bench.billed(&one, "next").await.unwrap();
        bench.credit(1, 1_000_000, &next.payment.code.to_string()).await;
        let refused = cancel_reseller_bill(&bench.payments, next.bill.id).await;
        assert!(matches!(refused, Err(BillResellerError::Closed(ChangeRefused::Closed(_)))));
        bench.assert_sound().await;
    }

    async fn what_is_given_back_after_it_was_paid_is_a_credit_in_the_next_bill(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        bench.clock.advance(7 * DAY);
        bench.hear(&[one.event("half", 400_000, true)]).await;
        // The shop is owed so much less at once: the market has the money and owes it to the reseller.
        assert_eq!(bench.due(&one).await, 510_000);
        assert_eq!(bench.owes(one.reseller).await, (-400_000, 0));
        let carried = bench.billed(&one, "carried").await;
        let open = Money::vnd(-400_000);
        assert!(matches!(carried, Err(BillResellerError::Refused(BillRefused::NothingToPay { open: is })) if is == open));
        bench.assert_sound().await;
        let two = one.another();
        bench.hear(&[two.event("two", 900_000, false)]).await;
        let next = bench.billed(&one, "next").await.unwrap();
        assert_eq!((next.payment.amount, next.lines), (Money::vnd(500_000), 2));
        bench.credit(2, 500_000, &next.payment.code.to_string()).await;
        assert_eq!(bench.books_of(&one).await[0], 0);
        bench.clock.advance(7 * DAY);
        assert_eq!(bench.due(&one).await, 510_000 + 765_000);
        bench.assert_sound().await;
    }

    async fn what_was_given_back_pays_for_new_bookings_whose_shop_is_paid_without_a_bill(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        // The bill is not paid: what is given back of it is nothing that the market has.
        let two = one.another();
        bench.hear(&[one.event("half", 400_000, true), two.event("two", 300_000, false)]).await;
        bench.planned(&one, false).await;
        bench.clock.advance(8 * DAY);
        assert_eq!(bench.due(&one).await, 0);
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        bench.clock.advance(7 * DAY);
        // 85 % of what was paid and not given back. What is netted counts from the next run on.
        assert_eq!(bench.planned(&one, false).await.payouts[0].payout.plan.amount, Money::vnd(510_000));
        assert_eq!(bench.owes(one.reseller).await, (-100_000, 0));
        let nothing = bench.billed(&one, "nothing").await;
        assert!(matches!(nothing, Err(BillResellerError::Refused(BillRefused::NothingToPay { .. }))));
        // Held like all that was paid, from when it was.
        assert_eq!(bench.due(&one).await, 0);
        bench.clock.advance(7 * DAY);
        assert_eq!(bench.due(&one).await, 255_000);
        bench.assert_sound().await;
        // What comes now is paid by 100,000 in part: that is no payment. The next bill, of whatever day, nets it.
        let three = one.another();
        bench.hear(&[three.event("three", 500_000, false)]).await;
        assert_eq!(bench.planned(&one, false).await.payouts[0].payout.plan.amount, Money::vnd(255_000));
        bench.clock.advance(8 * DAY);
        assert_eq!(bench.due(&one).await, 0);
        let next = bench.billed(&one, "next").await.unwrap();
        assert_eq!((next.payment.amount, next.lines), (Money::vnd(400_000), 3));
        bench.credit(2, 400_000, &next.payment.code.to_string()).await;
        bench.clock.advance(7 * DAY);
        assert_eq!(bench.due(&one).await, 425_000);
        bench.assert_sound().await;
    }

    async fn a_match_that_is_taken_back_takes_what_it_netted_with_it(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        let two = one.another();
        bench.hear(&[one.event("half", 400_000, true), two.event("two", 300_000, false)]).await;
        bench.planned(&one, false).await;
        bench.clock.advance(8 * DAY);
        // All of it is planned, and then the money was for something else.
        let planned = bench.planned(&one, false).await.payouts.remove(0);
        assert_eq!(planned.payout.plan.amount, Money::vnd(510_000 + 255_000));
        let credit = bench.told(1).await;
        bench.unmatch(credit.id).await.unwrap();
        bench.clock.advance(8 * DAY);
        assert_eq!((bench.due(&one).await, bench.owes(one.reseller).await), (0, (-100_000, 1_000_000)));
        bench.assert_sound().await;
        // Paid after all, it pays for the other booking again.
        bench.match_by_hand(credit.id, &[&kept.payment]).await;
        bench.clock.advance(8 * DAY);
        assert_eq!(bench.planned(&one, false).await.payouts[0].payout.plan.amount, Money::vnd(510_000));
        bench.clock.advance(8 * DAY);
        assert_eq!(bench.due(&one).await, 255_000);
        bench.assert_sound().await;
    }

    async fn what_is_given_back_of_an_unpaid_bill_pays_for_nothing_else(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let first = bench.billed(&one, "k").await.unwrap();
        let two = one.another();
        bench.hear(&[one.event("all", 1_000_000, true), two.event("two", 1_500_000, false)]).await;
        let second = bench.billed(&one, "l").await.unwrap();
        assert_eq!((second.payment.amount, second.lines), (Money::vnd(1_500_000), 1));
        bench.credit(1, 1_500_000, &second.payment.code.to_string()).await;
        bench.clock.advance(8 * DAY);
        assert_eq!(bench.due(&one).await, 1_275_000);
        // Paid all the same, the first one is a credit for what comes.
        bench.credit(2, 1_000_000, &first.payment.code.to_string()).await;
        assert_eq!(bench.owes(one.reseller).await, (-1_000_000, 0));
        let three = one.another();
        bench.hear(&[three.event("three", 1_200_000, false)]).await;
        let third = bench.billed(&one, "m").await.unwrap();
        assert_eq!((third.payment.amount, third.lines), (Money::vnd(200_000), 2));
        bench.assert_sound().await;
    }

    async fn a_bill_of_an_earlier_day_takes_what_is_netted_with_it(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        let before = VietnamDay::of(bench.clock.now());
        let early = one.another();
        bench.hear(&[one.event("one", 500_000, false), early.event("early", 500_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.clock.advance(2 * DAY);
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        let two = one.another();
        bench.hear(&[one.event("back", 500_000, true), two.event("two", 400_000, false)]).await;
        bench.planned(&one, false).await;
        // Of two days ago nothing is open: without what was given back nobody is asked for what it paid.
        let refused = bench.billed_until(&one, before, "earlier").await;
        let open = Money::vnd(-100_000);
        assert!(matches!(refused, Err(BillResellerError::Refused(BillRefused::NothingToPay { open: is })) if is == open));
        bench.assert_sound().await;
    }

    async fn a_bill_above_what_one_instant_transfer_carries_is_paid_in_parts(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 900_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        let code = kept.payment.code.to_string();
        assert!(!Payment::is_instant(kept.payment.amount));
        assert_eq!(bench.credit(1, 450_000_000, &code).await, CreditState::Underpaid);
        assert_eq!(bench.credit(2, 450_000_000, &code).await, CreditState::Matched);
        assert_eq!(bench.status(&kept.payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.books_of(&one).await[0], 0);
        bench.assert_sound().await;
    }

    async fn a_match_that_is_taken_back_opens_the_bill_and_throws_planned_payouts_away(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        bench.clock.advance(7 * DAY);
        let planned = bench.planned(&one, false).await.payouts.remove(0);
        let credit = bench.told(1).await;
        bench.unmatch(credit.id).await.unwrap();
        assert_eq!(bench.status(&kept.payment).await, PaymentStatus::Pending);
        assert_eq!((bench.owes(one.reseller).await, bench.books_of(&one).await[0]), ((0, 1_000_000), 1_000_000));
        let db = bench.database.reader();
        let discarded = store::payout::by_id(db, planned.id).await.unwrap().unwrap();
        assert_eq!((discarded.payout.status, bench.due(&one).await), (PayoutStatus::Discarded, 0));
        bench.assert_sound().await;
        bench.match_by_hand(credit.id, &[&kept.payment]).await;
        assert_eq!(bench.books_of(&one).await[0], 0);
        bench.assert_sound().await;
    }

    async fn what_an_unpaid_booking_took_again_keeps_no_other_sale_of_the_shop_from_being_paid(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let kept = bench.billed(&one, "k").await.unwrap();
        bench.credit(1, 1_000_000, &kept.payment.code.to_string()).await;
        bench.clock.advance(7 * DAY);
        let planned = bench.planned(&one, false).await.payouts.remove(0);
        decide_payout(&bench.payments, planned.id, PayoutDecided::Approve, ids::new()).await.unwrap();
        send_transfers(&bench.payments).await.unwrap().unwrap();
        // Paid out, given back, and then the money was for something else: its lines are far below zero.
        bench.hear(&[one.event("back", 1_000_000, true)]).await;
        let credit = bench.told(1).await;
        bench.unmatch(credit.id).await.unwrap();
        let sale = bench.ask_at(one.shop, "m", 100_000).await;
        bench.credit(2, 100_000, &sale.code.to_string()).await;
        bench.clock.advance(8 * DAY);
        assert_eq!(bench.due(&one).await, 98_000);
        bench.assert_sound().await;
    }

    async fn the_doctor_finds_a_receivable_that_no_line_says(database) {
        let bench = Bench::charging(database);
        let one = Booked::new();
        bench.hear(&[one.event("one", 1_000_000, false)]).await;
        let lost = Statement::from_string(bench.database.backend(), "DELETE FROM reseller_lines");
        let tx = bench.database.begin().await.unwrap();
        tx.execute_raw(lost).await.unwrap();
        tx.commit().await.unwrap();
        let findings = doctor(&bench.database, bench.clock.now()).await.unwrap();
        assert_eq!(findings.len(), 2, "{findings:?}");
    }
}
