//! Running a search: from the strictest reading of the words to the most forgiving.

use kernel::{LocalizedText, ProductId};
use tantivy::collector::Count;
use tantivy::query::AllQuery;
use tantivy::schema::Field;
use tantivy::schema::Value;
use tantivy::{Searcher, TantivyDocument};
use uuid::Uuid;

use super::super::engine::{Hit, SearchOutcome, SearchQuery};
use super::super::highlight::{Mark, highlight};
use super::super::query_words::Wanted;
use super::super::words::Word;
use super::collecting::{Collected, ResultCollector};
use super::planning::{PlannedWord, Slips, plan, query, word_query};
use super::schema::Fields;
use super::terms::KnownWords;

/// Answers a query from one state of the index. Blocks.
pub(super) fn search(
    searcher: &Searcher,
    fields: &Fields,
    asked: &SearchQuery,
) -> tantivy::Result<SearchOutcome> {
    let search = Search { searcher, fields, known: KnownWords::new(searcher, fields), asked };
    match Wanted::read(&asked.text) {
        Wanted::Everything => search.everything(),
        Wanted::Nothing => Ok(search.outcome(Collected::default(), &[])?),
        Wanted::Words(words) => search.words(words),
    }
}

struct Search<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    known: KnownWords<'a>,
    asked: &'a SearchQuery,
}

impl Search<'_> {
    fn everything(&self) -> tantivy::Result<SearchOutcome> {
        let collector = ResultCollector::new(self.asked, false);
        self.outcome(self.searcher.search(&AllQuery, &collector)?, &[])
    }

    /// As typed; then with slips everywhere; then without the words that nothing has; then without
    /// the last word, the last two … Filters play no part in this: a filter that lets nothing
    /// through is no reason to look for something else.
    fn words(&self, mut words: Vec<Word>) -> tantivy::Result<SearchOutcome> {
        for slips in [Slips::InUnknownWords, Slips::InAllWords] {
            if let Some(outcome) = self.found(&plan(&words, slips, &self.known)?)? {
                return Ok(outcome);
            }
        }
        let planned = plan(&words, Slips::InAllWords, &self.known)?;
        let mut is_somewhere = Vec::with_capacity(planned.len());
        for word in &planned {
            let count = self.searcher.search(&*word_query(word, self.fields), &Count)?;
            is_somewhere.push(count > 0);
        }
        let mut is_kept = is_somewhere.iter();
        words.retain(|_| is_kept.next() == Some(&true));
        while !words.is_empty() {
            let planned = plan(&words, Slips::InAllWords, &self.known)?;
            if let Some(outcome) = self.found(&planned)? {
                return Ok(outcome);
            }
            words.pop();
        }
        self.outcome(Collected::default(), &[])
    }

    /// What the words find, if they match anything before filters.
    fn found(&self, words: &[PlannedWord]) -> tantivy::Result<Option<SearchOutcome>> {
        let collector = ResultCollector::new(self.asked, true);
        let collected = self.searcher.search(&*query(words, self.fields), &collector)?;
        if collected.matching_text == 0 {
            return Ok(None);
        }
        let marks: Vec<Mark> = words.iter().map(|word| word.mark.clone()).collect();
        self.outcome(collected, &marks).map(Some)
    }

    fn outcome(&self, collected: Collected, marks: &[Mark]) -> tantivy::Result<SearchOutcome> {
        let offset = usize::try_from(self.asked.offset).unwrap_or(usize::MAX);
        let page = collected.ranked.iter().skip(offset).take(self.asked.first as usize);
        let mut hits = Vec::new();
        for ranked in page {
            let stored: TantivyDocument = self.searcher.doc(ranked.address)?;
            let text = |field: Field| {
                let value = stored.get_first(field);
                value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
            };
            let title = LocalizedText::new(text(self.fields.title_vi), text(self.fields.title_en));
            hits.push(Hit {
                product_id: ProductId::from_uuid(Uuid::from_u128(ranked.id)),
                highlight: highlight(&title, marks),
            });
        }
        Ok(SearchOutcome { hits, total: collected.total, facets: collected.facets() })
    }
}
