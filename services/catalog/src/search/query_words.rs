//! What a person typed, cut into the words to look for.

use super::words::{Word, words};

/// Letters of a query that are read; the rest is ignored.
const MAX_QUERY_CHARS: usize = 256;
/// Words of a query that are looked for.
const MAX_QUERY_WORDS: usize = 12;

/// What a person looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing was typed: everything is shown.
    Everything,
    /// Something was typed that no word is in (`???`, `🌸`): nothing matches.
    Nothing,
    /// These words. The last one may be unfinished.
    Words(Vec<Word>),
}

impl Wanted {
    /// Reads what was typed. A word typed twice counts once.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Everything;
        }
        let end = text.char_indices().nth(MAX_QUERY_CHARS).map_or(text.len(), |(end, _)| end);
        let mut wanted: Vec<Word> = Vec::new();
        for word in words(&text[..end]) {
            if wanted.len() < MAX_QUERY_WORDS && !wanted.iter().any(|w| w.folded == word.folded) {
                wanted.push(word);
            }
        }
        if wanted.is_empty() { Self::Nothing } else { Self::Words(wanted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        match Wanted::read(text) {
            Wanted::Words(words) => words.into_iter().map(|word| word.folded).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn blank_is_everything_and_signs_alone_are_nothing() {
        assert_eq!(Wanted::read(" \t "), Wanted::Everything);
        assert_eq!(Wanted::read("*** 🥭 \"()"), Wanted::Nothing);
        assert_eq!(folded("Bánh  pía, BANH"), ["banh", "pia"]);
    }

    #[test]
    fn an_endless_query_is_cut_between_letters() {
        let many: String = (0..500).flat_map(|i| [format!("ừ{i}"), " ".to_owned()]).collect();
        assert_eq!(folded(&many).len(), MAX_QUERY_WORDS);
        assert_eq!(folded(&"ừ".repeat(1_000)).len(), 1);
    }
}
