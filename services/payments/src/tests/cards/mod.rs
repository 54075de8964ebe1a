//! Cards: tries, webhooks, captures, and money that comes second, on both databases.

mod disputes;
mod fake;
mod payouts;
mod refunds;
mod retention;

use std::sync::Arc;

use self::fake::Fake;
use super::*;
use crate::CardParts;
use crate::domain::card_attempt::{AttemptStatus, CardWay};
use crate::domain::card_return::ReturnStatus;
use crate::domain::dispute::DisputeBearer;
use crate::providers::card::CardPaymentStatus;
use crate::providers::card::stripe::webhook::{self, Disbelieved, WebhookSecrets};
use crate::store::cards::attempt::KeptAttempt;
use crate::usecases::open_card_attempt::Opened;
use crate::usecases::process_card_events::process_cards;
use crate::usecases::record_card_event::{RecordCardEventError, record_card_event};
use crate::usecases::return_card_surplus::{ReturnCardSurplusError, return_card_surplus};
use crate::usecases::start_card_attempt::{
    StartCardAttempt, StartCardAttemptError, start_card_attempt,
};

const CARD_SECRET: &str = "whsec_of_tests";

/// A bench that takes cards.
struct Cards {
    bench: Bench,
    fake: Arc<Fake>,
}

impl Cards {
    fn on(database: Database) -> Self {
        Self::with(database, DisputeBearer::Shop)
    }

    fn with(database: Database, lost_disputes: DisputeBearer) -> Self {
        let fake = Arc::new(Fake::default());
        let provider = Arc::clone(&fake);
        let bench = Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
            parts.card = Some(CardParts {
                provider,
                secrets: WebhookSecrets::new([CARD_SECRET.to_owned()]).unwrap(),
                publishable_key: "pk_test".to_owned(),
                pages_url: "https://chonoi.example".to_owned(),
                market_name: "Chợ Nổi".to_owned(),
                lost_disputes,
            });
        });
        Self { bench, fake }
    }

    async fn begin(&self, payment: &Payment) -> Result<Opened, StartCardAttemptError> {
        self.begin_by(payment, CardWay::Hosted).await
    }

    async fn begin_by(
        &self,
        payment: &Payment,
        way: CardWay,
    ) -> Result<Opened, StartCardAttemptError> {
        let asked = StartCardAttempt {
            checkout: payment.checkout().unwrap(),
            way,
            locale: kernel::Locale::Vi,
        };
        start_card_attempt(&self.bench.payments, asked).await
    }

    /// A try, and by what the provider knows it.
    async fn open(&self, payment: &Payment) -> String {
        self.begin(payment).await.unwrap().attempt.session.unwrap().to_string()
    }

    async fn tell(&self, id: &str, object: &str, about: &str) -> Result<(), RecordCardEventError> {
        let body = event(id, object, about);
        let signature = webhook::signature_header(CARD_SECRET, self.bench.clock.now(), &body);
        record_card_event(&self.bench.payments, Some(&signature), &body).await
    }

    async fn work(&self) {
        process_cards(&self.bench.payments).await.unwrap();
    }

    async fn after(&self, seconds: u64) {
        self.bench.clock.advance(Duration::from_secs(seconds));
        self.work().await;
    }

    async fn attempts(&self, payment: &Payment) -> Vec<KeptAttempt> {
        let db = self.bench.database.reader();
        let found = store::cards::attempt::of_payments(db, &[payment.id]).await.unwrap();
        found.into_values().flatten().collect()
    }

    async fn statuses(&self, payment: &Payment) -> Vec<AttemptStatus> {
        self.attempts(payment).await.into_iter().map(|kept| kept.attempt.status).collect()
    }

    async fn returns(&self, payment: &Payment) -> Vec<store::cards::returned::KeptReturn> {
        let mut all = Vec::new();
        for kept in self.attempts(payment).await {
            let db = self.bench.database.reader();
            all.extend(store::cards::returned::of_attempt(db, kept.attempt.id).await.unwrap());
        }
        all
    }

    /// The books are sound, and know of what is at the provider.
    async fn assert_sound(&self) {
        self.bench.assert_sound().await;
        assert_eq!(self.bench.balance("stripe:clearing").await, self.fake.balance());
    }
}

