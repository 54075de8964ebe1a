//! What is never in a log: passwords, tokens, one-time links, card numbers, and what names people. And what is
//! never in a database as it is: what opens a door.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use chonoi::api::Api;
use journeys::bank::{sepay_body, webhook};
use journeys::letters::letters_to;
use journeys::market::{OPERATOR, WEBHOOK_SECRET, sign_in};
use journeys::shopping::{TestShop, add_line, create_cart, open_shop_at, sell, wait_for};
use serde_json::{Value, json};

use super::processes::{Alone, CATCHES_UP_WITHIN, Folder, embedded, findings};
use super::trade::{give_back, pay, until_paid};

/// Who signs up, and what they choose.
const NAME: &str = "Huỳnh Thị Kín Đáo";
const EMAIL: &str = "kin.dao.7316@chonoi.example";
const PHONE: &str = "0907316442";
const PASSWORD: &str = "mat-khau-khong-ai-biet-7316";
const NEW_PASSWORD: &str = "mat-khau-dat-lai-7316";
const WRONG_PASSWORD: &str = "mat-khau-doan-mo-7316";
/// Who buys without an account.
const GUEST: &str = "Đặng Văn Khách Lạ";
const GUEST_EMAIL: &str = "khach.la.9481@chonoi.example";
const GUEST_PHONE: &str = "0909481557";
/// The number of a card of Stripe's that pays. Source: docs.stripe.com/testing.
const CARD: &str = "4242424242424242";
/// Where journeys' refunds go (`journeys::shopping::refund`).
const REFUND_ACCOUNT: &str = "0123456789";

/// A person signs up, forgets their password, and sets it anew by the link in a letter. Gives what opens
/// doors: sessions and the link's token.
async fn forgets_their_password(api: &Api, data: &Path) -> anyhow::Result<Vec<String>> {
    let sign_up = "mutation($input: SignUpInput!) { signUp(input: $input) { session { token } userErrors { code message path } } }";
    let input = json!({ "name": NAME, "email": EMAIL, "phone": PHONE, "password": PASSWORD, "locale": "VI" });
    let signed_up = api.change(sign_up, json!({ "input": input })).await?;
    let first = signed_up["session"]["token"].as_str().context("no session")?.to_owned();
    ensure!(sign_in(api, EMAIL, WRONG_PASSWORD).await.is_err(), "a wrong password was taken");
    let request = "mutation($login: String!) { requestPasswordReset(input: {login: $login}) { userErrors { code message } } }";
    api.change(request, json!({ "login": EMAIL })).await?;
    let link = link_in_letter(data).await?;
    let reset = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code message } } }";
    let set = json!({ "token": link, "newPassword": NEW_PASSWORD });
    api.change(reset, json!({ "input": set })).await?;
    // The link works once; that it is tried again is no reason to tell the log of it.
    ensure!(api.change(reset, json!({ "input": set })).await.is_err(), "a link worked twice");
    let second = sign_in(api, PHONE, NEW_PASSWORD).await?;
    let second = second.token().context("no session")?.to_owned();
    Ok(vec![first, second, link])
}

/// The token of the link in the only letter to them.
async fn link_in_letter(data: &Path) -> anyhow::Result<String> {
    let begun = Instant::now();
    loop {
        if let Some(text) = letters_to(data, EMAIL).pop() {
            let token = text.split("/password/reset/").nth(1).and_then(|rest| rest.get(..64));
            return Ok(token.with_context(|| format!("no link: {text}"))?.to_owned());
        }
        ensure!(begun.elapsed() < CATCHES_UP_WITHIN, "no letter comes");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A guest fills a cart and checks out; gives the checkout, and what opens the cart.
async fn guest_checks_out(
    api: &Api,
    goods: &str,
    pay_with: &str,
) -> anyhow::Result<(Value, String)> {
    let cart = create_cart(api).await?;
    add_line(api, &cart, goods, 1).await?;
    let input = json!({
        "cartId": cart.id, "cartToken": cart.token,
        "contact": { "name": GUEST, "phone": GUEST_PHONE, "email": GUEST_EMAIL },
        "delivery": { "method": "PICKUP" }, "payWith": pay_with,
        "idempotencyKey": format!("khoa-{:016x}", rand::random::<u64>()),
    });
    let query = "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) {
      checkout { id token status orders { id } payment { id card { redirectUrl }
        amount { amount } qr { payload accountNumber memo } } } userErrors { code message path } } }";
    let payload = api.change(query, json!({ "input": input })).await?;
    Ok((payload["checkout"].clone(), cart.token))
}

