//! What the letter says with which a forgotten password is set anew, in its reader's language. Plain text:
//! nothing in it runs anywhere.

use kernel::Locale;

use super::letter_words::{LetterWords, greeted};
use super::password_reset::LINK_LIFETIME;

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
        let words = LetterWords::of(locale);
        let minutes = (LINK_LIFETIME.as_secs() / 60).to_string();
        let text = words.say("reset.text").replace("{minutes}", &minutes);
        let hello = words.hello(name);
        let parts = [hello.as_str(), &text, link, words.say("reset.else"), words.say("sign")];
        Self {
            name: greeted(name).unwrap_or_default().to_owned(),
            subject: words.say("reset.subject").to_owned(),
            text: parts.join("\n\n") + "\n",
        }
    }
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
    fn what_is_no_name_is_not_greeted() {
        for name in ["", "mua ngay https://x.vn", "{link}", "a@b.vn", &"dài ".repeat(30)] {
            let letter = ResetLetter::new(Locale::En, name, LINK);
            assert!(letter.name.is_empty() && letter.text.starts_with("Hello,\n"), "{name}");
        }
    }
}
