//! Running a search on Meilisearch.
//!
//! All words must be there; only when that finds nothing may some be missing (`frequency`: the
//! commonest first). Otherwise a search by price would begin with whatever has one of the words.

use std::cmp::Reverse;
use std::collections::HashMap;

use kernel::LocalizedText;
use meilisearch_sdk::client::Client;
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::search::{MatchingStrategies, SearchResults, Selectors};
use proto::catalog::ProductSort;

use super::super::engine::{Hit, MAX_DEPTH, SearchFault, SearchOutcome, SearchQuery};
use super::super::facets::Facet;
use super::super::highlight::{Mark, highlight};
use super::super::query_words::Wanted;
use super::super::typos;
use super::super::words::{Word, words};
use super::calls::attempt;
use super::documents::{FOUND_FIELDS, FoundDocument};
use super::requests::{attribute, expression, filtered_facets, order};

/// The best hits, which are sorted anew by the marks in their titles: to Meilisearch "dừa" and
/// "dưa" are one word.
const RERANKED: u64 = 200;

/// Answers a query.
pub(super) async fn search(
    client: &Client,
    index: &Index,
    asked: &SearchQuery,
) -> Result<SearchOutcome, SearchFault> {
    let words = match Wanted::read(&asked.text) {
        Wanted::Nothing => {
            let none = |facet: Facet| facet.counts(HashMap::new());
            let facets = Facet::ALL.into_iter().map(none).collect();
            return Ok(SearchOutcome { facets, ..SearchOutcome::default() });
        }
        Wanted::Everything => Vec::new(),
        Wanted::Words(words) => words,
    };
    let search = Search::new(client, index, asked, words);
    let found = search.run(MatchingStrategies::ALL).await?;
    let is_found = found.total > 0 || search.words.len() < 2;
    if is_found || search.matches_without_filters().await? {
        return Ok(found);
    }
    search.run(MatchingStrategies::FREQUENCY).await
}

struct Search<'a> {
    client: &'a Client,
    index: &'a Index,
    asked: &'a SearchQuery,
    words: Vec<Word>,
    text: String,
    offset: u64,
    limit: u64,
}

impl<'a> Search<'a> {
    fn new(client: &'a Client, index: &'a Index, asked: &'a SearchQuery, words: Vec<Word>) -> Self {
        let text = words.iter().map(|word| word.folded.as_str()).collect::<Vec<_>>().join(" ");
        let first = u64::from(asked.first);
        let mut search =
            Self { client, index, asked, words, text, offset: asked.offset, limit: first };
        if search.is_reranked() {
            search.offset = 0;
            search.limit = RERANKED.max(asked.offset.saturating_add(first));
        }
        search.limit = search.limit.min(MAX_DEPTH.saturating_sub(search.offset));
        search
    }

    /// Whether the marks that were typed decide the order of the page.
    fn is_reranked(&self) -> bool {
        self.asked.sort == ProductSort::Relevance
            && self.asked.offset < RERANKED
            && self.words.iter().any(Word::is_marked)
    }

    async fn run(&self, strategy: MatchingStrategies) -> Result<SearchOutcome, SearchFault> {
        let filter = &self.asked.filter;
        let own_filtered = filtered_facets(filter);
        let main_filter = expression(filter, None);
        let all: Vec<&str> = Facet::ALL.into_iter().map(attribute).collect();
        // A facet with a filter of its own is counted without it, in a search of its own.
        let own: Vec<(String, [&str; 1])> = own_filtered
            .iter()
            .map(|facet| (expression(filter, Some(*facet)), [attribute(*facet)]))
            .collect();
        let order = order(self.asked.sort, !self.words.is_empty(), filter.near);
        let order: Vec<&str> = order.iter().map(String::as_str).collect();
        let mut multi = self.client.multi_search();
        let mut main = self.query(strategy.clone(), &main_filter);
        main.with_offset(self.offset as usize)
            .with_limit(self.limit as usize)
            .with_sort(&order)
            .with_attributes_to_retrieve(Selectors::Some(&FOUND_FIELDS))
            .with_facets(Selectors::Some(&all));
        multi.with_search_query(main);
        for (filter, facets) in &own {
            let mut counting = self.query(strategy.clone(), filter);
            counting.with_limit(0).with_facets(Selectors::Some(facets));
            multi.with_search_query(counting);
        }
        let mut results = attempt(|| multi.execute::<FoundDocument>()).await?.results.into_iter();
        let Some(main) = results.next() else { return Ok(SearchOutcome::default()) };
        let mut counts = counted(&main);
        for (facet, result) in own_filtered.into_iter().zip(results) {
            counts.insert(facet, counted(&result).remove(&facet).unwrap_or_default());
        }
        self.outcome(main, counts)
    }

