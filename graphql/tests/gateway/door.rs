//! GraphQL over HTTP: methods, media types, statuses, and what another page may not do.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use proto::Refused;
use proto::accounts::{SignInRequest, SignedIn};
use proto::catalog::{Import, ImportProductsRequest, ImportStatus};
use proto::common::RefusalCode;
use serde_json::{Value, json};

use crate::support::{Asked, Market, SHOP_A, shop};

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

async fn send(routes: &Router, headers: &[(&str, &str)], body: impl Into<Body>) -> Asked {
    let mut request = Request::post("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Asked::of(routes, request.body(body.into()).unwrap()).await
}

async fn get(routes: &Router, query: &str, accept: &str) -> Asked {
    let request = Request::get(format!("/graphql{query}")).header(header::ACCEPT, accept);
    Asked::of(routes, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_form_of_the_answer_is_what_the_client_reads() {
    let routes = Market::new().routes();
    for (accept, content_type) in [
        (GRAPHQL, "application/graphql-response+json; charset=utf-8"),
        (JSON, "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
    ] {
        let body = r#"{"query":"{ __typename }"}"#;
        let asked = send(&routes, &[("content-type", JSON), ("accept", accept)], body).await;
        assert_eq!(
            (asked.status, asked.header(header::CONTENT_TYPE)),
            (StatusCode::OK, content_type)
        );
        assert_eq!(asked.json(), json!({ "data": { "__typename": "Query" } }));
        assert_eq!(asked.header(header::CACHE_CONTROL), "no-store");
    }
    let asked = send(&routes, &[("content-type", JSON), ("accept", "text/csv")], "{}").await;
    assert_eq!(asked.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn what_cannot_be_run_has_no_data_and_a_status_that_says_so() {
    let routes = Market::new().routes();
    for (query, code) in
        [("{ me { ", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
    {
        let body = json!({ "query": query }).to_string();
        for (accept, status) in [(GRAPHQL, StatusCode::BAD_REQUEST), (JSON, StatusCode::OK)] {
            let asked =
                send(&routes, &[("content-type", JSON), ("accept", accept)], body.clone()).await;
            assert_eq!((asked.status, asked.code().as_str()), (status, code));
            assert!(asked.json().get("data").is_none());
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_a_bad_request_in_every_form() {
    let routes = Market::new().routes();
    for body in [
        "",
        "{",
        "null",
        "7",
        "[]",
        "{}",
        r#"{"query":null}"#,
        r#"{"query":{}}"#,
        r#"{"query":"{ me { id } }","variables":"x"}"#,
        r#"{"query":"{ me { id } }","operationName":[]}"#,
        r#"{"query":"{ me { id } }","extensions":"x"}"#,
    ] {
        for accept in [GRAPHQL, JSON] {
            let asked = send(&routes, &[("content-type", JSON), ("accept", accept)], body).await;
            assert_eq!(
                (asked.status, asked.code().as_str()),
                (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn only_json_and_multipart_are_taken_so_that_no_form_can_ask() {
    let routes = Market::new().routes();
    let body = r#"{"query":"mutation { createCart { cart { id } } }"}"#;
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
    {
        let asked = send(&routes, &[("content-type", content_type)], body).await;
        assert_eq!(asked.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    assert_eq!(send(&routes, &[], body).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn questions_come_by_get_and_changes_do_not() {
    let market = Market::new();
    let routes = market.routes();
    let asked = get(&routes, "?query=query($s:String!)%7Bcategory(slug:$s)%7Bname%7D%7D&variables=%7B%22s%22:%22banh%22%7D", GRAPHQL).await;
    assert_eq!(asked.json(), json!({ "data": { "category": { "name": "Bánh" } } }));
    let asked = get(
        &routes,
        "?query=query%20A%7Bwards%7Bcode%7D%7D%20query%20B%7Bbanks%7Bbin%7D%7D&operationName=B",
        JSON,
    )
    .await;
    assert_eq!(asked.json(), json!({ "data": { "banks": [{ "bin": "970436" }] } }));
    let mutation = "?query=mutation%7BcreateCart%7Bcart%7Bid%7D%7D%7D";
    for accept in [GRAPHQL, JSON] {
        let asked = get(&routes, mutation, accept).await;
        assert_eq!(
            (asked.status, asked.header(header::ALLOW)),
            (StatusCode::METHOD_NOT_ALLOWED, "POST")
        );
    }
    let hidden = "?query=query%20A%7B__typename%7D%20mutation%20B%7BcreateCart%7Bcart%7Bid%7D%7D%7D&operationName=B";
    assert_eq!(get(&routes, hidden, GRAPHQL).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(market.orders.take_calls().is_empty());
    for wrong in [
        "",
        "?query=",
        "?query=%7Bme%7Bid%7D%7D&variables=%7B",
        "?query=%7Bme%7Bid%7D%7D&variables=7",
    ] {
        assert_eq!(get(&routes, wrong, JSON).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn a_subscription_is_sent_where_there_are_streams() {
    let routes = Market::new().routes();
    let body = r#"{"query":"subscription { checkoutChanged(id: \"chk_1\") { status } }"}"#;
    let asked = send(&routes, &[("content-type", JSON), ("accept", GRAPHQL)], body).await;
    assert_eq!(
        (asked.status, asked.code()),
        (StatusCode::METHOD_NOT_ALLOWED, "WRONG_TRANSPORT".to_owned())
    );
}

#[tokio::test]
async fn other_methods_are_refused() {
    let routes = Market::new().routes();
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = Request::builder().method(method).uri("/graphql").body(Body::empty());
        assert_eq!(
            Asked::of(&routes, request.unwrap()).await.status,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }
}

#[tokio::test]
async fn another_page_may_not_even_try() {
    let market = Market::new();
    let routes = market.routes();
    let body = r#"{"query":"mutation { createCart { cart { id } } }"}"#;
    for origin in ["https://evil.example", "null"] {
        let asked = send(
            &routes,
            &[("content-type", JSON), ("origin", origin), ("host", "chonoi.example")],
            body,
        )
        .await;
        assert_eq!((asked.status, asked.code()), (StatusCode::FORBIDDEN, "FORBIDDEN".to_owned()));
    }
    assert!(market.orders.take_calls().is_empty());
    let own = [("content-type", JSON), ("origin", "https://chonoi.example"), ("host", "10.0.0.1")];
    assert_eq!(send(&routes, &own, body).await.status, StatusCode::OK);
}

fn upload(query: &str, variables: &Value, file: &[u8]) -> Vec<u8> {
    let operations = json!({ "query": query, "variables": variables });
    let mut body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --X\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
         --X\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--X--\r\n");
    body
}

const IMPORT: &str = "mutation($shopId: ID!, $file: Upload!) {
  importProducts(input: {shopId: $shopId, format: CHONOI, file: $file, dryRun: true}) {
    import { id status dryRun } userErrors { code } } }";
const MULTIPART: (&str, &str) = ("content-type", "multipart/form-data; boundary=X");

#[tokio::test]
async fn a_file_reaches_catalog_as_it_is_and_only_with_a_header_that_no_form_can_send() {
    let market = Market::new();
    let file: Vec<u8> = (0..2 * 1024 * 1024).map(|number: u32| (number % 251) as u8).collect();
    let expected = file.clone();
    market.catalog.on("import_products", move |request: ImportProductsRequest| {
        assert!(request.file == expected && request.dry_run);
        let status = ImportStatus::Queued.into();
        Ok(Import { id: "imp_1".to_owned(), status, dry_run: true, ..Import::default() })
    });
    let routes = market.routes();
    let variables = json!({ "shopId": shop(SHOP_A).id, "file": null });
    let body = upload(IMPORT, &variables, &file);
    let bearer = ("authorization", "Bearer a");
    let asked = send(&routes, &[MULTIPART, bearer], body.clone()).await;
    assert_eq!(
        (asked.status, asked.code()),
        (StatusCode::BAD_REQUEST, "BAD_USER_INPUT".to_owned())
    );
    assert!(market.catalog.take_calls().is_empty());
    for header in ["x-chonoi-csrf", "apollo-require-preflight"] {
        let asked = send(&routes, &[MULTIPART, bearer, (header, "1")], body.clone()).await;
        let import = json!({ "import": { "id": "imp_1", "status": "QUEUED", "dryRun": true }, "userErrors": [] });
        assert_eq!(asked.json()["data"]["importProducts"], import, "{}", asked.text);
    }
    assert_eq!(market.catalog.take_calls()["import_products"], 2);
}

#[tokio::test]
async fn naming_a_file_that_was_not_sent_is_a_bad_request() {
    let market = Market::new();
    let routes = market.routes();
    for file in ["#__graphql_file__:0", "#__graphql_file__:99", "x"] {
        let variables = json!({ "shopId": shop(SHOP_A).id, "file": file });
        let body = json!({ "query": IMPORT, "variables": variables }).to_string();
        let asked =
            send(&routes, &[("content-type", JSON), ("authorization", "Bearer a")], body).await;
        assert!(
            matches!(asked.code().as_str(), "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED"),
            "{file}: {}",
            asked.text
        );
    }
    assert!(market.catalog.take_calls().is_empty());
}

#[tokio::test]
async fn the_explorer_is_for_browsers_and_only_where_it_is_switched_on() {
    let mut market = Market::new();
    let page = "text/html,application/xhtml+xml,*/*;q=0.8";
    assert_eq!(get(&market.routes(), "", page).await.status, StatusCode::BAD_REQUEST);
    market.settings.explorer = true;
    let asked = get(&market.routes(), "", page).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.text.contains("/graphql/ws"));
    assert_eq!(
        get(&market.routes(), "?query=%7B__typename%7D", page).await.json()["data"]["__typename"],
        "Query"
    );
    assert_eq!(get(&market.routes(), "", JSON).await.status, StatusCode::BAD_REQUEST);
}

async fn from(routes: &Router, address: &str, forwarded: &str, query: &str) -> Asked {
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .header("x-forwarded-for", forwarded)
        .body(Body::from(json!({ "query": query }).to_string()))
        .unwrap();
    let peer: SocketAddr = format!("{address}:4000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    Asked::of(routes, request).await
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits_and_others_do_not() {
    let mut market = Market::new();
    market.settings.requests_per_minute = 5;
    let routes = market.routes();
    for number in 0..5 {
        // What a client says of itself changes nothing.
        let asked = from(&routes, "192.0.2.1", &format!("9.9.9.{number}"), "{ __typename }").await;
        assert_eq!(asked.status, StatusCode::OK);
    }
    let asked = from(&routes, "192.0.2.1", "9.9.9.9", "{ __typename }").await;
    assert_eq!(
        (asked.status, asked.code()),
        (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED".to_owned())
    );
    assert_eq!(asked.header(header::RETRY_AFTER), "12");
    assert_eq!(asked.json()["errors"][0]["extensions"]["retryAfterSeconds"], 12);
    assert_eq!(from(&routes, "192.0.2.2", "", "{ __typename }").await.status, StatusCode::OK);
    // An IPv6 subscriber has a whole network, and is one client.
    for number in 0..5 {
        let address = format!("[2001:db8:0:1::{number}]");
        assert_eq!(from(&routes, &address, "", "{ __typename }").await.status, StatusCode::OK);
    }
    let asked = from(&routes, "[2001:db8:0:1:ffff::]", "", "{ __typename }").await;
    assert_eq!(asked.status, StatusCode::TOO_MANY_REQUESTS);
    let asked = from(&routes, "[2001:db8:0:2::]", "", "{ __typename }").await;
    assert_eq!(asked.status, StatusCode::OK);
    // The pages of this process have no socket, and no bound here.
    for _ in 0..9 {
        let asked = send(&routes, &[("content-type", JSON)], r#"{"query":"{ __typename }"}"#).await;
        assert_eq!(asked.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn signing_in_is_counted_for_each_alias() {
    let mut market = Market::new();
    market.settings.requests_per_minute = 1_000;
    market.accounts.on("sign_in", |request: SignInRequest| {
        assert_eq!(request.client_address, "192.0.2.1");
        Err::<SignedIn, _>(Refused::new(RefusalCode::WrongCredentials).into())
    });
    let routes = market.routes();
    let attempts = |count: usize| {
        let one = |number| {
            format!(
                "a{number}: signIn(input: {{login: \"x\", password: \"{number}\"}}) {{ userErrors {{ code ... on RateLimited {{ retryAfterSeconds }} }} }} "
            )
        };
        format!("mutation {{ {} }}", (0..count).map(one).collect::<String>())
    };
    let answer = from(&routes, "192.0.2.1", "", &attempts(30)).await.json();
    assert_eq!(answer["data"]["a29"]["userErrors"][0]["code"], "WRONG_CREDENTIALS", "{answer}");
    let answer = from(&routes, "192.0.2.1", "", &attempts(1)).await.json();
    assert_eq!(
        answer["data"]["a0"]["userErrors"],
        json!([{ "code": "RATE_LIMITED", "retryAfterSeconds": 2 }])
    );
    assert_eq!(market.accounts.take_calls()["sign_in"], 30);
}
