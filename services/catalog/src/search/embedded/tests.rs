#![expect(clippy::unwrap_used, reason = "tests")]

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

#[tokio::test]
async fn words_without_diacritics_find_words_with_them() {
    let engine = market().await;
    for (typed, title) in [
        ("banh pia dau xanh", "Bánh pía đậu xanh"),
        ("dau bap", "Đậu bắp xanh"),
        ("duong thot not", "Đường thốt nốt"),
        ("BÁNH TÉT", "Bánh tét lá cẩm"),
        ("xoai cat hoa loc", "Xoài cát Hoà Lộc"),
        ("Xoài cát Hòa Lộc", "Xoài cát Hoà Lộc"),
        ("bông điên điển", "Bông điên điển"),
        ("bong dien dien", "Bông điên điển"),
        // Shown in English where only the English title has the words.
        ("durian cake", "Durian pía cake with salted egg"),
        ("CN-021", "Bánh tét lá cẩm"),
    ] {
        assert_eq!(first(&engine, typed).await, title, "{typed}");
    }
}

#[tokio::test]
async fn the_marks_that_were_typed_come_first_and_the_others_still_come() {
    let engine = market().await;
    let place = |titles: &[String], title: &str| titles.iter().position(|t| t == title).unwrap();
    let found = titles(&engine, "dừa").await;
    let melon = place(&found, "Dưa hấu ruột đỏ");
    for coconut in ["Dừa xiêm xanh", "Kẹo dừa Bến Tre", "Mứt dừa non", "Cà phê dừa hoà tan"] {
        assert!(place(&found, coconut) < melon, "{found:?}");
    }
    assert!(place(&titles(&engine, "dứa").await, "Dứa mật Cầu Đúc") == 0);
    let found = titles(&engine, "dua").await;
    for title in ["Dừa xiêm xanh", "Dưa hấu ruột đỏ", "Dứa mật Cầu Đúc", "Dưa leo baby"] {
        place(&found, title);
    }
}

#[tokio::test]
async fn slips_of_the_finger_are_forgiven_in_words_that_nobody_wrote() {
    let engine = market().await;
    for (typed, title) in [
        ("sau rieg", "Sầu riêng"),
        ("mang cutt", "Măng cụt"),
        ("xoia tuong", "Xoài tượng"),
        ("bưởii da xanh", "Bưởi da xanh"),
        ("mangostean", "Lái Thiêu mangosteen"),
    ] {
        let found = first(&engine, typed).await;
        assert!(found.starts_with(title), "{typed}: {found}");
    }
    // What is a word as it stands is taken at its word: "bánh" brings no "hành" and no "xanh".
    let found = titles(&engine, "bánh").await;
    assert!(found.contains(&"Bánh tét lá cẩm".to_owned()));
    for title in ["Hành tím Vĩnh Châu", "Tôm càng xanh", "Xoài tượng xanh"] {
        assert!(!found.contains(&title.to_owned()), "{found:?}");
    }
    // Three letters forgive nothing.
    assert!(titles(&engine, "pxa").await.is_empty());
}

#[tokio::test]
async fn every_letter_typed_finds_what_the_word_will_be() {
    let engine = market().await;
    for typed in ["s", "sa", "sau", "sau ", "sau r", "sầu ri", "sau rie", "sau rieng", "sau rieng r"] {
        let found = titles(&engine, typed).await;
        assert!(found.iter().any(|title| title == "Sầu riêng Ri6"), "{typed}: {found:?}");
    }
}

#[tokio::test]
async fn the_order_of_words_does_not_matter_but_neighbours_come_first() {
    let engine = market().await;
    assert_eq!(first(&engine, "xanh dau pia banh").await, "Bánh pía đậu xanh");
    assert_eq!(first(&engine, "lóc cá").await, first(&engine, "cá lóc").await);
    let mut turned = products().remove(0);
    turned.id = product_id(900);
    turned.title = LocalizedText::new("Xanh xiêm dừa", "");
    engine.put(&[turned]).await.unwrap();
    assert_eq!(first(&engine, "dừa xiêm xanh").await, "Dừa xiêm xanh");
    assert_eq!(first(&engine, "xanh xiêm dừa").await, "Xanh xiêm dừa");
}

