//! What people do in journeys: open shops, fill carts, check out, pay.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chonoi::api::Api;
use serde_json::{Value, json};

use crate::market::TestMarket;

/// How long something that follows by events may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A shop of a test.
#[derive(Clone, Debug)]
pub struct TestShop {
    /// The API, with the owner's session.
    pub owner: Api,
    /// The shop's id.
    pub id: String,
}

/// A cart and the secret that opens it.
#[derive(Clone, Debug)]
pub struct TestCart {
    /// Its id.
    pub id: String,
    /// Its token.
    pub token: String,
}

/// A person signs up and opens a shop; the operator approves it.
pub async fn open_shop(market: &TestMarket, name: &str) -> anyhow::Result<TestShop> {
    open_shop_at(&market.api, &market.operator, name).await
}

/// The same, in a market known by its API only.
pub async fn open_shop_at(api: &Api, operator: &Api, name: &str) -> anyhow::Result<TestShop> {
    let owner = sign_up(api, name).await?;
    let input = json!({
        "name": name, "kind": "HOUSEHOLD", "taxCode": "", "wardCode": "31186", "address": "1 Bến Chợ",
        "phone": "0900000123",
        "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "NGUYEN VAN A" },
    });
    let open = "mutation($input: OpenShopInput!) { openShop(input: $input) { shop { id } userErrors { code message path } } }";
    let opened = owner.change(open, json!({ "input": input })).await?;
    let id = opened["shop"]["id"].as_str().context("no shop")?.to_owned();
    let submit = "mutation($id: ID!) { submitShop(input: {shopId: $id}) { shop { status } userErrors { code message } } }";
    owner.change(submit, json!({ "id": id })).await?;
    let approve = "mutation($id: ID!) { approveShop(input: {shopId: $id}) { shop { status } userErrors { code message } } }";
    operator.change(approve, json!({ "id": id })).await?;
    Ok(TestShop { owner, id })
}

/// A person signs up.
pub async fn sign_up(api: &Api, name: &str) -> anyhow::Result<Api> {
    let email = format!("nguoi-{:016x}@chonoi.example", rand::random::<u64>());
    sign_up_as(api, name, &email).await
}

/// The password of everybody who signs up in journeys.
pub const PASSWORD: &str = "mot-mat-khau-de-thu";

/// A person signs up with an e-mail address.
pub async fn sign_up_as(api: &Api, name: &str, email: &str) -> anyhow::Result<Api> {
    let input = json!({
        "name": name, "email": email, "password": PASSWORD, "locale": "VI",
        "acceptedTerms": api.terms().await?,
    });
    let query = "mutation($input: SignUpInput!) { signUp(input: $input) { session { token } userErrors { code message path } } }";
    let payload = api.change(query, json!({ "input": input })).await?;
    Ok(api.with_token(payload["session"]["token"].as_str().context("no session")?))
}

/// The shop puts a product on sale; gives the id of its variant.
pub async fn sell(shop: &TestShop, title: &str, price: i64, stock: i64) -> anyhow::Result<String> {
    let input = json!({
        "shopId": shop.id, "kind": "GOODS", "title": { "vi": title, "en": "" },
        "description": { "vi": "", "en": "" }, "unit": "kg", "publish": true,
        "variants": [{ "price": { "amount": price.to_string(), "currency": "VND" }, "stock": stock }],
    });
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
      product { id variants { id } } userErrors { code message path } } }";
    let payload = shop.owner.change(query, json!({ "input": input })).await?;
    let id = payload["product"]["variants"][0]["id"].as_str().context("no variant")?.to_owned();
    wait_until_for_sale(&shop.owner, payload["product"]["id"].as_str().unwrap_or_default()).await?;
    Ok(id)
}

