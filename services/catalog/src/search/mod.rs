//! Search: what can be found of the products, and how people's words find it.
//!
//! One interface ([`SearchEngine`]) with two engines behind it: [`EmbeddedSearch`] lives inside the
//! process and needs nothing else; [`MeilisearchSearch`] speaks to a Meilisearch server. Both fold
//! Vietnamese text the same way, so that "banh pia", "bánh pía" and "banhpia" find the same cakes.
//!
//! Search owns copies only. It decides nothing about products, prices or stock, and it may be
//! thrown away at any time: the catalog fills it again from its database.

mod embedded;
mod engine;
mod facets;
mod highlight;
mod meilisearch;
mod query_words;
#[cfg(test)]
mod sample;
mod typos;
mod words;

pub use embedded::EmbeddedSearch;
pub use engine::{
    FacetCounts, Hit, IndexedProduct, MAX_DEPTH, SearchEngine, SearchFault, SearchFilter,
    SearchOutcome, SearchQuery,
};
pub use highlight::{MATCH_END, MATCH_START};
pub use meilisearch::{MeilisearchSearch, MeilisearchSettings};
