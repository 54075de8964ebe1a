//! Casso: webhooks about transfers on a bank account, version 2.
//!
//! Source: developer.casso.vn, webhook v2. `X-Casso-Signature: t=<ms>,v1=<hex>`, where the hex is
//! HMAC-SHA512(key, "t." + the body as compact JSON with the keys of all objects sorted).

use kernel::{Money, Timestamp};
use platform::secrets;
use serde::Deserialize;
use serde_json::Value;

use super::feed::Disbelieved;
use super::transfer::{Direction, NumberOrText, Transfer, Unreadable, bin, booked_at, given};
use super::{javascript, signing};

/// How far a signed timestamp may be off, in milliseconds.
const TOLERANCE_MS: i64 = 300_000;
/// The id of a call by which Casso only tries whether we answer.
const TRIAL_ID: &str = "0";

/// The key by which Casso signs. It is shown to nobody.
#[derive(Clone)]
pub struct CassoSecret(String);

impl CassoSecret {
    /// The key as Casso shows it; `None` of an empty text, by which anybody could sign.
    pub fn new(key: &str) -> Option<Self> {
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }

    /// Whether a call is Casso's own.
    pub fn verify(
        &self,
        signature: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Disbelieved> {
        let (sent_at, shown) = parts_of(signature.ok_or(Disbelieved::NoProof)?)?;
        let sent_at_ms: i64 = sent_at.parse().map_err(|_| Disbelieved::WrongSignature)?;
        let expected = self.digest(sent_at, body).ok_or(Disbelieved::WrongSignature)?;
        if !secrets::same(shown.as_bytes(), expected.as_bytes()) {
            return Err(Disbelieved::WrongSignature);
        }
        let off = (now.micros() / 1_000).saturating_sub(sent_at_ms).saturating_abs();
        if off <= TOLERANCE_MS { Ok(()) } else { Err(Disbelieved::Stale) }
    }

    /// The signature of a body at a moment, as the header carries it: what Casso does, for tests.
    #[cfg(test)]
    pub fn sign(&self, at: Timestamp, body: &[u8]) -> String {
        let sent_at = (at.micros() / 1_000).to_string();
        let digest = self.digest(&sent_at, body).unwrap_or_default();
        format!("t={sent_at},v1={digest}")
    }

    /// What the header must show; nothing for what is no JSON.
    fn digest(&self, sent_at: &str, body: &[u8]) -> Option<String> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let text = javascript::sorted_json(&value);
        Some(signing::sha512(&self.0, &[sent_at.as_bytes(), b".", text.as_bytes()]))
    }
}

impl std::fmt::Debug for CassoSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CassoSecret(…)")
    }
}

/// The timestamp and the digest of a header.
fn parts_of(header: &str) -> Result<(&str, &str), Disbelieved> {
    let named = |name: &str| {
        let mut fields = header.split(',').filter_map(|field| field.trim().split_once('='));
        fields.find_map(|(key, value)| (key == name).then_some(value))
    };
    named("t").zip(named("v1")).ok_or(Disbelieved::NoProof)
}

#[derive(Deserialize)]
struct Body {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    id: NumberOrText,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    description: Option<String>,
    amount: NumberOrText,
    #[serde(default)]
    transaction_date_time: Option<String>,
    account_number: String,
    #[serde(default)]
    bank_name: Option<String>,
    #[serde(default)]
    bank_abbreviation: Option<String>,
    #[serde(default)]
    virtual_account_number: Option<NumberOrText>,
    #[serde(default)]
    counter_account_name: Option<String>,
    #[serde(default)]
    counter_account_number: Option<String>,
    #[serde(default)]
    counter_account_bank_id: Option<String>,
}

