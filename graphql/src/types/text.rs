//! Texts in the languages of the market.

use async_graphql::{InputObject, SimpleObject};
use proto::common::LocalizedText as ProtoText;

/// A text in the languages of the market.
#[derive(Clone, Debug, SimpleObject)]
pub struct LocalizedText {
    /// The Vietnamese text.
    vi: String,
    /// The English text; empty where there is none.
    en: String,
}

impl LocalizedText {
    /// The text that a service gave.
    pub fn of(text: Option<&ProtoText>) -> Self {
        let ProtoText { vi, en } = text.cloned().unwrap_or_default();
        Self { vi, en }
    }
}

/// The part of a text that is in a language, or in the other where that one is missing.
pub fn localized(text: Option<&ProtoText>, locale: kernel::Locale) -> &str {
    let Some(text) = text else { return "" };
    match locale {
        kernel::Locale::En if !text.en.is_empty() => &text.en,
        kernel::Locale::Vi if text.vi.is_empty() => &text.en,
        _ => &text.vi,
    }
}

/// A text that is not empty.
pub fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A text in the languages of the market, to be sent.
#[derive(Clone, Debug, InputObject)]
pub struct LocalizedTextInput {
    /// The Vietnamese text.
    pub vi: String,
    /// The English text, if there is one.
    pub en: Option<String>,
}

impl From<LocalizedTextInput> for ProtoText {
    fn from(text: LocalizedTextInput) -> Self {
        Self { vi: text.vi, en: text.en.unwrap_or_default() }
    }
}
