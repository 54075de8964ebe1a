//! Payments of which the money comes in parts: visible while something is missing, paid when all of it came.

use proto::payments as contract;
use proto::payments::payments_server::Payments as _;
use proto::payments::{GetPaymentsRequest, PaymentStanding};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tonic::Request;

use super::*;
use crate::domain::reconciliation::Rule;
use crate::grpc::Grpc;
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

impl Bench {
    async fn shown(&self, payment: &Payment) -> contract::Payment {
        let request = Request::new(GetPaymentsRequest { ids: vec![payment.id.to_string()] });
        let answer = Grpc(self.payments.clone()).get_payments(request).await.unwrap();
        answer.into_inner().payments.remove(0)
    }

    /// How a payment looks, and what of it came and is missing.
    async fn part(&self, payment: &Payment) -> (PaymentStanding, Option<(i64, i64)>) {
        let shown = self.shown(payment).await;
        let minor = |money: &Option<proto::common::Money>| money.as_ref().unwrap().minor;
        let part = shown.part_payment.as_ref();
        (shown.standing(), part.map(|part| (minor(&part.received), minor(&part.missing))))
    }

    /// Amounts, states and rules of all credits, in the order in which they were told of.
    async fn verdicts(&self) -> Vec<(i64, CreditState, String)> {
        told_of(self.credits().await)
    }

    /// The same of those that mean a payment.
    async fn verdicts_of(&self, payment: &Payment) -> Vec<(i64, CreditState, String)> {
        let credits = self.credits().await.into_iter();
        told_of(credits.filter(|credit| credit.payment == Some(payment.id)).collect())
    }
}

fn told_of(mut credits: Vec<store::bank_credit::BankCredit>) -> Vec<(i64, CreditState, String)> {
    credits.sort_by_key(|credit| credit.provider_id.parse::<u64>().unwrap());
    credits.into_iter().map(|credit| (credit.amount.minor, credit.state, credit.rule)).collect()
}

