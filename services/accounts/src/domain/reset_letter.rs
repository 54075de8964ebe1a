//! What the letter says with which a forgotten password is set anew, in its reader's language. Plain text:
//! nothing in it runs anywhere.

use std::collections::BTreeMap;

use kernel::Locale;

use super::password_reset::LINK_LIFETIME;

const VIETNAMESE: &str = include_str!("../../texts/mail.vi.toml");
const ENGLISH: &str = include_str!("../../texts/mail.en.toml");
/// The longest name that is greeted by.
const LONGEST_GREETED: usize = 60;

/// What the letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetLetter {
    /// Whom it greets; empty where their name looks like something else.
    pub name: String,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl ResetLetter {
    /// The letter to somebody with a name, around a link.
    pub fn new(locale: Locale, name: &str, link: &str) -> Self {
        let table = table(locale);
        let say = |key: &'static str| table.get(key).map_or(key, String::as_str);
        let name = greeted(name).unwrap_or_default();
        let hello = match name {
            "" => say("hello_you").to_owned(),
            name => say("hello").replace("{name}", name),
        };
        let minutes = (LINK_LIFETIME.as_secs() / 60).to_string();
        let text = say("reset.text").replace("{minutes}", &minutes);
        let parts = [hello.as_str(), &text, link, say("reset.else"), say("sign")];
        Self {
            name: name.to_owned(),
            subject: say("reset.subject").to_owned(),
            text: parts.join("\n\n") + "\n",
        }
    }
}

/// The tables are part of the program, and a test reads them; one that cannot be read is empty.
fn table(locale: Locale) -> BTreeMap<String, String> {
    let text = match locale {
        Locale::Vi => VIETNAMESE,
        Locale::En => ENGLISH,
    };
    toml::from_str(text).unwrap_or_default()
}

/// A name, if it looks like one: anybody may give any, with somebody else's address, and a letter that greets
/// them with the address of a page would be theirs, not ours.
fn greeted(name: &str) -> Option<&str> {
    let name = name.trim();
    let letters = |letter: char| letter.is_alphabetic() || " '’-".contains(letter);
    let short = (1..=LONGEST_GREETED).contains(&name.chars().count());
    // Combining marks are letters of Vietnamese, too.
    let mark = |letter: char| ('\u{300}'..='\u{36f}').contains(&letter);
    (short && name.chars().all(|letter| letters(letter) || mark(letter))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://cho.vn/password/reset/0123";

    #[test]
    fn the_letter_says_the_link_and_for_how_long_it_counts_in_both_languages() {
        for (locale, hello) in [(Locale::Vi, "Xin chào Bông,"), (Locale::En, "Hello Bông,")] {
            let letter = ResetLetter::new(locale, "Bông", LINK);
            assert!(letter.text.starts_with(hello), "{}", letter.text);
            assert!(letter.text.contains(&format!("\n\n{LINK}\n\n")), "{}", letter.text);
            assert!(letter.text.contains("30 "), "{}", letter.text);
            let said = [letter.subject, letter.text].concat();
            for left in ["{", "}", "reset.", "sign\n"] {
                assert!(!said.replace(LINK, "").contains(left), "{left} in {said}");
            }
        }
    }

    #[test]
    fn both_languages_say_the_same_keys() {
        let keys = |locale| table(locale).into_keys().collect::<Vec<_>>();
        assert_eq!(keys(Locale::Vi), keys(Locale::En));
        assert_eq!(keys(Locale::Vi).len(), 6);
    }

    #[test]
    fn what_is_no_name_is_not_greeted() {
        for name in ["", "mua ngay https://x.vn", "{link}", "a@b.vn", &"dài ".repeat(30)] {
            let letter = ResetLetter::new(Locale::En, name, LINK);
            assert!(letter.name.is_empty() && letter.text.starts_with("Hello,\n"), "{name}");
        }
    }
}
