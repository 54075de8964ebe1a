//! Another role's HTTP: in memory, or over the network. Pages call the gateway through it, and the
//! gateway passes on what is not its own.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use axum::response::IntoResponse;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::rpc::ROLE_TOKEN;

/// How long another role may take to begin its answer; the answer itself may stream on.
const DEADLINE: Duration = Duration::from_secs(30);

/// A way to another role's HTTP. It always answers: a role that cannot be reached is a 502 or 504.
pub type Upstream = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// A role in this process.
pub fn local(routes: Router) -> Upstream {
    BoxCloneSyncService::new(routes)
}

/// A role at an address, `http://host:port`. Between roles there is no TLS of our own: a mesh or
/// a private network carries it.
pub fn remote(address: &str, role_token: &str) -> anyhow::Result<Upstream> {
    let base: Uri = address.parse().with_context(|| format!("{address:?} is no address"))?;
    let authority = base.authority().with_context(|| format!("{address:?} names no host"))?.clone();
    anyhow::ensure!(base.scheme() == Some(&Scheme::HTTP), "{address:?} must begin with http://");
    let token: HeaderValue = role_token.parse()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_secs(2)));
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(connector);
    let called = tower::service_fn(move |mut request: Request<Body>| {
        let client = client.clone();
        prepare(&mut request, &authority, &token);
        async move {
            let answer = match tokio::time::timeout(DEADLINE, client.request(request)).await {
                Ok(Ok(response)) => response.map(Body::new),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "another role cannot be reached");
                    StatusCode::BAD_GATEWAY.into_response()
                }
                Err(_) => StatusCode::GATEWAY_TIMEOUT.into_response(),
            };
            Ok::<_, Infallible>(answer)
        }
    });
    Ok(BoxCloneSyncService::new(called))
}

/// Headers that belong to one connection only (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 5] =
    [header::CONNECTION, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE];

fn prepare(request: &mut Request<Body>, authority: &Authority, token: &HeaderValue) {
    let path = request.uri().path_and_query().cloned();
    let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
    if let Ok(uri) = Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(authority.clone())
        .path_and_query(path)
        .build()
    {
        *request.uri_mut() = uri;
    }
    *request.version_mut() = Version::HTTP_11;
    for name in HOP_BY_HOP {
        request.headers_mut().remove(name);
    }
    request.headers_mut().insert(ROLE_TOKEN, token.clone());
}

/// Routes that pass everything on.
pub fn forward(upstream: Upstream) -> Router {
    Router::new().fallback(move |request: Request<Body>| {
        let upstream = upstream.clone();
        async move {
            match upstream.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    })
}
