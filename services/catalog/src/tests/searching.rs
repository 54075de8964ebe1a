//! Searches while the engine is away: plain queries, page by page.

use futures_util::stream::BoxStream;
use platform::{dead_letters, on_each_database};
use proto::catalog::catalog_server::Catalog as Service;
use proto::catalog::{ProductFilter, ProductSort, SearchRequest};
use proto::common::PageRequest;
use proto::events::ProductChanged;
use tonic::{Request, Status};

use super::*;
use crate::consumers::IndexKept;
use crate::grpc::Grpc;
use crate::search::{
    IndexedProduct, MeilisearchSearch, MeilisearchSettings, SearchEngine, SearchFault,
    SearchOutcome, SearchQuery,
};
use crate::usecases::index_products::reindex;

/// An engine that is away.
struct Away;

#[async_trait::async_trait]
impl SearchEngine for Away {
    async fn put(&self, _: &[IndexedProduct]) -> Result<(), SearchFault> {
        Err(SearchFault::Stopped)
    }

    async fn remove(&self, _: &[kernel::ProductId]) -> Result<(), SearchFault> {
        Err(SearchFault::Stopped)
    }

    async fn search(&self, _: &SearchQuery) -> Result<SearchOutcome, SearchFault> {
        Err(SearchFault::Stopped)
    }

    async fn replace_all(&self, _: BoxStream<'_, Vec<IndexedProduct>>) -> Result<u64, SearchFault> {
        Err(SearchFault::Stopped)
    }

    async fn healthy(&self) -> bool {
        false
    }

    async fn is_empty(&self) -> Result<bool, SearchFault> {
        Err(SearchFault::Stopped)
    }
}

/// A bench whose engine is away.
async fn away(database: Database) -> Bench {
    let mut bench = Bench::on(database.clone()).await;
    bench.catalog = Catalog::new(CatalogParts {
        database,
        clock: Arc::new(bench.clock.clone()),
        search: Arc::new(Away),
    });
    bench
}

/// The titles of all pages from a cursor on, and how many pages there were.
async fn pages(bench: &Bench, query: &str, sort: ProductSort, after: &str) -> (Vec<String>, usize) {
    let (mut titles, mut count, mut after) = (Vec::new(), 0, after.to_owned());
    loop {
        let found = page(bench, query, sort, &after).await.unwrap();
        count += 1;
        titles.extend(found.hits.into_iter().map(|hit| hit.highlight));
        let page = found.page.unwrap();
        assert_eq!(page.total, -1);
        match page.cursors.last().filter(|_| page.has_next) {
            Some(cursor) => after = cursor.clone(),
            None => return (titles, count),
        }
    }
}

async fn page(
    bench: &Bench,
    query: &str,
    sort: ProductSort,
    after: &str,
) -> Result<proto::catalog::SearchResults, Status> {
    let request = SearchRequest {
        query: query.to_owned(),
        filter: Some(ProductFilter::default()),
        sort: sort.into(),
        page: Some(PageRequest { first: 2, after: after.to_owned() }),
    };
    Ok(Grpc(bench.catalog.clone()).search(Request::new(request)).await?.into_inner())
}

async fn sell_in(bench: &Bench, title: &str, ward: &str) {
    let variant = VariantDraft { price: Some(Money::vnd(1)), ..VariantDraft::default() };
    let draft = ProductDraft {
        title: LocalizedText::new(title, ""),
        ward_code: ward.to_owned(),
        publish: true,
        variants: vec![variant],
        ..ProductDraft::default()
    };
    create_product(&bench.catalog, bench.scope, draft).await.unwrap();
    // Of what was made in one moment the id decides, which is not of the same clock.
    bench.clock.advance(Duration::from_secs(1));
}

