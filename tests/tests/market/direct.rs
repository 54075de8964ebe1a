//! A shop is paid straight into its own account: from the operator's word to the shop's statement, on both
//! stands.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::bank::{sepay_body, webhook_with_key};
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{
    PATIENCE, TestShop, add_line, check_out_one, create_cart, open_shop, owed, pay, sell,
    start_checkout, status, wait_for,
};
use serde_json::{Value, json};

/// The shop's own account.
const OWN: &str = "1017588888";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded() -> anyhow::Result<()> {
    a_shop_is_paid_into_its_own_account(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers() -> anyhow::Result<()> {
    a_shop_is_paid_into_its_own_account(Stand::Servers).await
}

async fn a_shop_is_paid_into_its_own_account(stand: Stand) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |config| config.settlement.cooling_off_hours = 0).await?;
    let api = &market.api;
    let fruit = open_shop(&market, "Trái cây").await?;
    let mango = sell(&fruit, "Xoài cát Hòa Lộc", 100_000, 10).await?;

    // Nobody but an operator allows it; then the owner says which account, and gets its feed's key once.
    let early = want_own_account(&fruit).await?;
    ensure!(early["userErrors"][0]["code"].is_string(), "{early}");
    let allow = "mutation($input: AllowDirectPaymentsInput!) { allowDirectPayments(input: $input) {
      directPayments { allowed } userErrors { code message } } }";
    let input = json!({ "shopId": fruit.id, "allowed": true });
    let by_owner = fruit.owner.attempt(allow, json!({ "input": input })).await;
    ensure!(by_owner.is_err(), "an owner allowed themselves: {by_owner:?}");
    market.operator.change(allow, json!({ "input": input })).await?;
    let set = want_own_account(&fruit).await?;
    let key = set["feedKey"].as_str().context("no key")?.to_owned();
    ensure!(set["directPayments"]["landing"] == "NOT_HEARD", "{set}");
    let before = check_out_one(api, &mango).await?.map_err(anyhow::Error::msg)?;
    ensure!(before["payment"]["qr"]["accountNumber"] != OWN, "{before}");

    // The account's feed is heard: from now on the QR names it.
    let unrelated = transfer_to_own(1, "tien dien", 50_000);
    ensure!(webhook_with_key(market.url(), &unrelated, "khong-phai-khoa").await? == 401);
    ensure!(webhook_with_key(market.url(), &unrelated, &key).await? == 200);
    wait_for_landing(&fruit, "DIRECT").await?;
    let checkout = check_out_one(api, &mango).await?.map_err(anyhow::Error::msg)?;
    ensure!(checkout["payment"]["qr"]["accountNumber"] == OWN, "{checkout}");

    // The key proves nothing of the market's account. Told twice, it is paid once.
    ensure!(webhook_with_key(market.url(), &sepay_body(&before, 3), &key).await? == 401);
    ensure!(status(api, &before).await? == "AWAITING_PAYMENT");
    for _ in 0..2 {
        ensure!(webhook_with_key(market.url(), &sepay_body(&checkout, 4), &key).await? == 200);
    }
    wait_for(api, &checkout, "PAID").await?;
    // The money is the shop's already: it owes the market's commission.
    let owes = owed(&fruit).await?;
    ensure!(owes < 0, "{owes}");
    // The sandbox bank tells by the market's own feed, which is believed of every account that it has.
    let second = check_out_one(api, &mango).await?.map_err(anyhow::Error::msg)?;
    pay(api, &second).await?;
    wait_for(api, &second, "PAID").await?;
    ensure!(owed(&fruit).await? == 2 * owes);

    // With another shop in the cart the money comes to the market, as what was asked before does.
    let cakes = open_shop(&market, "Bánh pía").await?;
    let cake = sell(&cakes, "Bánh pía sầu riêng", 65_000, 10).await?;
    let cart = create_cart(api).await?;
    add_line(api, &cart, &mango, 1).await?;
    add_line(api, &cart, &cake, 1).await?;
    let both = start_checkout(api, &cart, "hai-gian-mot-gio").await?["checkout"].clone();
    ensure!(
        both["payment"]["qr"]["accountNumber"] == before["payment"]["qr"]["accountNumber"],
        "{both}"
    );
    for checkout in [&before, &both] {
        pay(api, checkout).await?;
        wait_for(api, checkout, "PAID").await?;
    }
    ensure!(owed(&cakes).await? > 0);

    // An operator may end it: at once.
    let input = json!({ "shopId": fruit.id, "allowed": false });
    market.operator.change(allow, json!({ "input": input })).await?;
    wait_for_landing(&fruit, "NOT_ALLOWED").await?;
    let after = check_out_one(api, &mango).await?.map_err(anyhow::Error::msg)?;
    ensure!(after["payment"]["qr"]["accountNumber"] != OWN, "{after}");
    let findings = market.end().await?;
    ensure!(findings.is_empty(), "{findings:?}");
    Ok(())
}

/// The owner wants the shop's money on its own account; gives the payload, refusals and all.
async fn want_own_account(shop: &TestShop) -> anyhow::Result<Value> {
    let input = json!({ "shopId": shop.id, "destination": "SHOP_ACCOUNT",
        "bankAccount": { "bin": "970436", "number": OWN, "holder": "NGUYEN VAN A" } });
    let query =
        "mutation($input: SetPaymentDestinationInput!) { setPaymentDestination(input: $input) {
      directPayments { landing } feedKey userErrors { code message path } } }";
    shop.owner.attempt(query, json!({ "input": input })).await
}

async fn wait_for_landing(shop: &TestShop, wanted: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let landing = landing(&shop.owner, &shop.id).await?;
        if landing == wanted {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "it lands at {landing}, not at {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn landing(owner: &Api, shop: &str) -> anyhow::Result<String> {
    let query = "query($id: ID!) { me { shop(id: $id) { directPayments { landing } } } }";
    let told = owner.run(query, json!({ "id": shop })).await?;
    let landing = told["me"]["shop"]["directPayments"]["landing"].as_str();
    landing.map(str::to_owned).with_context(|| told.to_string())
}

/// What SePay sends of a transfer to the shop's own account.
fn transfer_to_own(id: u64, memo: &str, amount: i64) -> String {
    let asked = json!({ "payment": { "qr": { "accountNumber": OWN, "memo": memo },
        "amount": { "amount": amount.to_string() } } });
    sepay_body(&asked, id)
}
