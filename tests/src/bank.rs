//! The bank feed of a test market: what SePay sends, signed as it signs.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

/// What SePay sends for a transfer that pays a checkout.
pub fn sepay_body(checkout: &Value, id: u64) -> String {
    let qr = &checkout["payment"]["qr"];
    let amount: i64 = checkout["payment"]["amount"]["amount"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    json!({
        "id": id, "gateway": "Vietcombank", "transactionDate": "2026-11-23 14:02:37",
        "accountNumber": qr["accountNumber"], "code": null, "content": qr["memo"], "transferType": "in",
        "transferAmount": amount, "accumulated": 19_077_000, "subAccount": null,
        "referenceCode": "MBVCB.3278907687", "description": "",
    })
    .to_string()
}

/// Calls the webhook as SePay does, signed so many seconds from now; gives the status.
pub async fn webhook(url: &str, body: &str, secret: &str, seconds: i64) -> anyhow::Result<u16> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs() as i64;
    let timestamp = (now + seconds).to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(format!("{timestamp}.{body}").as_bytes());
    let response = client()
        .post(format!("{url}/webhooks/sepay"))
        .header("content-type", "application/json")
        .header("x-sepay-timestamp", timestamp)
        .header("x-sepay-signature", format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
        .body(body.to_owned())
        .send()
        .await?;
    Ok(response.status().as_u16())
}

/// Calls the webhook with a key, as SePay does for an account with one; gives the status.
pub async fn webhook_with_key(url: &str, body: &str, key: &str) -> anyhow::Result<u16> {
    let response = client()
        .post(format!("{url}/webhooks/sepay"))
        .header("content-type", "application/json")
        .header("authorization", format!("Apikey {key}"))
        .body(body.to_owned())
        .send()
        .await?;
    Ok(response.status().as_u16())
}

/// One client for all calls, as a bank has. It does not ask on connections that the market closes.
fn client() -> &'static reqwest::Client {
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    CLIENT.get_or_init(|| {
        let builder = reqwest::Client::builder();
        builder.pool_idle_timeout(std::time::Duration::from_secs(5)).build().unwrap_or_default()
    })
}
