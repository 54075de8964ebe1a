//! What every search engine takes and gives.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use kernel::{InvalidId, LocalizedText, Money, ProductId, ShopId, Timestamp};
use proto::catalog::{ProductKind, ProductSort};

use crate::domain::near::Near;

/// How deep a search may be paged: hits past this one are never given.
pub const MAX_DEPTH: u64 = 10_000;

/// What search knows of a product. Prices are compared by their minor units alone: an index holds
/// products of one currency.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedProduct {
    /// The product.
    pub id: ProductId,
    /// The shop that sells it.
    pub shop_id: ShopId,
    /// Its title.
    pub title: LocalizedText,
    /// Its description.
    pub description: LocalizedText,
    /// Name of its shop.
    pub shop_name: String,
    /// Slugs of its category and of all categories above.
    pub category_slugs: Vec<String>,
    /// Names of these categories, in every language.
    pub category_names: Vec<String>,
    /// Goods or a tour.
    pub kind: ProductKind,
    /// Code of the ward it comes from; may be empty.
    pub ward_code: String,
    /// OCOP stars: 0, or 3 to 5.
    pub ocop_stars: u32,
    /// Price of its cheapest variant.
    pub price_min: Money,
    /// Price of its dearest variant.
    pub price_max: Money,
    /// Whether any variant, or a seat on any departure, can be bought now.
    pub in_stock: bool,
    /// Days in Vietnam on which a departure has a seat for sale, as `2026-12-01`.
    pub travel_days: Vec<String>,
    /// Average of its reviews in hundredths; 0 where there are none.
    pub rating: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Values of its attributes and options.
    pub attributes: Vec<String>,
    /// SKUs and barcodes of its variants.
    pub skus: Vec<String>,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchQuery {
    /// What the person typed; nothing means: browse all.
    pub text: String,
    /// What the hits must be like.
    pub filter: SearchFilter,
    /// The order of the hits. Relevance without a text is newest first, and so is distance without a
    /// point.
    pub sort: ProductSort,
    /// Hits to skip.
    pub offset: u64,
    /// Hits to give, at most.
    pub first: u32,
}

/// What hits must be like. `None`, `false` and 0 let everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchFilter {
    /// In this category or below it.
    pub category_slug: Option<String>,
    /// Of this shop.
    pub shop_id: Option<ShopId>,
    /// Of this kind.
    pub kind: Option<ProductKind>,
    /// Some variant costs at least this much (minor units).
    pub price_min: Option<i64>,
    /// Some variant costs at most this much (minor units).
    pub price_max: Option<i64>,
    /// From this ward.
    pub ward_code: Option<String>,
    /// Can be bought now.
    pub in_stock: bool,
    /// With at least so many OCOP stars.
    pub ocop_stars_min: u32,
    /// With a seat for sale on this day, written as `2026-12-01`.
    pub travel_day: Option<String>,
    /// From a ward around this point.
    pub near: Option<Near>,
    /// Rated so on average at least, in hundredths.
    pub rating_min: u32,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchOutcome {
    /// The hits of the page, best first.
    pub hits: Vec<Hit>,
    /// How many products match in all; Meilisearch counts no further than the deepest page.
    pub total: u64,
    /// Counts by category, ward, shop, kind, OCOP stars and price.
    pub facets: Vec<FacetCounts>,
}

/// A product that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The product.
    pub product_id: ProductId,
    /// Its title as plain text, each match between [`MATCH_START`](super::MATCH_START) and
    /// [`MATCH_END`](super::MATCH_END). Never HTML: who shows it escapes it.
    pub highlight: String,
}

/// How many of the products found have each value. A facet's own filter is ignored in its counts,
/// so that a person sees what choosing another value would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCounts {
    /// `category`, `ward`, `shop`, `kind`, `ocop` or `price`.
    pub name: String,
    /// Values with their counts. A category counts for all above it, and an OCOP value for "so many
    /// stars or more", as the filters do. Prices are `from-to` in minor units, both inclusive; the
    /// last one has no end.
    pub values: Vec<(String, u64)>,
}

/// A search engine.
#[async_trait]
pub trait SearchEngine: Send + Sync {
    /// Adds products, or replaces them. Returns when they are durable and can be found.
    async fn put(&self, products: &[IndexedProduct]) -> Result<(), SearchFault>;

    /// Takes products out. Returns when that is durable and they cannot be found any more.
    async fn remove(&self, ids: &[ProductId]) -> Result<(), SearchFault>;

    /// Looks for products.
    async fn search(&self, query: &SearchQuery) -> Result<SearchOutcome, SearchFault>;

    /// Replaces everything by what the stream gives, at once at its end: until then searches see the
    /// old index. Gives the number of products taken.
    async fn replace_all(
        &self,
        products: BoxStream<'_, Vec<IndexedProduct>>,
    ) -> Result<u64, SearchFault>;

    /// Whether the engine can answer now.
    async fn healthy(&self) -> bool;

    /// Whether nothing is indexed: new, rebuilt after damage, or emptied by somebody.
    async fn is_empty(&self) -> Result<bool, SearchFault>;

    /// Finishes what was asked for and lets go of what only one process can hold, whoever still has
    /// this engine in hand. Nothing can be written afterwards. An engine elsewhere holds nothing.
    async fn close(&self) {}
}

/// Why the search engine failed. None of these is a person's fault.
#[derive(Debug, thiserror::Error)]
pub enum SearchFault {
    /// The embedded index failed.
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
    /// The directory of the embedded index cannot be used.
    #[error("the search index cannot use {path}")]
    Directory {
        /// The directory or a file in it.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The embedded index stopped writing; the process has to be restarted.
    #[error("the search index has stopped")]
    Stopped,
    /// A search of the embedded index was cut off by the process' end.
    #[error("a search was cut off")]
    CutOff(#[from] tokio::task::JoinError),
    /// Meilisearch refused, could not be reached, or answered nonsense.
    #[error("Meilisearch failed")]
    Server(#[source] Box<meilisearch_sdk::errors::Error>),
    /// Meilisearch took a task and failed to do it.
    #[error("Meilisearch failed its task {task}")]
    TaskFailed {
        /// Number of the task.
        task: u32,
        /// What Meilisearch said.
        #[source]
        source: Box<meilisearch_sdk::errors::MeilisearchError>,
    },
    /// Meilisearch did not answer, or not finish a task, in time.
    #[error("Meilisearch was not done after {seconds} s")]
    TimedOut {
        /// How long it had.
        seconds: u64,
    },
    /// The index of Meilisearch holds something that is not ours.
    #[error("the search index holds a product that is none")]
    ForeignHit(#[from] InvalidId),
}

impl SearchFault {
    /// Whether the engine only cannot be reached now: the same may succeed when it is back.
    pub fn is_outage(&self) -> bool {
        use meilisearch_sdk::errors::Error;
        match self {
            Self::TimedOut { .. } => true,
            // The second is an answer that is none of Meilisearch's: of a proxy before it.
            Self::Server(error) => {
                matches!(**error, Error::HttpError(_) | Error::MeilisearchCommunication(_))
            }
            _ => false,
        }
    }
}

impl From<meilisearch_sdk::errors::Error> for SearchFault {
    fn from(error: meilisearch_sdk::errors::Error) -> Self {
        Self::Server(Box::new(error))
    }
}
