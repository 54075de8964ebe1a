//! Fault 6: the feed is silent for longer than the bank's retries last. Asking it, and its statement,
//! find every transfer, and nothing is found twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{check_out_one, credits, open_shop, sell, wait_for};
use serde_json::{Value, json};

use super::feeds::{ACCOUNT, Feed, Transfer, asked, call, local_now, send};

/// What SePay lists when it is asked.
type Rows = Arc<Mutex<Vec<Value>>>;

async fn list(
    State(rows): State<Rows>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let date = |row: &Value| row["transaction_date"].as_str().unwrap_or_default().to_owned();
    let from = query.get("transaction_date_min").cloned().unwrap_or_default();
    let until = query.get("transaction_date_max");
    let limit = query.get("limit").and_then(|text| text.parse().ok()).unwrap_or(5_000);
    let mut found = rows.lock().map(|rows| rows.clone()).unwrap_or_default();
    found.retain(|row| date(row) >= from && until.is_none_or(|until| date(row) <= *until));
    found.sort_by_key(|row| std::cmp::Reverse(date(row)));
    found.truncate(limit);
    Json(json!({ "status": 200, "error": null, "transactions": found }))
}

/// SePay's list as a small server of this machine.
async fn sepay(rows: Rows) -> anyhow::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let routes = Router::new().route("/userapi/transactions/list", get(list)).with_state(rows);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(url)
}

fn row(transfer: &Transfer, time: &str) -> Value {
    json!({
        "id": transfer.id.to_string(), "bank_brand_name": "Vietcombank", "account_number": ACCOUNT,
        "transaction_date": time, "amount_out": "0.00", "amount_in": format!("{}.00", transfer.amount),
        "accumulated": "1.00", "transaction_content": transfer.memo,
        "reference_number": format!("FT{}", transfer.id), "code": null, "sub_account": null,
        "bank_account_id": "19",
    })
}

/// The bank's statement of today.
fn statement(transfers: &[Transfer], time: &str) -> String {
    let day = time.split(' ').next().unwrap_or_default();
    let day: Vec<&str> = day.rsplit('-').collect();
    let mut text = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản\n".to_owned();
    for Transfer { id, amount, memo } in transfers {
        text.push_str(&format!("{},FT{id},,{amount},{memo},{ACCOUNT}\n", day.join("/")));
    }
    text
}

async fn import(market: &TestMarket, text: &str) -> anyhow::Result<Value> {
    let query = "mutation($input: ImportBankStatementInput!) { importBankStatement(input: $input) {
      statement { id } userErrors { code message } } }";
    let variables = json!({ "input": { "file": null } });
    let taken = market
        .operator
        .upload(query, &variables, "input.file", "sao-ke.csv", text.as_bytes())
        .await?;
    let id = taken["statement"]["id"].as_str().with_context(|| taken.to_string())?.to_owned();
    let query = "query($id: ID!) { operations { bankStatement(id: $id) {
      status lines new duplicates matched unreadable } } }";
    for _ in 0..400 {
        let found = market.operator.run(query, json!({ "id": id })).await?;
        let found = &found["operations"]["bankStatement"];
        if found["status"] != "WAITING" {
            return Ok(found.clone());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("the statement is not read")
}

async fn what_the_feed_never_told_is_found(stand: Stand) -> anyhow::Result<()> {
    let rows = Rows::default();
    let url = sepay(Arc::clone(&rows)).await?;
    let market = TestMarket::start(stand, |config| {
        config.sepay_polling.url = url;
        config.sepay_polling.token = "token-of-tests".to_owned();
        config.sepay_polling.every_seconds = 1;
    })
    .await?;
    let shop = open_shop(&market, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, 100).await?;
    let mut sales = Vec::new();
    for id in 1..=24_u64 {
        let checkout = check_out_one(&market.api, &goods).await?;
        let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
        let (memo, amount) = asked(&checkout);
        let memo = format!("MBVCB {id} {memo} CT tu LE MINH");
        sales.push((checkout, Transfer { id, amount, memo }));
    }
    let transfers: Vec<Transfer> = sales.iter().map(|(_, transfer)| transfer.clone()).collect();
    // Four webhooks come; then the feed is silent. SePay lists fourteen; the bank's statement has all.
    for transfer in &transfers[..4] {
        assert_eq!(send(market.url(), &call(Feed::Sepay, transfer)?).await?, 200);
    }
    let time = local_now()?;
    if let Ok(mut rows) = rows.lock() {
        rows.extend(transfers[..14].iter().map(|transfer| row(transfer, &time)));
    }
    for (checkout, _) in &sales[..14] {
        wait_for(&market.api, checkout, "PAID").await?;
    }
    let read = import(&market, &statement(&transfers, &time)).await?;
    assert_eq!(
        read,
        json!({ "status": "DONE", "lines": 24, "new": 10, "duplicates": 14, "matched": 10, "unreadable": 0 })
    );
    for (checkout, _) in &sales {
        wait_for(&market.api, checkout, "PAID").await?;
    }
    // The webhooks come after all, and SePay lists all of it: nothing is new.
    if let Ok(mut rows) = rows.lock() {
        rows.extend(transfers[14..].iter().map(|transfer| row(transfer, &time)));
    }
    for transfer in &transfers {
        assert_eq!(send(market.url(), &call(Feed::Sepay, transfer)?).await?, 200);
    }
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    let found = credits(&market.operator).await?;
    assert_eq!(found.len(), 24);
    assert!(found.iter().all(|credit| credit["state"] == "MATCHED"), "{found:?}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_feed_never_told_is_found_embedded() -> anyhow::Result<()> {
    what_the_feed_never_told_is_found(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_feed_never_told_is_found_servers() -> anyhow::Result<()> {
    what_the_feed_never_told_is_found(Stand::Servers).await
}
