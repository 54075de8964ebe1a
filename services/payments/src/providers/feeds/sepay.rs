//! SePay: webhooks about transfers on a bank account.
//!
//! Source: developer.sepay.vn, webhooks. `Authorization: Apikey K`, or `X-SePay-Timestamp` and
//! `X-SePay-Signature: sha256=hex(HMAC-SHA256(secret, timestamp.body))`.

use hmac::{Hmac, KeyInit, Mac};
use kernel::{Money, Timestamp};
use platform::secrets;
use serde::Deserialize;
use sha2::Sha256;
use time::PrimitiveDateTime;
use time::macros::{format_description, offset};

/// The name under which its events are kept.
pub const FEED: &str = "sepay";
/// How far a signed timestamp may be off, in seconds.
const TOLERANCE_SECONDS: i64 = 300;

/// How SePay proves that a call is its own; one of the two is enough.
#[derive(Clone, Default)]
pub struct SepayCredentials {
    /// The key in `Authorization: Apikey`.
    pub api_key: Option<String>,
    /// The secret that signs.
    pub hmac_secret: Option<String>,
}

impl std::fmt::Debug for SepayCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SepayCredentials")
            .field("api_key", &self.api_key.is_some())
            .field("hmac_secret", &self.hmac_secret.is_some())
            .finish()
    }
}

/// What a call shows to prove itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Proof<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `X-SePay-Timestamp`.
    pub timestamp: Option<&'a str>,
    /// `X-SePay-Signature`.
    pub signature: Option<&'a str>,
}

/// Why a call is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disbelieved {
    /// It shows nothing.
    #[error("no proof")]
    NoProof,
    /// The key is another one.
    #[error("wrong key")]
    WrongKey,
    /// The signature does not hold.
    #[error("wrong signature")]
    WrongSignature,
    /// The signature is too old, or from the future.
    #[error("timestamp out of tolerance")]
    Stale,
}

impl SepayCredentials {
    /// Whether a call is SePay's own.
    pub fn verify(&self, proof: Proof<'_>, body: &[u8], now: Timestamp) -> Result<(), Disbelieved> {
        if let (Some(secret), Some(signature)) = (&self.hmac_secret, proof.signature) {
            let timestamp = proof.timestamp.ok_or(Disbelieved::NoProof)?;
            let seconds: i64 = timestamp.parse().map_err(|_| Disbelieved::WrongSignature)?;
            let expected = sign(secret, timestamp, body);
            if !secrets::same(signature.as_bytes(), expected.as_bytes()) {
                return Err(Disbelieved::WrongSignature);
            }
            let off = (now.micros() / 1_000_000).saturating_sub(seconds).saturating_abs();
            return if off <= TOLERANCE_SECONDS { Ok(()) } else { Err(Disbelieved::Stale) };
        }
        let shown = proof.authorization.and_then(|text| text.strip_prefix("Apikey "));
        match (&self.api_key, shown) {
            (Some(key), Some(shown)) if secrets::same(key.as_bytes(), shown.trim().as_bytes()) => {
                Ok(())
            }
            (Some(_), Some(_)) => Err(Disbelieved::WrongKey),
            _ => Err(Disbelieved::NoProof),
        }
    }
}

/// The signature of a body at a moment, as the header carries it.
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    // HMAC takes keys of every length, so the other arm is never reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// What SePay tells of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// SePay's id of it.
    pub provider_id: String,
    /// The bank's name.
    pub bank: String,
    /// The account.
    pub account_number: String,
    /// Whether money came in.
    pub incoming: bool,
    /// Whole đồng.
    pub amount: Money,
    /// The memo.
    pub memo: String,
    /// The bank's reference.
    pub bank_reference: String,
    /// When the bank booked it.
    pub booked_at: Option<Timestamp>,
}

/// The body is not what SePay sends.
#[derive(Debug, thiserror::Error)]
#[error("the body is not a SePay transfer")]
pub struct Unreadable(#[source] Option<serde_json::Error>);

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(i64),
    Text(String),
}

