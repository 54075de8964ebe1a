//! SePay's list of transactions: what is asked for, because a webhook may be lost for good.
//!
//! Source: developer.sepay.vn, SePay API v1, "Transaction API": `GET /userapi/transactions/list`,
//! `Authorization: Bearer`, newest first, at most 5,000 a call, 2 calls a second. Version 1 although
//! there is a second one: its ids are those of the webhooks, so a transfer is not told of twice.

use std::fmt;
use std::time::Duration;

use kernel::Timestamp;
use reqwest::{Url, redirect};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::sepay;
use super::transfer::{NumberOrText, local_text, whole_dong};

/// How long one call may take, from connecting to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No page is larger: a row has about 400 bytes.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// Rows of a page: the most that SePay gives.
const PAGE_ROWS: usize = 5_000;

/// Where SePay is asked, and how.
#[derive(Clone)]
pub struct SepayPollingParts {
    /// `https://my.sepay.vn`; without TLS only on this machine.
    pub base_url: String,
    /// The API token. It is shown to nobody but SePay.
    pub token: String,
    /// How often.
    pub every: Duration,
}

impl fmt::Debug for SepayPollingParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SepayPollingParts")
            .field("base_url", &self.base_url)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

/// Why SePay's list could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The address cannot be read.
    #[error("the address of SePay cannot be read")]
    Address,
    /// The token would travel in the clear over a network.
    #[error("the address of SePay must begin with https:// (http:// on this machine only)")]
    InTheClear,
    /// SePay did not answer in time, or not at all.
    #[error("SePay does not answer")]
    Unavailable(#[source] reqwest::Error),
    /// SePay refuses: a wrong token (401), too many calls (429).
    #[error("SePay answers {0}")]
    Refused(u16),
    /// The answer is longer than any page.
    #[error("the answer of SePay is too long")]
    TooLong,
    /// The answer is no list of transactions.
    #[error("the answer of SePay is no list of transactions")]
    Unreadable(#[from] serde_json::Error),
}

/// Which transactions are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The account.
    pub account_number: String,
    /// Booked at this moment or later.
    pub from: Timestamp,
    /// Booked at this moment or earlier.
    pub until: Option<Timestamp>,
}

/// A transfer of the list, as SePay's webhook would have told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// SePay's id, the one of the webhook.
    pub provider_id: String,
    /// A body in the webhook's shape.
    pub body: Vec<u8>,
}

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it tells of.
    pub transfers: Vec<Polled>,
    /// Where the rest is, if the page is full.
    pub rest: Option<Window>,
}

/// SePay's list.
#[derive(Debug)]
pub struct SepayList {
    http: reqwest::Client,
    address: Url,
    token: String,
    page_rows: usize,
}

