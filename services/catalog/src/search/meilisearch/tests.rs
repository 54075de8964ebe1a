//! Tests of the Meilisearch engine against a server that answers as Meilisearch does.

use futures_util::stream;
use proto::catalog::ProductSort;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::super::sample::{product_id, products, shop_id};
use super::super::{SearchFilter, SearchQuery};
use super::*;

/// A server that answers like Meilisearch and does every task at once.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    for (verb, route) in [
        ("PATCH", "/indexes/products/settings"),
        ("PATCH", "/indexes/products_next/settings"),
        ("POST", "/indexes/products/documents"),
        ("POST", "/indexes/products_next/documents"),
        ("POST", "/indexes/products/documents/delete-batch"),
        ("POST", "/indexes/products_next/documents/delete-batch"),
        ("DELETE", "/indexes/products_next"),
        ("POST", "/swap-indexes"),
        ("POST", "/indexes"),
    ] {
        answer(&server, verb, route, 202, accepted(1)).await;
    }
    answer(&server, "GET", "/tasks/1", 200, done()).await;
    for index in ["/indexes/products", "/indexes/products_next"] {
        answer(&server, "GET", index, 404, refusal("index_not_found")).await;
    }
    server
}

async fn answer(server: &MockServer, verb: &str, route: &str, status: u16, body: Value) {
    let response = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path(route)).respond_with(response).mount(server).await;
}

fn accepted(task: u32) -> Value {
    json!({ "taskUid": task, "indexUid": "products", "status": "enqueued",
            "type": "documentAdditionOrUpdate", "enqueuedAt": "2026-01-02T03:04:05Z" })
}

fn done() -> Value {
    json!({ "uid": 1, "batchUid": 1, "indexUid": "products", "status": "succeeded",
            "type": "documentAdditionOrUpdate", "canceledBy": null, "error": null,
            "details": { "receivedDocuments": 1, "indexedDocuments": 1 }, "duration": "PT0.01S",
            "enqueuedAt": "2026-01-02T03:04:05Z", "startedAt": "2026-01-02T03:04:05Z",
            "finishedAt": "2026-01-02T03:04:05Z" })
}

fn failed(code: &str) -> Value {
    let mut task = done();
    task["uid"] = json!(2);
    task["status"] = json!("failed");
    task["error"] = refusal(code);
    task
}

fn refusal(code: &str) -> Value {
    json!({ "message": "no", "code": code, "type": "invalid_request", "link": "https://x" })
}

fn engine(url: &str) -> MeilisearchSearch {
    MeilisearchSearch::new(&MeilisearchSettings {
        url: format!("{url}/"),
        api_key: Some("a-key".to_owned()),
        index: "products".to_owned(),
    })
    .unwrap()
}

fn asking(text: &str) -> SearchQuery {
    SearchQuery {
        text: text.to_owned(),
        sort: ProductSort::Relevance,
        first: 2,
        ..SearchQuery::default()
    }
}

