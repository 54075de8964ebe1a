//! What came of a payment that is not paid by it, on the pages that wait for the money.

use serde::Deserialize;

use super::views::{MoneyView, QrView};

/// What a page asks of a part that came.
pub const PART_FIELDS: &str =
    "partPayment { received { amount formatted } missing { amount formatted }
  qr { payload svg bankName accountNumber accountHolder memo } }";

/// What came and does not pay: too little so far, or too much.
#[derive(Clone, Debug, Deserialize)]
pub struct PartPaymentView {
    /// What came.
    pub received: MoneyView,
    /// What pays the rest.
    pub missing: MoneyView,
    /// The QR of the rest; nothing where nothing more is taken.
    pub qr: Option<QrView>,
}

/// What is to be paid now, and its QR: the rest once a part came. No QR where nothing more is to be paid.
pub fn to_pay<'a>(
    part: Option<&'a PartPaymentView>,
    amount: &'a MoneyView,
    qr: Option<&'a QrView>,
) -> (&'a MoneyView, Option<&'a QrView>) {
    match part {
        Some(part) => (&part.missing, part.qr.as_ref()),
        None => (amount, qr),
    }
}

/// What of it tells a page that another part came.
pub fn received(part: Option<&PartPaymentView>) -> &str {
    part.map_or("", |part| part.received.amount.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_rest_is_to_be_paid_once_a_part_came_and_nothing_once_too_much_did() {
        let qr = |memo: &str| json!({ "svg": "", "bankName": "", "accountNumber": "1", "accountHolder": "", "memo": memo });
        let money = |amount: &str| json!({ "amount": amount, "formatted": amount });
        let part = |qr: serde_json::Value| -> PartPaymentView {
            let part = json!({ "received": money("60"), "missing": money("40"), "qr": qr });
            serde_json::from_value(part).unwrap()
        };
        let whole: QrView = serde_json::from_value(qr("whole")).unwrap();
        let amount: MoneyView = serde_json::from_value(money("100")).unwrap();
        let asked = |part: Option<&PartPaymentView>| {
            let (asked, qr) = to_pay(part, &amount, Some(&whole));
            (asked.amount.clone(), qr.map(|qr| qr.memo.clone()))
        };
        assert_eq!(asked(None), ("100".to_owned(), Some("whole".to_owned())));
        assert_eq!(asked(Some(&part(qr("rest")))), ("40".to_owned(), Some("rest".to_owned())));
        assert_eq!(asked(Some(&part(json!(null)))).1, None);
        assert_eq!((received(None), received(Some(&part(json!(null))))), ("", "60"));
    }
}
