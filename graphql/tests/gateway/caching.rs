//! Automatic persisted queries.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use platform::secrets;
use serde_json::{Value, json};

use crate::support::{Asked, Market};

const QUERY: &str = "query($code: String) { wards { code } category(slug: $code) { id } }";

fn hash(query: &str) -> String {
    secrets::digest(query).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn send(routes: &Router, body: Value) -> Asked {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT_LANGUAGE, "en")
        .body(Body::from(body.to_string()));
    let asked = Asked::of(routes, request.unwrap()).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    asked
}

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[tokio::test]
async fn a_query_is_sent_once_and_known_by_its_hash_afterwards() {
    let routes = Market::new().routes();
    let hash = hash(QUERY);
    let unknown = send(&routes, json!({ "extensions": persisted(&hash) })).await;
    assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
    let variables = json!({ "code": "banh" });
    let taught = json!({ "query": QUERY, "variables": variables, "extensions": persisted(&hash) });
    let expected = json!({ "wards": [{ "code": "31120" }], "category": { "id": "cat_banh" } });
    assert_eq!(send(&routes, taught).await.json()["data"], expected);
    let known = json!({ "variables": variables, "extensions": persisted(&hash) });
    assert_eq!(send(&routes, known).await.json()["data"], expected);
    let extensions =
        persisted(&hash).to_string().replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
    let by_get = Request::get(format!(
        "/graphql?variables=%7B%22code%22:%22banh%22%7D&extensions={extensions}"
    ));
    let asked = Asked::of(&routes, by_get.body(Body::empty()).unwrap()).await;
    assert_eq!(asked.json()["data"], expected, "{}", asked.text);
}

#[tokio::test]
async fn a_long_text_is_answered_and_not_kept() {
    let routes = Market::new().routes();
    for (padding, kept) in [(100, true), (17_000, false)] {
        let query = format!("{{ __typename }} #{}", "x".repeat(padding));
        let hash = hash(&query);
        let whole = json!({ "query": query, "extensions": persisted(&hash) });
        assert_eq!(send(&routes, whole).await.json()["data"]["__typename"], "Query");
        let asked = send(&routes, json!({ "extensions": persisted(&hash) })).await;
        assert_eq!(asked.json()["data"]["__typename"] == "Query", kept, "{}", asked.text);
    }
}

#[tokio::test]
async fn nobody_can_put_another_query_under_a_hash() {
    let routes = Market::new().routes();
    let hash = hash(QUERY);
    let poisoned = json!({ "query": "{ banks { bin } }", "extensions": persisted(&hash) });
    assert_eq!(send(&routes, poisoned).await.code(), "BAD_USER_INPUT");
    assert_eq!(
        send(&routes, json!({ "extensions": persisted(&hash) })).await.code(),
        "PERSISTED_QUERY_NOT_FOUND"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_not_kept() {
    let routes = Market::new().routes();
    let broken = "{ wards { code }";
    let hash = hash(broken);
    let taught = json!({ "query": broken, "extensions": persisted(&hash) });
    assert_eq!(send(&routes, taught).await.code(), "GRAPHQL_PARSE_FAILED");
    assert_eq!(
        send(&routes, json!({ "extensions": persisted(&hash) })).await.code(),
        "PERSISTED_QUERY_NOT_FOUND"
    );
    for extension in
        [json!({ "version": 2, "sha256Hash": hash }), json!({ "version": 1 }), json!(7)]
    {
        let body = json!({ "query": QUERY, "extensions": { "persistedQuery": extension } });
        assert_eq!(send(&routes, body).await.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn a_query_that_was_read_before_is_bounded_again_by_its_variables() {
    let routes = Market::new().routes();
    let query = "query($n: Int!) { products(first: $n) { nodes { shop { products(first: $n) { nodes { id } } } } } }";
    let few = send(&routes, json!({ "query": query, "variables": { "n": 2 } })).await;
    assert!(few.json()["errors"].is_null(), "{}", few.text);
    let many = send(&routes, json!({ "query": query, "variables": { "n": 100 } })).await;
    assert_eq!(many.code(), "LIMIT_EXCEEDED");
}
