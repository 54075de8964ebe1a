//! The letters of a bank's memo that count.
//!
//! Banks fold diacritics, change case, add separators and break lines in the middle of a word; what
//! is left in every such form are the letters and digits in their order.

use kernel::fold_ascii;

/// No bank's memo is longer (248 is the longest of 299,328 that we know); what is behind is not
/// looked at.
pub const MAX_MEMO: usize = 512;

/// What stood between a letter and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing: they belong together.
    None,
    /// White space only: a bank's line break, or a space that somebody typed.
    Space,
    /// A full stop, a dash, or anything else that is neither letter nor digit.
    Separator,
}

/// Letters and digits of a memo in upper case ASCII, and what stood between them.
pub struct MemoLetters {
    letters: [u8; MAX_MEMO],
    gaps: [Gap; MAX_MEMO],
    length: usize,
}

impl MemoLetters {
    /// Folds a memo.
    pub fn of(memo: &str) -> Self {
        if memo.is_ascii() { Self::of_ascii(memo) } else { Self::of_ascii(&fold_ascii(memo)) }
    }

    fn of_ascii(memo: &str) -> Self {
        let mut folded = Self { letters: [0; MAX_MEMO], gaps: [Gap::None; MAX_MEMO], length: 0 };
        let mut gap = Gap::Separator;
        for byte in memo.bytes() {
            if byte.is_ascii_alphanumeric() {
                if folded.length == MAX_MEMO {
                    break;
                }
                folded.letters[folded.length] = byte.to_ascii_uppercase();
                folded.gaps[folded.length] = gap;
                folded.length += 1;
                gap = Gap::None;
            } else if byte.is_ascii_whitespace() && gap != Gap::Separator {
                gap = Gap::Space;
            } else {
                gap = Gap::Separator;
            }
        }
        folded
    }

    /// The letters and digits.
    pub fn letters(&self) -> &[u8] {
        &self.letters[..self.length]
    }

    /// All that `at` reads where some letter stands, given it and those behind it: each once, in their order.
    pub fn find<Code: PartialEq>(&self, at: impl Fn(&[u8]) -> Option<Code>) -> Vec<Code> {
        let mut found = Vec::new();
        for place in 0..self.length {
            if let Some(code) = at(&self.letters()[place..])
                && !found.contains(&code)
            {
                found.push(code);
            }
        }
        found
    }

    /// What stood before the letter at a place; before the first and behind the last, a separator.
    pub fn gap_before(&self, place: usize) -> Gap {
        if place < self.length { self.gaps[place] } else { Gap::Separator }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_count_and_gaps_are_remembered() {
        let folded = MemoLetters::of("Trả đơn\n12.3");
        assert_eq!(folded.letters(), b"TRADON123");
        let gaps: Vec<Gap> = (0..=9).map(|place| folded.gap_before(place)).collect();
        use Gap::{None, Separator, Space};
        assert_eq!(
            gaps,
            [Separator, None, None, Space, None, None, Space, None, Separator, Separator]
        );
    }

    #[test]
    fn what_is_behind_the_longest_memo_is_not_looked_at() {
        assert_eq!(MemoLetters::of(&"a".repeat(2 * MAX_MEMO)).letters().len(), MAX_MEMO);
    }
}
