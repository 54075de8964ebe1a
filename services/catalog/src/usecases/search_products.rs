//! Searches; while the engine is away, by plain queries on folded titles.
//!
//! The engine pages by place, plain queries by keyset. A list that plain queries began is theirs to its
//! end, even if the engine comes back: only so nothing stands in it twice or not at all. A list that
//! the engine began and cannot go on with goes on from the same place of the plain one.

use kernel::{Page, PageRequest, ProductId};
use proto::catalog::ProductSort;
use sea_orm::{ConnectionTrait, DbErr};

use crate::Catalog;
use crate::search::{FacetCounts, SearchQuery};
use crate::store;
use crate::store::listing::{After, Filter, Sort};

/// Where a list of hits goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// After so many hits of the engine.
    Place(u64),
    /// After a product of the plain list.
    Key(After),
}

/// A product that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundHit {
    /// The product.
    pub product: ProductId,
    /// Its title, highlighted where the engine answered.
    pub highlight: String,
    /// Where the list goes on after it.
    pub cursor: Cursor,
}

/// A page of what was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The hits.
    pub hits: Vec<FoundHit>,
    /// How many there are in all; `None` where counting would cost too much.
    pub total: Option<u64>,
    /// How the found ones are spread.
    pub facets: Vec<FacetCounts>,
    /// Whether there are more behind.
    pub has_next: bool,
}

/// Searches. `after` takes the place of the query's offset.
pub async fn search_products(
    catalog: &Catalog,
    query: SearchQuery,
    filter: Filter,
    after: Cursor,
) -> Result<Found, DbErr> {
    let Cursor::Place(offset) = after else { return plain(catalog, &query, filter, after).await };
    let query = SearchQuery { offset, ..query };
    match catalog.0.search.search(&query).await {
        Ok(outcome) => {
            let seen = offset + outcome.hits.len() as u64;
            let hits = outcome.hits.into_iter().zip(offset + 1..).map(|(hit, place)| FoundHit {
                product: hit.product_id,
                highlight: hit.highlight,
                cursor: Cursor::Place(place),
            });
            Ok(Found {
                hits: hits.collect(),
                has_next: seen < outcome.total,
                total: Some(outcome.total),
                facets: outcome.facets,
            })
        }
        Err(error) => {
            tracing::warn!(%error, "the search engine is away: plain queries answer");
            metrics::counter!("search_fallbacks_total").increment(1);
            plain(catalog, &query, filter, after).await
        }
    }
}

async fn plain(
    catalog: &Catalog,
    query: &SearchQuery,
    filter: Filter,
    after: Cursor,
) -> Result<Found, DbErr> {
    let filter = Filter { words: Filter::words_of(&query.text), ..filter };
    let sort = match query.sort {
        ProductSort::PriceAsc => Sort::PriceAscending,
        ProductSort::PriceDesc => Sort::PriceDescending,
        ProductSort::Distance => Sort::Nearest,
        ProductSort::Rating => Sort::Rating,
        // Plain queries know no relevance.
        ProductSort::Newest | ProductSort::Relevance => Sort::Newest,
    };
    let db = catalog.0.database.reader();
    let Some(after) = key_of(db, &filter, sort, after).await? else {
        return Ok(Found { hits: Vec::new(), total: None, facets: Vec::new(), has_next: false });
    };
    let request = PageRequest::new(query.first, after);
    let rows = store::listing::visible(db, &filter, sort, &request).await?;
    let page = Page::from_rows(&request, rows);
    let hits = page.items.into_iter().map(|product| FoundHit {
        product: product.id,
        cursor: Cursor::Key(After::of(&filter, sort, &product)),
        highlight: product.title.vi,
    });
    let (hits, has_next) = (hits.collect(), page.has_next);
    Ok(Found { hits, total: None, facets: Vec::new(), has_next })
}

/// After which product a plain list goes on; `None` if it has no such place.
async fn key_of(
    db: &impl ConnectionTrait,
    filter: &Filter,
    sort: Sort,
    after: Cursor,
) -> Result<Option<Option<After>>, DbErr> {
    match after {
        Cursor::Place(0) => Ok(Some(None)),
        Cursor::Key(key) => Ok(Some(Some(key))),
        Cursor::Place(place) => {
            let key = store::listing::key_at(db, filter, sort, place).await?;
            Ok(key.map(Some))
        }
    }
}