    fn query<'q>(
        &'q self,
        strategy: MatchingStrategies,
        filter: &'q str,
    ) -> meilisearch_sdk::search::SearchQuery<'q, meilisearch_sdk::DefaultHttpClient> {
        let mut query = self.index.search();
        query.with_query(&self.text).with_matching_strategy(strategy);
        if !filter.is_empty() {
            query.with_filter(filter);
        }
        query.build()
    }

    /// Whether all the words are found together once no filter is in the way.
    async fn matches_without_filters(&self) -> Result<bool, SearchFault> {
        if self.asked.filter == Default::default() {
            return Ok(false);
        }
        let mut query = self.query(MatchingStrategies::ALL, "");
        query.with_limit(0);
        let found = attempt(|| query.execute::<FoundDocument>()).await?;
        Ok(total(&found) > 0)
    }

    fn outcome(
        &self,
        found: SearchResults<FoundDocument>,
        mut counts: HashMap<Facet, HashMap<String, u64>>,
    ) -> Result<SearchOutcome, SearchFault> {
        let total = total(&found);
        let mut documents: Vec<FoundDocument> =
            found.hits.into_iter().map(|hit| hit.result).collect();
        if self.is_reranked() {
            let window = documents.len().min(RERANKED as usize);
            documents[..window].sort_by_cached_key(|document| Reverse(self.marks_of(document)));
        }
        let marks = self.marks();
        let skipped = (self.asked.offset - self.offset) as usize;
        let page = documents.into_iter().skip(skipped).take(self.asked.first as usize);
        let hits = page
            .map(|document| {
                let title = LocalizedText::new(document.title_vi, document.title_en);
                let highlight = highlight(&title, &marks);
                Ok(Hit { product_id: document.id.parse()?, highlight })
            })
            .collect::<Result<_, SearchFault>>()?;
        let mut counts = |facet: Facet| facet.counts(counts.remove(&facet).unwrap_or_default());
        let facets = Facet::ALL.into_iter().map(&mut counts).collect();
        Ok(SearchOutcome { hits, total, facets })
    }

    /// How many words stand in a title with the very marks that were typed.
    fn marks_of(&self, document: &FoundDocument) -> usize {
        let title: Vec<String> = words(&document.title_vi)
            .chain(words(&document.title_en))
            .map(|word| word.accented)
            .collect();
        let wanted = self.words.iter().filter(|word| word.is_marked());
        wanted.filter(|word| title.contains(&word.accented)).count()
    }

    fn marks(&self) -> Vec<Mark> {
        let last = self.words.len().saturating_sub(1);
        let mark = |(place, word): (usize, &Word)| Mark {
            folded: word.folded.clone(),
            unfinished: place == last,
            slips: typos::forgiven(&word.folded),
        };
        self.words.iter().enumerate().map(mark).collect()
    }
}

fn total(found: &SearchResults<FoundDocument>) -> u64 {
    found.estimated_total_hits.or(found.total_hits).unwrap_or(0) as u64
}

fn counted(found: &SearchResults<FoundDocument>) -> HashMap<Facet, HashMap<String, u64>> {
    let counts_of = |facet: Facet| {
        let values = found.facet_distribution.as_ref()?.get(attribute(facet))?;
        let counts = values.iter().map(|(value, count)| (value.clone(), *count as u64));
        Some((facet, counts.collect()))
    };
    Facet::ALL.into_iter().filter_map(counts_of).collect()
}
