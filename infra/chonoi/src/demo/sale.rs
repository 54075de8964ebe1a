//! The shopper's part: search, one cart of two shops, one QR, paid and reconciled.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::shops::OpenShop;
use super::telling::Telling;
use crate::api::Api;
use crate::days;

/// How long something that follows by events may take.
pub const PATIENCE: Duration = Duration::from_secs(15);

const SEARCH: &str = "query($query: String!, $filter: SearchFilter) {
  search(query: $query, filter: $filter, first: 5) {
    nodes { product { id title shop { id } variants { id price { amount } stock } } } } }";
const CREATE_CART: &str =
    "mutation { createCart { cart { id token } userErrors { code message } } }";
const ADD_LINE: &str = "mutation($input: AddCartLineInput!) { addCartLine(input: $input) {
  cart { id total { amount } } userErrors { code message path } } }";
const START_CHECKOUT: &str =
    "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) {
  checkout { id token status expiresAt total { amount }
    orders { id number shop { id } total { amount } }
    payment { id status reference amount { amount } qr { payload bankBin accountNumber memo } } }
  userErrors { code message path } } }";
const CHECKOUT: &str = "query($id: ID!, $token: String) { checkout(id: $id, token: $token) {
  status orders { id status } payment { status } } }";
const SHOP_VIEW: &str = "query($id: ID!, $from: String!, $to: String!) { me { shop(id: $id) {
  balance { owed { amount } pending { amount } }
  statement(from: $from, to: $to) { closing { amount }
    total { sales { amount } fees { amount } vat { amount } pit { amount } } }
  orders(first: 5) { nodes { id number status total { amount } } } } } }";
const REFUND: &str = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) {
  refund { id reference status amount { amount } } userErrors { code message path } } }";
const APPROVE_REFUND: &str = "mutation($id: ID!) { approveRefund(input: {refundId: $id}) {
  refund { id status } userErrors { code message } } }";
const TRIAL_BALANCE: &str = "{ operations { trialBalance { balanced
  lines { account currency debit { amount } credit { amount } } } } }";
const CREDITS: &str = "{ operations { bankCredits(first: 20) {
  nodes { id state rule amount { amount } payment { id } } } } }";

/// Tells the sale.
pub async fn tell(
    api: &Api,
    operator: &Api,
    shops: [&OpenShop; 2],
    telling: &Telling,
) -> anyhow::Result<()> {
    let mango = find(api, "xoai cat hoa loc", &shops[0].id).await?;
    let cake = find(api, "banh pia sau rieng", &shops[1].id).await?;
    telling.step(
        "A shopper searches without diacritics and finds both.",
        &json!({ "xoai cat": mango["title"], "banh pia": cake["title"] }),
    );
    let (cart, token) = fill_cart(api, &mango, &cake, telling).await?;
    let checkout = check_out(api, &cart, &token, "385000", telling).await?;
    pay(api, &checkout, telling).await?;
    let paid = wait_for_paid(api, &checkout).await?;
    telling.step("The credit is matched by its code: both orders are paid.", &paid);
    check_shops(&checkout, shops, telling).await?;
    refund(&checkout, shops[1], operator, telling).await?;
    check_books(operator, &checkout, telling).await
}

