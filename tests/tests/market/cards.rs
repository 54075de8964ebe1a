//! Cards in a whole market, with the sandbox in Stripe's place: bought by card, refunded in part,
//! disputed and lost, paid out, and the bank's credit of the payout found; on SQLite in one process and
//! on PostgreSQL with Redis.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{
    PATIENCE, TestShop, add_line, create_cart, open_shop, owed, page, pay, sell, status, wait_for,
};
use platform::config::CardProviderKind;
use serde_json::{Value, json};

/// Pays. Source: docs.stripe.com/testing.
const PAYS: &str = "4242424242424242";
/// Pays, and the cardholder contests it afterwards.
const DISPUTED: &str = "4000000000000259";
/// The bank says no.
const DECLINED: &str = "4000000000000002";

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
                check(started(Stand::Embedded).await?).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn servers() -> anyhow::Result<()> {
                check(started(Stand::Servers).await?).await
            }
        }
    )*};
}

async fn started(stand: Stand) -> anyhow::Result<TestMarket> {
    TestMarket::start(stand, |config| config.card.provider = CardProviderKind::Sandbox).await
}

journeys! {
    async fn a_sale_by_card_is_refunded_disputed_paid_out_and_found_at_the_bank(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài cát Hòa Lộc", 400_000, 10).await?;
        let kept = buy_by_card(&market, &mango, PAYS).await?;
        let lost = buy_by_card(&market, &mango, DISPUTED).await?;
        // The provider pays out what is above zero: a dispute costs more than its sale.
        buy_by_card(&market, &mango, PAYS).await?;
        ensure!(kept["payment"]["method"] == "CARD", "{kept}");

        let refund = refund(&shop, &kept, 100_000).await?;
        assert_eq!((&refund["toCard"], &refund["account"]), (&json!(true), &json!(null)));
        until(&market.operator, REFUNDS, "the refund", |seen| {
            seen["refunds"]["nodes"][0]["status"] == "SUCCEEDED"
        }).await?;
        let kept_id = kept["id"].as_str().unwrap_or_default();
        assert_eq!(standing(&market, kept_id).await?, "PARTIALLY_REFUNDED");

        let seen = until(&market.operator, DISPUTES, "the dispute", |seen| {
            seen["disputes"]["nodes"][0]["movements"]["nodes"].as_array().is_some_and(|all| !all.is_empty())
        }).await?;
        let dispute = seen["disputes"]["nodes"][0]["providerId"].as_str().context("no dispute")?;
        let lost_id = lost["id"].as_str().unwrap_or_default();
        assert_eq!(standing(&market, lost_id).await?, "DISPUTED");
        let before = owed(&shop).await?;
        post(&format!("{}/sandbox/card/disputes/{dispute}/lost", market.url()), &[]).await?;
        until(&market.operator, DISPUTES, "the lost dispute", |seen| {
            seen["disputes"]["nodes"][0]["borne"]["amount"] == "400000"
        }).await?;
        assert_eq!(before - owed(&shop).await?, 400_000);

        post(&format!("{}/sandbox/card/payouts", market.url()), &[]).await?;
        let seen = until(&market.operator, PAYOUTS, "the payout at the bank", |seen| {
            !seen["cardPayouts"]["nodes"][0]["bankCreditId"].is_null()
        }).await?;
        let payout = &seen["cardPayouts"]["nodes"][0];
        assert_eq!(payout["rule"], "card_payout_reference/1");
        let movements = payout["movements"]["nodes"].as_array().context("no movements")?;
        assert_eq!(movements.iter().map(net).sum::<i64>(), 0, "{movements:?}");
        // Three charges, a refund, a dispute, and the payout itself.
        assert_eq!(movements.len(), 6, "{movements:?}");
        for account in ["stripe:clearing", "stripe:payouts", "suspense:stripe", "disputes", "refunds"] {
            assert_eq!(balance(&market.operator, account).await?, 0, "{account}");
        }
        let cookie = format!("session={}", market.operator.token().unwrap_or_default());
        let shown = page(&market.operator, "/operations/money/disputes", &cookie, None).await?;
        assert!(shown.contains(dispute) && shown.contains("data-status=\"lost\""), "{shown}");
        let shown = page(&market.operator, "/operations/money/card-payouts", &cookie, None).await?;
        assert!(shown.contains("data-found") && shown.contains("card_payout_reference/1"), "{shown}");
    }

    async fn whichever_money_comes_first_pays_and_the_other_goes_back(market) {
        let shop = open_shop(&market, "Trái cây").await?;
        let mango = sell(&shop, "Xoài", 85_000, 10).await?;
        let checkout = check_out(&market.api, &mango, "VIETQR").await?;
        ensure!(checkout["payment"]["card"].is_null(), "{checkout}");
        // The shopper scans, thinks again and takes a card, which is declined; then pays by QR.
        let url = pay_by_card(&market.api, &checkout).await?;
        assert_eq!(submit(&format!("{url}/pay"), &[("number", DECLINED)]).await?.0, 402);
        assert_eq!(status(&market.api, &checkout).await?, "AWAITING_PAYMENT");
        assert_eq!(pay_by_card(&market.api, &checkout).await?, url);
        post(&format!("{url}/pay"), &[("number", PAYS)]).await?;
        pay(&market.api, &checkout).await?;
        wait_for(&market.api, &checkout, "PAID").await?;
        // One of the two is a duplicate in the queue or on its way back to the card; the shop is owed once.
        let owed = owed(&shop).await?;
        // Commission of a transfer is 3 %, of a card 6 % and 2,000.
        ensure!([net_of(85_000, 3), net_of(85_000, 6) - 2_000].contains(&owed), "owed {owed}");
        until(&market.operator, "{ operations { bankCredits { nodes { state } } } }", "the transfer", |seen| {
            let state = &seen["bankCredits"]["nodes"][0]["state"];
            state == "DUPLICATE" || state == "MATCHED"
        }).await?;
    }
}

