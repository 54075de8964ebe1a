//! Sub-accounts (virtual accounts) of which each payment has its own: a number that begins as the bank agreed
//! and ends with the payment's code. Whatever comes to it is on the account behind, and the bank's feed says to
//! which number it came, so that a payer who changes the memo is recognised all the same.
//!
//! This asks for a bank that takes every number with the agreed beginning for the account's. Numbers that a
//! bank or SePay must issue one by one are none of these.

use super::payment_code::PaymentCode;

/// How the numbers begin: one to eight upper-case letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAccountPrefix(String);

/// Numbers cannot begin so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("1 to {longest} upper-case letters and digits, not {0:?}", longest = SubAccountPrefix::LONGEST)]
pub struct NotAPrefix(String);

impl SubAccountPrefix {
    /// A VietQR names an account of at most 19 characters (NAPAS).
    const LONGEST: usize = 19 - PaymentCode::LENGTH;

    /// The beginning that a bank agreed to.
    pub fn new(text: &str) -> Result<Self, NotAPrefix> {
        let fits = (1..=Self::LONGEST).contains(&text.len());
        let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if fits && plain { Ok(Self(text.to_owned())) } else { Err(NotAPrefix(text.to_owned())) }
    }

    /// The sub-account of the payment with a code.
    pub fn number_of(&self, code: PaymentCode) -> String {
        format!("{}{code}", self.0)
    }

    /// The code of the payment whose own a sub-account is; none, if it is nobody's.
    pub fn code_in(&self, number: &str) -> Option<PaymentCode> {
        let number = number.trim().to_ascii_uppercase();
        number.strip_prefix(&self.0)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_payment_has_a_number_of_its_own_which_leads_back_to_it_and_a_qr_can_name() {
        let prefix = SubAccountPrefix::new("96247ABC").unwrap();
        for number in 0..100 {
            let code = PaymentCode::from_random(number);
            let own = prefix.number_of(code);
            assert!(own.len() <= 19, "{own}");
            assert_eq!(prefix.code_in(&own), Some(code));
            assert_eq!(prefix.code_in(&format!(" {} ", own.to_lowercase())), Some(code));
        }
    }

    #[test]
    fn a_number_that_is_no_payments_own_leads_to_none() {
        let prefix = SubAccountPrefix::new("96247").unwrap();
        let own = prefix.number_of(PaymentCode::from_random(7));
        for other in ["", "96247", "0011009090909", &own[1..], &own[5..], &format!("{own}0")] {
            assert_eq!(prefix.code_in(other), None, "{other}");
        }
        // One wrong character is caught.
        let last = if own.ends_with('0') { "1" } else { "0" };
        assert_eq!(prefix.code_in(&format!("{}{last}", &own[..own.len() - 1])), None);
        for wrong in ["", "abc", "12 3", "123456789", "Ấ"] {
            assert_eq!(SubAccountPrefix::new(wrong), Err(NotAPrefix(wrong.to_owned())));
        }
    }
}