/// A product is visible once catalog has heard that its shop is approved.
async fn wait_until_for_sale(api: &Api, product: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let query = "query($id: ID!) { product(id: $id) { id } }";
        let found = patiently(|| api.run(query, json!({ "id": product }))).await?;
        if !found["product"].is_null() {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "the product does not become visible");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A new cart.
pub async fn create_cart(api: &Api) -> anyhow::Result<TestCart> {
    let query = "mutation { createCart { cart { id token } userErrors { code message } } }";
    let payload = api.change(query, json!({})).await?;
    let text = |field: &str| payload["cart"][field].as_str().map(ToOwned::to_owned);
    Ok(TestCart { id: text("id").context("no id")?, token: text("token").context("no token")? })
}

/// Puts something into a cart; gives the payload, refusals and all.
pub async fn add_line(
    api: &Api,
    cart: &TestCart,
    variant: &str,
    quantity: i64,
) -> anyhow::Result<Value> {
    let input = json!({ "cartId": cart.id, "cartToken": cart.token, "variantId": variant, "quantity": quantity });
    let query = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
      cart { id lines { quantity } } userErrors { code message path } } }";
    api.attempt(query, json!({ "input": input })).await
}

/// Types a voucher's code into a cart; gives the payload, refusals and all.
pub async fn apply_voucher(api: &Api, cart: &TestCart, code: &str) -> anyhow::Result<Value> {
    let input = json!({ "cartId": cart.id, "cartToken": cart.token, "code": code });
    let query = "mutation($input: ApplyVoucherInput!) { applyVoucher(input: $input) {
      cart { subtotal { amount } discount { amount } total { amount } vouchers { code } }
      userErrors { code message path } } }";
    api.attempt(query, json!({ "input": input })).await
}

/// A page as a browser without scripts gets it: shown, or after a form was sent. Fields are such as
/// need no escaping.
pub async fn page(
    api: &Api,
    path: &str,
    cookie: &str,
    form: Option<&[(&str, &str)]>,
) -> anyhow::Result<String> {
    let http = reqwest::Client::new();
    let address = format!("{}{path}", api.url());
    let request = match form {
        Some(fields) => {
            let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
            http.post(address)
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(pairs.collect::<Vec<_>>().join("&"))
        }
        None => http.get(address),
    };
    let response = request.header("cookie", cookie).header("accept-language", "vi").send().await?;
    ensure!(response.status().is_success(), "{path} answered {}", response.status());
    Ok(response.text().await?)
}

/// Checks a cart out under a key; gives the payload, refusals and all.
pub async fn start_checkout(api: &Api, cart: &TestCart, key: &str) -> anyhow::Result<Value> {
    start_checkout_of(api, cart, key, "Lê Minh").await
}

/// Checks a cart out for somebody by name.
pub async fn start_checkout_of(
    api: &Api,
    cart: &TestCart,
    key: &str,
    name: &str,
) -> anyhow::Result<Value> {
    let input = json!({
        "cartId": cart.id, "cartToken": cart.token,
        "contact": { "name": name, "phone": "0900000456" },
        "delivery": { "method": "PICKUP" }, "payWith": "VIETQR", "idempotencyKey": key,
    });
    let query = "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) {
      checkout { id token status expiresAt total { amount } orders { id number shop { id } total { amount } }
        payment { id reference amount { amount } qr { payload accountNumber memo } } }
      userErrors { code message path } } }";
    api.attempt(query, json!({ "input": input })).await
}

/// One piece of something, from cart to checkout; the checkout or the refusal's code.
pub async fn check_out_one(api: &Api, variant: &str) -> anyhow::Result<Result<Value, String>> {
    // A cart whose line may or may not have been written is left alone; another one costs nothing.
    let filled = || async {
        let cart = create_cart(api).await?;
        let payload = add_line(api, &cart, variant, 1).await?;
        anyhow::Ok((cart, payload))
    };
    let (cart, added) = patiently(filled).await?;
    let key = format!("khoa-{:016x}", rand::random::<u64>());
    let started = match added["userErrors"][0]["code"].as_str() {
        Some(_) => added,
        None => patiently(|| start_checkout(api, &cart, &key)).await?,
    };
    if let Some(code) = started["userErrors"][0]["code"].as_str() {
        return Ok(Err(code.to_owned()));
    }
    anyhow::ensure!(!started["checkout"].is_null(), "the checkout gave nothing: {started}");
    Ok(Ok(started["checkout"].clone()))
}