impl NumberOrText {
    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    id: NumberOrText,
    #[serde(default)]
    gateway: String,
    #[serde(default)]
    transaction_date: String,
    account_number: String,
    #[serde(default)]
    content: Option<String>,
    transfer_type: String,
    transfer_amount: NumberOrText,
    #[serde(default)]
    reference_code: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

/// Reads a body.
pub fn read(body: &[u8]) -> Result<Transfer, Unreadable> {
    let body: Body = serde_json::from_slice(body).map_err(|error| Unreadable(Some(error)))?;
    let amount = body.transfer_amount.text().parse().map_err(|_| Unreadable(None))?;
    let memo =
        body.content.filter(|text| !text.is_empty()).or(body.description).unwrap_or_default();
    Ok(Transfer {
        provider_id: body.id.text(),
        bank: body.gateway,
        account_number: body.account_number,
        incoming: body.transfer_type == "in",
        amount: Money::vnd(amount),
        memo,
        bank_reference: body.reference_code.unwrap_or_default(),
        booked_at: booked_at(&body.transaction_date),
    })
}

/// SePay writes the bank's local time: Vietnam's, without saying so.
fn booked_at(text: &str) -> Option<Timestamp> {
    let shape = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    PrimitiveDateTime::parse(text, shape).ok().map(|local| local.assume_offset(offset!(+7)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector() -> serde_json::Value {
        let all: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/data/vn-webhooks.json")).unwrap();
        all["sepay_webhook_hmac"].clone()
    }

    #[test]
    fn the_vector_verifies_and_every_change_to_it_does_not() {
        let vector = vector();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (timestamp, body) = (text(&vector["timestamp"]), text(&vector["rawBody"]));
        let signature = text(&vector["header"]["X-SePay-Signature"]);
        let credentials =
            SepayCredentials { api_key: None, hmac_secret: Some(text(&vector["secret"])) };
        let now = |seconds: i64| Timestamp::from_micros((1_730_000_000 + seconds) * 1_000_000);
        let proof =
            Proof { authorization: None, timestamp: Some(&timestamp), signature: Some(&signature) };
        let verify = |proof, body: &str, at| credentials.verify(proof, body.as_bytes(), now(at));
        assert_eq!(verify(proof, &body, 0), Ok(()));
        assert_eq!(verify(proof, &body, 300), Ok(()));
        assert_eq!(verify(proof, &body, 301), Err(Disbelieved::Stale));
        assert_eq!(verify(proof, &body, -301), Err(Disbelieved::Stale));
        assert_eq!(
            verify(proof, &body.replace("2277000", "2277001"), 0),
            Err(Disbelieved::WrongSignature)
        );
        assert_eq!(verify(Proof::default(), &body, 0), Err(Disbelieved::NoProof));
        let other = Proof { timestamp: Some("1730000001"), ..proof };
        assert_eq!(verify(other, &body, 0), Err(Disbelieved::WrongSignature));
    }

    #[test]
    fn the_key_is_compared_whole() {
        let credentials =
            SepayCredentials { api_key: Some("secret".to_owned()), hmac_secret: None };
        let verify = |authorization| {
            let proof = Proof { authorization, ..Proof::default() };
            credentials.verify(proof, b"{}", Timestamp::default())
        };
        assert_eq!(verify(Some("Apikey secret")), Ok(()));
        assert_eq!(verify(Some("Apikey secre")), Err(Disbelieved::WrongKey));
        assert_eq!(verify(Some("Bearer secret")), Err(Disbelieved::NoProof));
        assert_eq!(verify(None), Err(Disbelieved::NoProof));
        // Without a configured key nothing is believed, not even an empty one.
        let none = SepayCredentials::default();
        let proof = Proof { authorization: Some("Apikey "), ..Proof::default() };
        assert_eq!(none.verify(proof, b"", Timestamp::default()), Err(Disbelieved::NoProof));
    }

    #[test]
    fn a_body_is_read_with_its_local_time() {
        let transfer = read(vector()["rawBody"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(transfer.amount, Money::vnd(2_277_000));
        assert_eq!((transfer.provider_id.as_str(), transfer.incoming), ("92704", true));
        assert_eq!(transfer.booked_at.unwrap().to_rfc3339(), "2023-03-25T07:02:37Z");
        assert!(read(b"{}").is_err() && read(b"not json").is_err());
    }
}