impl SepayList {
    /// The way to the list; nothing is asked yet.
    pub fn new(parts: &SepayPollingParts) -> Result<Self, PollError> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // SePay redirects nobody; whoever does must not get the token.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(unavailable)?;
        let address = address(&parts.base_url)?;
        Ok(Self { http, address, token: parts.token.clone(), page_rows: PAGE_ROWS })
    }

    /// The same with smaller pages.
    #[cfg(test)]
    pub fn with_page_rows(self, page_rows: usize) -> Self {
        Self { page_rows, ..self }
    }

    /// Asks for the first page of a window.
    pub async fn page(&self, window: &Window) -> Result<Page, PollError> {
        let mut url = self.address.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("account_number", &window.account_number)
                .append_pair("transaction_date_min", &local_text(window.from))
                .append_pair("limit", &self.page_rows.to_string());
            if let Some(until) = window.until {
                query.append_pair("transaction_date_max", &local_text(until));
            }
        }
        let request = self.http.get(url).bearer_auth(&self.token);
        let mut answer = request.send().await.map_err(unavailable)?;
        if !answer.status().is_success() {
            return Err(PollError::Refused(answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(PollError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let Answer { transactions } = serde_json::from_slice(&body)?;
        let rest = self.rest(window, &transactions);
        Ok(Page { transfers: transactions.iter().map(polled).collect(), rest })
    }

    /// A full page ends somewhere: what is missing lies beyond its last row. The list is newest
    /// first, so that is what is older; were it ever oldest first, it would be what is newer.
    fn rest(&self, window: &Window, rows: &[Value]) -> Option<Window> {
        if rows.len() < self.page_rows {
            return None;
        }
        let (first, last) = (booked_at(rows.first()?)?, booked_at(rows.last()?)?);
        let rest = if first >= last {
            Window { until: Some(last), ..window.clone() }
        } else {
            Window { from: last, ..window.clone() }
        };
        Some(rest)
    }
}

/// The address has the account in it, which is none of the log's business.
fn unavailable(error: reqwest::Error) -> PollError {
    PollError::Unavailable(error.without_url())
}

fn address(base: &str) -> Result<Url, PollError> {
    let text = format!("{}/userapi/transactions/list", base.trim_end_matches('/'));
    let url = Url::parse(&text).map_err(|_| PollError::Address)?;
    // An IPv6 address stands in brackets here.
    let host = url.host_str().unwrap_or_default();
    let on_this_machine = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => Ok(url),
        "http" if on_this_machine => Ok(url),
        _ => Err(PollError::InTheClear),
    }
}

#[derive(Deserialize)]
struct Answer {
    transactions: Vec<Value>,
}

#[derive(Deserialize)]
struct Row {
    id: NumberOrText,
    #[serde(default)]
    bank_brand_name: Option<String>,
    account_number: String,
    #[serde(default)]
    transaction_date: Option<String>,
    #[serde(default)]
    amount_out: Option<NumberOrText>,
    #[serde(default)]
    amount_in: Option<NumberOrText>,
    #[serde(default)]
    accumulated: Option<NumberOrText>,
    #[serde(default)]
    transaction_content: Option<String>,
    #[serde(default)]
    reference_number: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    sub_account: Option<String>,
}

fn booked_at(row: &Value) -> Option<Timestamp> {
    super::transfer::booked_at(row["transaction_date"].as_str()?)
}

/// What cannot be read is kept as it is, under its own hash: a person looks at it.
fn polled(row: &Value) -> Polled {
    let told = Row::deserialize(row).map(Row::into_webhook).and_then(|body| {
        let body = serde_json::to_vec(&body)?;
        Ok((sepay::provider_id(&body)?, body))
    });
    match told {
        Ok((provider_id, body)) => Polled { provider_id, body },
        Err(_) => {
            let body = row.to_string().into_bytes();
            let hash = hex::encode(Sha256::digest(&body));
            Polled { provider_id: format!("unreadable-{hash}"), body }
        }
    }
}

impl Row {
    fn into_webhook(self) -> Value {
        let text = |amount: Option<NumberOrText>| amount.map(NumberOrText::text);
        let nothing = |amount: &String| whole_dong(amount) == Some(0);
        let incoming = text(self.amount_in).filter(|amount| !nothing(amount));
        let (transfer_type, amount) = match incoming {
            Some(amount) => ("in", amount),
            None => ("out", text(self.amount_out).unwrap_or_default()),
        };
        let id = self.id.text();
        json!({
            "id": id.parse().map_or(Value::String(id), |id: i64| id.into()),
            "gateway": self.bank_brand_name.unwrap_or_default(),
            "transactionDate": self.transaction_date.unwrap_or_default(),
            "accountNumber": self.account_number,
            "code": self.code,
            "content": self.transaction_content,
            "transferType": transfer_type,
            "transferAmount": dong(amount),
            "accumulated": text(self.accumulated).map(dong),
            "subAccount": self.sub_account,
            "referenceCode": self.reference_number,
            "description": "",
        })
    }
}

/// The list says `18067000.00` where the webhook says `18067000`; what is not whole stays as it is.
fn dong(amount: String) -> Value {
    whole_dong(&amount).map_or(Value::String(amount), Value::from)
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;

    /// The example of SePay's documentation.
    fn row() -> Value {
        json!({
            "id": "49682", "bank_brand_name": "Vietcombank", "account_number": "0071000888888",
            "transaction_date": "2023-05-05 19:59:48", "amount_out": "0.00",
            "amount_in": "18067000.00", "accumulated": "1200541768.00",
            "transaction_content": "DUONG THUY ANH chuyen tien...",
            "reference_number": "677760.050523.080001", "code": null,
            "sub_account": "VCB0011ABC004", "bank_account_id": "19",
        })
    }

    #[test]
    fn a_row_reads_as_the_webhook_of_the_same_transfer() {
        let Polled { provider_id, body } = polled(&row());
        let transfer = sepay::read(&body).unwrap();
        assert_eq!((provider_id.as_str(), transfer.provider_id.as_str()), ("49682", "49682"));
        assert!(transfer.incoming());
        assert_eq!(transfer.amount, Money::vnd(18_067_000));
        assert_eq!(transfer.memo, "DUONG THUY ANH chuyen tien...");
        assert_eq!(transfer.bank_reference, "677760.050523.080001");
        assert_eq!(transfer.sub_account.as_deref(), Some("VCB0011ABC004"));
        assert_eq!(transfer.booked_at.unwrap().to_rfc3339(), "2023-05-05T12:59:48Z");
        let mut outgoing = row();
        outgoing["amount_in"] = "0.00".into();
        outgoing["amount_out"] = "5000.00".into();
        let transfer = sepay::read(&polled(&outgoing).body).unwrap();
        assert_eq!((transfer.incoming(), transfer.amount), (false, Money::vnd(5_000)));
    }

    #[test]
    fn what_cannot_be_read_is_kept() {
        let mut odd = row();
        odd["amount_in"] = "0.50".into();
        let kept = polled(&odd);
        assert_eq!(kept.provider_id, "49682");
        assert!(sepay::read(&kept.body).is_err());
        let kept = polled(&json!({ "what": 1 }));
        assert!(kept.provider_id.starts_with("unreadable-"));
        assert_eq!(kept.body, br#"{"what":1}"#);
    }

    #[test]
    fn the_token_travels_over_tls_or_not_at_all() {
        assert!(address("https://my.sepay.vn/").is_ok() && address("http://127.0.0.1:1").is_ok());
        assert!(matches!(address("http://my.sepay.vn"), Err(PollError::InTheClear)));
        assert!(matches!(address("my.sepay.vn"), Err(PollError::Address)));
        let parts = SepayPollingParts {
            base_url: "https://my.sepay.vn".to_owned(),
            token: "hidden".to_owned(),
            every: TIMEOUT,
        };
        assert!(!format!("{parts:?}").contains("hidden"));
    }
}
