//! The calls of SePay, Casso and payOS as their documentation says, signed by whoever has a secret.

use anyhow::Context;
use hmac::{Hmac, KeyInit, Mac};
use journeys::market::WEBHOOK_SECRET;
use payments::PayosChecksumKey;
use platform::config::Config;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};
use time::OffsetDateTime;
use time::macros::{format_description, offset};

const CASSO_SECRET: &str = "casso-secret-of-tests";
const PAYOS_KEY: &str = "payos-key-of-tests";
/// The account of every test market.
pub const ACCOUNT: &str = "0011009090909";

/// Opens the doors of all three.
pub fn all_tell(config: &mut Config) {
    config.casso.secret = CASSO_SECRET.to_owned();
    config.payos.checksum_key = PAYOS_KEY.to_owned();
}

/// Who tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    Sepay,
    Casso,
    Payos,
}

/// A transfer.
#[derive(Clone, Debug)]
pub struct Transfer {
    pub id: u64,
    pub amount: i64,
    pub memo: String,
}

/// A call that may be changed before it is sent.
#[derive(Clone, Debug)]
pub struct Call {
    pub path: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// Now, as banks here write it.
pub fn local_now() -> anyhow::Result<String> {
    let shape = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    Ok(OffsetDateTime::now_utc().to_offset(offset!(+7)).format(shape)?)
}

/// A call about a transfer, signed now.
pub fn call(feed: Feed, transfer: &Transfer) -> anyhow::Result<Call> {
    signed(feed, transfer, None, 0)
}

/// The same, signed by another secret or so many seconds from now.
pub fn signed(
    feed: Feed,
    transfer: &Transfer,
    secret: Option<&str>,
    seconds: i64,
) -> anyhow::Result<Call> {
    let at = OffsetDateTime::now_utc().unix_timestamp() + seconds;
    match feed {
        Feed::Sepay => {
            let body = json!({
                "id": transfer.id, "gateway": "Vietcombank", "transactionDate": local_now()?,
                "accountNumber": ACCOUNT, "code": null, "content": transfer.memo, "transferType": "in",
                "transferAmount": transfer.amount, "accumulated": 0, "subAccount": null,
                "referenceCode": format!("FT{}", transfer.id), "description": "",
            })
            .to_string();
            let mut mac =
                Hmac::<Sha256>::new_from_slice(secret.unwrap_or(WEBHOOK_SECRET).as_bytes())?;
            mac.update(format!("{at}.{body}").as_bytes());
            let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
            let headers =
                vec![("x-sepay-timestamp", at.to_string()), ("x-sepay-signature", signature)];
            Ok(Call { path: "/webhooks/sepay", headers, body })
        }
        Feed::Casso => {
            // `json!` writes keys in their order, as Casso signs them.
            let body = json!({ "error": 0, "data": {
                "id": transfer.id, "reference": format!("FT{}", transfer.id),
                "description": transfer.memo, "amount": transfer.amount, "runningBalance": 0,
                "transactionDateTime": local_now()?, "accountNumber": ACCOUNT, "bankName": "VPBank",
                "bankAbbreviation": "VPB", "counterAccountName": "LE MINH",
                "counterAccountNumber": "8888888888",
            }})
            .to_string();
            let mut mac =
                Hmac::<Sha512>::new_from_slice(secret.unwrap_or(CASSO_SECRET).as_bytes())?;
            mac.update(format!("{}.{body}", at * 1_000).as_bytes());
            let digest = hex::encode(mac.finalize().into_bytes());
            let headers = vec![("x-casso-signature", format!("t={},v1={digest}", at * 1_000))];
            Ok(Call { path: "/webhooks/casso", headers, body })
        }
        Feed::Payos => {
            let data = json!({
                "orderCode": transfer.id, "amount": transfer.amount, "description": transfer.memo,
                "accountNumber": ACCOUNT, "reference": format!("TF{}", transfer.id),
                "transactionDateTime": local_now()?, "currency": "VND", "paymentLinkId": "link",
                "code": "00", "desc": "Thành công", "counterAccountName": "LE MINH",
            });
            let key = PayosChecksumKey::new(secret.unwrap_or(PAYOS_KEY)).context("no key")?;
            let fields = data.as_object().context("no fields")?;
            let signature = key.sign(fields).context("nothing to sign")?;
            let body = json!({ "code": "00", "desc": "success", "success": true, "data": data,
                "signature": signature });
            Ok(Call { path: "/webhooks/payos", headers: Vec::new(), body: body.to_string() })
        }
    }
}

/// Sends a call; gives the status.
pub async fn send(url: &str, call: &Call) -> anyhow::Result<u16> {
    let mut request = reqwest::Client::new()
        .post(format!("{url}{}", call.path))
        .header("content-type", "application/json")
        .body(call.body.clone());
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    Ok(request.send().await?.status().as_u16())
}

/// What a checkout's payer has to write, and how much.
pub fn asked(checkout: &Value) -> (String, i64) {
    let memo = checkout["payment"]["qr"]["memo"].as_str().unwrap_or_default().to_owned();
    let amount = checkout["payment"]["amount"]["amount"].as_str();
    (memo, amount.and_then(|text| text.parse().ok()).unwrap_or_default())
}
