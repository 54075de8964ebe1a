//! One walk over the products that have the words: filters, counts, order and facets at once.
//!
//! A product that only one filter keeps out still counts in the facet of that filter, which is how
//! every facet comes to ignore its own filter without a second walk.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use proto::catalog::ProductSort;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::super::engine::{FacetCounts, MAX_DEPTH, SearchFilter, SearchQuery};
use super::super::facets::Facet;
use super::columns::Columns;
use super::counting::Counts;
use super::filtering::{SegmentFilter, Verdict};

/// A product in the order of the results: the greatest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    /// What the results are sorted by.
    key: i64,
    /// Ties go to the newest,
    created_at: i64,
    /// and then by id, so that pages never overlap.
    pub id: u128,
    /// Where the product stands in the index.
    pub address: DocAddress,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Products that have the words, whatever the filters say.
    pub matching_text: u64,
    /// Products that pass the filters too.
    pub total: u64,
    /// The first of them, best first.
    pub ranked: Vec<Ranked>,
    counts: HashMap<Facet, HashMap<String, u64>>,
}

impl Collected {
    /// The facets, as they are given.
    pub fn facets(mut self) -> Vec<FacetCounts> {
        let mut counts = |facet| self.counts.remove(&facet).unwrap_or_default();
        Facet::ALL.into_iter().map(|facet| facet.counts(counts(facet))).collect()
    }
}

/// Collects the results of one search.
pub(super) struct ResultCollector {
    filter: SearchFilter,
    order: Order,
    depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Relevance,
    Newest,
    Cheapest,
    Dearest,
    Nearest,
    BestRated,
}

impl ResultCollector {
    /// For a query, with or without words.
    pub fn new(asked: &SearchQuery, has_words: bool) -> Self {
        let order = match asked.sort {
            ProductSort::Relevance if has_words => Order::Relevance,
            ProductSort::Rating => Order::BestRated,
            ProductSort::Distance if asked.filter.near.is_some() => Order::Nearest,
            ProductSort::Relevance | ProductSort::Newest | ProductSort::Distance => Order::Newest,
            ProductSort::PriceAsc => Order::Cheapest,
            ProductSort::PriceDesc => Order::Dearest,
        };
        let depth = asked.offset.saturating_add(u64::from(asked.first)).min(MAX_DEPTH) as usize;
        Self { filter: asked.filter.clone(), order, depth }
    }
}

impl Collector for ResultCollector {
    type Fruit = Collected;
    type Child = SegmentResults;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentResults> {
        let columns = Columns::open(reader)?;
        let filter = SegmentFilter::new(&self.filter, &columns)?;
        Ok(SegmentResults {
            segment,
            order: self.order,
            depth: self.depth,
            filter,
            counts: Counts::new(&columns),
            columns,
            best: BinaryHeap::new(),
            matching_text: 0,
            total: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.order == Order::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Collected>>) -> tantivy::Result<Collected> {
        let mut all = Collected::default();
        for fruit in fruits {
            let part = fruit?;
            all.matching_text += part.matching_text;
            all.total += part.total;
            all.ranked.extend(part.ranked);
            for (facet, counts) in part.counts {
                let sums = all.counts.entry(facet).or_default();
                for (value, count) in counts {
                    *sums.entry(value).or_default() += count;
                }
            }
        }
        all.ranked.sort_unstable_by(|left, right| right.cmp(left));
        all.ranked.truncate(self.depth);
        Ok(all)
    }
}

/// Collects within one part of the index.
pub(super) struct SegmentResults {
    segment: SegmentOrdinal,
    order: Order,
    depth: usize,
    filter: SegmentFilter,
    columns: Columns,
    counts: Counts,
    best: BinaryHeap<Reverse<Ranked>>,
    matching_text: u64,
    total: u64,
}

impl SegmentResults {
    fn rank(&mut self, doc: DocId, score: Score) {
        let columns = &self.columns;
        let created_at = columns.created_at.get_val(doc);
        let key = match self.order {
            // Scores are positive, and the bits of positive floats sort as the floats do.
            Order::Relevance => i64::from(score.to_bits()),
            Order::Newest => created_at,
            Order::Cheapest => columns.price_min.get_val(doc).saturating_neg(),
            Order::Dearest => columns.price_min.get_val(doc),
            Order::BestRated => columns.rating.get_val(doc) as i64,
            Order::Nearest => {
                self.filter.metres(columns, doc).map_or(i64::MIN, |metres| -i64::from(metres))
            }
        };
        let is_full = self.best.len() >= self.depth;
        if is_full && self.best.peek().is_none_or(|worst| worst.0.key > key) {
            return;
        }
        let high = u128::from(columns.id_high.get_val(doc));
        let id = (high << 64) | u128::from(columns.id_low.get_val(doc));
        let address = DocAddress::new(self.segment, doc);
        self.best.push(Reverse(Ranked { key, created_at, id, address }));
        if is_full {
            self.best.pop();
        }
    }
}

impl SegmentCollector for SegmentResults {
    type Fruit = tantivy::Result<Collected>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.matching_text += 1;
        match self.filter.verdict(&self.columns, doc) {
            Verdict::Passes => {
                self.total += 1;
                self.rank(doc, score);
                for facet in Facet::ALL {
                    self.counts.count(facet, &self.columns, doc);
                }
            }
            Verdict::KeptOutBy(facet) => self.counts.count(facet, &self.columns, doc),
            Verdict::KeptOut => {}
        }
    }

    fn harvest(self) -> tantivy::Result<Collected> {
        Ok(Collected {
            matching_text: self.matching_text,
            total: self.total,
            ranked: self.best.into_iter().map(|Reverse(ranked)| ranked).collect(),
            counts: self.counts.named(&self.columns)?,
        })
    }
}
