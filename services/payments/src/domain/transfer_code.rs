//! The code in the memo of a transfer that the market makes: by it the bank's debit is matched later.
//!
//! The same nine self-checking characters as a payment's code, behind letters of their own, so that
//! money that goes is never taken for money that comes: `CT` (chi trả) for a payout, `CH` (chi hoàn)
//! for a refund. Eleven characters in all, letters and digits only.

use std::fmt;
use std::str::FromStr;

use super::memo::MemoLetters;
use super::payment_code::{self, NotACode, PaymentCode};

/// What a transfer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransferPurpose {
    /// A shop is paid what it is owed.
    Payout,
    /// A shopper gets money back.
    Refund,
}

impl TransferPurpose {
    const ALL: [Self; 2] = [Self::Payout, Self::Refund];

    /// Letters in front of the code; as many as a payment's code has.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Payout => "CT",
            Self::Refund => "CH",
        }
    }
}

/// A transfer's code; always one whose check holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferCode {
    purpose: TransferPurpose,
    /// Its nine characters, as those of a payment's code: the same check over them.
    characters: PaymentCode,
}

impl TransferCode {
    /// The code made of 40 random bits (the others are ignored).
    pub fn from_random(purpose: TransferPurpose, bits: u64) -> Self {
        Self { purpose, characters: PaymentCode::from_random(bits) }
    }

    /// What the transfer is for.
    pub const fn purpose(self) -> TransferPurpose {
        self.purpose
    }

    /// Every code in a bank's memo, each once, in their order; read as tolerantly as payments'.
    pub fn find_in(memo: &str) -> Vec<Self> {
        MemoLetters::of(memo).find(Self::at)
    }

    fn at(letters: &[u8]) -> Option<Self> {
        TransferPurpose::ALL.into_iter().find_map(|purpose| {
            let rest = letters.strip_prefix(purpose.prefix().as_bytes())?;
            let rest = rest.get(..PaymentCode::LENGTH - payment_code::PREFIX.len())?;
            let as_payment = [payment_code::PREFIX.as_bytes(), rest].concat();
            Some(Self { purpose, characters: PaymentCode::at(&as_payment)? })
        })
    }
}

impl fmt::Display for TransferCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_payment = self.characters.to_string();
        let characters = as_payment.strip_prefix(payment_code::PREFIX).unwrap_or_default();
        write!(f, "{}{characters}", self.purpose.prefix())
    }
}

impl fmt::Debug for TransferCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TransferCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        TransferPurpose::ALL
            .into_iter()
            .find_map(|purpose| {
                let characters = text.strip_prefix(purpose.prefix())?;
                let as_payment = format!("{}{characters}", payment_code::PREFIX);
                Some(Self { purpose, characters: as_payment.parse().ok()? })
            })
            .ok_or(NotACode)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_is_read_back_and_found_in_the_memo_of_a_debit(bits in any::<u64>(), refund in any::<bool>(), cut in 1usize..10) {
            let purpose = if refund { TransferPurpose::Refund } else { TransferPurpose::Payout };
            let code = TransferCode::from_random(purpose, bits);
            let text = code.to_string();
            prop_assert_eq!(text.len(), 11);
            prop_assert_eq!(text.parse(), Ok(code));
            let (head, tail) = text.split_at(cut);
            for memo in [format!("CHO NOI {text} FT24123456789012"), format!("MBVCB.1.{head}\n{tail}.CT tu 0011").to_lowercase()] {
                prop_assert!(TransferCode::find_in(&memo).contains(&code), "{memo}");
            }
        }

        #[test]
        fn money_that_goes_is_never_taken_for_money_that_comes(bits in any::<u64>()) {
            let incoming = PaymentCode::from_random(bits);
            let outgoing = TransferCode::from_random(TransferPurpose::Payout, bits);
            prop_assert_eq!(TransferCode::find_in(&incoming.to_string()), vec![]);
            prop_assert_eq!(PaymentCode::find_in(&outgoing.to_string()), vec![]);
            prop_assert!(incoming.to_string().parse::<TransferCode>().is_err());
        }

        #[test]
        fn any_memo_is_read_without_harm(memo in ".{0,600}") {
            for code in TransferCode::find_in(&memo) {
                prop_assert_eq!(code.to_string().parse::<TransferCode>(), Ok(code));
            }
        }
    }
}
