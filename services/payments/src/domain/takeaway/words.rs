//! The words of files, by language.

use std::collections::BTreeMap;

use kernel::Locale;

const VIETNAMESE: &str = include_str!("../../../texts/takeaway.vi.toml");
const ENGLISH: &str = include_str!("../../../texts/takeaway.en.toml");

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    /// The language.
    pub locale: Locale,
    table: BTreeMap<String, String>,
}

impl Words {
    /// The words of a language. The tables are part of the program, and a test reads them.
    pub fn of(locale: Locale) -> Self {
        let text = match locale {
            Locale::Vi => VIETNAMESE,
            Locale::En => ENGLISH,
        };
        Self { locale, table: toml::from_str(text).unwrap_or_default() }
    }

    /// What is said under a key; the key itself where nothing is.
    pub fn say(&self, key: &str) -> String {
        self.table.get(key).map_or(key, String::as_str).to_owned()
    }

    /// What is said under some keys.
    pub fn all<const N: usize>(&self, keys: [&str; N]) -> Vec<String> {
        keys.iter().map(|key| self.say(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::shop_line::ShopLineKind;

    #[test]
    fn both_languages_say_the_same_keys_and_every_kind_of_line() {
        let [vi, en] = [Locale::Vi, Locale::En].map(Words::of);
        assert!(vi.table.len() > 20 && vi.table.keys().eq(en.table.keys()));
        for kind in ShopLineKind::ALL {
            assert!(vi.table.contains_key(kind.name()), "{kind:?}");
        }
    }
}