const REFUNDS: &str = "{ operations { refunds { nodes { status toCard } } } }";
const DISPUTES: &str = "{ operations { disputes { nodes { providerId status borne { amount }
  movements(first: 5) { nodes { kind } } } } } }";
const PAYOUTS: &str = "{ operations { cardPayouts(first: 5) { nodes { bankCreditId rule status
  movements(first: 20) { nodes { kind net { amount } } } } } } }";

fn net(movement: &Value) -> i64 {
    movement["net"]["amount"].as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Asks until what operators see is so.
async fn until(
    operator: &Api,
    query: &str,
    what: &str,
    is_so: impl Fn(&Value) -> bool,
) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let seen = operator.run(query, json!({})).await?;
        if is_so(&seen["operations"]) {
            return Ok(seen["operations"].clone());
        }
        ensure!(begun.elapsed() < PATIENCE, "{what} does not come: {seen}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn check_out(api: &Api, variant: &str, pay_with: &str) -> anyhow::Result<Value> {
    let cart = create_cart(api).await?;
    add_line(api, &cart, variant, 1).await?;
    let input = json!({
        "cartId": cart.id, "cartToken": cart.token,
        "contact": { "name": "Lê Minh", "phone": "0900000456" },
        "delivery": { "method": "PICKUP" }, "payWith": pay_with,
        "idempotencyKey": format!("khoa-{:016x}", rand::random::<u64>()),
    });
    let query = "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) {
      checkout { id token status orders { id } payment { id method card { redirectUrl }
        amount { amount } qr { payload accountNumber memo } } } userErrors { code message path } } }";
    Ok(api.change(query, json!({ "input": input })).await?["checkout"].clone())
}

/// "Pay by card instead": the address of the card page.
async fn pay_by_card(api: &Api, checkout: &Value) -> anyhow::Result<String> {
    let query = "mutation($input: PayByCardInput!) { payByCard(input: $input) {
      payment { card { redirectUrl } } userErrors { code message path } } }";
    let input = json!({ "checkoutId": checkout["id"], "token": checkout["token"] });
    let paying = api.change(query, json!({ "input": input })).await?;
    let url = paying["payment"]["card"]["redirectUrl"].as_str();
    Ok(url.context("no card page")?.to_owned())
}

/// Bought and paid on the card page; the checkout.
async fn buy_by_card(market: &TestMarket, variant: &str, card: &str) -> anyhow::Result<Value> {
    let checkout = check_out(&market.api, variant, "CARD").await?;
    let url = checkout["payment"]["card"]["redirectUrl"].as_str();
    let url = url.with_context(|| format!("no card page: {checkout}"))?;
    post(&format!("{url}/pay"), &[("number", card)]).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    Ok(checkout)
}

async fn refund(shop: &TestShop, checkout: &Value, amount: i64) -> anyhow::Result<Value> {
    let query = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      refund { id status toCard account { number } } userErrors { code message path } } }";
    let input = json!({
        "paymentId": checkout["payment"]["id"], "orderId": checkout["orders"][0]["id"],
        "amount": { "amount": amount.to_string(), "currency": "VND" }, "reason": "dập một quả",
        "idempotencyKey": "hoan-1",
    });
    Ok(shop.owner.change(query, json!({ "input": input })).await?["refund"].clone())
}

async fn standing(market: &TestMarket, checkout: &str) -> anyhow::Result<String> {
    let query = "query($id: ID!) { checkout(id: $id) { payment { standing } } }";
    let seen = market.operator.run(query, json!({ "id": checkout })).await?;
    Ok(seen["checkout"]["payment"]["standing"].as_str().unwrap_or_default().to_owned())
}

async fn balance(operator: &Api, account: &str) -> anyhow::Result<i64> {
    let query = "{ operations { trialBalance { lines { account balance { amount } } } } }";
    let seen = operator.run(query, json!({})).await?;
    let lines = seen["operations"]["trialBalance"]["lines"].as_array().context("no lines")?.clone();
    let line = lines.iter().find(|line| line["account"] == account);
    let text = line.and_then(|line| line["balance"]["amount"].as_str()).unwrap_or("0");
    Ok(text.parse()?)
}

async fn post(url: &str, form: &[(&str, &str)]) -> anyhow::Result<()> {
    let (status, answer) = submit(url, form).await?;
    ensure!(status < 400, "{url}: {status} {answer}");
    Ok(())
}

/// Sends a form; gives the status and what is answered.
async fn submit(url: &str, form: &[(&str, &str)]) -> anyhow::Result<(u16, String)> {
    let fields: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(fields.join("&"))
        .send()
        .await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// What a household is owed of an order: less commission, 1 % VAT and 0.5 % PIT, each rounded.
const fn net_of(gross: i64, percent: i64) -> i64 {
    gross - (gross * percent + 50) / 100 - (gross + 50) / 100 - (gross * 5 + 500) / 1_000
}