/// Reads a body. A trial call has no id of its own, so its reference stands for it.
pub fn read(body: &[u8]) -> Result<Transfer, Unreadable> {
    let Body { data } = serde_json::from_slice(body)?;
    let amount = data.amount.dong()?;
    let reference = data.reference.unwrap_or_default();
    let (provider_id, direction) = match data.id.text() {
        id if id == TRIAL_ID => (format!("trial-{reference}"), Direction::Trial),
        id if amount < 0 => (id, Direction::Outgoing),
        id => (id, Direction::Incoming),
    };
    Ok(Transfer {
        provider_id,
        bank: given(data.bank_name).or(data.bank_abbreviation).unwrap_or_default(),
        account_number: data.account_number,
        sub_account: given(data.virtual_account_number.map(NumberOrText::text)),
        direction,
        amount: Money::vnd(amount.checked_abs().ok_or(Unreadable::Amount)?),
        memo: data.description.unwrap_or_default(),
        bank_reference: reference,
        booked_at: data.transaction_date_time.as_deref().and_then(booked_at),
        counterparty_name: given(data.counter_account_name),
        counterparty_account: given(data.counter_account_number),
        counterparty_bin: bin(data.counter_account_bank_id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Header, key, body and the moment of Casso's published sample.
    fn sample() -> (String, CassoSecret, Value, Timestamp) {
        let all: Value =
            serde_json::from_str(include_str!("../../../tests/data/vn-webhooks.json")).unwrap();
        let sample = &all["casso_v2"];
        let header = sample["header"].as_str().unwrap().split_once(": ").unwrap().1.to_owned();
        let secret = CassoSecret::new(sample["checksumKey"].as_str().unwrap()).unwrap();
        let at = Timestamp::from_micros(1_727_948_258_788_000);
        let signed = format!("1727948258788.{}", javascript::sorted_json(&sample["body"]));
        assert_eq!(signed, sample["signedMessage"].as_str().unwrap());
        (header, secret, sample["body"].clone(), at)
    }

    #[test]
    fn the_published_sample_verifies_and_every_change_to_it_does_not() {
        let (header, secret, body, at) = sample();
        let body = body.to_string();
        let later = |ms: i64| Timestamp::from_micros(at.micros() + ms * 1_000);
        let verify =
            |header: &str, body: &str, at| secret.verify(Some(header), body.as_bytes(), at);
        assert_eq!(verify(&header, &body, at), Ok(()));
        assert_eq!(verify(&header, &body, later(300_000)), Ok(()));
        assert_eq!(verify(&header, &body, later(301_000)), Err(Disbelieved::Stale));
        assert_eq!(verify(&header, &body, later(-301_000)), Err(Disbelieved::Stale));
        let wrong = Err(Disbelieved::WrongSignature);
        assert_eq!(verify(&header, &body.replace("599000", "599001"), at), wrong);
        assert_eq!(verify(&header, "not json", at), wrong);
        assert_eq!(verify(&header.replace("788,", "789,"), &body, at), wrong);
        assert_eq!(verify(&header.replace("v1=e", "v1=f"), &body, at), wrong);
        assert_eq!(secret.verify(None, body.as_bytes(), at), Err(Disbelieved::NoProof));
        for nothing in ["", "t=1", "v1=00", "nonsense"] {
            assert_eq!(verify(nothing, &body, at), Err(Disbelieved::NoProof), "{nothing}");
        }
        let other = CassoSecret::new("another").unwrap();
        assert_eq!(other.verify(Some(&header), body.as_bytes(), at), wrong);
        assert!(CassoSecret::new("").is_none());
        assert_eq!(format!("{other:?}"), "CassoSecret(…)");
    }

    #[test]
    fn spaces_and_the_order_of_keys_are_not_signed() {
        let (header, secret, body, at) = sample();
        let spaced = serde_json::to_string_pretty(&body).unwrap();
        assert_eq!(secret.verify(Some(&header), spaced.as_bytes(), at), Ok(()));
        assert_eq!(secret.sign(at, spaced.as_bytes()), header);
    }

    #[test]
    fn the_sample_is_a_trial_and_not_money() {
        let (.., body, _) = sample();
        let transfer = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((transfer.direction, transfer.incoming()), (Direction::Trial, false));
        assert_eq!(transfer.provider_id, "trial-MA_GIAO_DICH_THU_NGHIEM");
        assert_eq!(transfer.amount, Money::vnd(599_000));
        assert_eq!(transfer.booked_at.unwrap().to_rfc3339(), "2024-10-03T08:06:37Z");
    }

    #[test]
    fn an_amount_below_zero_went_out() {
        let (.., mut body, _) = sample();
        body["data"]["id"] = 4_711.into();
        let incoming = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((incoming.provider_id.as_str(), incoming.incoming()), ("4711", true));
        assert_eq!(incoming.bank, "VPBank");
        assert_eq!(incoming.counterparty_name.as_deref(), Some("NGUYEN VAN A"));
        assert_eq!(incoming.counterparty_account.as_deref(), Some("8888888888"));
        assert_eq!(incoming.counterparty_bin.as_deref(), Some("970415"));
        assert_eq!(incoming.sub_account, None);
        body["data"]["virtualAccountNumber"] = "96247X".into();
        let told = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            (told.account_number.as_str(), told.sub_account.as_deref()),
            ("88888888", Some("96247X"))
        );
        body["data"]["amount"] = (-599_000).into();
        body["data"]["counterAccountName"] = "".into();
        let outgoing = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(outgoing.direction, Direction::Outgoing);
        assert_eq!((outgoing.amount, outgoing.counterparty_name), (Money::vnd(599_000), None));
        body["data"]["amount"] = 0.5.into();
        assert!(matches!(read(body.to_string().as_bytes()), Err(Unreadable::Amount)));
        assert!(matches!(read(b"{}"), Err(Unreadable::Shape(_))));
    }
}
