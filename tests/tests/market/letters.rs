//! What a shop's people hear by e-mail, and what a guest without an address is told instead.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{PATIENCE, check_out_one, open_shop, page, pay, sell, wait_for};
use serde_json::{Value, json};

/// The texts of the letters that left to an address.
fn letters_to(market: &TestMarket, address: &str) -> Vec<String> {
    let data = std::path::Path::new(&market.config().database.data_dir);
    journeys::letters::letters_to(data, address)
}

/// Waits for a letter that says all this; gives it.
async fn wait_for_letter(
    market: &TestMarket,
    address: &str,
    says: &[&str],
) -> anyhow::Result<String> {
    let begun = Instant::now();
    loop {
        let letters = letters_to(market, address);
        let found = letters.iter().find(|letter| says.iter().all(|part| letter.contains(part)));
        if let Some(letter) = found {
            return Ok(letter.clone());
        }
        ensure!(begun.elapsed() < PATIENCE, "no letter to {address} says {says:?}: {letters:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}

async fn address_of(person: &Api) -> anyhow::Result<String> {
    let found = person.run("{ me { email } }", json!({})).await?;
    Ok(text(&found["me"]["email"])?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_reads_of_its_approval_its_orders_and_its_suspension() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |config| {
        config.mail.shop_letters_seconds = 1;
    })
    .await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let address = address_of(&shop.owner).await?;
    let home = format!("/my-shops/{}", shop.id);
    wait_for_letter(&market, &address, &["đã được duyệt", &home]).await?;

    let goods = sell(&shop, "Xoài", 100_000, 10).await?;
    let checkout = check_out_one(&market.api, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    pay(&market.api, &checkout).await?;
    wait_for(&market.api, &checkout, "PAID").await?;
    let order = &checkout["orders"][0];
    let (number, id) = (text(&order["number"])?, text(&order["id"])?);
    let at = format!("{home}/orders/{id}");
    let letter = wait_for_letter(&market, &address, &["Đơn mới: 1", number, &at]).await?;
    // Who bought is not in it.
    assert!(!letter.contains("Lê Minh") && !letter.contains("0900000456"), "{letter}");

    let suspend = "mutation($id: ID!) { suspendShop(input: {shopId: $id, reason: \"Thiếu giấy phép\"}) { shop { status } userErrors { code } } }";
    market.operator.change(suspend, json!({ "id": shop.id })).await?;
    wait_for_letter(&market, &address, &["tạm ngưng", "Thiếu giấy phép"]).await?;
    assert_eq!(letters_to(&market, &address).len(), 3, "each is written once");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_a_shops_people_switches_letters_off_and_on_on_its_page() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |config| {
        config.mail.shop_letters_seconds = 0;
    })
    .await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let cookie = format!("session={}", shop.owner.token().unwrap_or_default());
    let (home, form) = (format!("/my-shops/{}", shop.id), format!("/my-shops/{}/letters", shop.id));
    let seen = page(&market.api, &home, &cookie, None).await?;
    assert!(seen.contains("data-wanted=\"true\""), "{seen}");
    let seen = page(&market.api, &form, &cookie, Some(&[("wanted", "no")])).await?;
    assert!(seen.contains("data-wanted=\"false\""), "{seen}");
    let seen = page(&market.api, &form, &cookie, Some(&[("wanted", "yes")])).await?;
    assert!(seen.contains("data-wanted=\"true\""), "{seen}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_whom_no_letter_reaches_is_told_to_keep_the_link() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 100_000, 10).await?;
    let checkout = check_out_one(&market.api, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    let (id, token) = (text(&checkout["id"])?, text(&checkout["token"])?);
    let (path, cookie) = (format!("/checkout/{id}"), format!("checkouts={id}.{token}"));
    let link = format!("/o/{id}/{token}");
    for status in ["AWAITING_PAYMENT", "PAID"] {
        if status == "PAID" {
            pay(&market.api, &checkout).await?;
        }
        wait_for(&market.api, &checkout, status).await?;
        let seen = page(&market.api, &path, &cookie, None).await?;
        assert!(seen.contains("data-test=\"keep-link\"") && seen.contains(&link), "{seen}");
    }
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}
