//! The code in a transfer's memo: short, speakable, and able to check itself.
//!
//! `CN`, eight characters of Crockford base 32, one check character: eleven in all. The check is
//! over GF(32) with a different power of the generator for each place, so every single wrong
//! character and every swap of two neighbours is caught. A code that fails its check never matches.

use std::fmt;
use std::str::FromStr;

use super::memo::MemoLetters;

/// Letters in front of every code of the market.
pub const PREFIX: &str = "CN";
const RANDOM_LENGTH: usize = 8;
/// Characters behind the prefix: the random ones and the check.
const BODY_LENGTH: usize = RANDOM_LENGTH + 1;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// x⁵ + x² + 1, primitive over GF(2).
const POLYNOMIAL: u8 = 0b10_0101;

/// A payment's code; always one whose check holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentCode([u8; BODY_LENGTH]);

/// The text is no payment code: wrong form, or its check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a payment code")]
pub struct NotACode;

impl PaymentCode {
    /// Characters of a code, its prefix included.
    pub const LENGTH: usize = PREFIX.len() + BODY_LENGTH;

    /// The code made of 40 random bits (the others are ignored).
    pub fn from_random(bits: u64) -> Self {
        let mut digits = [0_u8; BODY_LENGTH];
        for (place, digit) in digits[..RANDOM_LENGTH].iter_mut().enumerate() {
            *digit = (bits >> (5 * place)) as u8 & 31;
        }
        digits[RANDOM_LENGTH] = check_digit(&digits);
        Self(digits)
    }

    /// Every code in a bank's memo, each once, in their order.
    ///
    /// Banks add words, change case, and break lines in the middle of a code; people type O for 0.
    pub fn find_in(memo: &str) -> Vec<Self> {
        MemoLetters::of(memo).find(Self::at)
    }

    /// The code that begins these letters (upper case, no separators), corrected as Crockford
    /// corrects: O is 0, I and L are 1.
    pub(super) fn at(letters: &[u8]) -> Option<Self> {
        let body = letters.strip_prefix(PREFIX.as_bytes())?.get(..BODY_LENGTH)?;
        Self::from_letters(body)
    }

    fn from_letters(letters: &[u8]) -> Option<Self> {
        let mut digits = [0_u8; BODY_LENGTH];
        for (digit, letter) in digits.iter_mut().zip(letters) {
            *digit = DIGIT_OF[*letter as usize];
            if *digit == NO_DIGIT {
                return None;
            }
        }
        (check_digit(&digits) == digits[RANDOM_LENGTH]).then_some(Self(digits))
    }

    /// The code as a number below 2⁴⁵: five bits a character.
    pub fn packed(self) -> u64 {
        self.0.iter().fold(0, |packed, digit| packed << 5 | u64::from(*digit))
    }

    /// Every code that one slip of the hand makes of the letters behind a prefix: one wrong
    /// character, two neighbours swapped. For suggestions to a person only.
    pub(super) fn near(letters: &[u8]) -> Vec<Self> {
        let Some(body) = letters.strip_prefix(PREFIX.as_bytes()) else { return Vec::new() };
        let Some(body) = body.first_chunk::<BODY_LENGTH>() else { return Vec::new() };
        let mut near = Vec::new();
        for place in 0..BODY_LENGTH {
            let mut slipped = *body;
            for letter in ALPHABET {
                slipped[place] = *letter;
                near.extend(Self::from_letters(&slipped));
            }
            let mut swapped = *body;
            if place + 1 < BODY_LENGTH {
                swapped.swap(place, place + 1);
                near.extend(Self::from_letters(&swapped));
            }
        }
        near.sort_unstable();
        near.dedup();
        near
    }
}

const NO_DIGIT: u8 = u8::MAX;

/// What each letter stands for in Crockford's base 32, lower case and look-alikes included.
const DIGIT_OF: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < ALPHABET.len() {
        let letter = ALPHABET[digit];
        digits[letter as usize] = digit as u8;
        digits[letter.to_ascii_lowercase() as usize] = digit as u8;
        digit += 1;
    }
    digits[b'O' as usize] = 0;
    digits[b'I' as usize] = 1;
    digits[b'L' as usize] = 1;
    digits
};

