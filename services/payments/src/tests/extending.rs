//! A payment whose payer says that the money is on its way is in time until later, once.

use super::*;
use crate::domain::payment::ChangeRefused;
use crate::usecases::extend_payment::{ExtendPaymentError, extend_payment};

impl Bench {
    /// Asks for so many seconds more than a payment has.
    async fn extend(&self, payment: &Payment, seconds: u64) -> Result<Payment, ExtendPaymentError> {
        let until = payment.expires_at.after(Duration::from_secs(seconds));
        extend_payment(&self.payments, payment.id, until).await
    }

    async fn end_of(&self, payment: &Payment) -> Timestamp {
        store::payment::by_ids(self.database.reader(), &[payment.id]).await.unwrap()[0].expires_at
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn money_of_after_the_first_end_pays_a_payment_that_was_extended_and_no_other(database) {
        let bench = Bench::on(database);
        let (extended, other) = (bench.start(100).await, bench.start(200).await);
        let longer = bench.extend(&extended, 600).await.unwrap();
        assert_eq!(longer.expires_at, extended.expires_at.after(Duration::from_secs(600)));
        bench.clock.advance(Duration::from_secs(63));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&extended).await, PaymentStatus::Pending);
        assert_eq!(bench.status(&other).await, PaymentStatus::Expired);
        assert_eq!(bench.credit(1, 100, &extended.code.to_string()).await, CreditState::Matched);
        assert_eq!(bench.credit(2, 200, &other.code.to_string()).await, CreditState::Late);
        bench.assert_sound().await;
    }

    async fn an_extended_payment_that_nobody_pays_expires_at_its_new_end(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        bench.extend(&payment, 600).await.unwrap();
        bench.clock.advance(Duration::from_secs(660));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        bench.clock.advance(Duration::from_secs(3));
        expire_payments(&bench.payments).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Expired);
        assert_eq!(bench.credit(1, 100, &payment.code.to_string()).await, CreditState::Late);
        bench.assert_sound().await;
    }

    async fn whoever_asks_again_or_at_once_gets_the_same_end(database) {
        let bench = Arc::new(Bench::on(database));
        let payment = bench.start(100).await;
        let asking = (0..8).map(|_| {
            let (bench, payment) = (Arc::clone(&bench), payment.clone());
            tokio::spawn(async move { bench.extend(&payment, 600).await.unwrap().expires_at })
        });
        let until = payment.expires_at.after(Duration::from_secs(600));
        for asked in futures_util::future::join_all(asking).await {
            assert_eq!(asked.unwrap(), until);
        }
        // For more, and after the first end: it was extended once.
        bench.clock.advance(Duration::from_secs(120));
        assert_eq!(bench.extend(&payment, 6_000).await.unwrap().expires_at, until);
        assert_eq!(bench.end_of(&payment).await, until);
    }

    async fn a_payment_that_ended_or_whose_time_went_by_is_not_extended(database) {
        let bench = Bench::on(database);
        let [paid, cancelled, overdue] = [bench.start(100).await, bench.start(200).await, bench.start(300).await];
        bench.credit(1, 100, &paid.code.to_string()).await;
        cancel_payment(&bench.payments, cancelled.id).await.unwrap();
        bench.clock.advance(Duration::from_secs(60) + Duration::from_micros(1));
        for (payment, wanted) in [
            (&paid, ChangeRefused::Closed(PaymentStatus::Succeeded)),
            (&cancelled, ChangeRefused::Closed(PaymentStatus::Cancelled)),
            (&overdue, ChangeRefused::TooLate),
        ] {
            let refused = bench.extend(payment, 600).await;
            assert!(matches!(refused, Err(ExtendPaymentError::Refused(why)) if why == wanted), "{wanted:?}");
            assert_eq!(bench.end_of(payment).await, payment.expires_at);
        }
        let nobody = extend_payment(&bench.payments, ids::new(), bench.clock.now()).await;
        assert!(matches!(nobody, Err(ExtendPaymentError::Unknown(_))));
    }
}
