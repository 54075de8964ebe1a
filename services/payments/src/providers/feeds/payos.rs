//! payOS: webhooks about transfers that paid a payment link.
//!
//! Source: payos.vn/docs, webhook, and the package `@payos/node` 2.0.5. The body is `{code, desc,
//! success, data, signature}`; the signature is the hex of HMAC-SHA256 over `key=value&…` of the
//! fields of `data` in the order of their keys. Only `data` is signed, so only `data` is believed.
//! No time is signed: that an old call changes nothing is due to its id, which is kept once.

use kernel::Money;
use platform::secrets;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::feed::Disbelieved;
use super::transfer::{Direction, NumberOrText, Transfer, Unreadable, bin, booked_at, given};
use super::{javascript, signing};

/// What `code` says of a transfer that succeeded.
const SUCCESS: &str = "00";
/// The memo and the order of the made-up transfer that payOS sends when a webhook is registered.
const TRIAL: (&str, &str) = ("VQRIO123", "123");

/// The key by which payOS signs. It is shown to nobody.
#[derive(Clone)]
pub struct PayosChecksumKey(String);

impl PayosChecksumKey {
    /// The key as payOS shows it; `None` of an empty text, by which anybody could sign.
    pub fn new(key: &str) -> Option<Self> {
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }

    /// Whether a body is payOS's own.
    pub fn verify(&self, body: &[u8]) -> Result<(), Disbelieved> {
        let signed: Signed = serde_json::from_slice(body).map_err(|_| Disbelieved::NoProof)?;
        let expected = self.sign(&signed.data).ok_or(Disbelieved::WrongSignature)?;
        if secrets::same(signed.signature.as_bytes(), expected.as_bytes()) {
            Ok(())
        } else {
            Err(Disbelieved::WrongSignature)
        }
    }

    /// The signature of the fields of `data`; nothing where payOS could not have signed them.
    pub fn sign(&self, data: &Map<String, Value>) -> Option<String> {
        let mut message = String::new();
        for (key, value) in javascript::sorted(data) {
            if !message.is_empty() {
                message.push('&');
            }
            message.push_str(key);
            message.push('=');
            message.push_str(&text_of(value)?);
        }
        Some(signing::sha256(&self.0, &[message.as_bytes()]))
    }
}

impl std::fmt::Debug for PayosChecksumKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PayosChecksumKey(…)")
    }
}

/// A value as it is signed: what is missing is empty, even where it is spelled out.
fn text_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => javascript::number(number),
        Value::String(text) if text == "null" || text == "undefined" => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(_) => javascript::sorted_json(value),
        // JavaScript would sign `[object Object]`, whatever is in it.
        Value::Object(_) => return None,
    })
}

#[derive(Deserialize)]
struct Signed {
    data: Map<String, Value>,
    signature: String,
}

#[derive(Deserialize)]
struct Body {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    order_code: NumberOrText,
    amount: NumberOrText,
    #[serde(default)]
    description: Option<String>,
    account_number: String,
    reference: String,
    #[serde(default)]
    transaction_date_time: Option<String>,
    payment_link_id: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    virtual_account_number: Option<NumberOrText>,
    #[serde(default)]
    counter_account_name: Option<String>,
    #[serde(default)]
    counter_account_number: Option<String>,
    #[serde(default)]
    counter_account_bank_id: Option<String>,
}

