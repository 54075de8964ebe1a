//! The words of letters in one language, and the names that they greet.

use std::collections::BTreeMap;

use kernel::Locale;

const VIETNAMESE: &str = include_str!("../../texts/mail.vi.toml");
const ENGLISH: &str = include_str!("../../texts/mail.en.toml");
/// The longest name that is greeted by.
const LONGEST_GREETED: usize = 60;

/// The words of letters in one language.
pub struct LetterWords(BTreeMap<String, String>);

impl LetterWords {
    /// The words of a language. The tables are part of the program, and a test reads them; one that cannot be read
    /// is empty.
    pub fn of(locale: Locale) -> Self {
        let text = match locale {
            Locale::Vi => VIETNAMESE,
            Locale::En => ENGLISH,
        };
        Self(toml::from_str(text).unwrap_or_default())
    }

    /// What is said under a key.
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// How somebody is greeted.
    pub fn hello(&self, name: &str) -> String {
        match greeted(name) {
            Some(name) => self.say("hello").replace("{name}", name),
            None => self.say("hello_you").to_owned(),
        }
    }
}

/// A name, if it looks like one: anybody may give any, with somebody else's address, and a letter that greets
/// them with the address of a page would be theirs, not ours.
pub fn greeted(name: &str) -> Option<&str> {
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

    #[test]
    fn both_languages_say_the_same_keys() {
        let [vi, en] = [Locale::Vi, Locale::En].map(LetterWords::of);
        assert!(vi.0.len() >= 10 && vi.0.keys().eq(en.0.keys()), "{:?} {:?}", vi.0, en.0);
    }
}
