//! The file by which a bank is told to make transfers: payouts to shops, refunds to shoppers.
//!
//! One file is money of one currency out of one account, each transfer with the reference by which
//! its debit is matched later. It comes as ISO 20022 (`pain001`) and as CSV (`csv`), both of the same
//! checked content. Whether a transfer may be made is decided elsewhere.

pub mod csv;
pub mod pain001;
#[cfg(test)]
mod schema_tests;

use std::collections::BTreeSet;

use kernel::{Currency, Money, MoneyError, Timestamp, fold_ascii};

use crate::domain::payee_account::PayeeAccount;
use crate::domain::transfer_code::TransferCode;
use crate::domain::vietnam_calendar::VietnamDay;

/// The longest identification of a message in ISO 20022 (`Max35Text`).
const LONGEST_MESSAGE_ID: usize = 35;
/// The longest name and remittance text in ISO 20022 (`Max140Text`).
const LONGEST_TEXT: usize = 140;
/// The most transfers of one file: what a person can look over, and far below what banks take.
pub const MOST_TRANSFERS: usize = 5_000;

/// A transfer to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingTransfer {
    /// Its code: the end-to-end id, and in the memo.
    pub reference: TransferCode,
    /// How much.
    pub amount: Money,
    /// To whom.
    pub payee: PayeeAccount,
    /// What the payee reads behind the code, in the payee's language; folded and cut to what banks
    /// carry.
    pub memo: String,
}

/// What a file is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutFileParts {
    /// Names the file, so that the bank does not take it twice: 1 to 35 letters, digits and dashes.
    pub message_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the bank shall make the transfers.
    pub execute_on: VietnamDay,
    /// The market's account.
    pub payer: PayeeAccount,
    /// The transfers.
    pub transfers: Vec<OutgoingTransfer>,
}

/// A file's content, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutFile {
    parts: PayoutFileParts,
    total: Money,
}

/// Why a file cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayoutFileRefused {
    /// The message's id is empty, too long, or has other characters.
    #[error("{0:?} cannot name a file: 1 to {LONGEST_MESSAGE_ID} letters, digits and dashes")]
    MessageId(String),
    /// There is nothing to transfer.
    #[error("there is nothing to transfer")]
    Empty,
    /// There is too much for one file.
    #[error("{0} transfers are more than {MOST_TRANSFERS}")]
    TooMany(usize),
    /// Two transfers have one reference: their debits could not be told apart.
    #[error("{0} is there twice")]
    ReferenceTwice(TransferCode),
    /// A transfer is of nothing, or less.
    #[error("{reference} is of {amount}")]
    NotPositive {
        /// The transfer.
        reference: TransferCode,
        /// Its amount.
        amount: Money,
    },
    /// The amounts are of several currencies, or their sum is too large.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl PayoutFile {
    /// A file, if a bank could carry it out and its debits can be told apart.
    pub fn new(parts: PayoutFileParts) -> Result<Self, PayoutFileRefused> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let id = &parts.message_id;
        if id.is_empty() || id.len() > LONGEST_MESSAGE_ID || !id.bytes().all(plain) {
            return Err(PayoutFileRefused::MessageId(id.clone()));
        }
        let first = parts.transfers.first().ok_or(PayoutFileRefused::Empty)?;
        let count = parts.transfers.len();
        if count > MOST_TRANSFERS {
            return Err(PayoutFileRefused::TooMany(count));
        }
        let mut references = BTreeSet::new();
        for transfer in &parts.transfers {
            let OutgoingTransfer { reference, amount, .. } = *transfer;
            if !amount.is_positive() {
                return Err(PayoutFileRefused::NotPositive { reference, amount });
            }
            if !references.insert(reference) {
                return Err(PayoutFileRefused::ReferenceTwice(reference));
            }
        }
        let amounts = parts.transfers.iter().map(|transfer| transfer.amount);
        let total = Money::checked_sum(first.amount.currency, amounts)?;
        Ok(Self { parts, total })
    }

    /// The sum of all transfers.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// The currency of all transfers.
    pub const fn currency(&self) -> Currency {
        self.total.currency
    }

    /// How many transfers there are.
    pub fn count(&self) -> usize {
        self.parts.transfers.len()
    }
}

