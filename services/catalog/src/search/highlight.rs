//! Marking in a title what the person looked for.

use kernel::LocalizedText;

use super::typos;
use super::words::{Word, words};

/// Stands before a match (a private character of Unicode: no text of people has it).
pub const MATCH_START: char = '\u{E000}';
/// Stands after a match.
pub const MATCH_END: char = '\u{E001}';

/// Syllables that a word written without spaces may stand for (`mangcautaxiem`).
pub(super) const MAX_SYLLABLES: usize = 4;

/// A word to mark.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// The word, folded.
    pub folded: String,
    /// Whether longer words that begin with it are marked too.
    pub unfinished: bool,
    /// Slips forgiven.
    pub slips: u8,
}

impl Mark {
    /// Whether a word is this one, or begins with it.
    fn fits(&self, written: &str) -> bool {
        written == self.folded || (self.unfinished && written.starts_with(&self.folded))
    }

    /// Whether a word is this one with slips of the finger.
    fn nearly_fits(&self, written: &str) -> bool {
        self.slips > 0 && typos::within(&self.folded, written, self.slips)
    }

    /// Whether the word is just these syllables without the spaces.
    fn joins(&self, syllables: &[Word]) -> bool {
        let mut rest = self.folded.as_str();
        for (place, syllable) in syllables.iter().enumerate() {
            let is_last = place + 1 == syllables.len();
            if is_last && self.unfinished && !rest.is_empty() && syllable.folded.starts_with(rest) {
                return true;
            }
            let Some(after) = rest.strip_prefix(&syllable.folded) else { return false };
            rest = after;
        }
        rest.is_empty()
    }
}

/// The Vietnamese title with its matches marked; the English one if only that has any.
pub(super) fn highlight(title: &LocalizedText, marks: &[Mark]) -> String {
    let (vi, vi_has_match) = marked(&title.vi, marks);
    if (vi_has_match || title.en.is_empty()) && !title.vi.is_empty() {
        return vi;
    }
    let (en, en_has_match) = marked(&title.en, marks);
    if en_has_match || title.vi.is_empty() { en } else { vi }
}

fn marked(title: &str, marks: &[Mark]) -> (String, bool) {
    // Characters of ours in a seller's title would fake a match.
    let title = title.replace([MATCH_START, MATCH_END], "");
    let written: Vec<Word> = words(&title).collect();
    let matches = matching(&written, marks);
    let mut text = String::with_capacity(title.len() + 12);
    let mut done = 0;
    for (word, _) in written.iter().zip(&matches).filter(|(_, matches)| **matches) {
        text.push_str(&title[done..word.range.start]);
        text.push(MATCH_START);
        text.push_str(&title[word.range.clone()]);
        text.push(MATCH_END);
        done = word.range.end;
    }
    text.push_str(&title[done..]);
    (text, matches.contains(&true))
}

/// Which words of a title match.
fn matching(written: &[Word], marks: &[Mark]) -> Vec<bool> {
    let mut matches = vec![false; written.len()];
    for mark in marks {
        let fitting: Vec<bool> = written.iter().map(|word| mark.fits(&word.folded)).collect();
        // Slips count only where nothing fits as it stands.
        let is_there = fitting.contains(&true);
        for ((word, fits), matches) in written.iter().zip(fitting).zip(&mut matches) {
            *matches |= fits || (!is_there && mark.nearly_fits(&word.folded));
        }
    }
    for (place, word) in written.iter().enumerate() {
        // Two words of the query may be written as one: "dien thoai" finds "Dienthoai".
        let joined = marks.windows(2).any(|pair| {
            word.folded.strip_prefix(&pair[0].folded).is_some_and(|rest| rest == pair[1].folded)
        });
        matches[place] |= joined;
        for count in 2..=MAX_SYLLABLES.min(written.len() - place) {
            let syllables = &written[place..place + count];
            if marks.iter().any(|mark| mark.joins(syllables)) {
                matches[place..place + count].fill(true);
            }
        }
    }
    matches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(vi: &str, en: &str, query: &[(&str, bool, u8)]) -> String {
        let marks: Vec<Mark> = query
            .iter()
            .map(|(word, unfinished, slips)| Mark {
                folded: (*word).to_owned(),
                unfinished: *unfinished,
                slips: *slips,
            })
            .collect();
        highlight(&LocalizedText::new(vi, en), &marks)
            .replace(MATCH_START, "[")
            .replace(MATCH_END, "]")
    }

    #[test]
    fn matches_are_marked_in_the_title_as_it_is_written() {
        assert_eq!(
            show("Bánh Pía, 500g", "", &[("banh", false, 0), ("pi", true, 0)]),
            "[Bánh] [Pía], 500g"
        );
        assert_eq!(show("Sầu riêng Ri6", "", &[("rieg", false, 1)]), "Sầu [riêng] Ri6");
        assert_eq!(show("Chanh", "", &[("banh", false, 0)]), "Chanh");
        assert_eq!(show("Bánh canh", "", &[("banh", false, 1)]), "[Bánh] canh");
    }

    #[test]
    fn words_written_together_or_apart_are_marked_too() {
        assert_eq!(show("Cơm tấm sườn", "", &[("comtam", false, 1)]), "[Cơm] [tấm] sườn");
        assert_eq!(show("Cơm tấm sườn", "", &[("comta", true, 0)]), "[Cơm] [tấm] sườn");
        assert_eq!(
            show("Comtam sườn", "", &[("com", false, 0), ("tam", false, 0)]),
            "[Comtam] sườn"
        );
    }

    #[test]
    fn the_english_title_is_shown_only_when_it_alone_matches() {
        assert_eq!(show("Dừa xiêm", "Young coconut", &[("coconut", false, 0)]), "Young [coconut]");
        assert_eq!(show("Dừa xiêm", "Young coconut", &[("dua", false, 0)]), "[Dừa] xiêm");
        assert_eq!(show("Dừa xiêm", "Young coconut", &[("ben", false, 0)]), "Dừa xiêm");
        assert_eq!(show("", "Young coconut", &[]), "Young coconut");
    }

    #[test]
    fn html_stays_text_and_a_seller_cannot_fake_a_match() {
        let title = format!("<b>Dừa</b> {MATCH_START}rẻ{MATCH_END}");
        assert_eq!(show(&title, "", &[("dua", false, 0)]), "<b>[Dừa]</b> rẻ");
    }
}
