//! Passwords that people may choose.
//!
//! Source: OWASP ASVS 5.0, 6.2 and NIST SP 800-63B, 3.1.1.2: length instead of composition rules, a
//! list of passwords that are too common, no runs or repetitions, nothing the person is known by.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use kernel::fold;
use unicode_normalization::UnicodeNormalization;

use super::email::Email;
use super::input::Problem;
use super::phone::Phone;

/// The fewest characters of a password.
pub const MINIMUM: usize = 8;
/// The most characters of a password; also bounds what has to be hashed.
pub const MAXIMUM: usize = 128;
/// A password of fewer different characters is a repetition.
const FEWEST_DIFFERENT: usize = 4;

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/common_passwords.txt").lines().collect());

/// A password as it is hashed: in Unicode's form NFKC, so that every keyboard gives the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// What a person is known by, and what their password therefore must not be.
#[derive(Clone, Copy, Debug)]
pub struct KnownBy<'a> {
    /// The name.
    pub name: &'a str,
    /// The phone number.
    pub phone: Option<&'a Phone>,
    /// The email address.
    pub email: Option<&'a Email>,
}

impl Password {
    /// Reads a password that somebody chooses.
    pub fn choose(text: &str, known_by: KnownBy<'_>) -> Result<Self, Problem> {
        let password: String = text.nfkc().collect();
        match password.chars().count() {
            0 => return Err(Problem::Required),
            1..MINIMUM => return Err(Problem::TooShort { minimum: MINIMUM }),
            MINIMUM..=MAXIMUM => {}
            _ => return Err(Problem::TooLong { maximum: MAXIMUM }),
        }
        let folded = fold(&password);
        if is_common(&folded) || is_repetition(&folded) || is_run(&folded) || known_by.is(&folded) {
            return Err(Problem::PasswordTooCommon);
        }
        Ok(Self(password))
    }

    /// Reads a password that somebody signs in with; `None` where nobody can have it.
    pub fn offered(text: &str) -> Option<Self> {
        // Normalising may shorten or lengthen; the bound on bytes spares the work.
        if text.len() > MAXIMUM * 16 {
            return None;
        }
        let password: String = text.nfkc().collect();
        (MINIMUM..=MAXIMUM).contains(&password.chars().count()).then_some(Self(password))
    }

    /// What is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl KnownBy<'_> {
    fn is(&self, folded: &str) -> bool {
        let plain = letters_and_digits(folded);
        let phone = self.phone.is_some_and(|phone| {
            let national = phone.national_digits();
            plain
                .strip_suffix(national)
                .is_some_and(|prefix| ["", "0", "84", "0084"].contains(&prefix))
        });
        let email = self.email.is_some_and(|email| {
            folded == email.as_str() || plain == letters_and_digits(email.local_part())
        });
        let name = letters_and_digits(&fold(self.name));
        phone || email || (!name.is_empty() && plain == name)
    }
}

fn is_common(folded: &str) -> bool {
    let without_spaces: String = folded.split_whitespace().collect();
    COMMON.contains(without_spaces.as_str())
}

fn is_repetition(folded: &str) -> bool {
    folded.chars().collect::<HashSet<char>>().len() < FEWEST_DIFFERENT
}

/// `12345678`, `hgfedcba`.
fn is_run(folded: &str) -> bool {
    let codes: Vec<i64> = folded.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = |by: i64| codes.windows(2).all(|pair| pair[1] - pair[0] == by);
    steps(1) || steps(-1)
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: KnownBy<'static> = KnownBy { name: "", phone: None, email: None };

    #[test]
    fn a_password_has_8_to_128_characters() {
        assert_eq!(Password::choose("", NOBODY), Err(Problem::Required));
        assert_eq!(Password::choose("bảy1ký!", NOBODY), Err(Problem::TooShort { minimum: 8 }));
        assert!(Password::choose("tám ký t", NOBODY).is_ok());
        let long: String = "ghe bầu ".repeat(16);
        assert_eq!(long.chars().count(), 128);
        assert!(Password::choose(&long, NOBODY).is_ok());
        assert_eq!(
            Password::choose(&format!("{long}x"), NOBODY),
            Err(Problem::TooLong { maximum: 128 })
        );
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_written() {
        for text in [
            "password",
            "PassWord1",
            "matkhau123",
            "Mật khẩu 123",
            "anh yêu em",
            "AnhYeuEm123",
            "123456aA@",
            "Cantho123",
            "chonoicairang",
            "1q2w3e4r",
            "11111111",
            "abababab",
            "12345678",
            "87654321",
            "abcdefghij",
        ] {
            assert_eq!(Password::choose(text, NOBODY), Err(Problem::PasswordTooCommon), "{text}");
        }
        for text in [
            "mot-mat-khau-de-thu",
            "cho-noi-cai-rang",
            "ghe bầu neo bến 7",
            "correct horse battery",
        ] {
            assert!(Password::choose(text, NOBODY).is_ok(), "{text}");
        }
    }

    #[test]
    fn every_common_password_is_folded_and_long_enough_to_matter() {
        assert!(COMMON.len() > 800);
        for word in COMMON.iter() {
            assert_eq!(*word, fold(word), "{word}");
            assert!(
                word.chars().count() >= MINIMUM && !word.contains(char::is_whitespace),
                "{word}"
            );
            assert_eq!(Password::choose(word, NOBODY), Err(Problem::PasswordTooCommon), "{word}");
        }
    }

    #[test]
    fn a_password_is_not_what_the_person_is_known_by() {
        let phone = Phone::read("0912345607").unwrap();
        let email = Email::read("vua-trai-cay@example.com").unwrap();
        let known =
            KnownBy { name: "Nguyễn Thị Bông", phone: Some(&phone), email: Some(&email) };
        for text in [
            "0912345607",
            "+84912345607",
            "912345607",
            "0912 345 607",
            "vua-trai-cay@example.com",
            "VuaTraiCay",
            "nguyenthibong",
            "Nguyễn Thị Bông",
            "nguyen.thi.bong",
        ] {
            assert_eq!(Password::choose(text, known), Err(Problem::PasswordTooCommon), "{text}");
        }
        assert!(Password::choose("nguyenthibong-1986!", known).is_ok());
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_password() {
        let composed = Password::choose("bến Ninh Kiều", NOBODY).unwrap();
        let decomposed: String = "bến Ninh Kiều".nfd().collect();
        assert_eq!(Password::offered(&decomposed), Some(composed));
    }

    #[test]
    fn an_offered_password_of_a_wrong_length_is_nobodys_and_none_is_shown_in_logs() {
        assert_eq!(Password::offered("ngắn"), None);
        assert_eq!(Password::offered(&"x".repeat(10_000)), None);
        assert_eq!(format!("{:?}", Password::offered("ghe bầu neo bến")), "Some(Password(…))");
    }
}