/// The result of one search of a multi-search.
fn result(total: u64, facets: &Value, hits: &[(usize, &str)]) -> Value {
    let hit = |(place, title): &(usize, &str)| json!({ "id": product_id(*place).to_string(), "titleVi": title, "titleEn": "" });
    let hits: Vec<Value> = hits.iter().map(hit).collect();
    json!({ "indexUid": "products", "hits": hits, "query": "", "processingTimeMs": 1, "limit": 20,
            "offset": 0, "estimatedTotalHits": total, "facetDistribution": facets })
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// Verb and path of the requests, without the questions about tasks.
async fn steps(server: &MockServer) -> Vec<String> {
    let step = |request: Request| format!("{} {}", request.method, request.url.path());
    let steps = requests(server).await.into_iter().map(step);
    steps.filter(|step| !step.starts_with("GET /tasks/")).collect()
}

#[tokio::test]
async fn the_index_is_made_and_set_up_before_the_first_write() {
    let server = server().await;
    let engine = engine(&server.uri());
    engine.put(&products()[5..6]).await.unwrap();
    engine.put(&products()[6..7]).await.unwrap();
    engine.remove(&[product_id(5)]).await.unwrap();
    assert_eq!(
        steps(&server).await,
        [
            "GET /indexes/products",
            "POST /indexes",
            "PATCH /indexes/products/settings",
            "POST /indexes/products/documents",
            "POST /indexes/products/documents",
            "POST /indexes/products/documents/delete-batch",
        ]
    );
    let requests = requests(&server).await;
    assert_eq!(requests[0].headers["authorization"], "Bearer a-key");
    let body = |verb: &str, route: &str| -> Value {
        let fits = |request: &&Request| request.method == *verb && request.url.path() == route;
        serde_json::from_slice(&requests.iter().find(fits).unwrap().body).unwrap()
    };
    let settings = body("PATCH", "/indexes/products/settings");
    assert_eq!(
        settings["typoTolerance"]["minWordSizeForTypos"],
        json!({ "oneTypo": 4, "twoTypos": 8 })
    );
    assert_eq!(settings["pagination"]["maxTotalHits"], 10_000);
    assert_eq!(settings["rankingRules"][0], "sort");
    assert_eq!(settings["searchableAttributes"], json!(["titleFolded", "textFolded"]));
    let document = &body("POST", "/indexes/products/documents")[0];
    assert_eq!(document["id"], product_id(5).to_string());
    assert_eq!(document["titleVi"], "Xoài cát Hoà Lộc");
    assert_eq!(document["titleFolded"], "xoai cat hoa loc. hoa loc mango");
    assert_eq!(document["categorySlugs"], json!(["trai-cay-nhiet-doi", "trai-cay"]));
    assert_eq!(document["ocopAtLeast"], json!([4, 3]));
    assert_eq!(document["priceRanges"], json!(["50000-99999"]));
    assert_eq!(document["kind"], "GOODS");
    assert_eq!(document["rating"], 0);
    assert_eq!(document["_geo"], json!({ "lat": 9.977_449, "lng": 105.681_982 }));
    for attributes in ["filterableAttributes", "sortableAttributes"] {
        let named = settings[attributes].as_array().unwrap();
        assert!(named.contains(&json!("_geo")), "{settings}");
    }
    let removed = body("POST", "/indexes/products/documents/delete-batch");
    assert_eq!(removed, json!([product_id(5).to_string()]));
}

#[tokio::test]
async fn a_task_that_fails_after_it_was_accepted_is_a_fault() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/indexes/products/documents", 202, accepted(2)).await;
    answer(&server, "GET", "/tasks/2", 200, failed("invalid_document_id")).await;
    answer(&server, "GET", "/tasks/1", 200, done()).await;
    answer(&server, "GET", "/indexes/products", 200, json!({})).await;
    answer(&server, "PATCH", "/indexes/products/settings", 202, accepted(1)).await;
    let fault = engine(&server.uri()).put(&products()[..1]).await.unwrap_err();
    assert!(matches!(fault, SearchFault::TaskFailed { task: 2, .. }), "{fault:?}");
}

