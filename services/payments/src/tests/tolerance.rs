//! Transfers that nearly are what was asked for: by so much as the market lets go, and no more.

use super::*;
use crate::domain::reconciliation::Rule;
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

fn tolerant(database: Database, tolerance: i64) -> Bench {
    Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
        parts.settlement.tolerance = Money::vnd(tolerance);
    })
}

on_each_database! { migrations::payments::Migrator,
    async fn a_transfer_within_the_tolerance_pays_and_the_difference_is_the_market_s(database) {
        let bench = tolerant(database, 1_000);
        let (less, more) = (bench.start(100_000).await, bench.start(100_000).await);
        let too_little = bench.start(100_000).await;
        for (id, amount, payment, state) in [
            (1, 99_000, &less, CreditState::MatchedWithTolerance),
            (2, 100_400, &more, CreditState::MatchedWithTolerance),
            (3, 98_999, &too_little, CreditState::Underpaid),
        ] {
            assert_eq!(bench.credit(id, amount, &payment.code.to_string()).await, state);
        }
        for (payment, status) in [
            (&less, PaymentStatus::Succeeded), (&more, PaymentStatus::Succeeded),
            (&too_little, PaymentStatus::Pending),
        ] {
            assert_eq!(bench.status(payment).await, status);
        }
        assert_eq!(bench.credits().await[2].rule, Rule::WithinTolerance.name());
        assert_eq!(bench.balance("rounding").await, 1_000 - 400);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -98_999);
        bench.assert_sound().await;
        // Taken back, nothing is left of the difference.
        let credit = bench.credits().await[2].id;
        let asked = UnmatchBankCredit { credit, reason: "của người khác".to_owned(), by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        assert_eq!(bench.balance("rounding").await, -400);
        bench.assert_sound().await;
    }

    async fn what_waited_and_is_within_a_tolerance_of_now_pays_out_of_suspense(database) {
        let strict = Bench::on(database.clone());
        let payment = strict.start(100_000).await;
        let code = payment.code.to_string();
        assert_eq!(strict.credit(1, 99_500, &code).await, CreditState::Underpaid);
        let bench = tolerant(database, 1_000);
        assert_eq!(bench.credit(2, 30_000, &code).await, CreditState::Duplicate);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.balance("rounding").await, 500);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -30_000);
        bench.assert_sound().await;
    }
}