/// Asks again, as apps do, while the market says that it is busy. What is asked must be the same request
/// however often it is asked.
pub async fn patiently<T, F>(ask: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Err(error) if is_busy(&error) && begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &anyhow::Error) -> bool {
    let told = error.to_string();
    told.contains("UNAVAILABLE") || told.contains("TIMED_OUT")
}

/// Pays with the sandbox bank.
pub async fn transfer(api: &Api, body: Value) -> anyhow::Result<()> {
    let (status, answer) = api.post("/sandbox/bank/transfers", &body).await?;
    ensure!(status < 300, "the sandbox bank answered {status}: {answer}");
    Ok(())
}

/// Pays what a checkout's QR asks for.
pub async fn pay(api: &Api, checkout: &Value) -> anyhow::Result<()> {
    transfer(api, json!({ "payload": checkout["payment"]["qr"]["payload"], "payer": "LE MINH" }))
        .await
}

/// The status of a checkout now.
pub async fn status(api: &Api, checkout: &Value) -> anyhow::Result<String> {
    let query = "query($id: ID!, $token: String) { checkout(id: $id, token: $token) { status } }";
    let found = api.run(query, json!({ "id": checkout["id"], "token": checkout["token"] })).await?;
    Ok(found["checkout"]["status"].as_str().unwrap_or("(none)").to_owned())
}

/// Listens, as the page with the QR does, until a checkout is paid.
pub async fn listen_until_paid(api: &Api, checkout: &Value) -> anyhow::Result<()> {
    let query = "subscription($id: ID!, $token: String) {
        checkoutChanged(id: $id, token: $token) { status } }";
    let variables = json!({ "id": checkout["id"], "token": checkout["token"] });
    api.listen_until(query, variables, |data| data["checkoutChanged"]["status"] == "PAID").await?;
    Ok(())
}

/// Waits until a checkout has a status.
pub async fn wait_for(api: &Api, checkout: &Value, wanted: &str) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let now = patiently(|| status(api, checkout)).await?;
        if now == wanted {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "the checkout is {now}, not {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The bank credits that the operator sees, newest first.
pub async fn credits(operator: &Api) -> anyhow::Result<Vec<Value>> {
    let query = "{ operations { bankCredits(first: 100) { nodes {
      id state memo amount { amount } expected { amount } payment { id } } } } }";
    let found = operator.run(query, json!({})).await?;
    Ok(found["operations"]["bankCredits"]["nodes"].as_array().cloned().unwrap_or_default())
}

/// Waits until there are so many bank credits.
pub async fn wait_for_credits(operator: &Api, count: usize) -> anyhow::Result<Vec<Value>> {
    let begun = Instant::now();
    loop {
        let found = credits(operator).await?;
        if found.len() >= count {
            return Ok(found);
        }
        ensure!(begun.elapsed() < PATIENCE, "{} credits, not {count}", found.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asks to give something of a checkout's first order back, under a key; gives the payload, refusals and
/// all.
pub async fn refund(who: &Api, checkout: &Value, amount: i64, key: &str) -> anyhow::Result<Value> {
    let input = json!({
        "paymentId": checkout["payment"]["id"], "orderId": checkout["orders"][0]["id"],
        "amount": { "amount": amount.to_string() }, "reason": "Trả lại",
        "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "LE MINH" },
        "idempotencyKey": key,
    });
    let query = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
      refund { id status amount { amount } } userErrors { code message } } }";
    patiently(|| who.attempt(query, json!({ "input": input }))).await
}

/// What a shop is owed, in đồng.
pub async fn owed(shop: &TestShop) -> anyhow::Result<i64> {
    let query = "query($id: ID!) { me { shop(id: $id) { balance { owed { amount } } } } }";
    let found = shop.owner.run(query, json!({ "id": shop.id })).await?;
    let amount = found["me"]["shop"]["balance"]["owed"]["amount"].as_str().context("no balance")?;
    Ok(amount.parse()?)
}
