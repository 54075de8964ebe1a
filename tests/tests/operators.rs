//! What operators do on their pages: every decision that the API knows has a form, and the page says what
//! came of it, or why it is refused.

use anyhow::Context;
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket, sign_in};
use journeys::shopping::{
    TestShop, check_out_one, open_shop, page, patiently, pay, refund, sell, transfer, wait_for,
    wait_for_credits,
};
use platform::config::Config;
use serde_json::{Value, json};

/// An operator before their pages.
struct Desk {
    api: Api,
    cookie: String,
}

impl Desk {
    fn of(operator: &Api) -> Self {
        let cookie = format!("session={}", operator.token().unwrap_or_default());
        Self { api: operator.clone(), cookie }
    }

    async fn see(&self, path: &str) -> anyhow::Result<String> {
        page(&self.api, path, &self.cookie, None).await
    }

    /// Sends a form; gives the page that comes of it.
    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        page(&self.api, path, &self.cookie, Some(fields)).await
    }
}

/// Shops are paid at once, whatever it is.
fn at_once(config: &mut Config) {
    config.settlement.days_after_fulfilment = 0;
    config.settlement.days_after_capture = 0;
    config.settlement.minimum_payout = 1;
}

async fn paid(market: &TestMarket, shop: &TestShop, price: i64) -> anyhow::Result<Value> {
    let goods = sell(shop, "Xoài", price, 10).await?;
    let checkout = check_out_one(&market.api, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    pay(&market.api, &checkout).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    Ok(checkout)
}

/// The second person.
async fn second_operator(market: &TestMarket) -> anyhow::Result<Api> {
    let (login, password) = ("thu-hai@chonoi.example", "mot-mat-khau-khac");
    chonoi::commands::add_operator(market.config(), login, password).await?;
    sign_in(&market.api, login, password).await
}

async fn send_transfers(operator: &Api) -> anyhow::Result<()> {
    let send = "mutation { sendTransfers { userErrors { code message } } }";
    patiently(|| operator.change(send, json!({}))).await?;
    Ok(())
}

/// Plans what the shop is owed, has the second person agree, and gives it to the bank.
async fn send_payout(market: &TestMarket, second: &Api) -> anyhow::Result<Value> {
    let run =
        "mutation { runPayouts(input: {}) { run { payouts { id reference amount { amount } } }
      userErrors { code message } } }";
    let ran = patiently(|| market.operator.change(run, json!({}))).await?;
    let payout = ran["run"]["payouts"][0].clone();
    let approve = "mutation($id: ID!) { approvePayout(input: {payoutId: $id}) { payout { status } userErrors { code message } } }";
    patiently(|| second.change(approve, json!({ "id": payout["id"] }))).await?;
    send_transfers(second).await?;
    Ok(payout)
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}

/// How often something stands on a page.
fn times(page: &str, what: &str) -> usize {
    page.matches(what).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bank_did_with_a_payout_is_written_down_and_reopens_the_debt() -> anyhow::Result<()>
{
    let market = TestMarket::start(Stand::Embedded, at_once).await?;
    let (desk, second) = (Desk::of(&market.operator), second_operator(&market).await?);
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let refused = send_payout(&market, &second).await?;
    let sent = desk.see("/operations/money/payouts?state=SENT").await?;
    assert!(sent.contains(text(&refused["reference"])?), "{sent}");
    assert_eq!(times(&sent, "data-test=\"settle-returned\""), 1, "{sent}");
    let settle = |payout: &Value| {
        let id = payout["id"].as_str().unwrap_or_default();
        format!("/operations/money/payouts/{id}/settle")
    };
    let seen = desk.send(&settle(&refused), &[("outcome", "RETURNED")]).await?;
    assert_eq!(times(&seen, "data-status=\"RETURNED\""), 1, "{seen}");
    // What came back is no payout any more.
    let seen = desk.send(&settle(&refused), &[("outcome", "PAID")]).await?;
    assert!(seen.contains("class=\"problem\""), "{seen}");
    assert_eq!(times(&seen, "data-status=\"RETURNED\""), 1, "{seen}");
    // The debt is open again: the next run pays it, and then the money comes back by a credit.
    let made = send_payout(&market, &second).await?;
    assert_eq!(made["amount"], refused["amount"]);
    let seen = desk.send(&settle(&made), &[("outcome", "PAID")]).await?;
    assert_eq!(times(&seen, "data-status=\"PAID\""), 1, "{seen}");
    assert_eq!(times(&seen, "data-test=\"settle-came-back\""), 0, "nothing came back");
    let amount: i64 = text(&made["amount"]["amount"])?.parse()?;
    let account = &checkout["payment"]["qr"]["accountNumber"];
    let back =
        json!({ "account": account, "amount": amount, "memo": "hoan tra", "payer": "NGAN HANG" });
    transfer(&market.api, back).await?;
    let credits = wait_for_credits(&market.operator, 2).await?;
    let seen = desk.see("/operations/money/payouts?state=PAID").await?;
    assert_eq!(times(&seen, "data-test=\"settle-came-back\""), 1, "{seen}");
    let by = [("outcome", "RETURNED"), ("credit", text(&credits[0]["id"])?)];
    let seen = desk.send(&settle(&made), &by).await?;
    assert_eq!(times(&seen, "data-status=\"RETURNED\""), 2, "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_the_bank_did_not_send_ends_and_can_be_asked_for_again() -> anyhow::Result<()>
{
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let desk = Desk::of(&market.operator);
    let shop = open_shop(&market, "Trái cây").await?;
    let checkout = paid(&market, &shop, 100_000).await?;
    let asked = refund(&shop.owner, &checkout, 100_000, "tra-lai-lan-1").await?;
    send_transfers(&market.operator).await?;
    let sent = desk.see("/operations/money/refunds?state=SENT").await?;
    assert_eq!(times(&sent, "data-test=\"fail-refund\""), 1, "{sent}");
    let fail = format!("/operations/money/refunds/{}/fail", text(&asked["refund"]["id"])?);
    let seen = desk.send(&fail, &[]).await?;
    assert_eq!(times(&seen, "data-status=\"FAILED\""), 1, "{seen}");
    let again = refund(&shop.owner, &checkout, 100_000, "tra-lai-lan-2").await?;
    assert_eq!(again["userErrors"], json!([]), "all of it can be given back again");
    // Nothing of this one was sent: there is nothing that could have failed.
    let fail = format!("/operations/money/refunds/{}/fail", text(&again["refund"]["id"])?);
    let seen = desk.send(&fail, &[]).await?;
    assert!(seen.contains("class=\"problem\""), "{seen}");
    assert_eq!(times(&seen, "data-status=\"FAILED\""), 1, "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}
