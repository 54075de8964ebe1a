//! One piece and a thousand shoppers, through the public API, on SQLite in one process and on PostgreSQL with
//! Redis: everybody has it in the cart before anybody checks out. `CHONOI_TEST_RUSHES` asks for more than one
//! rush; `services/catalog/src/tests/rush.rs` has a hundred of them on holds alone.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chonoi::api::Api;
use futures_util::StreamExt;
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{
    PATIENCE, TestCart, TestShop, add_line, check_out_one, create_cart, open_shop, owed, patiently,
    pay, sell, start_checkout, wait_for,
};
use serde_json::{Value, json};

const SHOPPERS: usize = 1_000;
/// Requests that are under way at once.
const AT_ONCE: usize = 100;
const PRICE: i64 = 100_000;
/// What a household is owed of it: less 3 % commission, 1 % VAT and 0.5 % PIT.
const NET: i64 = 95_500;

async fn of_a_thousand_shoppers_one_gets_the_only_piece(stand: Stand) -> anyhow::Result<()> {
    let asked =
        std::env::var("CHONOI_TEST_RUSHES").ok().and_then(|text| text.parse::<usize>().ok());
    let rushes = asked.unwrap_or(1);
    let market = TestMarket::start(stand, |_| {}).await?;
    let shop = open_shop(&market, "Món cuối").await?;
    let begun = Instant::now();
    for rush in 0..rushes {
        let piece = sell(&shop, &format!("Món cuối cùng {rush}"), PRICE, 1).await?;
        let carts = filled_carts(&market.api, &piece).await?;
        let checkout = one_checkout(&market.api, &carts).await?;
        // Who comes after is told that nothing is left, before and after it is paid.
        let late = check_out_one(&market.api, &piece).await?;
        ensure!(late == Err("INSUFFICIENT_STOCK".to_owned()), "rush {rush}: {late:?}");
        pay(&market.api, &checkout).await?;
        wait_for(&market.api, &checkout, "PAID").await?;
        nothing_is_left(&shop, &piece).await?;
        let late = check_out_one(&market.api, &piece).await?;
        ensure!(late == Err("INSUFFICIENT_STOCK".to_owned()), "rush {rush}: {late:?}");
    }
    println!("{rushes} rushes of {SHOPPERS} shoppers in {:?}", begun.elapsed());
    let owed = owed(&shop).await?;
    ensure!(owed == NET * rushes as i64, "{owed} owed");
    let findings = market.end().await?;
    ensure!(findings.is_empty(), "{findings:?}");
    Ok(())
}

/// Everybody puts the piece into a cart of their own.
async fn filled_carts(api: &Api, piece: &str) -> anyhow::Result<Vec<TestCart>> {
    let filling = futures_util::stream::iter(0..SHOPPERS).map(|_| {
        // A cart whose line may or may not have been written is left alone; another one costs nothing.
        patiently(move || async move {
            let cart = create_cart(api).await?;
            let added = add_line(api, &cart, piece, 1).await?;
            ensure!(added["userErrors"] == json!([]), "{added}");
            Ok(cart)
        })
    });
    let carts: Vec<anyhow::Result<TestCart>> = filling.buffer_unordered(AT_ONCE).collect().await;
    carts.into_iter().collect()
}

/// All check out; gives the only checkout that comes of it.
async fn one_checkout(api: &Api, carts: &[TestCart]) -> anyhow::Result<Value> {
    let starting = futures_util::stream::iter(carts)
        .map(|cart| patiently(move || start_checkout(api, cart, "khoa-cua-toi")));
    let answers: Vec<anyhow::Result<Value>> = starting.buffer_unordered(AT_ONCE).collect().await;
    let mut checkouts = Vec::new();
    for answer in answers {
        let answer = answer?;
        match answer["userErrors"][0]["code"].as_str() {
            None => checkouts.push(answer["checkout"].clone()),
            Some(code) => ensure!(code == "INSUFFICIENT_STOCK", "{answer}"),
        }
    }
    ensure!(checkouts.len() == 1, "{} have the only piece", checkouts.len());
    Ok(checkouts.remove(0))
}

/// The shop sees that the piece is sold: none is there any more.
async fn nothing_is_left(shop: &TestShop, piece: &str) -> anyhow::Result<()> {
    let query = "query($id: ID!) { me { shop(id: $id) { products(first: 100) { nodes {
      variants { id stock available } } } } } }";
    let begun = Instant::now();
    loop {
        let found = shop.owner.run(query, json!({ "id": shop.id })).await?;
        let products = found["me"]["shop"]["products"]["nodes"].as_array().cloned();
        let variants =
            products.unwrap_or_default().into_iter().map(|one| one["variants"][0].clone());
        let sold = variants.into_iter().find(|one| one["id"] == piece).unwrap_or_default();
        if (&sold["stock"], &sold["available"]) == (&json!(0), &json!(0)) {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "the piece stays {sold}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_shoppers_one_gets_the_only_piece_embedded() -> anyhow::Result<()> {
    of_a_thousand_shoppers_one_gets_the_only_piece(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_shoppers_one_gets_the_only_piece_servers() -> anyhow::Result<()> {
    of_a_thousand_shoppers_one_gets_the_only_piece(Stand::Servers).await
}