/// Searches until the index has heard of the product.
pub async fn find(api: &Api, query: &str, shop_id: &str) -> anyhow::Result<Value> {
    let variables = json!({ "query": query, "filter": { "shopId": shop_id } });
    let begun = Instant::now();
    loop {
        let mut found = api.run(SEARCH, variables.clone()).await?;
        let product =
            found.pointer_mut("/search/nodes/0/product").map(Value::take).unwrap_or_default();
        if !product.is_null() {
            return Ok(product);
        }
        ensure!(begun.elapsed() < PATIENCE, "{query:?} is not found");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn fill_cart(
    api: &Api,
    mango: &Value,
    cake: &Value,
    telling: &Telling,
) -> anyhow::Result<(String, String)> {
    let (id, token) = create_cart(api).await?;
    let mut total = Value::Null;
    for (product, quantity) in [(mango, 3), (cake, 2)] {
        let input = json!({
            "cartId": id, "cartToken": token, "variantId": product["variants"][0]["id"],
            "quantity": quantity,
        });
        let payload = api.change(ADD_LINE, json!({ "input": input })).await?;
        total = payload["cart"]["total"]["amount"].clone();
    }
    ensure!(total == "385000", "3 × 85000 + 2 × 65000 is not {total}");
    telling.step(
        "3 kg of mangoes and 2 boxes of cakes, of two shops, go into one cart.",
        &json!({ "cart": id, "total": total }),
    );
    Ok((id, token))
}

/// A new cart, and its secret.
pub async fn create_cart(api: &Api) -> anyhow::Result<(String, String)> {
    let created = api.change(CREATE_CART, json!({})).await?;
    let id = created["cart"]["id"].as_str().context("the cart has no id")?.to_owned();
    let token = created["cart"]["token"].as_str().context("the cart has no token")?.to_owned();
    Ok((id, token))
}

/// Checks a cart of two shops out, twice under one key; `total` is what the payment must ask for.
pub async fn check_out(
    api: &Api,
    cart: &str,
    token: &str,
    total: &str,
    telling: &Telling,
) -> anyhow::Result<Value> {
    let input = json!({
        "cartId": cart, "cartToken": token,
        "contact": { "name": "Lê Minh", "phone": "0900000456" },
        "delivery": { "method": "SHIP", "wardCode": "31120", "address": "5 đường Mậu Thân" },
        "payWith": "VIETQR", "idempotencyKey": format!("demo-{:016x}", rand::random::<u64>()),
    });
    let first = api.change(START_CHECKOUT, json!({ "input": input.clone() })).await?;
    let again = api.change(START_CHECKOUT, json!({ "input": input })).await?;
    let checkout = first["checkout"].clone();
    ensure!(again["checkout"]["id"] == checkout["id"], "the repeated checkout is another one");
    ensure!(
        checkout["orders"].as_array().is_some_and(|orders| orders.len() == 2),
        "not two orders"
    );
    let payment = &checkout["payment"];
    ensure!(payment["amount"]["amount"] == total, "the payment asks {}", payment["amount"]);
    telling.step(
        "She checks out (and sends it twice, as weak networks do): two orders, one VietQR.",
        &json!({
            "checkout": checkout["id"],
            "orders": [checkout["orders"][0]["number"], checkout["orders"][1]["number"]],
            "payment": payment["id"],
            "memo": payment["qr"]["memo"],
            "qr": payment["qr"]["payload"],
        }),
    );
    Ok(checkout)
}

pub async fn pay(api: &Api, checkout: &Value, telling: &Telling) -> anyhow::Result<()> {
    let transfer = json!({ "payload": checkout["payment"]["qr"]["payload"], "payer": "LE MINH" });
    let (status, answer) = api.post("/sandbox/bank/transfers", &transfer).await?;
    ensure!(status < 300, "the sandbox bank answered {status}: {answer}");
    telling
        .step("She scans it with her (sandbox) banking app; the bank's webhook arrives.", &answer);
    Ok(())
}

pub async fn wait_for_paid(api: &Api, checkout: &Value) -> anyhow::Result<Value> {
    let variables = json!({ "id": checkout["id"], "token": checkout["token"] });
    let begun = Instant::now();
    loop {
        let mut found = api.run(CHECKOUT, variables.clone()).await?;
        if found["checkout"]["status"] == "PAID" {
            let orders = found["checkout"]["orders"].as_array().cloned().unwrap_or_default();
            ensure!(
                orders.iter().all(|order| order["status"] == "PAID"),
                "not all orders are paid"
            );
            let mut seen = found["checkout"].take();
            seen["after_ms"] = json!(begun.elapsed().as_millis() as u64);
            return Ok(
                json!({ "status": seen["status"], "payment": seen["payment"]["status"], "after_ms": seen["after_ms"] }),
            );
        }
        ensure!(begun.elapsed() < PATIENCE, "the checkout stays {}", found["checkout"]["status"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn check_shops(
    checkout: &Value,
    shops: [&OpenShop; 2],
    telling: &Telling,
) -> anyhow::Result<()> {
    for shop in shops {
        let order = checkout["orders"]
            .as_array()
            .and_then(|orders| orders.iter().find(|order| order["shop"]["id"] == *shop.id))
            .context("a shop has no order")?;
        let span =
            json!({ "id": shop.id, "from": days::from_today(-1)?, "to": days::from_today(1)? });
        let view = shop.owner.run(SHOP_VIEW, span).await?;
        let view = &view["me"]["shop"];
        let seen = view["orders"]["nodes"]
            .as_array()
            .and_then(|orders| orders.iter().find(|seen| seen["id"] == order["id"]))
            .context("the shop does not see its order")?;
        ensure!(seen["status"] == "PAID", "the shop sees its order as {}", seen["status"]);
        let owed = &view["balance"]["owed"]["amount"];
        let statement = &view["statement"];
        let total = |part: &str| statement["total"][part]["amount"].clone();
        ensure!(
            total("sales") == order["total"]["amount"],
            "{} sold {}",
            shop.name,
            total("sales")
        );
        let left: i64 =
            ["sales", "fees", "vat", "pit"].iter().map(|part| number(&total(part))).sum();
        ensure!(number(owed) == left, "{} is owed {owed}, not {left}", shop.name);
        ensure!(
            statement["closing"]["amount"] == *owed,
            "{}'s statement ends otherwise",
            shop.name
        );
        telling.step(
            &format!(
                "\"{}\" sees its order, what was taken of it, and what it is owed.",
                shop.name
            ),
            &json!({ "order": seen["number"], "sold": total("sales"), "commission": total("fees"),
                "vat": total("vat"), "pit": total("pit"), "owed": owed }),
        );
    }
    Ok(())
}

/// One box of cakes comes back: its shop gives the money back, and fee and taxes come back to it.
async fn refund(
    checkout: &Value,
    shop: &OpenShop,
    operator: &Api,
    telling: &Telling,
) -> anyhow::Result<()> {
    let orders = checkout["orders"].as_array().context("no orders")?;
    let order = orders.iter().find(|order| order["shop"]["id"] == *shop.id).context("no order")?;
    let input = json!({
        "paymentId": checkout["payment"]["id"], "orderId": order["id"],
        "amount": { "amount": "65000" }, "reason": "Một hộp bị móp",
        "bankAccount": { "bin": "970436", "number": "0123456789", "holder": "LE MINH" },
        "idempotencyKey": format!("demo-{}", order["id"]),
    });
    let mut refunds = Vec::new();
    for _ in 0..2 {
        let done = shop.owner.run(REFUND, json!({ "input": input })).await?;
        refunds.push(done["refundPayment"].clone());
    }
    let refund = &refunds[0]["refund"];
    ensure!(refunds[0] == refunds[1], "the same refund twice: {refunds:?}");
    ensure!(refund["status"] == "NEEDS_APPROVAL", "the refund is {}", refunds[0]);
    telling.step(
        "One box was dented: the shop gives its price back (and sends it twice, as weak networks do).",
        &json!({ "refund": refund["id"], "memo": refund["reference"], "status": refund["status"] }),
    );
    let approved = operator.run(APPROVE_REFUND, json!({ "id": refund["id"] })).await?;
    let approved = &approved["approveRefund"]["refund"];
    ensure!(approved["status"] == "APPROVED", "the refund is {approved}");
    telling.step(
        "The shop named an account that is not certainly the payer's: an operator agrees.",
        &json!({ "refund": approved["id"], "status": approved["status"] }),
    );
    Ok(())
}

/// An amount of whole đồng.
fn number(amount: &Value) -> i64 {
    amount.as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

async fn check_books(operator: &Api, checkout: &Value, telling: &Telling) -> anyhow::Result<()> {
    let credits = operator.run(CREDITS, json!({})).await?;
    let credit = credits["operations"]["bankCredits"]["nodes"]
        .as_array()
        .and_then(|list| list.iter().find(|one| one["payment"]["id"] == checkout["payment"]["id"]))
        .context("the operator does not see the bank credit")?;
    ensure!(credit["state"] == "MATCHED", "the bank credit is {}", credit["state"]);
    telling.step(
        "The operator sees the bank credit and the rule that matched it.",
        &json!({ "credit": credit["id"], "rule": credit["rule"], "amount": credit["amount"]["amount"] }),
    );
    show_books(operator, telling).await
}

/// Tells the closing trial balance, which must balance.
pub async fn show_books(operator: &Api, telling: &Telling) -> anyhow::Result<()> {
    let books = operator.run(TRIAL_BALANCE, json!({})).await?;
    let books = &books["operations"]["trialBalance"];
    let lines = books["lines"].as_array().cloned().unwrap_or_default();
    let sum = |side: &str| -> i128 {
        let amounts = lines.iter().filter_map(|line| line[side]["amount"].as_str());
        amounts.filter_map(|amount| amount.parse::<i128>().ok()).sum()
    };
    ensure!(
        books["balanced"] == true && sum("debit") == sum("credit"),
        "the books do not balance: {books}"
    );
    let mut facts = serde_json::Map::new();
    for line in lines.iter().take(40) {
        let text = |side: &str| line[side]["amount"].as_str().unwrap_or("0").to_owned();
        facts.insert(
            line["account"].as_str().unwrap_or_default().to_owned(),
            json!(format!("debit {} credit {}", text("debit"), text("credit"))),
        );
    }
    facts.insert("Σ".to_owned(), json!(format!("debit {} credit {}", sum("debit"), sum("credit"))));
    telling.step("The closing trial balance.", &Value::Object(facts));
    Ok(())
}
