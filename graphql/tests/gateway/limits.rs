//! What is asked is bounded before anything is done, and each refusal says by how much.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use graphql::{
    MAX_ALIASES, MAX_BATCH, MAX_BODY_BYTES, MAX_COMPLEXITY, MAX_DEPTH, MAX_DIRECTIVES, MAX_TOKENS,
    MAX_UPLOAD_BYTES,
};
use serde_json::{Value, json};

use crate::support::{Asked, Market};

/// Sends a body by the newer form, in which the status tells how it went.
async fn send(market: &Market, content_type: &str, body: String) -> Asked {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, content_type)
        .header(header::ACCEPT, "application/graphql-response+json")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header("x-chonoi-csrf", "1")
        .body(Body::from(body));
    Asked::of(&market.routes(), request.unwrap()).await
}

async fn refused(query: &str) -> Value {
    let market = Market::new();
    let asked = send(&market, "application/json", json!({ "query": query }).to_string()).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST, "{}", asked.text);
    let answer = asked.json();
    assert!(answer.get("data").is_none(), "{answer}");
    for fake in [&market.accounts, &market.catalog, &market.orders, &market.payments] {
        assert!(fake.take_calls().is_empty(), "something was done");
    }
    let error = &answer["errors"][0];
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&error["extensions"]["found"].to_string()), "{message}");
    assert!(message.contains(&error["extensions"]["allowed"].to_string()), "{message}");
    error["extensions"].clone()
}

fn exceeded(limit: &str, allowed: usize, found: usize) -> Value {
    json!({ "code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed, "found": found })
}

#[tokio::test]
async fn complexity_multiplies_through_connections_and_is_enforced() {
    let query =
        "{ products(first: 100) { nodes { shop { products(first: 100) { nodes { id } } } } } }";
    let found = 1 + 100 * (2 + 1 + 100 * 2);
    assert_eq!(refused(query).await, exceeded("complexity", MAX_COMPLEXITY, found));
}

#[tokio::test]
async fn the_pages_largest_questions_are_allowed() {
    let market = Market::new();
    let fields =
        "id slug title description unit ocopStars published shop { name slug } pictures { url }
      variants { id price { amount formatted } available stock options { value } }";
    let query =
        format!("{{ products(first: 100) {{ nodes {{ {fields} }} pageInfo {{ endCursor }} }} }}");
    let asked = send(&market, "application/json", json!({ "query": query }).to_string()).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert_eq!(asked.json()["data"]["products"]["nodes"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn depth_aliases_directives_and_tokens_are_bounded() {
    let deep =
        format!("{{ category(slug: \"a\") {}{{ id }}{} }}", "{ parent ".repeat(15), "}".repeat(15));
    assert_eq!(refused(&deep).await, exceeded("depth", MAX_DEPTH, 17));
    let aliases: String = (0..2_000 / 7).map(|number| format!("a{number}:me{{id}} ")).collect();
    assert_eq!(refused(&format!("{{{aliases}}}")).await, exceeded("aliases", MAX_ALIASES, 285));
    let directives = format!("{{ me {} {{ id }} }}", "@skip(if: false) ".repeat(51));
    assert_eq!(refused(&directives).await, exceeded("directives", MAX_DIRECTIVES, 51));
    let tokens = format!("{{ me {{ {} }} }}", "id ".repeat(2_000));
    assert_eq!(refused(&tokens).await, exceeded("tokens", MAX_TOKENS, 2_005));
    let nested = format!("{{ nodes(ids: {}{}) {{ id }} }}", "[".repeat(900), "]".repeat(900));
    assert_eq!(refused(&nested).await, exceeded("nesting", 50, 902));
}

#[tokio::test]
async fn fragments_that_unfold_to_billions_of_fields_are_refused_at_once() {
    let mut query = "{ me { ...f0 } }".to_owned();
    for number in 0..30 {
        let next = number + 1;
        query.push_str(&format!(" fragment f{number} on User {{ ...f{next} ...f{next} }}"));
    }
    query.push_str(" fragment f30 on User { id }");
    assert_eq!(refused(&query).await, exceeded("complexity", MAX_COMPLEXITY, (1 << 30) + 1));
}

#[tokio::test]
async fn a_batch_has_at_most_ten_operations() {
    let market = Market::new();
    let batch =
        |count: usize| json!(vec![json!({ "query": "{ wards { code } }" }); count]).to_string();
    let asked = send(&market, "application/json", batch(MAX_BATCH)).await;
    assert_eq!((asked.status, asked.json().as_array().unwrap().len()), (StatusCode::OK, MAX_BATCH));
    let asked = send(&market, "application/json", batch(1_000)).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST);
    assert_eq!(asked.json()["errors"][0]["extensions"], exceeded("batch", MAX_BATCH, 1_000));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let market = Market::new();
    let asked = send(&market, "application/json", " ".repeat(MAX_BODY_BYTES + 1)).await;
    assert_eq!(asked.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        asked.json()["errors"][0]["extensions"],
        exceeded("bodyBytes", MAX_BODY_BYTES, MAX_BODY_BYTES + 1)
    );
    let upload = " ".repeat(MAX_UPLOAD_BYTES + 1);
    let asked = send(&market, "multipart/form-data; boundary=X", upload).await;
    assert_eq!(asked.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn nothing_is_told_of_the_schema_where_introspection_is_off() {
    let mut market = Market::new();
    market.settings.introspection = false;
    for query in ["{ __schema { types { name } } }", "{ x: __type(name: \"User\") { name } }"] {
        let asked = send(&market, "application/json", json!({ "query": query }).to_string()).await;
        assert_eq!(
            (asked.status, asked.code()),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT".to_owned())
        );
        assert!(!asked.text.contains("User"), "{}", asked.text);
    }
    let mistyped = json!({ "query": "{ product { titl } }" }).to_string();
    let asked = send(&market, "application/json", mistyped.clone()).await;
    assert_eq!(asked.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(!asked.text.contains("title"), "{}", asked.text);
    assert!(send(&Market::new(), "application/json", mistyped).await.text.contains("title"));
    let typename = json!({ "query": "{ __typename }" }).to_string();
    assert_eq!(
        send(&market, "application/json", typename).await.json()["data"]["__typename"],
        "Query"
    );
}

#[tokio::test]
async fn a_client_may_ask_for_the_whole_schema_where_introspection_is_on() {
    let query = "query IntrospectionQuery { __schema { queryType { name } directives { name locations args { ...V } }
      types { kind name description fields(includeDeprecated: true) { name args { ...V } type { ...T } }
        inputFields { ...V } interfaces { ...T } enumValues { name } possibleTypes { ...T } } } }
      fragment V on __InputValue { name type { ...T } defaultValue }
      fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { name } } } } } } } } } }";
    let asked =
        send(&Market::new(), "application/json", json!({ "query": query }).to_string()).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert!(asked.text.contains("StartCheckoutPayload"));
}
