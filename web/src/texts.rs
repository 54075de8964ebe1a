//! The words of the pages, Vietnamese first, from `texts/*.toml`. No page holds words of its own.

use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::Locale;

const VIETNAMESE: &str = include_str!("../texts/vi.toml");
const ENGLISH: &str = include_str!("../texts/en.toml");

type Table = HashMap<String, String>;

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
        let [vietnamese, english] = TABLES.get_or_init(|| [read(VIETNAMESE), read(ENGLISH)]);
        let table = match locale {
            Locale::Vi => vietnamese,
            Locale::En => english,
        };
        Self { locale, table }
    }

    /// The words under a key. A missing key shows itself; a test keeps that from happening.
    pub fn say<'a>(&self, key: &'a str) -> &'a str {
        self.table.get(key).map_or(key, String::as_str)
    }

    /// The words under a key of two parts, as for states: `order.status` and `PAID`.
    pub fn of_kind(&self, group: &str, name: &str) -> &'static str {
        self.table.get(&format!("{group}.{name}")).map_or("", String::as_str)
    }

    /// The words under a key with `{}` replaced.
    pub fn fill(&self, key: &str, value: impl std::fmt::Display) -> String {
        self.say(key).replacen("{}", &value.to_string(), 1)
    }

    /// A moment as people here write it: day, month and time in Vietnam.
    pub fn moment(self, rfc3339: &str) -> String {
        use time::format_description::well_known::Rfc3339;
        use time::macros::{format_description, offset};
        let shape = format_description!("[day]/[month]/[year] [hour]:[minute]");
        time::OffsetDateTime::parse(rfc3339, &Rfc3339)
            .ok()
            .and_then(|moment| moment.to_offset(offset!(+7)).format(shape).ok())
            .unwrap_or_default()
    }

    /// The language.
    pub const fn locale(&self) -> Locale {
        self.locale
    }
}

/// The tables are part of the program, and a test reads them; one that cannot be read is empty.
fn read(text: &str) -> Table {
    toml::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_words_in_both_languages() {
        let (vietnamese, english) = (read(VIETNAMESE), read(ENGLISH));
        let mut missing: Vec<_> = vietnamese
            .keys()
            .filter(|key| !english.contains_key(*key))
            .chain(english.keys().filter(|key| !vietnamese.contains_key(*key)))
            .collect();
        missing.sort();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(vietnamese.len() > 50 && vietnamese.values().all(|value| !value.is_empty()));
    }

    #[test]
    fn every_key_that_pages_say_exists() {
        let table = read(VIETNAMESE);
        let mut missing = Vec::new();
        for folder in ["templates", "src/pages", "src"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for entry in std::fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                for marker in ["t.say(\"", "t.fill(\"", "texts.say(\"", "texts.fill(\""] {
                    for rest in text.split(marker).skip(1) {
                        let key = rest.split('"').next().unwrap_or_default();
                        if !table.contains_key(key) {
                            missing.push(format!("{key} in {}", path.display()));
                        }
                    }
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn moments_are_told_in_the_time_of_vietnam() {
        let texts = Texts::of(Locale::Vi);
        assert_eq!(texts.moment("2026-11-23T18:30:00Z"), "24/11/2026 01:30");
        assert_eq!(texts.moment("no moment"), "");
    }
}
