//! Payouts: once a day, net of what is available, told movement by movement, credited by the bank.

use super::*;
use crate::providers::card::{BalanceTransactionKind, Payout, PayoutStatus, ProviderPayoutId};

const DAY: Duration = Duration::from_secs(86_400);

impl Stand {
    /// All payouts, the newest first.
    async fn payouts(&self) -> Vec<Payout> {
        let (_, list) = self.look("payouts?limit=100").await;
        let mut payouts = Vec::new();
        for payout in list["data"].as_array().unwrap() {
            let id: ProviderPayoutId = payout["id"].as_str().unwrap().parse().unwrap();
            payouts.push(self.stripe.payout(&id).await.unwrap());
        }
        payouts
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn what_is_available_is_paid_out_on_the_first_look_of_a_day(database) {
        let stand = Stand::on(database).await;
        stand.sandbox.tick().await.unwrap();
        let first = stand.paid(1_000_000, TestCard::Pays).await;
        stand.refund(&first.intent.unwrap(), 200_000).await;
        stand.clock.advance(DAY);
        stand.paid(500_000, TestCard::Pays).await;
        // The refund is available, the charge is not: less than nothing is not paid out.
        stand.sandbox.tick().await.unwrap();
        assert_eq!(stand.payouts().await, []);
        stand.clock.advance(DAY);
        stand.sandbox.tick().await.unwrap();
        stand.sandbox.tick().await.unwrap();
        let payouts = stand.payouts().await;
        let [payout] = payouts.as_slice() else { panic!("{payouts:?}") };
        // 1,000,000 less 2.9 % and 7,500, less what went back.
        assert_eq!((payout.amount, payout.status), (Money::vnd(763_500), PayoutStatus::InTransit));
        assert!(payout.automatic);
        let parts = stand.stripe.payout_balance_transactions(&payout.id).await.unwrap();
        let told: Vec<_> = parts.iter().map(|part| (part.kind.clone(), part.net.minor)).collect();
        assert_eq!(told, [
            (BalanceTransactionKind::Payout, -763_500),
            (BalanceTransactionKind::Refund, -200_000),
            (BalanceTransactionKind::Charge, 963_500),
        ]);
        assert_eq!(payout.balance_transaction.as_ref(), Some(&parts[0].id));
        stand.clock.advance(DAY);
        stand.sandbox.tick().await.unwrap();
        let payouts = stand.payouts().await;
        assert_eq!(payouts.iter().map(|payout| payout.status).collect::<Vec<_>>(), [
            PayoutStatus::InTransit, PayoutStatus::Paid,
        ]);
        assert_eq!(payouts[0].amount, Money::vnd(478_000));
    }

    async fn a_payout_that_arrived_is_credited_by_the_sandbox_bank_with_its_trace(database) {
        let stand = Stand::on(database).await;
        stand.paid(1_000_000, TestCard::Pays).await;
        let (status, list) = stand.door("payouts").await;
        assert_eq!((status, list["data"].as_array().unwrap().len()), (200, 1));
        let payout = stand.payouts().await.remove(0);
        assert_eq!((payout.amount, payout.status), (Money::vnd(963_500), PayoutStatus::Paid));
        // The bank is told again until its feed is heard, always of one credit.
        stand.ears.lock().unwrap().deaf = usize::MAX;
        stand.sandbox.deliver().await.unwrap();
        stand.ears.lock().unwrap().deaf = 0;
        stand.clock.advance(Duration::from_secs(60));
        stand.sandbox.deliver().await.unwrap();
        stand.sandbox.deliver().await.unwrap();
        let credits = stand.ears.lock().unwrap().credits.clone();
        let [credit] = credits.as_slice() else { panic!("{credits:?}") };
        assert_eq!((credit["transferAmount"].as_i64(), credit["transferType"].as_str()), (Some(963_500), Some("in")));
        assert_eq!(credit["accountNumber"], "0011009090909");
        let memo = credit["content"].as_str().unwrap();
        assert_eq!(memo, format!("STRIPE CHO NOI {}", payout.bank_reference.unwrap()));
        // Nothing is left to pay out.
        assert_eq!(stand.door("payouts").await.1["data"], serde_json::json!([]));
        assert_eq!(stand.api("payouts", None, "").await.0, 400);
    }

    async fn the_movements_of_a_large_payout_come_page_by_page_and_sum_to_it(database) {
        let stand = Stand::on(database).await;
        for _ in 0..105 {
            stand.paid(20_000, TestCard::BypassesPending).await;
        }
        stand.sandbox.tick().await.unwrap();
        let payout = stand.payouts().await.remove(0);
        let parts = stand.stripe.payout_balance_transactions(&payout.id).await.unwrap();
        assert_eq!(parts.len(), 106);
        let ids: std::collections::BTreeSet<_> = parts.iter().map(|part| &part.id).collect();
        assert_eq!(ids.len(), 106);
        assert_eq!(parts.iter().map(|part| part.net.minor).sum::<i64>(), 0);
        assert_eq!(payout.amount, Money::vnd(105 * (20_000 - 580 - 7_500)));
        let (status, _) = stand.look("balance_transactions?starting_after=txn_none").await;
        assert_eq!(status, 404);
        assert_eq!(stand.look("balance_transactions?limit=101").await.0, 400);
        assert_eq!(stand.look("balance_transactions?colour=red").await.0, 400);
        let (_, page) = stand.look(&format!("balance_transactions?limit=2&ending_before={}", parts[3].id)).await;
        let told: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(told, [parts[1].id.as_str(), parts[2].id.as_str()]);
    }

    async fn movements_are_asked_for_by_their_age(database) {
        let stand = Stand::on(database).await;
        stand.paid(100_000, TestCard::Pays).await;
        stand.clock.advance(DAY);
        let since = stand.clock.now();
        let young = stand.paid(200_000, TestCard::Pays).await;
        let told = stand.stripe.balance_transactions_since(since).await.unwrap();
        assert_eq!(told.iter().map(|one| one.amount).collect::<Vec<_>>(), [Money::vnd(200_000)]);
        // A refund changes the charge, which is not younger for it.
        stand.refund(&young.intent.unwrap(), 50_000).await;
        let seconds = since.micros() / 1_000_000;
        for (filter, expected) in [
            (format!("created={seconds}"), (200, 1)),
            (format!("created[gt]={seconds}"), (200, 0)),
            (format!("created[lt]={seconds}"), (200, 1)),
            (format!("created[lte]={seconds}"), (200, 2)),
            ("created[gte]=soon".to_owned(), (400, 0)),
            ("created[near]=1".to_owned(), (400, 0)),
        ] {
            let (status, list) = stand.look(&format!("charges?{filter}")).await;
            let found = list["data"].as_array().map_or(0, Vec::len);
            assert_eq!((status, found), expected, "{filter}");
        }
    }

    async fn a_balance_below_zero_waits_for_better_days(database) {
        let stand = Stand::on(database).await;
        stand.paid(100_000, TestCard::Disputed).await;
        assert_eq!(stand.door("payouts").await.1["data"], serde_json::json!([]));
        let (_, balance) = stand.look("balance").await;
        assert_eq!(balance["available"][0]["amount"], -475_000);
        assert_eq!(balance["pending"][0]["amount"], 89_600);
        stand.paid(1_000_000, TestCard::Pays).await;
        let (_, list) = stand.door("payouts").await;
        assert_eq!(list["data"][0]["amount"], 963_500 + 89_600 - 475_000);
    }
}
