//! What a search found.

use std::sync::Arc;

use async_graphql::{Object, SimpleObject};
use kernel::Locale;

use super::product::Product;
use crate::paging::{Connection, Edge, PageInfo};

/// Catalog writes what matched between these two characters.
const MATCH_BEGINS: char = '\u{e000}';
const MATCH_ENDS: char = '\u{e001}';

/// A product that a search found.
#[derive(SimpleObject)]
pub struct SearchHit {
    /// The product.
    product: Product,
    /// Its name in parts: those that matched, and those between.
    highlights: Vec<HighlightPart>,
}

impl SearchHit {
    /// A hit of catalog.
    pub fn of(product: Arc<proto::catalog::Product>, highlight: &str, locale: Locale) -> Self {
        Self { product: Product::of(product, locale), highlights: parts(highlight) }
    }
}

/// A part of a name.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct HighlightPart {
    /// The text, as it is: no markup.
    text: String,
    /// Whether it matched.
    matched: bool,
}

fn parts(highlight: &str) -> Vec<HighlightPart> {
    let mut parts = Vec::new();
    let mut note = |text: &str, matched| {
        let text = text.replace([MATCH_BEGINS, MATCH_ENDS], "");
        if !text.is_empty() {
            parts.push(HighlightPart { text, matched });
        }
    };
    for piece in highlight.split_inclusive(MATCH_ENDS) {
        match piece.split_once(MATCH_BEGINS) {
            Some((before, matched)) => {
                note(before, false);
                note(matched, piece.ends_with(MATCH_ENDS));
            }
            None => note(piece, false),
        }
    }
    parts
}

/// Values by which what was found can be narrowed.
#[derive(Clone, Debug, SimpleObject)]
pub struct Facet {
    /// What it is about: `category`, `ward`, `shop`, `kind`, `ocop`, `price`.
    pub name: String,
    /// Its values, the most frequent first.
    pub values: Vec<FacetValue>,
}

/// A value of a facet.
#[derive(Clone, Debug, SimpleObject)]
pub struct FacetValue {
    /// The value, as filters take it.
    pub value: String,
    /// What people read.
    pub label: String,
    /// How many products have it.
    pub count: u64,
}

/// A page of what a search found.
pub struct SearchConnection {
    page: Connection<SearchHit>,
    facets: Vec<Facet>,
}

impl SearchConnection {
    /// A page and its facets.
    pub const fn new(page: Connection<SearchHit>, facets: Vec<Facet>) -> Self {
        Self { page, facets }
    }
}

/// A page of what a search found.
#[Object]
impl SearchConnection {
    /// The hits with their cursors.
    async fn edges(&self) -> &[Edge<SearchHit>] {
        self.page.edge_list()
    }

    /// The hits.
    async fn nodes(&self) -> Vec<&SearchHit> {
        self.page.node_list()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        self.page.info()
    }

    /// How many products were found.
    async fn total_count(&self) -> Option<i64> {
        self.page.total()
    }

    /// Values by which what was found can be narrowed.
    async fn facets(&self) -> &[Facet] {
        &self.facets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_highlight_is_split_into_what_matched_and_what_did_not() {
        let part = |text: &str, matched| HighlightPart { text: text.to_owned(), matched };
        assert_eq!(
            parts("\u{e000}Bánh\u{e001} pía <b> \u{e000}sầu\u{e001}"),
            [part("Bánh", true), part(" pía <b> ", false), part("sầu", true)]
        );
        assert_eq!(parts("Xoài"), [part("Xoài", false)]);
        assert_eq!(parts("a\u{e000}b"), [part("a", false), part("b", false)]);
        assert_eq!(parts(""), []);
    }
}