#[tokio::test]
async fn words_written_together_or_apart_find_each_other() {
    let engine = market().await;
    for (typed, title) in [
        ("banhpia", "Bánh pía"),
        ("comtam", "Cơm tấm sườn nướng"),
        ("mangcauxiem", "Mãng cầu xiêm"),
        ("saurieng ri6", "Sầu riêng Ri6"),
        ("banhpi", "Bánh pía"),
    ] {
        let found = first(&engine, typed).await;
        assert!(found.starts_with(title), "{typed}: {found}");
    }
    let together = titles(&engine, "dien thoai").await;
    assert!(together.contains(&"Ốp lưng dienthoai".to_owned()), "{together:?}");
    assert!(together.contains(&"Điện thoại cũ nguyên zin".to_owned()), "{together:?}");
}

#[tokio::test]
async fn when_not_all_words_are_anywhere_some_are_given_up() {
    let engine = market().await;
    // Nothing knows these words at all,
    assert_eq!(first(&engine, "qqqqqqqq banh tet wwwwwwww").await, "Bánh tét lá cẩm");
    // and these are never together: the last one goes first.
    let found = titles(&engine, "bánh tét lươn").await;
    assert_eq!(found[0], "Bánh tét lá cẩm");
    assert!(!found.iter().any(|title| title.contains("Lươn")), "{found:?}");
}

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
    assert_eq!(facet(&found, "ocop").iter().map(|(value, _)| value.as_str()).collect::<Vec<_>>(), ["4", "3"]);
}

