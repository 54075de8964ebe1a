//! What people agree to when they sign up: terms of use and what becomes of their personal data, as one text in
//! both languages, and what is kept of their agreeing.
//!
//! Law 91/2025/QH15 wants consent to be given on purpose, and to be shown later: so the version of the text is
//! kept with the moment, and the text of a version never changes.

use std::sync::LazyLock;

use kernel::{Locale, LocalizedText, Timestamp};
use serde::Deserialize;

use super::input::Problem;

const VIETNAMESE: &str = include_str!("../../texts/terms.vi.toml");
const ENGLISH: &str = include_str!("../../texts/terms.en.toml");

/// The text of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The day from which it counts: `2026-12-01`.
    pub version: String,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub heading: LocalizedText,
    /// What it says: paragraphs, a line each.
    pub text: LocalizedText,
}

/// That a person agreed to a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Its version.
    pub version: String,
    /// The language in which they read it.
    pub locale: Locale,
    /// When they agreed.
    pub given_at: Timestamp,
}

impl Consent {
    /// Somebody agrees to the text of now.
    pub fn given(locale: Locale, now: Timestamp) -> Self {
        Self { version: current().version.clone(), locale, given_at: now }
    }
}

#[derive(Deserialize)]
struct Written {
    version: String,
    sections: Vec<WrittenSection>,
}

#[derive(Deserialize)]
struct WrittenSection {
    heading: String,
    text: String,
}

#[expect(
    clippy::expect_used,
    reason = "the texts are a part of the program, and a test reads them"
)]
static CURRENT: LazyLock<Terms> = LazyLock::new(|| {
    let read = |text| toml::from_str::<Written>(text).expect("the terms are well formed");
    let (vi, en) = (read(VIETNAMESE), read(ENGLISH));
    let sections = vi.sections.into_iter().zip(en.sections).map(|(vi, en)| Section {
        heading: LocalizedText::new(vi.heading, en.heading),
        text: LocalizedText::new(vi.text, en.text),
    });
    Terms { version: vi.version, sections: sections.collect() }
});

/// The text of now.
pub fn current() -> &'static Terms {
    &CURRENT
}

/// Whether somebody who says which text they agree to means the text of now.
pub fn check(version: &str) -> Result<(), Problem> {
    match version {
        "" => Err(Problem::Required),
        version if version == current().version => Ok(()),
        _ => Err(Problem::TermsOutdated),
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_text_of_a_version_never_changes() {
        let said = [VIETNAMESE, ENGLISH].map(|text| hex::encode(Sha256::digest(text)));
        let said = [&*current().version, &*said[0], &*said[1]];
        // People agreed to these words. Other words: another version, and its digests here.
        assert_eq!(
            said,
            [
                "2026-12-01",
                "bd37fed61086877271fa50f49ce955390daa02a96416e3ae390300f3f8e3790d",
                "58e3370d8690936c8691eacedf05cba6f9606353b38e9289fca1119a0a3d7056",
            ]
        );
    }

    #[test]
    fn both_languages_say_the_same_parts_of_the_same_version() {
        let [vi, en] = [VIETNAMESE, ENGLISH].map(|text| toml::from_str::<Written>(text).unwrap());
        assert_eq!((vi.version, vi.sections.len()), (en.version, en.sections.len()));
        assert!(current().sections.len() >= 5);
        for section in &current().sections {
            let Section { heading, text } = section;
            let said = [&heading.vi, &heading.en, &text.vi, &text.en];
            assert!(said.iter().all(|text| !text.trim().is_empty()), "{section:?}");
            assert_eq!(text.vi.lines().count(), text.en.lines().count(), "{section:?}");
        }
    }

    #[test]
    fn only_the_text_of_now_can_be_agreed_to() {
        assert_eq!(check(&current().version), Ok(()));
        assert_eq!(check(""), Err(Problem::Required));
        assert_eq!(check("2020-01-01"), Err(Problem::TermsOutdated));
    }
}