#[tokio::test]
async fn a_search_asks_for_all_words_with_each_facet_counted_without_its_own_filter() {
    let server = MockServer::start().await;
    let main = json!({ "categorySlugs": { "trai-cay": 3 }, "shopId": { "shop_a": 1, "shop_b": 2 },
                       "ocopAtLeast": { "3": 1 }, "priceRanges": { "50000-99999": 1, "0-49999": 2 } });
    let categories = json!({ "categorySlugs": { "trai-cay": 3, "banh-keo": 9 } });
    let found = json!({ "results": [
        result(3, &main, &[(0, "Xoài <cát>")]),
        result(12, &categories, &[]),
    ] });
    answer(&server, "POST", "/multi-search", 200, found).await;
    let query = SearchQuery {
        filter: SearchFilter {
            category_slug: Some("trai-cay".to_owned()),
            in_stock: true,
            ..SearchFilter::default()
        },
        sort: ProductSort::PriceAsc,
        offset: 4,
        ..asking("XOÀI \"cát\"")
    };
    let outcome = engine(&server.uri()).search(&query).await.unwrap();
    assert_eq!(outcome.total, 3);
    assert_eq!(outcome.hits[0].product_id, product_id(0));
    assert_eq!(outcome.hits[0].highlight, "\u{E000}Xoài\u{E001} <\u{E000}cát\u{E001}>");
    let facet =
        |name: &str| &outcome.facets.iter().find(|facet| facet.name == name).unwrap().values;
    assert_eq!(*facet("category"), [("banh-keo".to_owned(), 9), ("trai-cay".to_owned(), 3)]);
    assert_eq!(*facet("shop"), [("shop_b".to_owned(), 2), ("shop_a".to_owned(), 1)]);
    assert_eq!(*facet("price"), [("0-49999".to_owned(), 2), ("50000-99999".to_owned(), 1)]);
    assert!(facet("ward").is_empty());

    let sent: Value = serde_json::from_slice(&requests(&server).await[0].body).unwrap();
    let (main, counting) = (&sent["queries"][0], &sent["queries"][1]);
    assert_eq!(main["q"], "xoai cat");
    assert_eq!(main["matchingStrategy"], "all");
    assert_eq!(main["filter"], "categorySlugs = \"trai-cay\" AND inStock = true");
    assert_eq!(main["sort"], json!(["priceMin:asc", "createdAt:desc"]));
    assert_eq!((&main["offset"], &main["limit"]), (&json!(4), &json!(2)));
    assert_eq!(counting["filter"], "inStock = true");
    assert_eq!((&counting["limit"], &counting["facets"]), (&json!(0), &json!(["categorySlugs"])));
    assert_eq!(sent["queries"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_marks_that_were_typed_decide_among_the_best_hits() {
    let server = MockServer::start().await;
    let hits = [(0, "Dưa hấu"), (1, "Dứa mật"), (2, "Dừa xiêm"), (3, "Kẹo dừa")];
    let found = json!({ "results": [result(4, &json!({}), &hits)] });
    answer(&server, "POST", "/multi-search", 200, found).await;
    let engine = engine(&server.uri());
    let ids = async |offset: u64, text: &str| {
        let outcome = engine.search(&SearchQuery { offset, ..asking(text) }).await.unwrap();
        outcome.hits.iter().map(|hit| hit.product_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(0, "dừa").await, [product_id(2), product_id(3)]);
    assert_eq!(ids(2, "dừa").await, [product_id(0), product_id(1)]);
    assert_eq!(ids(0, "dua").await, [product_id(0), product_id(1)]);
    let sent: Vec<Value> =
        requests(&server).await.iter().map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    let window = |request: &Value| {
        let query = &request["queries"][0];
        (query["offset"].as_u64().unwrap(), query["limit"].as_u64().unwrap())
    };
    assert_eq!(sent.iter().map(window).collect::<Vec<_>>(), [(0, 200), (0, 200), (0, 2)]);
}

#[tokio::test]
async fn words_may_be_missing_only_when_all_together_are_nowhere() {
    let server = MockServer::start().await;
    let with = |strategy: &str| {
        let query = json!({ "queries": [{ "matchingStrategy": strategy }] });
        Mock::given(method("POST")).and(path("/multi-search")).and(body_partial_json(query))
    };
    let none = ResponseTemplate::new(200)
        .set_body_json(json!({ "results": [result(0, &json!({}), &[])] }));
    let some = json!({ "results": [result(1, &json!({}), &[(7, "Sầu riêng")])] });
    with("all").respond_with(none).mount(&server).await;
    with("frequency")
        .respond_with(ResponseTemplate::new(200).set_body_json(some))
        .mount(&server)
        .await;
    let engine = engine(&server.uri());
    assert_eq!(engine.search(&asking("sau rieng lươn")).await.unwrap().total, 1);
    assert_eq!(engine.search(&asking("lươn")).await.unwrap().total, 0);
    // A filter in the way is no reason: without it the words are found.
    let filter = SearchFilter { shop_id: Some(shop_id(1)), ..SearchFilter::default() };
    let filtered = SearchQuery { filter, ..asking("sau rieng") };
    let two = json!({ "results": [result(0, &json!({}), &[]), result(0, &json!({}), &[])] });
    server.reset().await;
    answer(&server, "POST", "/indexes/products/search", 200, result(5, &json!({}), &[])).await;
    answer(&server, "POST", "/multi-search", 200, two).await;
    assert_eq!(engine.search(&filtered).await.unwrap().total, 0);
    assert_eq!(steps(&server).await, ["POST /multi-search", "POST /indexes/products/search"]);
}

#[tokio::test]
async fn signs_without_words_find_nothing_and_ask_nobody() {
    let outcome = engine("http://127.0.0.1:1").search(&asking("🥭 ???")).await.unwrap();
    assert_eq!((outcome.total, outcome.hits.len(), outcome.facets.len()), (0, 0, 6));
}

#[tokio::test]
async fn a_replacement_is_built_beside_the_index_and_swapped_in() {
    let server = server().await;
    let engine = engine(&server.uri());
    let batches = stream::iter([products()[..2].to_vec(), products()[2..3].to_vec()]);
    // What changes meanwhile reaches both indexes.
    let batches = batches.then(|batch| async {
        if batch.len() == 1 {
            engine.remove(&[product_id(0)]).await.unwrap();
        }
        batch
    });
    assert_eq!(engine.replace_all(batches.boxed()).await.unwrap(), 3);
    assert_eq!(
        steps(&server).await,
        [
            "GET /indexes/products",
            "POST /indexes",
            "PATCH /indexes/products/settings",
            "DELETE /indexes/products_next",
            "GET /indexes/products_next",
            "POST /indexes",
            "PATCH /indexes/products_next/settings",
            "POST /indexes/products_next/documents",
            "POST /indexes/products/documents/delete-batch",
            "POST /indexes/products_next/documents",
            "POST /indexes/products_next/documents/delete-batch",
            "POST /swap-indexes",
            "DELETE /indexes/products_next",
        ]
    );
    let swap = requests(&server).await;
    let swap = swap.iter().find(|request| request.url.path() == "/swap-indexes").unwrap();
    let swap: Value = serde_json::from_slice(&swap.body).unwrap();
    assert_eq!(swap, json!([{ "indexes": ["products", "products_next"] }]));
}

#[tokio::test]
async fn a_missing_index_is_empty_and_a_missing_server_is_a_fault() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/indexes/products/stats", 404, refusal("index_not_found")).await;
    answer(&server, "GET", "/health", 200, json!({ "status": "available" })).await;
    let up = engine(&server.uri());
    assert!(up.is_empty().await.unwrap());
    assert!(up.healthy().await);
    let down = engine("http://127.0.0.1:1");
    assert!(!down.healthy().await);
    assert!(matches!(down.is_empty().await, Err(SearchFault::Server(_))));
    assert!(matches!(down.search(&asking("dua")).await, Err(SearchFault::Server(_))));
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_once_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        // The first connection dies with the request in it,
        drop(listener.accept().await.unwrap());
        // the second is answered.
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        let _ = connection.read(&mut request).await.unwrap();
        let answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        connection.write_all(answer.as_bytes()).await.unwrap();
        connection.shutdown().await.unwrap();
    });
    let fault = engine(&url).is_empty().await.unwrap_err();
    serving.await.unwrap();
    let is_answer = |fault: &SearchFault| match fault {
        SearchFault::Server(error) => {
            matches!(**error, meilisearch_sdk::errors::Error::MeilisearchCommunication(_))
        }
        _ => false,
    };
    assert!(is_answer(&fault), "{fault:?}");
}
