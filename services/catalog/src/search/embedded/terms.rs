//! Which words the index knows.

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::super::highlight::MAX_SYLLABLES;
use super::schema::Fields;

/// Ways of cutting a word into known ones that are tried.
const MAX_SPLITS: usize = 4;
/// Letters of the shortest part that a word is cut into.
const MIN_PART: usize = 2;
/// Longer words are not cut.
const MAX_SPLIT_CHARS: usize = 24;

/// The words of the index.
pub(super) struct KnownWords<'a> {
    searcher: &'a Searcher,
    field: Field,
}

impl<'a> KnownWords<'a> {
    /// All words, folded.
    pub fn new(searcher: &'a Searcher, fields: &Fields) -> Self {
        Self { searcher, field: fields.all_folded }
    }

    /// In how many products a word is.
    pub fn frequency(&self, word: &str) -> tantivy::Result<u64> {
        self.searcher.doc_freq(&Term::from_field_text(self.field, word))
    }

    /// Whether a word is in any product.
    pub fn has(&self, word: &str) -> tantivy::Result<bool> {
        Ok(self.frequency(word)? > 0)
    }

    /// Whether any word begins with this.
    pub fn begins(&self, prefix: &str) -> tantivy::Result<bool> {
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.field)?;
            let mut stream = index.terms().range().ge(prefix).into_stream()?;
            if stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The likeliest ways to read a word as known words written without spaces: few parts first,
    /// then parts that are common. The last part may be the beginning of a word if the word is
    /// `unfinished`.
    pub fn splits(&self, word: &str, unfinished: bool) -> tantivy::Result<Vec<Vec<String>>> {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < 2 * MIN_PART || letters.len() > MAX_SPLIT_CHARS {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        self.split(&letters, unfinished, &mut Vec::new(), u64::MAX, &mut found)?;
        found.sort_by_key(|(parts, rarest)| (parts.len(), std::cmp::Reverse(*rarest)));
        found.truncate(MAX_SPLITS);
        Ok(found.into_iter().map(|(parts, _)| parts).collect())
    }

    fn split(
        &self,
        rest: &[char],
        unfinished: bool,
        parts: &mut Vec<String>,
        rarest: u64,
        found: &mut Vec<(Vec<String>, u64)>,
    ) -> tantivy::Result<()> {
        if !parts.is_empty() {
            let last: String = rest.iter().collect();
            let frequency = self.frequency(&last)?;
            if frequency > 0 || (unfinished && self.begins(&last)?) {
                let whole = parts.iter().cloned().chain([last]).collect();
                found.push((whole, rarest.min(frequency)));
            }
        }
        if parts.len() + 1 == MAX_SYLLABLES {
            return Ok(());
        }
        for length in MIN_PART..=rest.len().saturating_sub(MIN_PART) {
            let part: String = rest[..length].iter().collect();
            let frequency = self.frequency(&part)?;
            if frequency > 0 {
                parts.push(part);
                self.split(&rest[length..], unfinished, parts, rarest.min(frequency), found)?;
                parts.pop();
            }
        }
        Ok(())
    }
}
