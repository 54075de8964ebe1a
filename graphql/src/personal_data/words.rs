//! Moments and amounts as the file says them: as the API does.

use kernel::{Currency, Money, Timestamp};
use proto::common::Money as ProtoMoney;
use serde_json::{Value, json};

/// A moment, RFC 3339 in UTC; null where there is none.
pub fn moment(micros: i64) -> Value {
    if micros == 0 {
        return Value::Null;
    }
    Timestamp::from_micros(micros).to_rfc3339().into()
}

/// An amount in major units, with its currency; null where there is none.
pub fn amount(money: Option<&ProtoMoney>) -> Value {
    let Some(money) = money else { return Value::Null };
    match money.currency.parse::<Currency>() {
        Ok(currency) => json!({
            "amount": Money::new(money.minor, currency).to_decimal_string(),
            "currency": money.currency,
        }),
        Err(_) => json!({ "minor": money.minor, "currency": money.currency }),
    }
}
