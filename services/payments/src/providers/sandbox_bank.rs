//! The sandbox bank: a bank for development. It acts as a shopper's banking app, then tells of the
//! transfer as SePay does, through the same webhook with the same signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kernel::{Clock, fold_ascii};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::macros::{format_description, offset};

use super::feeds::sepay;
use crate::domain::sub_account::SubAccountPrefix;
use crate::domain::vietqr::VietQr;

/// Pauses before the webhook is called again, as a provider that does not give up at once.
const RETRIES: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
];
/// The most that a caller may ask to repeat a webhook.
const MAX_REPEAT: u32 = 100;
/// The longest that a caller may ask to wait before the webhook.
const MAX_DELAY_SECONDS: u64 = 60;

/// What is asked of the bank: a QR that was scanned, or a transfer typed by hand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransferRequest {
    /// The payload of a scanned VietQR.
    pub payload: Option<String>,
    /// The receiving account, where no QR was scanned.
    pub account: Option<String>,
    /// Whole đồng; wins over the QR's amount.
    pub amount: Option<u64>,
    /// The memo; wins over the QR's.
    pub memo: Option<String>,
    /// Name of who pays.
    #[serde(default)]
    pub payer: String,
    /// For trouble: how often the webhook comes.
    pub repeat: Option<u32>,
    /// For trouble: how long the webhook is on its way.
    pub delay_seconds: Option<u64>,
}

/// What the bank answers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferAccepted {
    /// The bank's id of the transfer.
    pub transfer_id: String,
    /// Always `accepted`.
    pub status: &'static str,
    /// What was transferred.
    pub amount: u64,
    /// The memo as the receiver's bank shows it.
    pub memo: String,
}

/// Why the bank does not transfer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferRefused {
    /// The QR cannot be read.
    #[error("the QR cannot be read: {0}")]
    Qr(#[from] crate::domain::vietqr::ReadRefused),
    /// No account to transfer to.
    #[error("account is missing")]
    NoAccount,
    /// No amount.
    #[error("amount is missing")]
    NoAmount,
}

/// Money that somebody else than a shopper pays in, such as the card sandbox its payouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Its id: the same when it is told again.
    pub id: u64,
    /// The account.
    pub account: String,
    /// Whole đồng.
    pub amount: u64,
    /// The memo as it is.
    pub memo: String,
}

/// The bank.
#[derive(Debug)]
pub struct SandboxBank {
    webhook_url: String,
    secret: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    last_id: AtomicU64,
    /// How sub-accounts begin, and the account behind them.
    sub_accounts: Option<(SubAccountPrefix, String)>,
}

impl SandboxBank {
    /// A bank that tells of transfers at an address, signing with a secret.
    pub fn new(webhook_url: String, secret: String, clock: Arc<dyn Clock>) -> Self {
        let http =
            reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap_or_default();
        let (last_id, sub_accounts) = (AtomicU64::new(0), None);
        Self { webhook_url, secret, http, clock, last_id, sub_accounts }
    }

    /// The same, of which an account has sub-accounts: they begin so, and what comes to them is on it.
    #[must_use]
    pub fn with_sub_accounts(self, sub_accounts: Option<(SubAccountPrefix, String)>) -> Self {
        Self { sub_accounts, ..self }
    }