/// The titles of all pages around Cái Răng from a cursor on, nearest first, and how many pages there were.
async fn near_pages(
    bench: &Bench,
    radius_metres: u32,
    after: &str,
) -> Result<(String, usize), Status> {
    let centre = kernel::ward_centre("31186").unwrap();
    let near = proto::catalog::Near {
        latitude_micro: centre.latitude_micro,
        longitude_micro: centre.longitude_micro,
        radius_metres,
    };
    let (mut titles, mut count, mut after) = (String::new(), 0, after.to_owned());
    loop {
        let request = SearchRequest {
            query: String::new(),
            filter: Some(ProductFilter { near: Some(near), ..ProductFilter::default() }),
            sort: ProductSort::Distance.into(),
            page: Some(PageRequest { first: 2, after }),
        };
        let found = Grpc(bench.catalog.clone()).search(Request::new(request)).await?.into_inner();
        count += 1;
        for hit in found.hits {
            titles += &hit.highlight;
        }
        let page = found.page.unwrap();
        match page.cursors.last().filter(|_| page.has_next) {
            Some(cursor) => after = cursor.clone(),
            None => return Ok((titles, count)),
        }
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn without_the_engine_every_hit_stands_on_one_page_once(database) {
        let bench = away(database).await;
        for (title, price) in [("Xoài A", 3), ("Xoài B", 1), ("Dừa", 9), ("Xoài C", 3), ("Xoài D", 2), ("Xoài E", 3)] {
            bench.sell(title, price, 5).await;
        }
        let names = |letters: &str| letters.chars().map(|letter| format!("Xoài {letter}")).collect::<Vec<_>>();
        for (sort, wanted) in [
            (ProductSort::Relevance, "EDCBA"),
            (ProductSort::Newest, "EDCBA"),
            (ProductSort::PriceAsc, "BDACE"),
            (ProductSort::PriceDesc, "ECADB"),
        ] {
            assert_eq!(pages(&bench, "xoai", sort, "").await, (names(wanted), 3), "{sort:?}");
            // A list that the engine began goes on from its place.
            assert_eq!(pages(&bench, "xoai", sort, "3").await, (names(&wanted[3..]), 1), "{sort:?}");
            assert_eq!(pages(&bench, "xoai", sort, "9").await, (vec![], 1), "{sort:?}");
        }
        // What is new comes before what was seen, and pushes nothing onto a page twice.
        let first = page(&bench, "xoai", ProductSort::Newest, "").await.unwrap().page.unwrap();
        bench.sell("Xoài F", 1, 5).await;
        let (rest, _) = pages(&bench, "xoai", ProductSort::Newest, &first.cursors[1]).await;
        assert_eq!(rest, names("CBA"));
        for wrong in ["x", "-1", "10001", "prod_1~x", "~"] {
            assert!(page(&bench, "xoai", ProductSort::Newest, wrong).await.is_err(), "{wrong}");
        }
    }

    async fn what_is_near_a_point_is_found_nearest_first_with_the_engine_and_without_it(database) {
        let mut bench = away(database.clone()).await;
        // Cái Răng, 8.8 km from there, 11.1 km from there, and nobody knows where.
        for (title, ward) in [("A", "31315"), ("B", "31186"), ("C", "31299"), ("D", "31186"), ("E", "31315"), ("F", "99999")] {
            sell_in(&bench, title, ward).await;
        }
        assert_eq!(near_pages(&bench, 9_000, "").await.unwrap(), ("DBEA".to_owned(), 2));
        assert_eq!(near_pages(&bench, 12_000, "").await.unwrap(), ("DBEAC".to_owned(), 3));
        // A list that the engine began goes on from its place.
        assert_eq!(near_pages(&bench, 12_000, "3").await.unwrap(), ("AC".to_owned(), 1));
        let refused = near_pages(&bench, 600_000, "").await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::FailedPrecondition);
        let nowhere = page(&bench, "", ProductSort::Distance, "").await.unwrap_err();
        assert_eq!(nowhere.code(), tonic::Code::FailedPrecondition);
        bench.catalog = Catalog::new(CatalogParts {
            database,
            clock: Arc::new(bench.clock.clone()),
            search: Arc::new(EmbeddedSearch::open(None).unwrap()),
        });
        reindex(&bench.catalog).await.unwrap();
        assert_eq!(near_pages(&bench, 9_000, "").await.unwrap(), ("DBEA".to_owned(), 2));
        assert_eq!(near_pages(&bench, 12_000, "").await.unwrap(), ("DBEAC".to_owned(), 3));
    }

    async fn a_list_that_plain_queries_began_is_theirs_to_its_end(database) {
        let mut bench = away(database.clone()).await;
        for title in ["Xoài A", "Xoài B", "Xoài C"] {
            bench.sell(title, 1, 5).await;
        }
        let first = page(&bench, "xoai", ProductSort::Relevance, "").await.unwrap().page.unwrap();
        // The engine comes back, and knows nothing yet.
        bench.catalog = Catalog::new(CatalogParts {
            database,
            clock: Arc::new(bench.clock.clone()),
            search: Arc::new(EmbeddedSearch::open(None).unwrap()),
        });
        let rest = page(&bench, "xoai", ProductSort::Relevance, &first.cursors[1]).await.unwrap();
        let titles: Vec<String> = rest.hits.into_iter().map(|hit| hit.highlight).collect();
        assert_eq!((titles, rest.page.unwrap().has_next), (vec!["Xoài A".to_owned()], false));
    }

    async fn what_changed_while_the_engine_was_away_is_found_when_it_is_back(database) {
        let mut bench = Bench::on(database.clone()).await;
        let product = bench.sell("Xoài", 1, 5).await;
        let changed = ProductChanged {
            product_id: product.id.to_string(),
            shop_id: bench.scope.shop().to_string(),
        };
        let event = Event {
            id: ids::new::<kernel::EventId>().to_string(),
            occurred_at: 0,
            aggregate_id: product.id.to_string(),
            body: Some(Body::ProductChanged(changed)),
        };
        let (events, now) = ([event], bench.clock.now());
        let catalog = |search: Arc<dyn SearchEngine>| {
            let (database, clock) = (database.clone(), Arc::new(bench.clock.clone()));
            Catalog::new(CatalogParts { database, clock, search })
        };
        // Nobody listens there.
        let nowhere = MeilisearchSettings {
            url: "http://127.0.0.1:9".to_owned(),
            api_key: None,
            index: "products".to_owned(),
        };
        let away = IndexKept(catalog(Arc::new(MeilisearchSearch::new(&nowhere).unwrap())));
        for _ in 0..2 {
            assert!(deliver(&away, now, &events).await.is_err());
        }
        assert_eq!(dead_letters::waiting(&database).await.unwrap(), 0, "nobody has to look at it");
        let back = catalog(Arc::new(EmbeddedSearch::open(None).unwrap()));
        deliver(&IndexKept(back.clone()), now, &events).await.unwrap();
        bench.catalog = back;
        let found = page(&bench, "xoai", ProductSort::Relevance, "").await.unwrap();
        assert_eq!(found.hits.len(), 1);
    }
}
