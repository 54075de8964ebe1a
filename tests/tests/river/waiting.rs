//! Somebody waits for seats, is offered them, and takes them: nobody else can.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::letters::letters_to;
use journeys::market::{Stand, TestMarket};
use journeys::sailing::{in_minutes, put_on_sale, schedule, wait_for_seats};
use journeys::shopping::{
    PATIENCE, TestCart, add_line, create_cart, open_shop, pay, start_checkout, wait_for,
};
use serde_json::{Value, json};

use crate::{end, on_each_stand};

on_each_stand! { who_waits_takes_the_seats_that_become_free_and_nobody_else_does }

const ENTRY: &str = "query($token: String!) { waitingListEntry(claimToken: $token) {
  status position seats offerExpiresAt claimToken departure { id } } }";

async fn who_waits_takes_the_seats_that_become_free_and_nobody_else_does(
    stand: Stand,
) -> anyhow::Result<()> {
    let market = TestMarket::start(stand, |_| {}).await?;
    let api = &market.api;
    let shop = open_shop(&market, "Xuồng nhỏ").await?;
    let product = put_on_sale(&shop, 2, 100_000).await?;
    let boat = schedule(&shop, &product, &[in_minutes(3 * 1_440)]).await?.remove(0);
    // Somebody holds both seats, and has not paid.
    let cart = create_cart(api).await?;
    add_line(api, &cart, &boat.variant, 2).await?;
    let held = start_checkout(api, &cart, "giu-ca-hai-cho").await?["checkout"].clone();
    ensure!(held["id"].is_string(), "{held}");

    let join = "mutation($input: JoinWaitingListInput!) { joinWaitingList(input: $input) {
      entry { position claimToken status } userErrors { code message } } }";
    let input = json!({ "departureId": boat.departure, "seats": 2, "name": "Cô Ba", "phone": "0900000789", "email": "co.ba@chonoi.example" });
    let joined = api.change(join, json!({ "input": input })).await?["entry"].clone();
    ensure!((&joined["position"], &joined["status"]) == (&json!(1), &json!("WAITING")), "{joined}");
    let token = joined["claimToken"].as_str().unwrap_or_default().to_owned();
    // The token opens the place; another one opens nothing, and the token itself is never told again.
    let asked = api.run(ENTRY, json!({ "token": token })).await?["waitingListEntry"].clone();
    ensure!(asked["claimToken"].is_null() && asked["status"] == "WAITING", "{asked}");
    ensure!(asked["departure"]["id"] == boat.departure, "{asked}");
    let other = api.run(ENTRY, json!({ "token": "0".repeat(64) })).await?;
    ensure!(other["waitingListEntry"].is_null(), "{other}");

    // Before anything is free, the token buys nothing.
    let waiting = create_cart(api).await?;
    let early = claim(api, &waiting, &boat.variant, 2, &token).await?;
    ensure!(early["userErrors"][0]["code"] == "INSUFFICIENT_STOCK", "{early}");

    let cancel = "mutation($id: ID!, $token: String) { cancelCheckout(input: {checkoutId: $id, token: $token}) {
      checkout { status } userErrors { code } } }";
    api.change(cancel, json!({ "id": held["id"], "token": held["token"] })).await?;
    let offered = wait_until(api, &token, "OFFERED").await?;
    ensure!(offered["offerExpiresAt"].is_string() && offered["position"].is_null(), "{offered}");
    // The link of the letter opens the same place, and takes the seats below.
    let linked = wait_for_letter(&market, "co.ba@chonoi.example").await?;
    let opened = api.run(ENTRY, json!({ "token": linked })).await?["waitingListEntry"].clone();
    ensure!(linked != token && opened["status"] == "OFFERED", "{opened}");

    // Nobody else gets the seats that are kept, with or without a token of their own making.
    let stranger = create_cart(api).await?;
    let refused = add_line(api, &stranger, &boat.variant, 1).await?;
    ensure!(refused["userErrors"][0]["code"] == "INSUFFICIENT_STOCK", "{refused}");
    let forged = claim(api, &stranger, &boat.variant, 1, &"f".repeat(64)).await?;
    ensure!(forged["userErrors"][0]["code"] == "INSUFFICIENT_STOCK", "{forged}");

    let added = claim(api, &waiting, &boat.variant, 2, &linked).await?;
    ensure!(added["userErrors"] == json!([]), "{added}");
    // What is added later does not lose the claim.
    let lunch = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
      cart { lines { quantity } } userErrors { code message path } } }";
    let input = json!({ "cartId": waiting.id, "cartToken": waiting.token, "departureId": boat.departure,
        "ticketKind": "lunch", "quantity": 2 });
    let with_lunch = api.change(lunch, json!({ "input": input })).await?;
    ensure!(with_lunch["cart"]["lines"].as_array().map(Vec::len) == Some(2), "{with_lunch}");
    let started = start_checkout(api, &waiting, "nhan-cho-da-giu").await?;
    let checkout = &started["checkout"];
    ensure!(checkout["total"]["amount"] == "300000", "{started}");
    pay(api, checkout).await?;
    wait_for(api, checkout, "PAID").await?;
    wait_for_seats(&shop, &boat.departure, (0, 2)).await?;
    wait_until(api, &token, "CLAIMED").await?;
    end(market).await
}

/// Puts seats into a cart that a token claims; gives the payload, refusals and all.
async fn claim(
    api: &Api,
    cart: &TestCart,
    variant: &str,
    quantity: i64,
    token: &str,
) -> anyhow::Result<Value> {
    let input = json!({ "cartId": cart.id, "cartToken": cart.token, "variantId": variant,
        "quantity": quantity, "claimToken": token });
    let query = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
      cart { id lines { quantity } } userErrors { code message path } } }";
    api.attempt(query, json!({ "input": input })).await
}

/// One letter leaves to an address, and no second one: what is sold here has other readers. Gives the token of
/// its link.
async fn wait_for_letter(market: &TestMarket, address: &str) -> anyhow::Result<String> {
    let data = std::path::Path::new(&market.config().database.data_dir);
    let begun = Instant::now();
    loop {
        let letters = letters_to(data, address);
        if let [text] = letters.as_slice() {
            let token = text.split("/waiting/").nth(1).and_then(|rest| rest.get(..64));
            return token.map(str::to_owned).with_context(|| format!("no link: {text}"));
        }
        let count = letters.len();
        ensure!(count == 0 && begun.elapsed() < PATIENCE, "{count} letters to {address}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn wait_until(api: &Api, token: &str, status: &str) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let found = api.run(ENTRY, json!({ "token": token })).await?["waitingListEntry"].clone();
        if found["status"] == status {
            return Ok(found);
        }
        ensure!(begun.elapsed() < PATIENCE, "the entry stays {found}, not {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
