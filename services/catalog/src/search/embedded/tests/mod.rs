//! Tests of the embedded engine on the small market of `sample`.

mod finding;
mod keeping;
mod narrowing;

use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream;
use kernel::{LocalizedText, Money};
use proto::catalog::{ProductKind, ProductSort};

use super::super::highlight::{MATCH_END, MATCH_START};
use super::super::sample::{product_id, products, shop_id};
use super::super::{SearchFilter, SearchOutcome, SearchQuery};
use super::*;

async fn market() -> EmbeddedSearch {
    let engine = EmbeddedSearch::open(None).unwrap();
    engine.put(&products()).await.unwrap();
    engine
}

fn asking(text: &str) -> SearchQuery {
    SearchQuery {
        text: text.to_owned(),
        sort: ProductSort::Relevance,
        first: 100,
        ..SearchQuery::default()
    }
}

fn filtered(text: &str, filter: SearchFilter) -> SearchQuery {
    SearchQuery { filter, ..asking(text) }
}

async fn outcome(engine: &EmbeddedSearch, query: &SearchQuery) -> SearchOutcome {
    engine.search(query).await.unwrap()
}

/// Titles found, best first, without the marks of matches.
async fn titles(engine: &EmbeddedSearch, text: &str) -> Vec<String> {
    let hits = outcome(engine, &asking(text)).await.hits;
    hits.into_iter().map(|hit| hit.highlight.replace([MATCH_START, MATCH_END], "")).collect()
}

async fn first(engine: &EmbeddedSearch, text: &str) -> String {
    titles(engine, text).await.into_iter().next().unwrap_or_else(|| panic!("{text}: nothing"))
}

fn facet(outcome: &SearchOutcome, name: &str) -> Vec<(String, u64)> {
    outcome.facets.iter().find(|facet| facet.name == name).unwrap().values.clone()
}

fn count(outcome: &SearchOutcome, name: &str, value: &str) -> u64 {
    facet(outcome, name).into_iter().find(|(name, _)| name == value).map_or(0, |(_, count)| count)
}