impl OutgoingTransfer {
    /// The memo as banks carry it: the code first, so that no bank cuts it off.
    fn remittance_text(&self) -> String {
        carried_by_banks(&format!("{} {}", self.reference, self.memo))
    }
}

/// Text as banks carry it: ASCII without diacritics, at most 140 characters.
fn carried_by_banks(text: &str) -> String {
    let mut folded = fold_ascii(text);
    // It is ASCII: every place is between two characters.
    folded.truncate(LONGEST_TEXT);
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::transfer_code::TransferPurpose;
    use crate::domain::vietnam_calendar::tests::{day, moment};

    pub fn transfer(number: u64, minor: i64, holder: &str, memo: &str) -> OutgoingTransfer {
        OutgoingTransfer {
            reference: TransferCode::from_random(TransferPurpose::Payout, number),
            amount: Money::vnd(minor),
            payee: PayeeAccount::new("970436", "0011002233", holder).unwrap(),
            memo: memo.to_owned(),
        }
    }

    pub fn parts(transfers: Vec<OutgoingTransfer>) -> PayoutFileParts {
        PayoutFileParts {
            message_id: "PAYOUT-20251120-1".to_owned(),
            created_at: moment("2025-11-20T18:30:15Z"),
            execute_on: day("2025-11-21"),
            payer: PayeeAccount::new("970418", "1234567890", "CÔNG TY CHỢ NỔI").unwrap(),
            transfers,
        }
    }

    #[test]
    fn a_file_that_a_bank_could_not_carry_out_is_refused() {
        let one = || vec![transfer(1, 100, "A", "")];
        let many = (0..=MOST_TRANSFERS as u64).map(|number| transfer(number, 1, "A", "")).collect();
        let reference = TransferCode::from_random(TransferPurpose::Payout, 1);
        let named = |id: &str| PayoutFileParts { message_id: id.to_owned(), ..parts(one()) };
        let nothing = Money::vnd(0);
        for (parts, refused) in [
            (named(""), PayoutFileRefused::MessageId(String::new())),
            (named("a b"), PayoutFileRefused::MessageId("a b".to_owned())),
            (named(&"a".repeat(36)), PayoutFileRefused::MessageId("a".repeat(36))),
            (parts(vec![]), PayoutFileRefused::Empty),
            (parts(many), PayoutFileRefused::TooMany(MOST_TRANSFERS + 1)),
            (parts([one(), one()].concat()), PayoutFileRefused::ReferenceTwice(reference)),
            (
                parts(vec![transfer(1, 0, "A", "")]),
                PayoutFileRefused::NotPositive { reference, amount: nothing },
            ),
        ] {
            assert_eq!(PayoutFile::new(parts), Err(refused));
        }
        let mut mixed = parts(vec![transfer(1, 100, "A", ""), transfer(2, 100, "A", "")]);
        mixed.transfers[1].amount.currency = Currency::Usd;
        assert!(matches!(PayoutFile::new(mixed), Err(PayoutFileRefused::Money(_))));
        assert_eq!(PayoutFile::new(named(&"a".repeat(35))).unwrap().total(), Money::vnd(100));
    }

    #[test]
    fn text_is_folded_and_cut_with_the_code_in_front() {
        let transfer = transfer(7, 100, "Đỗ Thị Bưởi", &"Tiền bán hàng ".repeat(20));
        let text = transfer.remittance_text();
        assert!(text.len() <= 140 && text.is_ascii() && !text.ends_with(' '));
        assert!(text.starts_with(&format!("{} Tien ban hang", transfer.reference)));
        assert_eq!(TransferCode::find_in(&text), [transfer.reference]);
        assert_eq!(carried_by_banks(transfer.payee.holder()), "Do Thi Buoi");
    }
}
