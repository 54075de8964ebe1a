//! Disputes: the money goes with a fee, and comes back or not.

use super::*;
use crate::providers::card::{
    BalanceTransactionKind, CardError, CardRefusal, Dispute, DisputeId, DisputeStatus,
};

impl Stand {
    /// The only dispute.
    async fn dispute(&self) -> Dispute {
        let (_, list) = self.look("disputes").await;
        let [only] = list["data"].as_array().unwrap().as_slice() else { panic!("{list}") };
        let id: DisputeId = only["id"].as_str().unwrap().parse().unwrap();
        self.stripe.get_dispute(&id).await.unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_disputed_charge_loses_its_money_and_a_fee_and_cannot_be_refunded(database) {
        let stand = Stand::on(database).await;
        let paid = stand.paid(500_000, TestCard::Disputed).await;
        let dispute = stand.dispute().await;
        assert_eq!((dispute.status, dispute.amount), (DisputeStatus::NeedsResponse, Money::vnd(500_000)));
        assert_eq!((dispute.intent, &dispute.charge), (paid.intent.clone(), paid.charge.as_ref().unwrap()));
        let [taken] = dispute.balance_transactions.as_slice() else { panic!() };
        assert_eq!(taken.kind, BalanceTransactionKind::Adjustment);
        assert_eq!((taken.amount, taken.fee, taken.net), (Money::vnd(-500_000), Money::vnd(375_000), Money::vnd(-875_000)));
        let refund = stand.stripe.refund(&refund_of(&paid.intent.unwrap(), 5), &new_key()).await;
        assert!(matches!(refund, Err(CardError::Refused(CardRefusal::Disputed))));
    }

    async fn evidence_wins_or_loses_and_silence_loses(database) {
        let stand = Stand::on(database).await;
        stand.paid(500_000, TestCard::Disputed).await;
        let id = stand.dispute().await.id;
        let evidence = |text: &str, submit| format!("evidence[uncategorized_text]={text}&submit={submit}");
        let path = format!("disputes/{id}");
        assert_eq!(stand.api(&path, None, &evidence("a+letter", false)).await.0, 200);
        assert_eq!(stand.dispute().await.status, DisputeStatus::NeedsResponse);
        assert_eq!(stand.api(&path, None, &evidence("a+letter", true)).await.0, 200);
        assert_eq!(stand.dispute().await.status, DisputeStatus::UnderReview);
        // Under review, no deadline passes.
        stand.clock.advance(Duration::from_secs(8 * 86_400));
        assert_eq!(stand.dispute().await.status, DisputeStatus::UnderReview);
        assert_eq!(stand.api(&path, None, &evidence("winning_evidence", true)).await.0, 200);
        let won = stand.dispute().await;
        let nets: Vec<i64> = won.balance_transactions.iter().map(|one| one.net.minor).collect();
        assert_eq!((won.status.clone(), nets), (DisputeStatus::Won, vec![-875_000, 500_000]));
        assert_eq!(stand.api(&path, None, &evidence("losing_evidence", true)).await.0, 400);
        assert_eq!(stand.api(&format!("{path}/close"), None, "").await.0, 400);
        assert_eq!(stand.dispute().await, won);
    }

    async fn what_nobody_answers_is_lost(database) {
        let stand = Stand::on(database).await;
        let paid = stand.paid(500_000, TestCard::Pays).await;
        let path = format!("charges/{}/dispute", paid.charge.unwrap());
        assert_eq!(stand.door(&path).await.0, 200);
        assert_eq!(stand.door(&path).await.0, 400);
        stand.clock.advance(Duration::from_secs(7 * 86_400 - 1));
        assert_eq!(stand.dispute().await.status, DisputeStatus::NeedsResponse);
        stand.clock.advance(Duration::from_secs(1));
        let lost = stand.dispute().await;
        assert_eq!((lost.status, lost.balance_transactions.len()), (DisputeStatus::Lost, 1));
        assert_eq!(stand.door(&format!("disputes/{}/won", lost.id)).await.0, 400);
        assert_eq!(stand.door(&format!("disputes/{}/perhaps", lost.id)).await.0, 404);
    }
}
