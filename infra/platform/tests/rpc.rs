//! Calls between services are counted and timed, in memory and over the network, by the code they
//! end with.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Response, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use metrics_exporter_prometheus::PrometheusBuilder;
use platform::rpc::{self, CatalogClient, Rpc};
use platform::server;
use prost::Message;
use proto::catalog::ReindexReport;
use proto::common::Empty;
use tokio_util::sync::CancellationToken;
use tonic::Code;

/// A catalog that can reindex, refuses all else, and never answers a search.
fn catalog() -> Router {
    Router::new().fallback(|uri: Uri| async move {
        match uri.path().rsplit('/').next() {
            Some("Reindex") => indexed(),
            Some("Search") => std::future::pending().await,
            _ => Response::builder()
                .header("content-type", "application/grpc")
                .header("grpc-status", (Code::NotFound as i32).to_string())
                .body(Body::empty())
                .unwrap(),
        }
    })
}

fn indexed() -> Response<Body> {
    let message = ReindexReport { products: 3, ..ReindexReport::default() }.encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&(message.len() as u32).to_be_bytes());
    frame.extend_from_slice(&message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let body = Full::new(Bytes::from(frame)).with_trailers(async move { Some(Ok(trailers)) });
    Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap()
}

async fn is_counted(way: Rpc) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let mut client = CatalogClient::new(way);
    for _ in 0..2 {
        assert_eq!(client.reindex(Empty {}).await.unwrap().into_inner().products, 3);
    }
    let refused = client.get_products(proto::catalog::GetProductsRequest::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    let search = client.search(proto::catalog::SearchRequest::default());
    assert!(tokio::time::timeout(Duration::from_millis(100), search).await.is_err());
    let told = handle.render();
    for line in [
        r#"grpc_requests_total{service="catalog",method="Reindex",code="OK"} 2"#,
        r#"grpc_requests_total{service="catalog",method="GetProducts",code="NOT_FOUND"} 1"#,
        r#"grpc_requests_total{service="catalog",method="Search",code="CANCELLED"} 1"#,
        r#"grpc_request_seconds_count{service="catalog",method="Reindex"} 2"#,
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
}

#[tokio::test]
async fn calls_in_memory_are_counted() {
    is_counted(rpc::local(catalog())).await;
}

#[tokio::test]
async fn calls_over_the_network_are_counted() {
    let (listener, address) = server::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(listener, catalog(), stop.clone(), Duration::from_secs(1)));
    is_counted(rpc::remote(&format!("http://{address}"), "token").unwrap()).await;
    stop.cancel();
}

#[tokio::test]
async fn a_service_that_is_away_is_counted_as_unavailable() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let mut client = CatalogClient::new(rpc::remote("http://127.0.0.1:9", "token").unwrap());
    assert_eq!(client.reindex(Empty {}).await.unwrap_err().code(), Code::Unavailable);
    let line = r#"grpc_requests_total{service="catalog",method="Reindex",code="UNAVAILABLE"} 1"#;
    assert!(handle.render().contains(line), "{}", handle.render());
}
