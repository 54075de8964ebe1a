//! Trade in a market that breaks: shoppers, shops and a bank that ask again until they are answered, always
//! for the same thing under the same key.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::bank::{sepay_body, webhook};
use journeys::market::WEBHOOK_SECRET;
use journeys::shopping::{TestShop, add_line, create_cart, refund, start_checkout, status};
use serde_json::{Value, json};

use super::processes::CATCHES_UP_WITHIN;

/// Asks until it succeeds: what dies takes its connections with it, and may have done what was asked.
pub async fn persist<T, F>(what: &str, ask: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) if begun.elapsed() > CATCHES_UP_WITHIN => {
                return Err(error.context(format!("{what} does not come about")));
            }
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

/// One piece of something, up to the QR.
pub async fn check_out(api: &Api, variant: &str) -> anyhow::Result<Value> {
    // A cart whose line may or may not have been written is left alone; another one costs nothing.
    let filled = || async move {
        let cart = create_cart(api).await?;
        let added = add_line(api, &cart, variant, 1).await?;
        ensure!(added["userErrors"] == json!([]), "{added}");
        anyhow::Ok(cart)
    };
    let cart = &persist("a cart", filled).await?;
    let key = &format!("khoa-{:016x}", rand::random::<u64>());
    let started = || async move {
        let started = start_checkout(api, cart, key).await?;
        ensure!(started["checkout"]["payment"]["qr"]["memo"].is_string(), "{started}");
        anyhow::Ok(started["checkout"].clone())
    };
    persist("a checkout", started).await
}

/// The bank tells of a transfer until the market has it, as SePay does. The id is the bank's.
pub async fn pay(url: &str, checkout: &Value, id: u64) -> anyhow::Result<()> {
    let mut transfer: Value = serde_json::from_str(&sepay_body(checkout, id))?;
    transfer["referenceCode"] = format!("FT{id}").into();
    let body = &transfer.to_string();
    let told = || async move {
        let status = webhook(url, body, WEBHOOK_SECRET, 0).await?;
        ensure!(status == 200, "the webhook answered {status}");
        anyhow::Ok(())
    };
    persist("the bank's call", told).await
}

/// Waits until a checkout is paid.
pub async fn until_paid(api: &Api, checkout: &Value) -> anyhow::Result<()> {
    let paid = || async move {
        let now = status(api, checkout).await?;
        ensure!(now == "PAID", "the checkout is {now}");
        anyhow::Ok(())
    };
    persist("the payment", paid).await
}

/// The shop gives some of it back, under a key.
pub async fn give_back(shop: &TestShop, checkout: &Value, key: &str) -> anyhow::Result<()> {
    let asked = || async move {
        let answer = refund(&shop.owner, checkout, 1_000, key).await?;
        ensure!(answer["refund"]["id"].is_string(), "{answer}");
        anyhow::Ok(())
    };
    persist("a refund", asked).await
}

/// How many of something can still be bought.
pub async fn available(api: &Api, variant: &str) -> anyhow::Result<i64> {
    let cart = create_cart(api).await?;
    let input =
        json!({ "cartId": cart.id, "cartToken": cart.token, "variantId": variant, "quantity": 1 });
    let query = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
      cart { lines { available } } userErrors { code message } } }";
    let payload = api.change(query, json!({ "input": input })).await?;
    payload["cart"]["lines"][0]["available"].as_i64().context("no number")
}

/// What was sold, and the transfer that paid it.
#[derive(Debug)]
pub struct Sale {
    /// The checkout.
    pub checkout: Value,
    /// The bank's id of the transfer.
    pub transfer: u64,
}

/// Shoppers who buy until they are told to stop.
#[derive(Debug, Default)]
pub struct Crowd {
    stop: AtomicBool,
    transfers: AtomicU64,
}

impl Crowd {
    /// One of them: buys and pays again and again, and has some of every fourth sale given back. Gives what
    /// was sold.
    pub async fn buy(
        &self,
        api: &Api,
        shop: &TestShop,
        variant: &str,
    ) -> anyhow::Result<Vec<Sale>> {
        let mut sold = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let checkout = check_out(api, variant).await?;
            let transfer = self.transfers.fetch_add(1, Ordering::SeqCst) + 1;
            pay(api.url(), &checkout, transfer).await?;
            if transfer.is_multiple_of(4) {
                until_paid(api, &checkout).await?;
                give_back(shop, &checkout, &format!("tra-lai-{transfer}")).await?;
            }
            sold.push(Sale { checkout, transfer });
        }
        Ok(sold)
    }

    /// Nobody begins another purchase.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}