/// A guest buys by transfer and by card, and has some of it given back. Gives what opens doors.
async fn guest_buys(api: &Api, shop: &TestShop, goods: &str) -> anyhow::Result<Vec<String>> {
    let (by_transfer, cart) = guest_checks_out(api, goods, "VIETQR").await?;
    let forged = webhook(api.url(), &sepay_body(&by_transfer, 1), "not-the-secret", 0).await?;
    assert_eq!(forged, 401);
    pay(api.url(), &by_transfer, 1).await?;
    until_paid(api, &by_transfer).await?;
    give_back(shop, &by_transfer, "tra-lai-1").await?;
    let (by_card, other_cart) = guest_checks_out(api, goods, "CARD").await?;
    let page = by_card["payment"]["card"]["redirectUrl"].as_str();
    let page = page.with_context(|| format!("no card page: {by_card}"))?;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let paid = http
        .post(format!("{page}/pay"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("number={CARD}"))
        .send()
        .await?;
    ensure!(paid.status().as_u16() < 400, "the card page answered {}", paid.status());
    wait_for(api, &by_card, "PAID").await?;
    let token = |checkout: &Value| checkout["token"].as_str().unwrap_or_default().to_owned();
    Ok(vec![cart, other_cart, token(&by_transfer), token(&by_card)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_secret_or_names_people_is_logged() -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let data = folder.join("data");
    let mut settings = embedded(&data);
    settings.insert("CHONOI_TELEMETRY_LOG".to_owned(), "json".to_owned());
    let mut market = Alone::start(&[], settings, &folder).await?;
    let shop = open_shop_at(&market.api, &market.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100).await?;
    let opens_doors = forgets_their_password(&market.api, &data).await?;
    let opens_carts = guest_buys(&market.api, &shop, &goods).await?;
    assert_eq!(findings(&market.settings).await?, Vec::<String>::new());
    market.process.stop().await?;

    let log = market.process.logged()?;
    let lines: Vec<Value> = log.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(lines.iter().any(|line| line["message"] == "serving"), "the log is not read: {log}");
    let passwords = [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, OPERATOR.1];
    // Telephone numbers without their 0: they are kept with the country's number before them.
    let people = [NAME, EMAIL, &PHONE[1..], GUEST, GUEST_EMAIL, &GUEST_PHONE[1..], REFUND_ACCOUNT];
    let secrets = [CARD, WEBHOOK_SECRET, "development-secret-key", "development-role-token"];
    let tokens = opens_doors.iter().chain(&opens_carts).map(String::as_str);
    for what in passwords.into_iter().chain(people).chain(secrets).chain(tokens) {
        ensure!(!what.is_empty(), "something was not collected");
        // As it is, and as it stands in an address.
        for form in [what.to_owned(), what.replace('@', "%40")] {
            ensure!(!log.contains(&form), "{form} is in the log");
        }
    }
    let secrets = passwords.into_iter().chain(opens_doors.iter().map(String::as_str));
    for what in secrets {
        for service in ["accounts", "catalog", "orders", "payments"] {
            let file = std::fs::read(data.join(format!("{service}.db")))?;
            let found = file.windows(what.len()).any(|bytes| bytes == what.as_bytes());
            ensure!(!found, "{what} is in the database of {service}");
        }
    }
    Ok(())
}
