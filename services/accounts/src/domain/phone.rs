//! Vietnamese phone numbers, kept in the form of E.164.
//!
//! Source: the numbering plan of Vietnam (Circular 22/2014/TT-BTTTT and the change of 2018 from
//! eleven digits to ten): mobile numbers have ten digits and begin with 03, 05, 07, 08 or 09,
//! landlines have eleven and begin with 02.

use std::fmt;

use super::input::Problem;

/// A phone number of Vietnam: `+84912345678`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// More than this nobody types for one number.
const LONGEST_INPUT: usize = 40;

impl Phone {
    /// Reads what people type: `0912 345 678`, `+84 (0)912.345.678`, `84912345678`.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Required);
        }
        if text.len() > LONGEST_INPUT {
            return Err(Problem::Invalid);
        }
        let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let digits = digits_of(rest)?;
        let national = if plus {
            digits.strip_prefix("84").map(without_trunk_zero)
        } else if let Some(rest) = digits.strip_prefix("0084") {
            Some(without_trunk_zero(rest))
        } else if let Some(rest) = digits.strip_prefix('0') {
            Some(rest)
        } else {
            digits.strip_prefix("84")
        };
        let national =
            national.filter(|digits| in_numbering_plan(digits)).ok_or(Problem::Invalid)?;
        Ok(Self(format!("+84{national}")))
    }

    /// A number that was read before it was stored.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The number in the form of E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits after the country code: `912345678`.
    pub fn national_digits(&self) -> &str {
        self.0.trim_start_matches("+84")
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The digits of a number that is written with spaces, dots, hyphens and brackets.
fn digits_of(text: &str) -> Result<String, Problem> {
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '\u{a0}' | '.' | '-' | '(' | ')' => {}
            _ => return Err(Problem::Invalid),
        }
    }
    Ok(digits)
}

/// People write the zero of the national form even behind the country code: `+84 (0)912…`.
fn without_trunk_zero(digits: &str) -> &str {
    digits.strip_prefix('0').unwrap_or(digits)
}

fn in_numbering_plan(national: &str) -> bool {
    match national.as_bytes().first() {
        Some(b'3' | b'5' | b'7' | b'8' | b'9') => national.len() == 9,
        Some(b'2') => national.len() == 10,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_write_a_number_gives_the_same_number() {
        for text in [
            "0912345678",
            "0912 345 678",
            "0912.345.678",
            "(0912) 345-678",
            "+84912345678",
            "+84 912 345 678",
            "+84 (0)912 345 678",
            "0084912345678",
            "84912345678",
            "  0912345678\u{a0}",
        ] {
            assert_eq!(Phone::read(text).unwrap().as_str(), "+84912345678", "{text}");
        }
    }

    #[test]
    fn mobile_numbers_and_landlines_of_the_numbering_plan_are_accepted() {
        for text in ["0312345678", "0512345678", "0712345678", "0812345678", "0849123456"] {
            assert!(Phone::read(text).is_ok(), "{text}");
        }
        assert_eq!(Phone::read("0292 3812 345").unwrap().as_str(), "+842923812345");
        assert_eq!(Phone::read("024 3825 1234").unwrap().as_str(), "+842438251234");
    }

    #[test]
    fn what_is_no_number_of_vietnam_is_refused() {
        for text in [
            "091234567",
            "09123456789",
            "0112345678",
            "0412345678",
            "0612345678",
            "912345678",
            "029238123",
            "+1 202 555 0100",
            "+33612345678",
            "0912345abc",
            "0912/345678",
            "１２３",
            "8491234567",
            "+0912345678",
            "113",
            "1900 1234",
            "0912345678,0912345679",
        ] {
            assert_eq!(Phone::read(text), Err(Problem::Invalid), "{text}");
        }
        assert_eq!(Phone::read("  "), Err(Problem::Required));
    }

    proptest! {
        #[test]
        fn a_number_that_was_read_reads_as_itself(text in "[+0-9 .()-]{0,20}") {
            if let Ok(phone) = Phone::read(&text) {
                prop_assert_eq!(Phone::read(phone.as_str()).unwrap(), phone);
            }
        }
    }
}
