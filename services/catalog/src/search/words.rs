//! Cutting text into words, and the two forms in which words are compared.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: nobody looks for the 41st letter.
const MAX_WORD_CHARS: usize = 40;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case without any mark ([`kernel::fold`]): `hoà` and `hoa` are both `hoa`.
    pub folded: String,
    /// Lower case with its marks, the tone moved to the end: `hoà` and `hòa` are two habits of
    /// writing one word, `hoa` is another word.
    pub accented: String,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

impl Word {
    /// Whether the word carries any mark that folding takes away.
    pub fn is_marked(&self) -> bool {
        self.accented != self.folded
    }
}

/// The words of a text, in order. Whatever is neither letter nor digit stands between words.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut rest = 0;
    std::iter::from_fn(move || {
        loop {
            let start = rest + text[rest..].find(is_part_of_word)?;
            let length = text[start..].find(|c| !is_part_of_word(c));
            let end = length.map_or(text.len(), |length| start + length);
            rest = end;
            if let Some(word) = word(text, start..end) {
                return Some(word);
            }
        }
    })
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn word(text: &str, range: Range<usize>) -> Option<Word> {
    let written = &text[range.clone()];
    let cut = |form: String| form.chars().take(MAX_WORD_CHARS).collect::<String>();
    let folded = cut(kernel::fold(written));
    (!folded.is_empty()).then(|| Word { folded, accented: cut(tone_last(written)), range })
}

/// The word with its marks, decomposed, and the tones moved to the end.
fn tone_last(written: &str) -> String {
    let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let decomposed: String = written.to_lowercase().nfd().collect();
    let letters = decomposed.chars().filter(|c| !is_tone(c));
    letters.chain(decomposed.chars().filter(is_tone)).collect()
}

/// The folded words of a text with one space between them: what an index takes.
pub(super) fn folded(text: &str) -> String {
    join(words(text).map(|word| word.folded))
}

/// The accented words of a text with one space between them.
pub(super) fn accented(text: &str) -> String {
    join(words(text).map(|word| word.accented))
}

fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_marks_of_punctuation() {
        assert_eq!(folded("  Bánh pía (sầu-riêng), 500g!"), "banh pia sau rieng 500g");
        assert_eq!(folded("🥭 – <b>Xoài</b>"), "b xoai b");
        assert_eq!(folded("\u{301}\u{301} … 🌸"), "");
        let text = "Đường  thốt-nốt";
        let ranges: Vec<&str> = words(text).map(|word| &text[word.range]).collect();
        assert_eq!(ranges, ["Đường", "thốt", "nốt"]);
    }

    #[test]
    fn two_ways_to_place_a_tone_are_one_word_and_another_tone_is_another() {
        assert_eq!(accented("Hoà"), accented("hòa"));
        assert_eq!(accented("thuỷ"), accented("thủy"));
        assert_ne!(accented("dừa"), accented("dưa"));
        assert_ne!(accented("dứa"), accented("dừa"));
        // Composed or written with combining marks: the same word, cut nowhere inside.
        assert_eq!(accented("bu\u{31b}\u{309}i"), accented("bửi"));
        assert_eq!(words("bu\u{31b}\u{309}i").count(), 1);
    }

    #[test]
    fn a_word_without_marks_is_not_marked_and_đ_is_a_mark() {
        let marked = |text: &str| words(text).next().unwrap().is_marked();
        assert!(!marked("Cam"));
        assert!(marked("Cám"));
        assert!(marked("đa"));
    }

    #[test]
    fn endless_words_are_cut() {
        assert_eq!(folded(&"a".repeat(1_000)).len(), MAX_WORD_CHARS);
    }
}
