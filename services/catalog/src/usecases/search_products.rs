//! Searches; while the engine is away, by plain queries on folded titles.

use kernel::{PageRequest, ProductId};
use sea_orm::DbErr;

use crate::Catalog;
use crate::search::{FacetCounts, SearchQuery};
use crate::store;
use crate::store::listing::{Filter, Sort};

/// A page of what was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Products, with their highlighted titles.
    pub hits: Vec<(ProductId, String)>,
    /// How many there are in all; `None` where counting would cost too much.
    pub total: Option<u64>,
    /// How the found ones are spread.
    pub facets: Vec<FacetCounts>,
    /// Whether there are more behind.
    pub has_next: bool,
}

/// Searches.
pub async fn search_products(
    catalog: &Catalog,
    query: SearchQuery,
    filter: Filter,
) -> Result<Found, DbErr> {
    match catalog.0.search.search(&query).await {
        Ok(outcome) => {
            let seen = query.offset + outcome.hits.len() as u64;
            Ok(Found {
                has_next: seen < outcome.total,
                hits: outcome.hits.into_iter().map(|hit| (hit.product_id, hit.highlight)).collect(),
                total: Some(outcome.total),
                facets: outcome.facets,
            })
        }
        Err(error) => {
            tracing::warn!(%error, "the search engine is away: plain queries answer");
            metrics::counter!("search_fallbacks_total").increment(1);
            plain(catalog, &query, filter).await
        }
    }
}

async fn plain(catalog: &Catalog, query: &SearchQuery, filter: Filter) -> Result<Found, DbErr> {
    let filter = Filter { words: Filter::words_of(&query.text), ..filter };
    let request = PageRequest::new(query.first, None);
    let db = catalog.0.database.reader();
    let rows = store::listing::visible(db, &filter, Sort::Newest, &request).await?;
    let page = kernel::Page::from_rows(&request, rows);
    let hits = page.items.into_iter().map(|product| (product.id, product.title.vi)).collect();
    // Plain queries give the first page only: enough to buy something while the engine is away.
    Ok(Found { hits, total: None, facets: Vec::new(), has_next: false })
}
