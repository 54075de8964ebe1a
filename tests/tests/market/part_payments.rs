//! Paying in parts: the shopper sees what is missing and pays just that, at home and at a shop's counter.

use anyhow::{Context, ensure};
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{
    PATIENCE, TestShop, check_out_one, credits, open_shop, page, sell, status, transfer, wait_for,
};
use serde_json::{Value, json};

/// Makes two tests of each journey. A journey ends with a market in which all that must hold, holds.
macro_rules! journeys {
    ($(async fn $name:ident($market:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn check($market: TestMarket) -> anyhow::Result<()> {
                $body
                assert_eq!($market.end().await?, Vec::<String>::new());
                Ok(())
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() -> anyhow::Result<()> {
                check(TestMarket::start(Stand::Embedded, |_| {}).await?).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn servers() -> anyhow::Result<()> {
                check(TestMarket::start(Stand::Servers, |_| {}).await?).await
            }
        }
    )*};
}

const CHANGED: &str = "subscription($id: ID!, $token: String) { checkoutChanged(id: $id, token: $token) {
  status payment { standing partPayment { received { amount } missing { amount } qr { payload } } } } }";
const COUNTER: &str =
    "query($id: ID!, $payment: ID!) { me { shop(id: $id) { counterPayment(id: $payment) {
  status partPayment { received { amount } missing { amount } qr { payload } } } } } }";

/// What the shop's list of payments says: where each stands, and whether some of it came.
async fn listed(shop: &TestShop) -> anyhow::Result<Value> {
    let query =
        "query($id: ID!) { me { shop(id: $id) { payments { nodes { status hasPartPayment } } } } }";
    let found = shop.owner.run(query, json!({ "id": shop.id })).await?;
    Ok(found["me"]["shop"]["payments"]["nodes"].clone())
}

journeys! {
    async fn a_shopper_who_sent_too_little_sees_what_is_missing_and_pays_just_that(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let qr = &checkout["payment"]["qr"];
        let variables = json!({ "id": checkout["id"], "token": checkout["token"] });
        let part = json!({ "account": qr["accountNumber"], "amount": 30_000, "memo": qr["memo"], "payer": "LE MINH" });
        // The page with the QR listens while the money comes.
        let came = |data: &Value| data["checkoutChanged"]["payment"]["partPayment"].is_object();
        let (heard, sent) = tokio::join!(
            market.api.listen_until(CHANGED, variables.clone(), came),
            transfer(&market.api, part)
        );
        sent?;
        let heard = heard?["checkoutChanged"].clone();
        ensure!(heard["status"] == "AWAITING_PAYMENT", "{heard}");
        let payment = &heard["payment"];
        assert_eq!(payment["standing"], "PARTIALLY_PAID");
        let missing = &payment["partPayment"];
        assert_eq!(missing["received"]["amount"], "30000");
        assert_eq!(missing["missing"]["amount"], "55000");
        assert_eq!(listed(&shop).await?, json!([{ "status": "PENDING", "hasPartPayment": true }]));
        let (id, token) = (&checkout["id"], &checkout["token"]);
        let path = format!("/checkout/{}", id.as_str().context("no id")?);
        let cookie = format!("checkouts={}.{}", id.as_str().context("no id")?, token.as_str().context("no token")?);
        let shown = page(&market.api, &path, &cookie, None).await?;
        ensure!(shown.contains("data-received=\"30000\"") && shown.contains("data-amount=\"55000\""), "{shown}");
        let operations = "{ operations { payments(first: 1) { nodes { standing partPayment { missing { amount } } } } } }";
        let seen = market.operator.run(operations, json!({})).await?;
        assert_eq!(seen["operations"]["payments"]["nodes"],
            json!([{ "standing": "PARTIALLY_PAID", "partPayment": { "missing": { "amount": "55000" } } }]));
        // The QR of the rest, as it is.
        transfer(&market.api, json!({ "payload": missing["qr"]["payload"], "payer": "LE MINH" })).await?;
        wait_for(&market.api, &checkout, "PAID").await?;
        let states: Vec<_> = credits(&market.operator).await?.into_iter().map(|credit| credit["state"].clone()).collect();
        assert_eq!(states, ["MATCHED", "MATCHED"]);
        assert_eq!(listed(&shop).await?, json!([{ "status": "SUCCEEDED", "hasPartPayment": false }]));
    }

    async fn a_shopper_who_sent_too_much_in_all_is_asked_for_nothing_more(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let Ok(checkout) = check_out_one(&market.api, &mango).await? else { panic!("refused") };
        let qr = &checkout["payment"]["qr"];
        let variables = json!({ "id": checkout["id"], "token": checkout["token"] });
        let part = json!({ "account": qr["accountNumber"], "amount": 90_000, "memo": qr["memo"], "payer": "LE MINH" });
        transfer(&market.api, part).await?;
        let came = |data: &Value| data["checkoutChanged"]["payment"]["partPayment"].is_object();
        let heard = market.api.listen_until(CHANGED, variables, came).await?;
        let payment = &heard["checkoutChanged"]["payment"];
        assert_eq!(payment["standing"], "PENDING");
        let none = json!({ "received": { "amount": "90000" }, "missing": { "amount": "0" }, "qr": null });
        assert_eq!(payment["partPayment"], none);
        assert_eq!(status(&market.api, &checkout).await?, "AWAITING_PAYMENT");
        let states: Vec<_> = credits(&market.operator).await?.into_iter().map(|credit| credit["state"].clone()).collect();
        assert_eq!(states, ["OVERPAID"]);
    }

    async fn a_counter_sees_what_is_missing_and_shows_the_rest(market) {
        let shop = open_shop(&market, "Cà phê vợt").await?;
        let create = "mutation($input: CreateCounterPaymentInput!) { createCounterPayment(input: $input) {
          payment { id qr { accountNumber memo } } userErrors { code message path } } }";
        let input = json!({ "shopId": shop.id, "amount": { "amount": "45000", "currency": "VND" }, "note": "", "idempotencyKey": "quay-1" });
        let asked = shop.owner.change(create, json!({ "input": input })).await?;
        let payment = &asked["payment"];
        let part = json!({ "account": payment["qr"]["accountNumber"], "amount": 20_000, "memo": payment["qr"]["memo"], "payer": "LE MINH" });
        transfer(&market.api, part).await?;
        let variables = json!({ "id": shop.id, "payment": payment["id"] });
        let begun = std::time::Instant::now();
        let missing = loop {
            let found = shop.owner.run(COUNTER, variables.clone()).await?;
            let part = &found["me"]["shop"]["counterPayment"]["partPayment"];
            if part.is_object() {
                break part.clone();
            }
            ensure!(begun.elapsed() < PATIENCE, "nothing came: {found}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        assert_eq!((&missing["received"]["amount"], &missing["missing"]["amount"]), (&json!("20000"), &json!("25000")));
        let path = format!("/my-shops/{}/counter/{}", shop.id, payment["id"].as_str().context("no id")?);
        let session = format!("session={}", shop.owner.token().unwrap_or_default());
        let shown = page(&market.api, &path, &session, None).await?;
        ensure!(shown.contains("data-received=\"20000\"") && shown.contains("25.000\u{a0}₫"), "{shown}");
        transfer(&market.api, json!({ "payload": missing["qr"]["payload"], "payer": "LE MINH" })).await?;
        loop {
            let found = shop.owner.run(COUNTER, variables.clone()).await?;
            if found["me"]["shop"]["counterPayment"]["status"] == "SUCCEEDED" {
                break;
            }
            ensure!(begun.elapsed() < PATIENCE, "the rest did not pay: {found}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}