/// Reads a body. A bank's reference may repeat, so the payment link is part of the id.
pub fn read(body: &[u8]) -> Result<Transfer, Unreadable> {
    let Body { data } = serde_json::from_slice(body)?;
    if data.code.is_some_and(|code| code != SUCCESS) {
        return Err(Unreadable::NoSuccess);
    }
    let amount = data.amount.dong()?;
    if amount < 0 {
        return Err(Unreadable::Amount);
    }
    let memo = data.description.unwrap_or_default();
    let trial = (memo.as_str(), data.order_code.text().as_str()) == TRIAL;
    Ok(Transfer {
        provider_id: format!("{}:{}", data.payment_link_id, data.reference),
        bank: String::new(),
        account_number: data.account_number,
        sub_account: given(data.virtual_account_number.map(NumberOrText::text)),
        direction: if trial { Direction::Trial } else { Direction::Incoming },
        amount: Money::vnd(amount),
        memo,
        bank_reference: data.reference,
        booked_at: data.transaction_date_time.as_deref().and_then(booked_at),
        counterparty_name: given(data.counter_account_name),
        counterparty_account: given(data.counter_account_number),
        counterparty_bin: bin(data.counter_account_bank_id),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Key, data and signature of each vector.
    fn vectors() -> Vec<(PayosChecksumKey, Value, String)> {
        let all: Value =
            serde_json::from_str(include_str!("../../../tests/data/vn-webhooks.json")).unwrap();
        let vector = |vector: &Value| {
            let text = |name: &str| vector[name].as_str().unwrap().to_owned();
            let key = PayosChecksumKey::new(&text("checksumKey")).unwrap();
            (key, vector["data"].clone(), text("signature"))
        };
        all["payos_webhook"].as_array().unwrap().iter().map(vector).collect()
    }

    fn body(data: &Value, signature: &str) -> String {
        json!({ "code": "00", "desc": "success", "success": true, "data": data, "signature": signature })
            .to_string()
    }

    #[test]
    fn the_vectors_verify_and_every_change_to_them_does_not() {
        assert_eq!(vectors().len(), 2);
        for (key, data, signature) in vectors() {
            let wrong = Err(Disbelieved::WrongSignature);
            let signed = body(&data, &signature);
            assert_eq!(key.verify(signed.as_bytes()), Ok(()));
            let altered = signed.replace("\"orderCode\":123", "\"orderCode\":124");
            assert_ne!(altered, signed);
            assert_eq!(key.verify(altered.as_bytes()), wrong);
            let swapped = body(&data, &signature.replace('1', "2"));
            assert_eq!(key.verify(swapped.as_bytes()), wrong);
            let other = PayosChecksumKey::new("another").unwrap();
            assert_eq!(other.verify(signed.as_bytes()), wrong);
            let nested = signed.replace("\"currency\":\"VND\"", "\"currency\":{}");
            assert_eq!(key.verify(nested.as_bytes()), wrong);
            let unsigned = json!({ "data": data }).to_string();
            assert_eq!(key.verify(unsigned.as_bytes()), Err(Disbelieved::NoProof));
            assert_eq!(key.verify(b"not json"), Err(Disbelieved::NoProof));
        }
        assert!(PayosChecksumKey::new("").is_none());
    }

    #[test]
    fn the_call_of_a_registration_is_a_trial_and_not_money() {
        let (_, data, signature) = vectors().remove(0);
        let transfer = read(body(&data, &signature).as_bytes()).unwrap();
        assert_eq!((transfer.direction, transfer.incoming()), (Direction::Trial, false));
    }

    #[test]
    fn a_transfer_is_known_by_its_link_and_its_reference() {
        let (_, mut data, signature) = vectors().remove(1);
        let transfer = read(body(&data, &signature).as_bytes()).unwrap();
        assert!(transfer.incoming());
        assert_eq!(transfer.provider_id, "124c33293c43417ab7879e14c8d9eb18:TF230204212323");
        assert_eq!(transfer.bank_reference, "TF230204212323");
        assert_eq!((transfer.amount, transfer.memo.as_str()), (Money::vnd(150_000), "DH Cần Thơ"));
        assert_eq!(transfer.booked_at.unwrap().to_rfc3339(), "2023-02-04T11:25:00Z");
        assert_eq!((transfer.counterparty_name, transfer.counterparty_account), (None, None));
        assert_eq!(transfer.sub_account, None);
        data["virtualAccountNumber"] = "96247X".into();
        let told = read(body(&data, &signature).as_bytes()).unwrap();
        assert_eq!(told.sub_account.as_deref(), Some("96247X"));
        data["code"] = "01".into();
        let read = |data: &Value| read(body(data, &signature).as_bytes());
        assert!(matches!(read(&data), Err(Unreadable::NoSuccess)));
        data["code"] = "00".into();
        data["amount"] = (-1).into();
        assert!(matches!(read(&data), Err(Unreadable::Amount)));
    }
}
