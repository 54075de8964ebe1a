//! The banks of Vietnam that take part in VietQR: only to them can a shop be paid.
//!
//! Source: `data/SOURCES.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// A bank that takes part in VietQR.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Bank {
    /// Its six digits in the network of NAPAS: `970436`.
    pub bin: String,
    /// `Vietcombank`.
    pub short_name: String,
    /// The full name in Vietnamese.
    pub name: String,
}

#[expect(clippy::expect_used, reason = "the file is a part of the program, and a test reads it")]
static BANKS: LazyLock<Vec<Bank>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/banks.json")).expect("banks.json is well formed")
});

static BY_BIN: LazyLock<HashMap<&'static str, &'static Bank>> =
    LazyLock::new(|| BANKS.iter().map(|bank| (bank.bin.as_str(), bank)).collect());

/// All banks, by short name.
pub fn all() -> &'static [Bank] {
    &BANKS
}

/// The bank with a BIN.
pub fn find(bin: &str) -> Option<&'static Bank> {
    BY_BIN.get(bin).copied()
}

/// The name that people know a bank by: `Vietcombank` for `970436`.
pub fn short_name(bin: &str) -> Option<&'static str> {
    find(bin).map(|bank| bank.short_name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_banks_with_vietqr_are_known() {
        assert_eq!((all().len(), BY_BIN.len()), (41, 41));
        for bank in all() {
            assert!(bank.bin.len() == 6 && bank.bin.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(!bank.short_name.is_empty() && !bank.name.is_empty());
        }
        assert_eq!(short_name("970436").unwrap(), "Vietcombank");
        // HSBC Vietnam is a bank, but takes no part in VietQR.
        assert_eq!(find("458761"), None);
    }
}