    /// The account on which money is that comes to a number, and the number if it is a sub-account.
    fn behind<'a>(&'a self, number: &'a str) -> (&'a str, Option<&'a str>) {
        match &self.sub_accounts {
            Some((prefix, account)) if prefix.code_in(number).is_some() => {
                (account.as_str(), Some(number))
            }
            _ => (number, None),
        }
    }

    /// Takes a transfer and tells of it in the background.
    pub fn transfer(
        self: &Arc<Self>,
        request: &TransferRequest,
    ) -> Result<TransferAccepted, TransferRefused> {
        let scanned = request.payload.as_deref().map(VietQr::read).transpose()?.map(|(qr, _)| qr);
        let account =
            request.account.clone().or_else(|| scanned.as_ref().map(|qr| qr.account.clone()));
        let account = account.filter(|text| !text.is_empty()).ok_or(TransferRefused::NoAccount)?;
        let amount = request.amount.or_else(|| scanned.as_ref().and_then(|qr| qr.amount));
        let amount = amount.filter(|amount| *amount > 0).ok_or(TransferRefused::NoAmount)?;
        let memo =
            request.memo.clone().or_else(|| scanned.map(|qr| qr.purpose)).unwrap_or_default();
        let id = self.next_id();
        let memo = decorated(&memo, &request.payer, id);
        let body = self.body(id, &account, amount, &memo);
        let repeat = request.repeat.unwrap_or(1).clamp(1, MAX_REPEAT);
        let delay = Duration::from_secs(request.delay_seconds.unwrap_or(0).min(MAX_DELAY_SECONDS));
        for _ in 0..repeat {
            let (bank, body) = (Arc::clone(self), body.clone());
            tokio::spawn(async move {
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                bank.tell(&body).await;
            });
        }
        Ok(TransferAccepted { transfer_id: id.to_string(), status: "accepted", amount, memo })
    }

    /// Credits an account and tells of it once; says whether the webhook took it. Who asks for it
    /// keeps it, and asks again under the same id.
    pub async fn credit(&self, credit: &Credit) -> bool {
        let body = self.body(credit.id, &credit.account, credit.amount, &credit.memo);
        match self.call(&body).await {
            Ok(answer) => answer.status().is_success(),
            Err(error) => {
                tracing::warn!(%error, "the bank feed's webhook does not answer");
                false
            }
        }
    }

    /// Ids grow with time, so they stay unique over restarts.
    fn next_id(&self) -> u64 {
        let now = self.clock.now().micros().unsigned_abs();
        let next = |last: u64| Some(now.max(last + 1));
        match self.last_id.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next) {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }

    fn body(&self, id: u64, account: &str, amount: u64, memo: &str) -> String {
        let shape = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let local =
            self.clock.now().to_utc().to_offset(offset!(+7)).format(shape).unwrap_or_default();
        let (account, sub_account) = self.behind(account);
        json!({
            "id": id, "gateway": "Sandbox", "transactionDate": local, "accountNumber": account,
            "code": null, "content": memo, "transferType": "in", "transferAmount": amount,
            "accumulated": 0, "subAccount": sub_account, "referenceCode": format!("SBX.{id}"), "description": "",
        })
        .to_string()
    }

    async fn call(&self, body: &str) -> reqwest::Result<reqwest::Response> {
        let timestamp = (self.clock.now().micros() / 1_000_000).to_string();
        let signature = sepay::sign(&self.secret, &timestamp, body.as_bytes());
        self.http
            .post(&self.webhook_url)
            .header("content-type", "application/json")
            .header("x-sepay-timestamp", timestamp)
            .header("x-sepay-signature", signature)
            .body(body.to_owned())
            .send()
            .await
    }

    async fn tell(&self, body: &str) {
        for pause in RETRIES.iter().map(Some).chain([None]) {
            let sent = self.call(body).await;
            match (sent, pause) {
                (Ok(answer), _) if answer.status().is_success() => {
                    // Read, so that the connection serves the next transfer, too.
                    let _ = answer.bytes().await;
                    return;
                }
                (_, Some(pause)) => tokio::time::sleep(*pause).await,
                (_, None) => tracing::warn!("the sandbox bank gave up calling the webhook"),
            }
        }
    }
}

/// What a receiver's bank makes of a memo.
fn decorated(memo: &str, payer: &str, id: u64) -> String {
    let plain = fold_ascii(memo);
    let payer = fold_ascii(payer);
    format!("MBVCB.{}.{plain}.CT tu {payer}", id % 10_000_000_000)
}

#[cfg(test)]
mod tests {
    use kernel::{ManualClock, Timestamp};

    use super::*;
    use crate::domain::payment_code::PaymentCode;

    #[test]
    fn what_comes_to_a_sub_account_is_on_the_account_behind_it() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(5)));
        let prefix = SubAccountPrefix::new("96247").unwrap();
        let own = prefix.number_of(PaymentCode::from_random(7));
        let bank = SandboxBank::new("http://127.0.0.1:9".to_owned(), "s".to_owned(), clock)
            .with_sub_accounts(Some((prefix, "0011".to_owned())));
        for (to, sub_account) in [(own.as_str(), Some(own.clone())), ("0011", None)] {
            let told = sepay::read(bank.body(1, to, 5, "x").as_bytes()).unwrap();
            assert_eq!((told.account_number.as_str(), told.sub_account), ("0011", sub_account));
        }
        let other = sepay::read(bank.body(1, "96247", 5, "x").as_bytes()).unwrap();
        assert_eq!((other.account_number.as_str(), other.sub_account), ("96247", None));
    }

    #[tokio::test]
    async fn a_transfer_without_account_or_amount_is_refused() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(5)));
        let bank =
            Arc::new(SandboxBank::new("http://127.0.0.1:9".to_owned(), "s".to_owned(), clock));
        let request = |text: &str| serde_json::from_str::<TransferRequest>(text).unwrap();
        let refused = |text: &str| bank.transfer(&request(text)).unwrap_err();
        assert_eq!(refused("{}"), TransferRefused::NoAccount);
        assert_eq!(refused(r#"{"account":"1"}"#), TransferRefused::NoAmount);
        assert!(matches!(refused(r#"{"payload":"x"}"#), TransferRefused::Qr(_)));
        let code = PaymentCode::from_random(7);
        let accepted = bank
            .transfer(&request(&format!(
                r#"{{"account":"1","amount":5,"memo":"{code}","payer":"Lê Minh"}}"#
            )))
            .unwrap();
        assert_eq!(PaymentCode::find_in(&accepted.memo), [code]);
        let again = bank.transfer(&request(r#"{"account":"1","amount":5}"#)).unwrap();
        assert_ne!(accepted.transfer_id, again.transfer_id);
    }
}
