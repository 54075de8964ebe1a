//! The languages people read.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the market. Vietnamese comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Locale {
    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The best language for an `Accept-Language` header (RFC 9110, 12.5.4); Vietnamese if none fits.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0_u32, Self::default());
        for item in header.split(',').take(20) {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let Ok(locale) = tag.split('-').next().unwrap_or_default().parse::<Self>() else {
                continue;
            };
            let weight =
                parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1_000, thousandths);
            if weight > best.0 {
                best = (weight, locale);
            }
        }
        best.1
    }
}

/// A quality value (`0.8`) in thousandths.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    let value = whole.parse::<u32>().unwrap_or(0) * 1_000 + padded.parse::<u32>().unwrap_or(0);
    value.min(1_000)
}

impl FromStr for Locale {
    type Err = ();

    fn from_str(tag: &str) -> Result<Self, ()> {
        match tag.to_ascii_lowercase().as_str() {
            "vi" => Ok(Self::Vi),
            "en" => Ok(Self::En),
            _ => Err(()),
        }
    }
}

/// A text in the languages of the market. Vietnamese is always there; English may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalizedText {
    /// The Vietnamese text.
    pub vi: String,
    /// The English text, or nothing.
    #[serde(default)]
    pub en: String,
}

impl LocalizedText {
    /// A text in both languages.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }

    /// The text in a language, or in the other where that one is missing.
    pub fn in_locale(&self, locale: Locale) -> &str {
        match locale {
            Locale::En if !self.en.is_empty() => &self.en,
            Locale::Vi if self.vi.is_empty() => &self.en,
            _ => &self.vi,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_wins_and_vietnamese_is_the_default() {
        for (header, locale) in [
            ("en-GB,en;q=0.9,vi;q=0.8", Locale::En),
            ("fr;q=1, vi;q=0.4, en;q=0.5", Locale::En),
            ("vi-VN, en", Locale::Vi),
            ("en;q=0", Locale::Vi),
            ("fr, *", Locale::Vi),
            ("", Locale::Vi),
        ] {
            assert_eq!(Locale::from_accept_language(header), locale, "{header}");
        }
    }

    #[test]
    fn a_missing_translation_falls_back_to_the_other_language() {
        assert_eq!(LocalizedText::new("Dừa", "").in_locale(Locale::En), "Dừa");
        assert_eq!(LocalizedText::new("Dừa", "Coconut").in_locale(Locale::En), "Coconut");
    }
}