#[tokio::test]
async fn every_filter_keeps_out_what_it_names() {
    let engine = market().await;
    let all = products();
    type Fits = Box<dyn Fn(&IndexedProduct) -> bool>;
    let none = SearchFilter::default;
    let cases: Vec<(SearchFilter, Fits)> = vec![
        (SearchFilter { shop_id: Some(shop_id(3)), ..none() }, Box::new(|p| p.shop_id == shop_id(3))),
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
            SearchFilter { price_min: Some(50_000), price_max: Some(90_000), ..none() },
            Box::new(|p| (50_000..=90_000).contains(&p.price_min.minor)),
        ),
        (SearchFilter { category_slug: Some("không-có".to_owned()), ..none() }, Box::new(|_| false)),
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

#[tokio::test]
async fn what_was_put_or_removed_shows_as_soon_as_that_returns() {
    let engine = market().await;
    let mut product = products().remove(7);
    product.title = LocalizedText::new("Măng tây", "Asparagus");
    product.price_min = Money::vnd(1);
    engine.put(&[product.clone()]).await.unwrap();
    assert_eq!(titles(&engine, "măng tây").await, ["Măng tây"]);
    assert!(!titles(&engine, "sầu riêng").await.contains(&"Sầu riêng Ri6".to_owned()));
    assert_eq!(outcome(&engine, &asking("")).await.total, 60);
    engine.remove(&[product.id, product_id(777)]).await.unwrap();
    assert!(!titles(&engine, "măng tây").await.contains(&"Măng tây".to_owned()));
    assert_eq!(outcome(&engine, &asking("")).await.total, 59);
}

#[tokio::test]
async fn many_changes_at_once_are_all_there_in_the_end() {
    let engine = EmbeddedSearch::open(None).unwrap();
    let products = products();
    let puts = products.chunks(1).map(|product| engine.put(product));
    for outcome in futures_util::future::join_all(puts).await {
        outcome.unwrap();
    }
    assert_eq!(outcome(&engine, &asking("")).await.total, 60);
}

#[tokio::test]
async fn html_in_a_title_stays_text() {
    let engine = market().await;
    let found = outcome(&engine, &asking("mè xửng")).await;
    assert_eq!(
        found.hits[0].highlight,
        "<script>alert(\"dưa\")</script> \u{E000}Mè\u{E001} \u{E000}xửng\u{E001}"
    );
    assert_eq!(first(&engine, "<script>alert(").await, "<script>alert(\"dưa\")</script> Mè xửng");
}

#[tokio::test]
async fn odd_queries_are_answered_at_once() {
    let engine = market().await;
    let long_word = "nghiêng".repeat(150);
    let long_text = "bánh pía sầu riêng ".repeat(60);
    let scattered: String = (0..400).map(|i| format!("{} ", ('a'..='z').nth(i % 26).unwrap())).collect();
    let odd = ["", "   ", "*?\"()[]{}^~:\\/+-!&|", "🥭🥥", "\u{0}\u{301}\u{200b}", "芒果", "AND OR NOT", "title:*"];
    let began = Instant::now();
    for text in odd.into_iter().chain([&*long_word, &*long_text, &*scattered]) {
        let found = outcome(&engine, &asking(text)).await;
        assert!(found.hits.len() <= 100);
        let is_blank = text.trim().is_empty();
        assert_eq!(is_blank, found.total == 60, "{text}: {}", found.total);
    }
    assert!(titles(&engine, "🥭🥥").await.is_empty());
    assert!(titles(&engine, &long_text).await[0].starts_with("Bánh pía sầu riêng"));
    // Far from a bound on speed: it only tells an answer from an explosion, also in a debug build.
    assert!(began.elapsed().as_secs() < 20);
}

#[tokio::test]
async fn a_replacement_shows_only_when_it_is_whole() {
    let engine = market().await;
    let batches = products().chunks(10).take(3).map(<[_]>::to_vec).collect::<Vec<_>>();
    let seen = std::sync::Mutex::new(Vec::new());
    let watched = stream::iter(batches).then(|batch| async {
        let total = outcome(&engine, &asking("")).await.total;
        seen.lock().unwrap().push(total);
        batch
    });
    assert_eq!(engine.replace_all(watched.boxed()).await.unwrap(), 30);
    assert_eq!(*seen.lock().unwrap(), [60, 60, 60]);
    assert_eq!(outcome(&engine, &asking("")).await.total, 30);
}

#[tokio::test]
async fn a_replacement_that_is_given_up_changes_nothing() {
    let engine = market().await;
    let endless = stream::iter([products()]).chain(stream::pending());
    {
        let replacing = engine.replace_all(endless.boxed());
        futures_util::pin_mut!(replacing);
        // It takes the batch and then waits for the next one, which never comes.
        for _ in 0..10 {
            assert!(futures_util::poll!(&mut replacing).is_pending());
            tokio::task::yield_now().await;
        }
    }
    engine.remove(&[product_id(0)]).await.unwrap();
    assert_eq!(outcome(&engine, &asking("")).await.total, 59);
    assert!(engine.healthy().await);
}

#[tokio::test]
async fn an_index_in_a_directory_is_there_again_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
    assert!(engine.is_empty().await.unwrap());
    engine.put(&products()).await.unwrap();
    drop(engine);
    let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
    assert!(!engine.is_empty().await.unwrap());
    assert_eq!(outcome(&engine, &asking("")).await.total, 60);
    // It belongs to one process at a time: the second is told so, and breaks nothing.
    assert!(matches!(EmbeddedSearch::open(Some(directory.path())), Err(SearchFault::Index(_))));
    assert_eq!(first(&engine, "banh tet").await, "Bánh tét lá cẩm");
}

#[tokio::test]
async fn another_version_and_any_damage_start_an_empty_index() {
    let directory = tempfile::tempdir().unwrap();
    let damages: [(&str, fn(&Path)); 4] = [
        ("another version", |file| {
            if file.ends_with("schema-version") {
                std::fs::write(file, "0").unwrap();
            }
        }),
        ("cut files", |file| {
            if file.extension().is_some_and(|extension| extension == "idx" || extension == "store") {
                std::fs::write(file, b"x").unwrap();
            }
        }),
        ("a letter changed", |file| {
            if file.extension().is_some_and(|extension| extension == "fast") {
                let mut bytes = std::fs::read(file).unwrap();
                bytes[20] ^= 1;
                std::fs::write(file, bytes).unwrap();
            }
        }),
        ("no list of contents", |file| {
            if file.ends_with("meta.json") {
                std::fs::write(file, "{").unwrap();
            }
        }),
    ];
    for (name, damage) in damages {
        let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
        engine.put(&products()).await.unwrap();
        assert!(!engine.is_empty().await.unwrap(), "{name}");
        drop(engine);
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            damage(&entry.unwrap().path());
        }
        let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
        assert!(engine.is_empty().await.unwrap(), "{name}");
    }
}