on_each_database! { migrations::payments::Migrator,
    async fn what_came_so_far_is_shown_with_a_qr_of_the_rest_which_pays_it(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingPending, None));
        for (id, amount, received) in [(1, 20, 20), (2, 30, 50), (3, 10, 60), (4, 5, 65)] {
            assert_eq!(bench.credit(id, amount, &code).await, CreditState::Underpaid);
            let part = Some((received, 100 - received));
            assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingPartiallyPaid, part));
        }
        let rest = bench.shown(&payment).await.part_payment.unwrap().qr.unwrap();
        let (qr, _) = crate::VietQr::read(&rest.payload).unwrap();
        assert_eq!((qr.amount, qr.account.as_str(), qr.purpose.as_str()), (Some(35), ACCOUNT, code.as_str()));
        bench.assert_sound().await;
        assert_eq!(bench.credit(5, 35, &code).await, CreditState::Matched);
        assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingSucceeded, None));
        for (_, state, rule) in bench.verdicts().await {
            assert_eq!((state, rule.as_str()), (CreditState::Matched, Rule::SumOfParts.name()));
        }
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 0);
        bench.assert_sound().await;
    }

    async fn more_than_was_asked_for_asks_for_nothing_more(database) {
        let bench = Bench::on(database);
        let (twice, once) = (bench.start(100).await, bench.start(200).await);
        for id in [1, 2] {
            assert_eq!(bench.credit(id, 60, &twice.code.to_string()).await, CreditState::Underpaid);
        }
        assert_eq!(bench.credit(3, 250, &once.code.to_string()).await, CreditState::Overpaid);
        assert_eq!(bench.part(&twice).await, (PaymentStanding::StandingPending, Some((120, 0))));
        assert_eq!(bench.part(&once).await, (PaymentStanding::StandingPending, Some((250, 0))));
        for payment in [&twice, &once] {
            assert_eq!(bench.shown(payment).await.part_payment.unwrap().qr, None);
        }
    }

    async fn a_part_that_is_sent_back_is_no_part_any_more(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        bench.credit(1, 60, &code).await;
        let credit = bench.credits().await[0].id;
        let (by, reason) = (ids::new(), "khách đổi ý".to_owned());
        let held = ResolveBankCredit { credit, resolution: Resolution::Hold, reason: reason.clone(), by };
        resolve_bank_credit(&bench.payments, held).await.unwrap();
        assert_eq!(bench.part(&payment).await.1, Some((60, 40)));
        let back = ResolveBankCredit { credit, resolution: Resolution::Refund(None), reason, by };
        resolve_bank_credit(&bench.payments, back).await.unwrap();
        assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingPending, None));
        // What is missing is the whole again, and what would have been the rest is too little.
        assert_eq!(bench.credit(2, 40, &code).await, CreditState::Underpaid);
        assert_eq!(bench.part(&payment).await.1, Some((40, 60)));
        bench.assert_sound().await;
    }

    async fn a_part_waits_for_a_person_when_the_time_goes_by_and_its_rest_is_late(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        bench.credit(1, 60, &code).await;
        bench.clock.advance(Duration::from_secs(63));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingExpired, Some((60, 40))));
        assert_eq!(bench.shown(&payment).await.part_payment.unwrap().qr, None);
        assert_eq!(bench.credit(2, 40, &code).await, CreditState::Late);
        assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingExpired, Some((100, 0))));
        assert_eq!(bench.verdicts().await[0].1, CreditState::Underpaid);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -100);
        bench.assert_sound().await;
    }

    async fn a_part_that_waits_when_the_whole_comes_came_besides(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let code = payment.code.to_string();
        bench.credit(1, 60, &code).await;
        bench.credit(2, 130, &code).await;
        assert_eq!(bench.credit(3, 100, &code).await, CreditState::Matched);
        let besides = |amount| (amount, CreditState::Duplicate, Rule::PaidByAnother.name().to_owned());
        assert_eq!(bench.verdicts().await[..2], [besides(60), besides(130)]);
        assert_eq!(bench.part(&payment).await, (PaymentStanding::StandingSucceeded, None));
        bench.assert_sound().await;
        // Taken back, the part is one again: with its rest it pays.
        let credit = bench.credits().await.into_iter().find(|one| one.amount == Money::vnd(100)).unwrap().id;
        let asked = UnmatchBankCredit { credit, reason: "của người khác".to_owned(), by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        assert_eq!(bench.verdicts().await[0].1, CreditState::Underpaid);
        assert_eq!(bench.credit(4, 40, &code).await, CreditState::Matched);
        bench.assert_sound().await;
    }

    async fn a_credit_that_a_person_matches_outdoes_parts_but_not_itself(database) {
        let bench = Bench::on(database);
        let (payment, other) = (bench.start(100).await, bench.start(50).await);
        bench.credit(1, 60, &payment.code.to_string()).await;
        bench.credit(2, 150, &payment.code.to_string()).await;
        let credit = bench.credits().await.into_iter().find(|one| one.amount == Money::vnd(150)).unwrap().id;
        let parts = vec![(payment.id, payment.amount), (other.id, other.amount)];
        let (by, reason) = (ids::new(), "trả hai đơn".to_owned());
        let asked = ResolveBankCredit { credit, resolution: Resolution::Pays(parts), reason, by };
        resolve_bank_credit(&bench.payments, asked).await.unwrap();
        let states: Vec<_> = bench.verdicts().await.into_iter().map(|(_, state, _)| state).collect();
        assert_eq!(states, [CreditState::Duplicate, CreditState::Overpaid]);
        bench.assert_sound().await;
    }

    async fn what_was_told_of_first_pays_whether_or_not_they_are_looked_at_together(database) {
        for (round, together) in [(1, false), (2, true)] {
            let bench = Bench::on(database.clone());
            let (one, two) = (bench.start(100).await, bench.start(50).await);
            let both = format!("{} {}", one.code, two.code);
            let told = [(60, one.code.to_string()), (40, one.code.to_string()), (150, both)];
            for ((amount, memo), number) in told.into_iter().zip(0..) {
                bench.tell(round * 10 + number, amount, &memo).await.unwrap();
                if !together {
                    process_feed_events(&bench.payments).await.unwrap();
                }
                bench.clock.advance(Duration::from_millis(1));
            }
            process_feed_events(&bench.payments).await.unwrap();
            let of_one = bench.verdicts_of(&one).await;
            assert!(of_one.iter().all(|(_, state, _)| *state == CreditState::Matched), "{of_one:?}");
            assert_eq!((of_one.len(), bench.status(&two).await), (2, PaymentStatus::Pending));
            bench.assert_sound().await;
        }
    }

    /// The same transfers, told of in batches of any size, end in the same states, of credits and of payments,
    /// and in the same suspense.
    async fn the_batches_in_which_parts_are_told_of_change_nothing(database) {
        for seed in 0..12 {
            let mut chance = StdRng::seed_from_u64(seed);
            let told: Vec<(usize, i64)> = (0..14)
                .map(|_| {
                    let amount = [100, 60, 40, 30, 10, 20, 130][chance.random_range(0..7)];
                    (chance.random_range(0..3), amount)
                })
                .collect();
            let mut ends = Vec::new();
            for batch in [1, 3, 14] {
                let bench = Bench::on(database.clone());
                let before = bench.balance(&format!("suspense:{ACCOUNT}")).await;
                let mut payments = Vec::new();
                for _ in 0..3 {
                    payments.push(bench.start(100).await);
                }
                let first = u64::from(batch as u32) * 10_000 + seed * 100;
                for (place, (payment, amount)) in told.iter().enumerate() {
                    let memo = payments[*payment].code.to_string();
                    bench.tell(first + place as u64, *amount, &memo).await.unwrap();
                    if (place + 1) % batch == 0 {
                        process_feed_events(&bench.payments).await.unwrap();
                    }
                    bench.clock.advance(Duration::from_millis(1));
                }
                process_feed_events(&bench.payments).await.unwrap();
                let mut states = Vec::new();
                for payment in &payments {
                    states.push((bench.part(payment).await, bench.verdicts_of(payment).await));
                }
                let suspense = bench.balance(&format!("suspense:{ACCOUNT}")).await - before;
                ends.push((states, suspense));
                bench.assert_sound().await;
            }
            assert_eq!(ends[0], ends[1], "seed {seed}: {told:?}");
            assert_eq!(ends[0], ends[2], "seed {seed}: {told:?}");
        }
    }
}
