//! Filters, facets, orders and pages.

use super::*;
use crate::domain::near::Near;

#[tokio::test]
async fn a_filter_never_makes_the_words_mean_something_else() {
    let engine = market().await;
    let filter = SearchFilter { shop_id: Some(shop_id(1)), ..SearchFilter::default() };
    let found = outcome(&engine, &filtered("bánh tét", filter)).await;
    assert_eq!((found.total, found.hits.len()), (0, 0));
    // The other shops that have some are still counted.
    assert_eq!(count(&found, "shop", &shop_id(2).to_string()), 1);
}

#[tokio::test]
async fn filters_keep_what_fits_and_count_the_rest_in_their_own_facet() {
    let engine = market().await;
    let all = products();
    let filter = SearchFilter {
        category_slug: Some("trai-cay".to_owned()),
        ocop_stars_min: 4,
        ..SearchFilter::default()
    };
    let found = outcome(&engine, &filtered("", filter)).await;
    let is_fruit = |slugs: &[String]| slugs.contains(&"trai-cay".to_owned());
    let fits = all.iter().filter(|p| is_fruit(&p.category_slugs) && p.ocop_stars >= 4);
    assert_eq!(found.total, fits.count() as u64);
    assert_eq!(count(&found, "category", "trai-cay"), found.total);
    // Its own filter is ignored in a facet; the others hold.
    let cakes = all.iter().filter(|p| p.category_slugs[0] == "banh-keo" && p.ocop_stars >= 4);
    assert_eq!(count(&found, "category", "banh-keo"), cakes.count() as u64);
    let three = all.iter().filter(|p| is_fruit(&p.category_slugs) && p.ocop_stars >= 3);
    assert_eq!(count(&found, "ocop", "3"), three.count() as u64);
    assert_eq!(count(&found, "ocop", "4"), found.total);
    assert_eq!(count(&found, "ocop", "0"), 0);
    assert_eq!(
        facet(&found, "ocop").iter().map(|(value, _)| value.as_str()).collect::<Vec<_>>(),
        ["4", "3"]
    );
}

#[tokio::test]
async fn every_filter_keeps_out_what_it_names() {
    let engine = market().await;
    let all = products();
    type Fits = Box<dyn Fn(&IndexedProduct) -> bool>;
    let none = SearchFilter::default;
    let cases: Vec<(SearchFilter, Fits)> = vec![
        (
            SearchFilter { shop_id: Some(shop_id(3)), ..none() },
            Box::new(|p| p.shop_id == shop_id(3)),
        ),
        (
            SearchFilter { kind: Some(ProductKind::Tour), ..none() },
            Box::new(|p| p.kind == ProductKind::Tour),
        ),
        (
            SearchFilter { ward_code: Some("31299".to_owned()), ..none() },
            Box::new(|p| p.ward_code == "31299"),
        ),
        (SearchFilter { in_stock: true, ..none() }, Box::new(|p| p.in_stock)),
        (
            SearchFilter { travel_day: Some("2026-12-01".to_owned()), ..none() },
            Box::new(|p| p.kind == ProductKind::Tour),
        ),
        (
            SearchFilter { travel_day: Some("2026-12-11".to_owned()), ..none() },
            Box::new(|p| p.id == product_id(57)),
        ),
        (SearchFilter { travel_day: Some("2026-12-02".to_owned()), ..none() }, Box::new(|_| false)),
        (
            SearchFilter { price_min: Some(50_000), price_max: Some(90_000), ..none() },
            Box::new(|p| (50_000..=90_000).contains(&p.price_min.minor)),
        ),
        (
            SearchFilter { category_slug: Some("không-có".to_owned()), ..none() },
            Box::new(|_| false),
        ),
    ];
    for (filter, fits) in cases {
        let found = outcome(&engine, &filtered("", filter.clone())).await;
        let mut wanted: Vec<ProductId> = all.iter().filter(|p| fits(p)).map(|p| p.id).collect();
        wanted.reverse();
        let ids: Vec<ProductId> = found.hits.iter().map(|hit| hit.product_id).collect();
        assert_eq!(ids, wanted, "{filter:?}");
        assert_eq!(found.total, wanted.len() as u64);
    }
}

