//! The bank account that a shop is paid to.

use kernel::fold_ascii;

use super::banks;
use super::input::{Checks, Problem};

/// The account as it was filled in.
#[derive(Clone, Debug, Default)]
pub struct BankAccountForm {
    /// BIN of the bank.
    pub bin: String,
    /// Account number.
    pub number: String,
    /// Account holder.
    pub holder: String,
}

/// An account at a bank that takes part in VietQR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// BIN of the bank: `970436`.
    pub bin: String,
    /// 6 to 19 digits or letters, in upper case.
    pub number: String,
    /// The holder as banks write names: upper-case ASCII.
    pub holder: String,
}

/// The most characters of an account number in VietQR (NAPAS, QR switching specification).
const NUMBER_MAXIMUM: usize = 19;
/// Shorter account numbers do not exist.
const NUMBER_MINIMUM: usize = 6;
/// The most characters of a holder's name.
const HOLDER_MAXIMUM: usize = 70;

impl BankAccount {
    /// Reads an account; notes what is wrong with it below `bankAccount`.
    pub fn read(form: &BankAccountForm, checks: &mut Checks) -> Option<Self> {
        let bin = checks.keep(&["bankAccount", "bin"], bin(&form.bin));
        let number = checks.keep(&["bankAccount", "number"], number(&form.number));
        let holder = checks.keep(&["bankAccount", "holder"], holder(&form.holder));
        Some(Self { bin: bin?, number: number?, holder: holder? })
    }
}

fn bin(text: &str) -> Result<String, Problem> {
    match text.trim() {
        "" => Err(Problem::Required),
        bin => banks::find(bin).map(|bank| bank.bin.clone()).ok_or(Problem::UnknownBank),
    }
}

fn number(text: &str) -> Result<String, Problem> {
    // People group the digits as they stand on the card.
    let number: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
    if number.is_empty() {
        return Err(Problem::Required);
    }
    if !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Problem::Invalid);
    }
    match number.len() {
        ..NUMBER_MINIMUM => Err(Problem::TooShort { minimum: NUMBER_MINIMUM }),
        NUMBER_MINIMUM..=NUMBER_MAXIMUM => Ok(number),
        _ => Err(Problem::TooLong { maximum: NUMBER_MAXIMUM }),
    }
}

fn holder(text: &str) -> Result<String, Problem> {
    let holder = fold_ascii(text).to_ascii_uppercase();
    if text.trim().is_empty() {
        return Err(Problem::Required);
    }
    if holder.len() > HOLDER_MAXIMUM {
        return Err(Problem::TooLong { maximum: HOLDER_MAXIMUM });
    }
    let written_by_banks = |c: char| c.is_ascii_alphanumeric() || " .,-&'()/".contains(c);
    let has_a_letter = holder.contains(|c: char| c.is_ascii_alphabetic());
    if has_a_letter && holder.chars().all(written_by_banks) {
        Ok(holder)
    } else {
        Err(Problem::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        bin: &str,
        number: &str,
        holder: &str,
    ) -> Result<BankAccount, Vec<(&'static str, Problem)>> {
        let mut checks = Checks::default();
        let form =
            BankAccountForm { bin: bin.into(), number: number.into(), holder: holder.into() };
        BankAccount::read(&form, &mut checks).ok_or_else(|| {
            let refused = checks.into_refused();
            refused.into_iter().map(|refused| (refused.path[1], refused.problem)).collect()
        })
    }

    #[test]
    fn an_account_is_kept_as_banks_write_it() {
        let account = read(" 970436 ", "0011 0090 9090 9", " Nguyễn Thị  Bông ").unwrap();
        assert_eq!(
            account,
            BankAccount {
                bin: "970436".into(),
                number: "0011009090909".into(),
                holder: "NGUYEN THI BONG".into(),
            }
        );
        assert_eq!(read("970422", "bongsen68", "Cty TNHH A&B").unwrap().number, "BONGSEN68");
    }

    #[test]
    fn everything_wrong_with_an_account_is_told_by_field() {
        assert_eq!(
            read("", "", " ").unwrap_err(),
            [
                ("bin", Problem::Required),
                ("number", Problem::Required),
                ("holder", Problem::Required),
            ]
        );
        assert_eq!(
            read("458761", "12345", "🌸").unwrap_err(),
            [
                ("bin", Problem::UnknownBank),
                ("number", Problem::TooShort { minimum: 6 }),
                ("holder", Problem::Invalid),
            ]
        );
        assert_eq!(
            read("970436\n1", &"1".repeat(20), "a|b").unwrap_err(),
            [
                ("bin", Problem::UnknownBank),
                ("number", Problem::TooLong { maximum: 19 }),
                ("holder", Problem::Invalid),
            ]
        );
        assert_eq!(
            read("970436", "1234-5678", "12345").unwrap_err(),
            [("number", Problem::Invalid), ("holder", Problem::Invalid),]
        );
    }
}