/// Σ aⁱ·dᵢ over the random digits, i from 1: together with the check at a⁰ the sum is zero.
fn check_digit(digits: &[u8; BODY_LENGTH]) -> u8 {
    let mut sum = 0;
    let mut weight = 1;
    for digit in &digits[..RANDOM_LENGTH] {
        weight = times_generator(weight);
        sum ^= multiply(weight, *digit);
    }
    sum
}

const fn times_generator(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ POLYNOMIAL }
}

const fn multiply(mut left: u8, mut right: u8) -> u8 {
    let mut product = 0;
    while right != 0 {
        if right & 1 == 1 {
            product ^= left;
        }
        left = times_generator(left);
        right >>= 1;
    }
    product
}

impl fmt::Display for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for digit in self.0 {
            write!(f, "{}", ALPHABET[digit as usize] as char)?;
        }
        Ok(())
    }
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PaymentCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        let body = text.strip_prefix(PREFIX).ok_or(NotACode)?;
        if body.len() != BODY_LENGTH {
            return Err(NotACode);
        }
        Self::from_letters(body.as_bytes()).ok_or(NotACode)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_single_wrong_character_is_caught(bits in any::<u64>(), place in 0..BODY_LENGTH, wrong in 0u8..32) {
            let code = PaymentCode::from_random(bits);
            prop_assume!(code.0[place] != wrong);
            let mut digits = code.0;
            digits[place] = wrong;
            let text: String = digits.iter().map(|digit| ALPHABET[*digit as usize] as char).collect();
            let wrong = format!("{PREFIX}{text}");
            prop_assert!(wrong.parse::<PaymentCode>().is_err());
        }

        #[test]
        fn every_swap_of_neighbours_is_caught(bits in any::<u64>(), place in 0..RANDOM_LENGTH) {
            let code = PaymentCode::from_random(bits);
            prop_assume!(code.0[place] != code.0[place + 1]);
            let mut text = code.to_string().into_bytes();
            text.swap(PREFIX.len() + place, PREFIX.len() + place + 1);
            prop_assert!(String::from_utf8(text).unwrap().parse::<PaymentCode>().is_err());
        }

        #[test]
        fn a_code_is_found_however_the_bank_writes_it(bits in any::<u64>(), cut in 1usize..10) {
            let code = PaymentCode::from_random(bits);
            let text = code.to_string();
            let (head, tail) = text.split_at(cut);
            for memo in [
                format!("123456.020926.101112.{text} FT24123456789012"),
                format!("MBVCB.1234567890.{}.CT tu 0011", text.to_lowercase()),
                format!("SHGD:10001234.DD:241123.BO:LE MINH.{head}\n{tail} (CT1234)"),
                format!("Chuyển tiền {head} {tail}"),
                text.replace('0', "O").replace('1', "l"),
            ] {
                prop_assert!(PaymentCode::find_in(&memo).contains(&code), "{memo}");
            }
        }

        #[test]
        fn any_memo_is_read_without_harm(memo in ".{0,600}") {
            for code in PaymentCode::find_in(&memo) {
                prop_assert_eq!(code.to_string().parse::<PaymentCode>(), Ok(code));
            }
        }
    }

    #[test]
    fn the_masked_memos_of_real_banks_hold_no_code() {
        let shapes: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/vn-memo-shapes.json")).unwrap();
        let mut read = 0;
        for memos in shapes["shapes"].as_object().unwrap().values() {
            for memo in memos.as_array().unwrap() {
                assert_eq!(PaymentCode::find_in(memo.as_str().unwrap()), []);
                read += 1;
            }
        }
        assert!(read > 100, "{read}");
    }

    #[test]
    fn two_codes_in_one_memo_are_both_found() {
        let (one, two) = (PaymentCode::from_random(1), PaymentCode::from_random(2));
        assert_eq!(PaymentCode::find_in(&format!("tra {one} va {two}, {one}")), [one, two]);
    }
}
