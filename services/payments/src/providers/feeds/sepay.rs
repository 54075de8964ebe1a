//! SePay: webhooks about transfers on a bank account.
//!
//! Source: developer.sepay.vn, webhooks. `Authorization: Apikey K`, or `X-SePay-Timestamp` and
//! `X-SePay-Signature: sha256=hex(HMAC-SHA256(secret, timestamp.body))`.

use kernel::{Money, Timestamp};
use platform::secrets;
use serde::Deserialize;

use super::feed::Disbelieved;
use super::signing;
use super::transfer::{Direction, NumberOrText, Transfer, Unreadable, booked_at, given};

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

impl<'a> Proof<'a> {
    /// The key that it shows.
    pub fn key(self) -> Option<&'a str> {
        self.authorization.and_then(|text| text.strip_prefix("Apikey ")).map(str::trim)
    }
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
        match (&self.api_key, proof.key()) {
            (Some(key), Some(shown)) if secrets::same(key.as_bytes(), shown.as_bytes()) => Ok(()),
            (Some(_), Some(_)) => Err(Disbelieved::WrongKey),
            _ => Err(Disbelieved::NoProof),
        }
    }
}

/// The signature of a body at a moment, as the header carries it.
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    format!("sha256={}", signing::sha256(secret, &[timestamp.as_bytes(), b".", body]))
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
    /// The number of a virtual account, or a short code of SePay's that was in the memo.
    #[serde(default)]
    sub_account: Option<NumberOrText>,
    #[serde(default)]
    reference_code: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: NumberOrText,
}

/// SePay's id of a transfer, even where the rest cannot be read.
pub(super) fn provider_id(body: &[u8]) -> Result<String, serde_json::Error> {
    serde_json::from_slice(body).map(|named: Named| named.id.text().replace('\0', ""))
}

/// Reads a body. SePay does not say who is on the other side.
pub fn read(body: &[u8]) -> Result<Transfer, Unreadable> {
    let body: Body = serde_json::from_slice(body)?;
    let incoming = body.transfer_type == "in";
    Ok(Transfer {
        provider_id: body.id.text(),
        bank: body.gateway,
        account_number: body.account_number,
        sub_account: given(body.sub_account.map(NumberOrText::text)),
        direction: if incoming { Direction::Incoming } else { Direction::Outgoing },
        amount: Money::vnd(body.transfer_amount.dong()?),
        memo: body.content.filter(|text| !text.is_empty()).or(body.description).unwrap_or_default(),
        bank_reference: body.reference_code.unwrap_or_default(),
        booked_at: booked_at(&body.transaction_date),
        counterparty_name: None,
        counterparty_account: None,
        counterparty_bin: None,
    })
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
        assert_eq!((transfer.provider_id.as_str(), transfer.incoming()), ("92704", true));
        assert_eq!(transfer.booked_at.unwrap().to_rfc3339(), "2023-03-25T07:02:37Z");
        assert!(read(b"{}").is_err() && read(b"not json").is_err());
    }
}