fn event(id: &str, object: &str, about: &str) -> Vec<u8> {
    let data = json!({ "object": { "id": about, "object": object } });
    json!({ "id": id, "object": "event", "type": format!("{object}.changed"), "data": data })
        .to_string()
        .into_bytes()
}

on_each_database! { migrations::payments::Migrator,
    async fn a_card_pays_each_shop_its_part_less_nothing_and_the_fee_is_ours(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        let intent = cards.fake.pay(&page).unwrap();
        cards.tell("evt_1", "checkout.session", &page).await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Captured]);
        assert_eq!(cards.attempts(&payment).await[0].intent, Some(intent));
        assert_eq!(cards.bench.balance("card:fees").await, 3_900);
        assert_eq!(cards.bench.balance("stripe:clearing").await, 96_100);
        for part in &payment.allocations {
            let owed = -cards.bench.balance(&format!("shop:{}:payable", part.shop)).await;
            assert_eq!(owed, part.amount.minor);
        }
        cards.assert_sound().await;
    }

    async fn fifty_webhooks_at_once_in_any_order_and_late_are_one_capture(database) {
        let cards = Arc::new(Cards::on(database));
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        let intent = cards.fake.pay(&page).unwrap().to_string();
        let calls = (0..50).map(|number| {
            let (cards, page, intent) = (Arc::clone(&cards), page.clone(), intent.clone());
            tokio::spawn(async move {
                match number % 2 {
                    0 => cards.tell("evt_intent", "payment_intent", &intent).await.is_ok(),
                    _ => cards.tell("evt_page", "checkout.session", &page).await.is_ok(),
                }
            })
        });
        for call in futures_util::future::join_all(calls).await {
            assert!(call.unwrap());
        }
        tokio::join!(cards.work(), cards.work());
        // A word of three days ago changes nothing.
        cards.bench.clock.advance(Duration::from_secs(72 * 3_600));
        cards.tell("evt_late", "checkout.session", &page).await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Captured]);
        // The capture and its fee.
        assert_eq!(cards.bench.postings().await, 2);
        let told = store::cards::event::outcomes(cards.bench.database.reader()).await.unwrap();
        let counted: Vec<_> = told.iter().map(|(id, deliveries, _)| (id.as_str(), *deliveries)).collect();
        assert_eq!(counted, [("evt_intent", 25), ("evt_late", 1), ("evt_page", 25)]);
        // An intent that was told of before its page was looked at is nobody's yet; the page tells of it.
        let looked = |id: &str, outcome: &Option<String>| match outcome.as_deref() {
            Some("looked_at") => true,
            Some("not_ours") => id == "evt_intent",
            _ => false,
        };
        assert!(told.iter().all(|(id, _, outcome)| looked(id, outcome)), "{told:?}");
        cards.assert_sound().await;
    }

    async fn a_forged_old_altered_or_unsigned_event_leaves_a_rejection_and_nothing_else(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        let body = event("evt_1", "checkout.session", &page);
        let now = cards.bench.clock.now();
        let mut altered = body.clone();
        altered.push(b' ');
        for (signature, body, expected) in [
            (None, &body, Disbelieved::NoProof),
            (Some(webhook::signature_header("another", now, &body)), &body, Disbelieved::WrongSignature),
            (Some(webhook::signature_header(CARD_SECRET, now.before(Duration::from_secs(301)), &body)), &body, Disbelieved::Stale),
            (Some(webhook::signature_header(CARD_SECRET, now, &body)), &altered, Disbelieved::WrongSignature),
        ] {
            let refused = record_card_event(&cards.bench.payments, signature.as_deref(), body).await;
            let Err(RecordCardEventError::Disbelieved(reason)) = refused else { panic!("{refused:?}") };
            assert_eq!(reason, expected);
        }
        cards.work().await;
        assert_eq!(store::feed_event::counts(cards.bench.database.reader()).await.unwrap(), (0, 4));
        assert_eq!(store::cards::event::outcomes(cards.bench.database.reader()).await.unwrap(), []);
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Pending);
    }

    async fn what_webhooks_lost_is_found_by_looking(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        cards.after(30).await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Pending);
        cards.after(30).await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
        cards.assert_sound().await;
    }

    async fn a_transfer_pays_what_a_card_was_begun_for_and_closes_its_page(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        assert_eq!(cards.bench.credit(1, 100_000, &payment.code.to_string()).await, CreditState::Matched);
        cards.work().await;
        assert_eq!(cards.fake.status(&page), CardPaymentStatus::Expired);
        assert_eq!(cards.fake.pay(&page), None);
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Closed]);
        let refused = cards.begin(&payment).await;
        assert!(matches!(refused, Err(StartCardAttemptError::Closed(PaymentStatus::Succeeded))), "{refused:?}");
        cards.assert_sound().await;
    }

    async fn card_money_that_comes_second_goes_back_to_the_card_once(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        cards.bench.credit(1, 100_000, &payment.code.to_string()).await;
        for number in 0..3 {
            cards.tell(&format!("evt_{number}"), "checkout.session", &page).await.unwrap();
            cards.work().await;
        }
        tokio::join!(cards.work(), cards.work());
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Surplus]);
        assert_eq!(cards.fake.state().refunded, 1);
        let returns = cards.returns(&payment).await;
        assert_eq!(returns.len(), 1);
        assert_eq!(returns[0].returned.status, ReturnStatus::Succeeded);
        assert_eq!(cards.bench.balance("suspense:stripe").await, 0);
        // The fee of what came and went is ours.
        assert_eq!(cards.bench.balance("card:fees").await, 3_900);
        cards.assert_sound().await;
    }

    async fn a_transfer_after_the_card_is_a_duplicate_in_the_queue(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        cards.tell("evt_1", "checkout.session", &page).await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.credit(1, 100_000, &payment.code.to_string()).await, CreditState::Duplicate);
        assert_eq!(cards.bench.balance(&format!("suspense:{ACCOUNT}")).await, -100_000);
        cards.assert_sound().await;
    }

    async fn an_answer_that_was_lost_is_asked_for_again_under_the_same_key(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        cards.fake.state().lost_answers = 1;
        let refused = cards.begin(&payment).await;
        assert!(matches!(refused, Err(StartCardAttemptError::Unavailable)), "{refused:?}");
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Requested]);
        let page = cards.open(&payment).await;
        assert_eq!(page, "cs_1");
        // And of a refund.
        cards.fake.pay(&page).unwrap();
        cancel_payment(&cards.bench.payments, payment.id).await.unwrap();
        cards.fake.state().lost_answers = 1;
        cards.work().await;
        assert_eq!(cards.returns(&payment).await[0].returned.status, ReturnStatus::Waiting);
        cards.after(10).await;
        assert_eq!(cards.returns(&payment).await[0].returned.status, ReturnStatus::Succeeded);
        assert_eq!(cards.fake.state().refunded, 1);
        cards.assert_sound().await;
    }

    async fn a_payment_waits_for_the_provider_when_its_time_goes_by_and_not_for_ever(database) {
        let cards = Cards::on(database);
        let (paid, unheard) = (cards.bench.start(100_000).await, cards.bench.start(50_000).await);
        let (page, other) = (cards.open(&paid).await, cards.open(&unheard).await);
        cards.bench.clock.advance(Duration::from_secs(59));
        cards.fake.pay(&page).unwrap();
        cards.fake.think(&other);
        cards.fake.state().down = true;
        cards.after(2).await;
        expire_payments(&cards.bench.payments).await.unwrap();
        assert_eq!(cards.bench.status(&paid).await, PaymentStatus::Pending);
        cards.fake.state().down = false;
        cards.after(60).await;
        expire_payments(&cards.bench.payments).await.unwrap();
        assert_eq!(cards.bench.status(&paid).await, PaymentStatus::Succeeded);
        assert_eq!(cards.bench.status(&unheard).await, PaymentStatus::Pending);
        cards.after(240).await;
        expire_payments(&cards.bench.payments).await.unwrap();
        assert_eq!(cards.bench.status(&unheard).await, PaymentStatus::Expired);
        cards.assert_sound().await;
    }

    async fn a_page_closes_with_the_payment(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.after(63).await;
        expire_payments(&cards.bench.payments).await.unwrap();
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Expired);
        assert_eq!(cards.fake.status(&page), CardPaymentStatus::Expired);
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Closed]);
    }

    async fn a_payment_has_one_live_try_whatever_is_asked_at_once(database) {
        let cards = Arc::new(Cards::on(database));
        let payment = cards.bench.start(100_000).await;
        let calls = (0..10).map(|_| {
            let (cards, payment) = (Arc::clone(&cards), payment.clone());
            tokio::spawn(async move { cards.begin(&payment).await.is_ok() })
        });
        let opened = futures_util::future::join_all(calls).await;
        assert!(opened.into_iter().any(|one| one.unwrap()));
        assert_eq!(cards.statuses(&payment).await, [AttemptStatus::Open]);
        let again = cards.begin(&payment).await.unwrap().attempt;
        assert_eq!(again.redirect_url.as_deref(), Some("https://cards.example/cs_1"));
    }

    async fn a_form_in_our_page_gets_its_secret_as_often_as_it_asks(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        for _ in 0..2 {
            let opened = cards.begin_by(&payment, CardWay::Embedded).await.unwrap();
            assert_eq!(opened.client_secret.unwrap().0, "pi_1_secret");
        }
        cards.fake.pay("pi_1").unwrap();
        cards.tell("evt_1", "payment_intent", "pi_1").await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
        cards.assert_sound().await;
    }

    async fn an_event_of_somebody_elses_payment_is_not_ours(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.state().down = true;
        cards.tell("evt_1", "checkout.session", &page).await.unwrap();
        cards.work().await;
        let outcome = || async { store::cards::event::outcomes(cards.bench.database.reader()).await.unwrap() };
        // What cannot be asked now waits.
        assert_eq!(outcome().await, [("evt_1".to_owned(), 1, None)]);
        cards.fake.state().down = false;
        cards.after(5).await;
        assert_eq!(outcome().await, [("evt_1".to_owned(), 1, Some("looked_at".to_owned()))]);
        cards.tell("evt_2", "customer", "cus_1").await.unwrap();
        cards.work().await;
        assert_eq!(outcome().await[1].2, Some("not_kept_track_of".to_owned()));
    }

    async fn a_movement_that_is_told_later_is_booked_later_and_once(database) {
        let cards = Cards::on(database);
        cards.fake.state().slow_movements = true;
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        cards.tell("evt_1", "checkout.session", &page).await.unwrap();
        cards.work().await;
        assert_eq!(cards.bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(cards.bench.balance("stripe:clearing").await, 100_000);
        cards.bench.assert_sound().await;
        cards.fake.tell_movements();
        cards.after(5).await;
        cards.after(5).await;
        assert_eq!(cards.bench.balance("card:fees").await, 3_900);
        cards.assert_sound().await;
    }

    async fn a_return_that_fails_leaves_the_money_in_suspense_for_a_person(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        cancel_payment(&cards.bench.payments, payment.id).await.unwrap();
        cards.work().await;
        cards.work().await;
        let id = cards.returns(&payment).await[0].provider_id.clone().unwrap();
        assert_eq!(cards.bench.balance("suspense:stripe").await, 0);
        cards.fake.fail_refund(&id);
        for number in 0..2 {
            cards.tell(&format!("evt_{number}"), "refund", id.as_str()).await.unwrap();
            cards.work().await;
        }
        assert_eq!(cards.returns(&payment).await[0].returned.status, ReturnStatus::Failed);
        assert_eq!(cards.bench.balance("suspense:stripe").await, -100_000);
        cards.assert_sound().await;
    }

    async fn card_money_that_could_not_go_back_is_sent_again_by_a_person_and_goes_once(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        cards.fake.pay(&page).unwrap();
        cancel_payment(&cards.bench.payments, payment.id).await.unwrap();
        cards.fake.state().refuses_refunds = true;
        cards.work().await;
        cards.work().await;
        let failed = cards.returns(&payment).await.remove(0);
        assert_eq!(failed.returned.status, ReturnStatus::Failed);
        let queue = async || {
            let page = kernel::PageRequest::new(20, None);
            let db = cards.bench.database.reader();
            let found = store::cards::returned::failed_surplus(db, &page).await.unwrap();
            found.into_iter().map(|kept| kept.returned.id).collect::<Vec<_>>()
        };
        assert_eq!(queue().await, [failed.returned.id]);
        // Nobody cares for a week: the doctor names it.
        cards.bench.clock.advance(Duration::from_secs(6 * 24 * 3_600));
        cards.assert_sound().await;
        cards.bench.clock.advance(Duration::from_secs(2 * 24 * 3_600));
        let findings = doctor(&cards.bench.database, cards.bench.clock.now()).await.unwrap();
        assert!(findings.len() == 1 && findings[0].contains("did not go back"), "{findings:?}");
        cards.fake.state().refuses_refunds = false;
        let by = ids::new();
        let again = return_card_surplus(&cards.bench.payments, failed.returned.id, by).await.unwrap();
        assert_eq!((again.asked_by, again.returned.status), (Some(by), ReturnStatus::Waiting));
        assert_eq!(queue().await, []);
        for _ in 0..2 {
            cards.work().await;
            let same = return_card_surplus(&cards.bench.payments, failed.returned.id, by).await.unwrap();
            assert_eq!(same.returned.id, again.returned.id);
        }
        // What went is not sent again.
        let refused = return_card_surplus(&cards.bench.payments, again.returned.id, by).await;
        assert!(matches!(refused, Err(ReturnCardSurplusError::Refused(_))), "{refused:?}");
        assert_eq!(cards.fake.state().refunded, 1);
        assert_eq!(cards.bench.balance("suspense:stripe").await, 0);
        cards.assert_sound().await;
    }

    async fn card_money_whose_bank_contests_it_is_not_sent_again(database) {
        let cards = Cards::on(database);
        let payment = cards.bench.start(100_000).await;
        let page = cards.open(&payment).await;
        let intent = cards.fake.pay(&page).unwrap();
        cancel_payment(&cards.bench.payments, payment.id).await.unwrap();
        cards.fake.state().refuses_refunds = true;
        cards.work().await;
        cards.work().await;
        let dispute = cards.fake.dispute(&intent, 0);
        cards.tell("evt_1", "dispute", dispute.as_str()).await.unwrap();
        cards.work().await;
        let failed = cards.returns(&payment).await.remove(0);
        let refused = return_card_surplus(&cards.bench.payments, failed.returned.id, ids::new()).await;
        assert!(matches!(refused, Err(ReturnCardSurplusError::Disputed)), "{refused:?}");
        assert_eq!(cards.returns(&payment).await.len(), 1);
    }

    async fn a_market_without_cards_takes_none(database) {
        let bench = Bench::on(database);
        let by_card = StartPayment { by_card: true, ..bench.request(100_000) };
        let refused = start_payment(&bench.payments, by_card).await;
        assert!(matches!(refused, Err(StartPaymentError::NoCards)));
        let payment = bench.start(100_000).await;
        let asked = StartCardAttempt {
            checkout: payment.checkout().unwrap(),
            way: CardWay::Hosted,
            locale: kernel::Locale::Vi,
        };
        let refused = start_card_attempt(&bench.payments, asked).await;
        assert!(matches!(refused, Err(StartCardAttemptError::NoCards)));
    }
}
