//! Fault 14: a thousand refunds at once, with the same keys and with others; refunds against a run of
//! payouts. Never more goes back than came.

use std::collections::BTreeMap;

use chonoi::api::Api;
use futures_util::StreamExt;
use journeys::market::{Stand, TestMarket, sign_in};
use journeys::shopping::{
    TestShop, check_out_one, open_shop, owed, patiently, pay, refund, sell, wait_for,
};
use serde_json::{Value, json};

use super::books::Books;

/// Refund requests of one storm.
const REQUESTS: usize = 1_000;
/// As many as one shop's people could send at once.
const AT_ONCE: usize = 16;
/// What one request wants back, of a hundred thousand.
const PART: i64 = 1_500;

async fn paid(market: &TestMarket, shop: &TestShop, price: i64) -> anyhow::Result<Value> {
    let goods = sell(shop, "Xoài", price, 10).await?;
    let checkout = check_out_one(&market.api, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    pay(&market.api, &checkout).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    Ok(checkout)
}

/// The second operator: who planned a payout does not approve it.
async fn second_operator(market: &TestMarket) -> anyhow::Result<Api> {
    let (login, password) = ("thu-hai@chonoi.example", "mot-mat-khau-khac");
    chonoi::commands::add_operator(market.config(), login, password).await?;
    sign_in(&market.api, login, password).await
}

on_both_stands! {
    |_| {} => async fn a_thousand_refunds_at_once_give_back_no_more_than_came(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let checkout = paid(&market, &shop, 100_000).await?;
        // Half of them share ten keys, the others have keys of their own.
        let keys: Vec<String> = (0..REQUESTS)
            .map(|n| if n % 2 == 0 { format!("chung-{}", n / 2 % 10) } else { format!("rieng-{n}") })
            .collect();
        let requests = futures_util::stream::iter(&keys).map(|key| {
            let (owner, checkout) = (&shop.owner, &checkout);
            async move { anyhow::Ok((key, refund(owner, checkout, PART, key).await?)) }
        });
        let answers: Vec<_> = requests.buffer_unordered(AT_ONCE).collect().await;
        let mut by_id: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut by_key: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for answer in answers {
            let (key, payload) = answer?;
            match payload["refund"]["id"].as_str() {
                Some(id) => by_id.entry(id.to_owned()).or_default().push(key.clone()),
                None => assert_eq!(payload["userErrors"][0]["code"], "REFUND_EXCEEDS_CAPTURED", "{payload}"),
            }
            by_key.entry(key.clone()).or_default().push(payload["refund"]["id"].clone());
        }
        // As many as fit, and not one more.
        assert_eq!(by_id.len() as i64, 100_000 / PART);
        for (id, keys) in &by_id {
            assert!(keys.iter().all(|key| key == &keys[0]), "{id} was given to several keys: {keys:?}");
        }
        // A key that got a refund got the same each time.
        for (key, ids) in by_key.iter().filter(|(_, ids)| ids.iter().any(|id| !id.is_null())) {
            assert!(ids.iter().all(|id| id == &ids[0]), "{key}: {ids:?}");
        }
        let books = Books::of(&market).await?;
        let total = books.number("SELECT CAST(SUM(amount_minor) AS BIGINT) FROM refunds WHERE status NOT IN ('failed', 'cancelled')").await?;
        assert_eq!(total, 100_000 / PART * PART);
        books.close().await?;
    }

    |config| { config.settlement.days_after_fulfilment = 0; config.settlement.days_after_capture = 0; config.settlement.minimum_payout = 1; } =>
    async fn refunds_that_race_with_payouts_leave_no_shop_paid_twice(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let second = second_operator(&market).await?;
        let mut checkouts = Vec::new();
        for _ in 0..4 {
            checkouts.push(paid(&market, &shop, 100_000).await?);
        }
        let before = owed(&shop).await?;
        // An operator gives back, while others plan, approve and send what the shop is owed.
        let giving = async {
            for (round, checkout) in checkouts.iter().cycle().take(16).enumerate() {
                refund(&market.operator, checkout, 20_000, &format!("tra-{round}")).await?;
            }
            anyhow::Ok(())
        };
        let paying = async {
            for _ in 0..4 {
                let run = "mutation { runPayouts(input: {}) { run { payouts { id } } userErrors { code message } } }";
                let ran = patiently(|| market.operator.attempt(run, json!({}))).await?;
                let planned = ran["run"]["payouts"].as_array().cloned().unwrap_or_default();
                for payout in planned {
                    let approve = "mutation($id: ID!) { approvePayout(input: {payoutId: $id}) { payout { status } userErrors { code message } } }";
                    patiently(|| second.attempt(approve, json!({ "id": payout["id"] }))).await?;
                }
                let send = "mutation { sendTransfers { userErrors { code message } } }";
                patiently(|| second.attempt(send, json!({}))).await?;
            }
            anyhow::Ok(())
        };
        let (given, went) = tokio::join!(giving, paying);
        given?;
        went?;
        let books = Books::of(&market).await?;
        let sum = async |what: &str| books.number(&format!("SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM {what}")).await;
        let refunded = sum("refunds WHERE status IN ('approved', 'sent', 'succeeded')").await?;
        assert_eq!(refunded, 16 * 20_000);
        // Of each refund the shop bears what it was owed of so much of the sale, to the đồng.
        let came = checkouts.len() as i64 * 100_000;
        assert_eq!(before * refunded % came, 0);
        let borne = before * refunded / came;
        // What sales and refunds left, whoever was paid meanwhile; a line is in one payout, and each pays its lines.
        let earned = sum("shop_lines WHERE kind NOT IN ('payout', 'payout_back')").await?;
        assert_eq!(earned, before - borne);
        let planned = sum("payouts WHERE status NOT IN ('discarded', 'returned')").await?;
        let settled = sum("shop_lines WHERE settled_by IN (SELECT id FROM payouts WHERE status NOT IN ('discarded', 'returned'))").await?;
        assert_eq!(planned, settled);
        let sent = sum("payouts WHERE status IN ('sent', 'paid')").await?;
        assert!((1..=before).contains(&sent) && planned <= before, "{sent} of {planned} of {before}");
        // What is still owed: below zero only as what the shop was paid before it was given back.
        assert_eq!(owed(&shop).await?, before - sent - borne);
        books.close().await?;
    }
}
