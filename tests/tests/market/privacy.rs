//! Personal data: what people agree to, take away and correct (Law 91/2025/QH15).

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket, sign_in};
use journeys::shopping::{
    PASSWORD, PATIENCE, check_out_one, open_shop, page, pay, sell, sign_up, sign_up_as, wait_for,
};
use serde_json::{Value, json};

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { user { id } userErrors { code path } } }";
const UPDATE: &str = "mutation($input: UpdateMeInput!) { updateMe(input: $input) {
  user { name email } awaitedEmail userErrors { code path } } }";
const DELETE: &str =
    "mutation($password: String!) { deleteMyAccount(input: {password: $password}) {
  deleted userErrors { code } } }";
const CONFIRM: &str = "mutation($token: String!) { confirmEmail(input: {token: $token}) {
  email userErrors { code } } }";

/// The file of whoever is signed in.
async fn export(person: &Api) -> anyhow::Result<Value> {
    let found = person.run("{ exportMyData { content } }", json!({})).await?;
    let text = found["exportMyData"]["content"].as_str().context("no file")?;
    Ok(serde_json::from_str(text)?)
}

/// Waits for a letter to an address that says something; gives its text.
async fn wait_for_letter(market: &TestMarket, to: &str, says: &str) -> anyhow::Result<String> {
    let data = std::path::Path::new(&market.config().database.data_dir);
    let begun = Instant::now();
    loop {
        let letters = journeys::letters::letters_to(data, to);
        if let Some(found) = letters.into_iter().find(|text| text.contains(says)) {
            return Ok(found);
        }
        ensure!(begun.elapsed() < PATIENCE, "no letter to {to} says {says}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_asked_agrees_before_they_sign_up_and_what_they_agreed_to_is_kept()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    for (version, code) in [("", "REQUIRED"), ("2020-01-01", "TERMS_OUTDATED")] {
        let input = json!({
            "name": "Lê Thị Sáu", "email": "sau@chonoi.example", "password": PASSWORD, "acceptedTerms": version,
        });
        let payload = market.api.attempt(SIGN_UP, json!({ "input": input })).await?;
        assert_eq!(payload["userErrors"][0]["code"], code, "{payload}");
    }
    let person = sign_up_as(&market.api, "Lê Thị Sáu", "sau@chonoi.example").await?;
    let found = person.run("{ me { consents { version locale } } }", json!({})).await?;
    let version = market.api.terms().await?;
    assert_eq!(found["me"]["consents"], json!([{ "version": version, "locale": "VI" }]));
    // A client that knows of no terms yet still signs people up; they agree later.
    let input = json!({ "name": "Bảy", "email": "bay@chonoi.example", "password": PASSWORD });
    market.api.change(SIGN_UP, json!({ "input": input })).await?;
    let later = sign_in(&market.api, "bay@chonoi.example", PASSWORD).await?;
    let found = later.run("{ me { consents { version } } }", json!({})).await?;
    assert_eq!(found["me"]["consents"], json!([]));
    let accept = "mutation($version: String!) { acceptTerms(input: {version: $version}) {
      consents { version } userErrors { code } } }";
    let accepted = later.change(accept, json!({ "version": version })).await?;
    assert_eq!(accepted["consents"], json!([{ "version": version }]));
    let text = page(&market.api, "/terms", "", None).await?;
    assert!(text.contains("91/2025/QH15") && text.contains(&version), "{text}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_take_away_what_is_kept_of_them_and_nothing_of_others() -> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 100_000, 10).await?;
    let buyer = sign_up(&market.api, "Lê Thị Sáu").await?;
    let checkout = check_out_one(&buyer, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    pay(&buyer, &checkout).await?;
    wait_for(&buyer, &checkout, "PAID").await?;

    let file = export(&buyer).await?;
    assert_eq!(file["account"]["name"], "Lê Thị Sáu");
    assert_eq!((&file["accountIsWhole"], &file["nextPart"]), (&json!(true), &json!(null)));
    let [bought] = file["purchases"].as_array().context("no purchases")?.as_slice() else {
        panic!("{file:#}")
    };
    assert_eq!((&bought["id"], &bought["contact"]["name"]), (&checkout["id"], &json!("Lê Minh")));
    assert_eq!(bought["payment"]["amount"], bought["total"]);
    assert_eq!(bought["orders"][0]["lines"][0]["title"]["vi"], "Xoài");
    // The shopkeeper's file tells of the shop and its log, and nothing of who bought there.
    let file = export(&shop.owner).await?;
    assert_eq!(file["shops"][0]["bankAccount"]["number"], "0123456789");
    assert!(file["log"].as_array().is_some_and(|log| !log.is_empty()), "{file:#}");
    assert!(!file.to_string().contains("Lê Minh"), "{file:#}");
    assert!(market.api.run("{ exportMyData { content } }", json!({})).await.is_err());

    let cookie = format!("session={}", buyer.token().unwrap_or_default());
    let text = page(&market.api, "/my-data", &cookie, None).await?;
    assert!(text.contains("Lê Thị Sáu") && text.contains("/my-data/file"), "{text}");
    let text = page(&market.api, "/my-data/file", &cookie, None).await?;
    assert_eq!(serde_json::from_str::<Value>(&text)?["purchases"][0]["id"], checkout["id"]);
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_deletes_their_account_is_forgotten_everywhere_once_nothing_is_open_and_the_books_balance()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let policy = "mutation($id: ID!) { setReturnPolicy(input: {shopId: $id, days: 0}) { userErrors { code } } }";
    shop.owner.change(policy, json!({ "id": shop.id })).await?;
    let goods = sell(&shop, "Xoài", 100_000, 10).await?;
    let buyer = sign_up_as(&market.api, "Lê Thị Sáu", "sau@chonoi.example").await?;
    let checkout = check_out_one(&buyer, &goods).await?;
    let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
    pay(&buyer, &checkout).await?;
    wait_for(&buyer, &checkout, "PAID").await?;
    let right = json!({ "password": PASSWORD });
    // Not before it is handed over; not who has a shop that is not closed; not with another password.
    let refused = buyer.attempt(DELETE, right.clone()).await?;
    assert_eq!(refused["userErrors"][0]["code"], "PURCHASES_OPEN", "{refused}");
    let refused = shop.owner.attempt(DELETE, right.clone()).await?;
    assert_eq!(refused["userErrors"][0]["code"], "MONEY_OPEN", "{refused}");
    let order = json!({ "shop": shop.id, "order": checkout["orders"][0]["id"] });
    let fulfil = "mutation($shop: ID!, $order: ID!) { fulfilOrder(input: {shopId: $shop, orderId: $order}) { order { status } userErrors { code } } }";
    shop.owner.change(fulfil, order).await?;
    let refused = buyer.attempt(DELETE, json!({ "password": "sai-mat-khau" })).await?;
    assert_eq!(refused["userErrors"][0]["code"], "WRONG_CREDENTIALS", "{refused}");

    let deleted = buyer.change(DELETE, right).await?;
    assert_eq!(deleted["deleted"], true);
    let found = buyer.run("{ me { name } }", json!({})).await?;
    assert_eq!(found["me"], json!(null));
    assert!(sign_in(&market.api, "sau@chonoi.example", PASSWORD).await.is_err());
    wait_for_letter(&market, "sau@chonoi.example", "was deleted").await?;
    // The shop still has the order and its sum, and nobody's name.
    let sold = "query($id: ID!) { me { shop(id: $id) { orders { nodes { total { amount } contact { name phone } } } } } }";
    let begun = Instant::now();
    loop {
        let found = shop.owner.run(sold, json!({ "id": shop.id })).await?;
        let order = &found["me"]["shop"]["orders"]["nodes"][0];
        assert_eq!(order["total"]["amount"], "100000", "{found}");
        if order["contact"]["name"] == "" {
            assert_eq!(order["contact"]["phone"], json!(null));
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "the buyer is not forgotten: {found}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    sign_up_as(&market.api, "Người khác", "sau@chonoi.example").await?;
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_email_address_counts_once_its_letter_is_read_and_the_old_one_is_told()
-> anyhow::Result<()> {
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let (old, new) = ("sau@chonoi.example", "sau-moi@chonoi.example");
    let person = sign_up_as(&market.api, "Lê Thị Sáu", old).await?;
    let input = json!({ "name": "Lê Thị Bảy", "email": new });
    let refused = person.attempt(UPDATE, json!({ "input": input })).await?;
    assert_eq!(refused["userErrors"][0]["code"], "REQUIRED", "{refused}");
    let input = json!({ "name": "Lê Thị Bảy", "email": new, "password": PASSWORD });
    let updated = person.change(UPDATE, json!({ "input": input })).await?;
    assert_eq!(updated["user"], json!({ "name": "Lê Thị Bảy", "email": old }));
    assert_eq!(updated["awaitedEmail"], new);
    wait_for_letter(&market, old, "/password/forgotten").await?;
    let letter = wait_for_letter(&market, new, "/my-data/email/").await?;
    let (_, token) = letter.split_once("/my-data/email/").context("no link")?;
    let token = token.split_whitespace().next().context("no token")?;

    // A look changes nothing; the form confirms, and once.
    let path = format!("/my-data/email/{token}");
    page(&market.api, &path, "", None).await?;
    assert!(sign_in(&market.api, new, PASSWORD).await.is_err());
    page(&market.api, &path, "", Some(&[])).await?;
    sign_in(&market.api, new, PASSWORD).await?;
    assert!(sign_in(&market.api, old, PASSWORD).await.is_err());
    let again = market.api.attempt(CONFIRM, json!({ "token": token })).await?;
    assert_eq!(again["userErrors"][0]["code"], "EMAIL_LINK_INVALID", "{again}");
    wait_for_letter(&market, old, "không dùng email này nữa").await?;
    let found = person.run("{ me { email } }", json!({})).await?;
    assert_eq!(found["me"]["email"], new);
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}
