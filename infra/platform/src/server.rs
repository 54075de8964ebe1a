//! The HTTP server of a role: gRPC and plain HTTP on one port, with bounds on everything a client
//! can make long, and a graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use crate::memory;
use crate::server_body::SteadyBody;
use crate::server_io::FirstBytes;

/// How long a client may take to send the headers of a request.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Open connections of one process at most; more wait in the listen queue.
const MAX_CONNECTIONS: usize = 10_000;
/// Concurrent streams on one HTTP/2 connection.
const MAX_STREAMS: u32 = 256;

/// Says whether something that a role needs answers.
pub type Check = (&'static str, Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>);

/// Listens on an address.
pub async fn bind(listen: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    use anyhow::Context;
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until told to stop, then lets requests in flight end within `grace`.
pub async fn serve(listener: TcpListener, app: Router, stop: CancellationToken, grace: Duration) {
    serve_at_most(MAX_CONNECTIONS, listener, app, stop, grace).await;
}

/// The same with another bound of open connections.
pub async fn serve_at_most(
    max_connections: usize,
    listener: TcpListener,
    app: Router,
    stop: CancellationToken,
    grace: Duration,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(max_connections));
    let mut make_service = app.into_make_service_with_connect_info::<SocketAddr>();
    loop {
        // A full house must hear of the stop, too.
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let (stream, peer, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, or the client left: neither must end the server.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(service) = make_service.call(peer_of(&stream, peer)).await;
        let held = HeldConnection { place: Arc::new(place), stop: stop.clone() };
        tokio::spawn(connection(stream, service, &graceful, held));
    }
    drop(listener);
    // The places of sockets come back after their connections are forgotten by the server.
    let all_ended = async {
        graceful.shutdown().await;
        let _ = places.acquire_many(max_connections as u32).await;
    };
    if tokio::time::timeout(grace, all_ended).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// What each request knows of its connection. Whoever takes the connection over, as a WebSocket does,
/// keeps this until its end: so long the connection counts, and hears of the process's stop.
#[derive(Clone, Debug)]
pub struct HeldConnection {
    #[expect(dead_code, reason = "held, not read")]
    place: Arc<OwnedSemaphorePermit>,
    stop: CancellationToken,
}

impl HeldConnection {
    /// Waits until the process is told to stop.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }
}

/// What axum makes a connection's service from: only the peer's address.
fn peer_of(stream: &TcpStream, peer: SocketAddr) -> SocketAddr {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    peer
}

fn connection<S>(
    stream: TcpStream,
    service: S,
    graceful: &GracefulShutdown,
    held: HeldConnection,
) -> impl Future<Output = ()> + Send + use<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let service = service.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(held.clone());
        request.map(|body| axum::body::Body::new(SteadyBody::new(body)))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    let connection = builder
        .serve_connection_with_upgrades(
            TokioIo::new(FirstBytes::new(stream, HEADER_READ_TIMEOUT)),
            TowerToHyperService::new(service),
        )
        .into_owned();
    let watched = graceful.watch(connection);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(error = %error, "a connection ended early");
        }
    }
}

/// `/healthz`, `/readyz` and `/metrics` of a role.
pub fn operations(
    metrics: PrometheusHandle,
    checks: Vec<Check>,
    stopping: CancellationToken,
) -> Router {
    let state = Arc::new(Operations { metrics, checks, stopping });
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render_metrics))
        .with_state(state)
}

struct Operations {
    metrics: PrometheusHandle,
    checks: Vec<Check>,
    stopping: CancellationToken,
}

async fn ready(State(state): State<Arc<Operations>>) -> Response {
    let checks = state.checks.iter().map(|(name, check)| async move {
        let answered = tokio::time::timeout(Duration::from_secs(2), check()).await;
        (*name, answered.unwrap_or(false))
    });
    let results = futures_util::future::join_all(checks).await;
    let all = !state.stopping.is_cancelled() && results.iter().all(|(_, fine)| *fine);
    let body: serde_json::Map<_, _> = results
        .into_iter()
        .map(|(name, fine)| (name.to_owned(), serde_json::Value::Bool(fine)))
        .collect();
    let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

async fn render_metrics(State(state): State<Arc<Operations>>) -> Response {
    if let Some(bytes) = memory::resident_bytes() {
        metrics::gauge!("process_resident_memory_bytes")
            .set(u32::try_from(bytes / 1_024).map_or(0.0, f64::from) * 1_024.0);
    }
    state.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], state.metrics.render()).into_response()
}

/// Counts and times requests; a layer for the outermost router.
pub async fn measure(State(role): State<&'static str>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let started = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    metrics::histogram!("http_request_seconds", "role" => role, "route" => route.clone())
        .record(started.elapsed());
    metrics::counter!("http_requests_total", "role" => role, "route" => route, "status" => status)
        .increment(1);
    response
}

/// The address of a client: of the socket, or what the proxy in front says where it is trusted.
pub fn client_address(
    headers: &HeaderMap,
    peer: Option<&ConnectInfo<SocketAddr>>,
    trust_forwarded: bool,
) -> String {
    // The last address of the last line is the one that our own proxy saw; all before it are the client's
    // words: a proxy adds to the client's line, or adds a line of its own behind it.
    let forwarded = headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .filter(|_| trust_forwarded)
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .map(|address| address.trim().to_owned());
    forwarded
        .or_else(|| peer.map(|ConnectInfo(address)| address.ip().to_string()))
        .unwrap_or_else(|| "unknown".to_owned())
}
