//! The words of the sandbox's pages, Vietnamese first, from `texts/sandbox_card.*.toml`.

use std::sync::OnceLock;

use kernel::Locale;
use toml::Table;

const VIETNAMESE: &str = include_str!("../../../texts/sandbox_card.vi.toml");
const ENGLISH: &str = include_str!("../../../texts/sandbox_card.en.toml");

/// The words in one language.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    locale: Locale,
    table: &'static Table,
}

impl Texts {
    /// The words in a language.
    pub fn of(locale: Locale) -> Self {
        static TABLES: OnceLock<[Table; 2]> = OnceLock::new();
        let read = |text: &str| text.parse::<Table>().unwrap_or_default();
        let [vietnamese, english] = TABLES.get_or_init(|| [read(VIETNAMESE), read(ENGLISH)]);
        let table = match locale {
            Locale::Vi => vietnamese,
            Locale::En => english,
        };
        Self { locale, table }
    }

    /// The words under a key. A missing key shows itself; a test keeps that from happening.
    pub fn say<'a>(&self, key: &'a str) -> &'a str {
        self.table.get(key).and_then(|text| text.as_str()).unwrap_or(key)
    }

    /// The words of a group, such as `card` and `pays`.
    pub fn of_kind<'a>(&self, group: &str, name: &'a str) -> &'a str {
        let words = self.table.get(group).and_then(|group| group.get(name));
        words.and_then(|text| text.as_str()).unwrap_or(name)
    }

    /// The language's tag.
    pub const fn tag(&self) -> &'static str {
        self.locale.tag()
    }

    /// The language.
    pub const fn locale(&self) -> Locale {
        self.locale
    }
}

#[cfg(test)]
mod tests {
    use super::super::cards::{Decline, TestCard};
    use super::*;

    #[test]
    fn both_languages_have_the_same_words_and_a_word_for_every_card_and_decline() {
        let [vietnamese, english] = [Locale::Vi, Locale::En].map(Texts::of);
        let keys = |table: &Table| {
            let mut keys: Vec<String> = Vec::new();
            for (key, value) in table {
                match value.as_table() {
                    Some(group) => keys.extend(group.keys().map(|name| format!("{key}.{name}"))),
                    None => keys.push(key.clone()),
                }
            }
            keys.sort();
            keys
        };
        assert_eq!(keys(vietnamese.table), keys(english.table));
        assert!(!keys(english.table).is_empty());
        let declines =
            ["1", "4111111111111111"].map(|number| TestCard::of_number(number).unwrap_err());
        let declines =
            declines.into_iter().chain(TestCard::ALL.iter().filter_map(|card| card.decline()));
        for decline in declines.chain([Decline::not_authenticated()]) {
            let reason = decline.reason().to_owned();
            assert_ne!(english.of_kind("declined", &reason), reason);
        }
        for card in TestCard::ALL {
            let name = serde_json::to_value(card).unwrap();
            let name = name.as_str().unwrap();
            assert_ne!(english.of_kind("card", name), name);
        }
    }
}