#[tokio::test]
async fn what_is_near_comes_nearest_first_whatever_else_is_asked() {
    let engine = market().await;
    let all = products();
    let point = kernel::ward_centre("31186").unwrap();
    let near = |radius_metres| Some(Near { point, radius_metres });
    let asked = |text: &str, radius_metres| SearchQuery {
        sort: ProductSort::Distance,
        ..filtered(text, SearchFilter { near: near(radius_metres), ..SearchFilter::default() })
    };
    let found = outcome(&engine, &asked("", 9_000)).await;
    let ward_of = |id| all.iter().find(|product| product.id == id).unwrap().ward_code.as_str();
    let wards: Vec<&str> = found.hits.iter().map(|hit| ward_of(hit.product_id)).collect();
    assert_eq!(wards, [["31186"; 20], ["31315"; 20]].concat());
    assert_eq!((found.total, count(&found, "ward", "31299")), (40, 0));
    // Of one ward the newest comes first, and pages join to the whole.
    assert_eq!(found.hits[0].product_id, product_id(57));
    let mut joined = Vec::new();
    for offset in (0..40).step_by(7) {
        let page = SearchQuery { offset, first: 7, ..asked("", 9_000) };
        joined.extend(outcome(&engine, &page).await.hits);
    }
    assert_eq!(joined, found.hits);
    assert!(outcome(&engine, &asked("dưa", 0)).await.total > 0);
    // Without a point there is no distance.
    let newest = SearchQuery { sort: ProductSort::Distance, ..asking("") };
    assert_eq!(outcome(&engine, &newest).await.hits, outcome(&engine, &asking("")).await.hits);
}

#[tokio::test]
async fn the_best_rated_come_first_and_the_rest_can_be_left_out() {
    let engine = market().await;
    let best = SearchQuery { sort: ProductSort::Rating, ..asking("") };
    let found = outcome(&engine, &best).await;
    assert_eq!((found.total, found.hits[0].product_id), (60, product_id(56)));
    // Every fourth is rated; of what nobody rated the newest comes first.
    assert_eq!(
        (found.hits[14].product_id, found.hits[15].product_id),
        (product_id(0), product_id(59))
    );
    let filter = SearchFilter { rating_min: 450, ..SearchFilter::default() };
    let found = outcome(&engine, &filtered("", filter)).await;
    assert_eq!(
        found.hits.iter().map(|hit| hit.product_id).collect::<Vec<_>>(),
        [product_id(56), product_id(52)]
    );
}

#[tokio::test]
async fn browsing_counts_every_facet_over_everything() {
    let engine = market().await;
    let found = outcome(&engine, &asking("")).await;
    assert_eq!(found.total, 60);
    let names: Vec<&str> = found.facets.iter().map(|facet| facet.name.as_str()).collect();
    assert_eq!(names, ["category", "ward", "shop", "kind", "ocop", "price"]);
    assert_eq!(count(&found, "kind", "TOUR"), 2);
    assert_eq!(count(&found, "kind", "GOODS"), 58);
    assert_eq!(facet(&found, "ward").iter().map(|(_, count)| count).sum::<u64>(), 60);
    assert_eq!(facet(&found, "price").iter().map(|(_, count)| count).sum::<u64>(), 60);
    assert_eq!(count(&found, "price", "1000000-"), 1);
    // Fruit counts all fruit, also what stands in the categories below.
    assert_eq!(count(&found, "category", "trai-cay"), 18);
    assert_eq!(count(&found, "category", "cam-quyt-buoi"), 5);
}

#[tokio::test]
async fn sorting_by_price_and_by_age_is_exact() {
    let engine = market().await;
    let prices = async |sort| {
        let query = SearchQuery { sort, ..asking("bánh") };
        let all = products();
        let hits = outcome(&engine, &query).await.hits;
        let product = |id| all.iter().find(|product| product.id == id).unwrap();
        hits.iter().map(|hit| product(hit.product_id).price_min.minor).collect::<Vec<_>>()
    };
    let cheapest = prices(ProductSort::PriceAsc).await;
    assert!(cheapest.len() >= 6 && cheapest.is_sorted(), "{cheapest:?}");
    let mut dearest = prices(ProductSort::PriceDesc).await;
    dearest.reverse();
    assert!(dearest.is_sorted());
    let newest = outcome(&engine, &SearchQuery { sort: ProductSort::Newest, ..asking("") }).await;
    assert_eq!(newest.hits[0].product_id, product_id(59));
    assert_eq!(newest.hits, outcome(&engine, &asking("")).await.hits);
}

#[tokio::test]
async fn pages_join_to_the_whole_without_gaps_or_repeats() {
    let engine = market().await;
    for text in ["", "xanh", "b"] {
        let whole = outcome(&engine, &asking(text)).await;
        let mut joined = Vec::new();
        for offset in (0..whole.total).step_by(7) {
            let page = SearchQuery { offset, first: 7, ..asking(text) };
            let found = outcome(&engine, &page).await;
            assert_eq!(found.total, whole.total);
            joined.extend(found.hits);
        }
        assert_eq!(joined, whole.hits, "{text}");
        assert_eq!(whole.hits.len() as u64, whole.total);
    }
    let beyond = SearchQuery { offset: u64::MAX, first: u32::MAX, ..asking("xanh") };
    assert!(outcome(&engine, &beyond).await.hits.is_empty());
}
