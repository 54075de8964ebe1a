//! The bank account that a transfer goes to.
//!
//! Written as banks in Vietnam want it: the bank by its BIN (NAPAS's six digits), the number as
//! letters and digits, the holder as people spell the name. Whether the account exists, only the bank knows.

/// An account of somebody at a bank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PayeeAccount {
    bank_bin: String,
    number: String,
    holder: String,
}

/// How the account of a refund came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSource {
    /// Who asked for the refund named it.
    Request,
    /// The money came from it, the feed says.
    Payer,
    /// The buyer named it afterwards.
    Buyer,
    /// An operator named it afterwards.
    Operator,
    /// It is not known: the refund waits.
    Nobody,
}

impl AccountSource {
    /// Every source.
    pub const ALL: [Self; 5] =
        [Self::Request, Self::Payer, Self::Buyer, Self::Operator, Self::Nobody];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Payer => "payer",
            Self::Buyer => "buyer",
            Self::Operator => "operator",
            Self::Nobody => "nobody",
        }
    }
}

/// Why an account cannot be paid to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayeeAccountRefused {
    /// The BIN is not six digits.
    #[error("{0:?} is no BIN: it has six digits")]
    BankBin(String),
    /// The number is not 1 to 19 letters and digits, the longest that NAPAS carries.
    #[error("{0:?} is no account number: it has 1 to 19 letters and digits")]
    Number(String),
    /// The holder's name has no letter that a bank could carry.
    #[error("{0:?} is no name of an account's holder")]
    Holder(String),
}

/// The longest number that NAPAS carries.
const LONGEST_NUMBER: usize = 19;

impl PayeeAccount {
    /// An account, if a transfer could be addressed to it. Spaces, dots and dashes that people put
    /// into numbers are left out.
    pub fn new(bank_bin: &str, number: &str, holder: &str) -> Result<Self, PayeeAccountRefused> {
        let bank_bin = bank_bin.trim();
        if bank_bin.len() != 6 || !bank_bin.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PayeeAccountRefused::BankBin(bank_bin.to_owned()));
        }
        let plain: String =
            number.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-')).collect();
        let letters = plain.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if plain.is_empty() || plain.len() > LONGEST_NUMBER || !letters {
            return Err(PayeeAccountRefused::Number(number.to_owned()));
        }
        let holder = kernel::normalize_spaces(holder);
        if !kernel::fold_ascii(&holder).bytes().any(|byte| byte.is_ascii_alphabetic()) {
            return Err(PayeeAccountRefused::Holder(holder));
        }
        Ok(Self { bank_bin: bank_bin.to_owned(), number: plain, holder })
    }

    /// The bank's BIN.
    pub fn bank_bin(&self) -> &str {
        &self.bank_bin
    }

    /// The account's number.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The holder's name, with its diacritics.
    pub fn holder(&self) -> &str {
        &self.holder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_kept_without_what_people_put_into_its_number() {
        let account = PayeeAccount::new("970436", " 0011 00-22.33 ", "Lê  Thị Bưởi ").unwrap();
        assert_eq!(account.bank_bin(), "970436");
        assert_eq!(account.number(), "0011002233");
        assert_eq!(account.holder(), "Lê Thị Bưởi");
    }

    #[test]
    fn what_no_bank_could_pay_to_is_refused() {
        use PayeeAccountRefused::{BankBin, Holder, Number};
        let refused = |bin, number, holder| PayeeAccount::new(bin, number, holder).unwrap_err();
        for bin in ["97043", "9704366", "97043x", ""] {
            assert_eq!(refused(bin, "1", "A"), BankBin(bin.to_owned()));
        }
        for number in ["", " ", "12345678901234567890", "12/3", "số 1"] {
            assert_eq!(refused("970436", number, "A"), Number(number.to_owned()));
        }
        for holder in ["", "123", "🌸"] {
            assert_eq!(refused("970436", "1", holder), Holder(holder.to_owned()));
        }
    }
}
