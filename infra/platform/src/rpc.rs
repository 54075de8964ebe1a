//! Calls between services: one type of channel, in memory or over the network.

use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::time::Duration;

use http::{HeaderValue, Request, Response};
use tonic::body::Body;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Status};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::rpc_metrics::Call;

/// How long a call may take. Asked again by whoever needs more patience.
const DEADLINE: Duration = Duration::from_secs(10);
/// The header in which roles show each other their shared token.
pub const ROLE_TOKEN: &str = "x-chonoi-role-token";

/// A way to a service: the service itself, in memory, or a network channel to it.
pub type Rpc = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// Calls accounts.
pub type AccountsClient = proto::accounts::accounts_client::AccountsClient<Rpc>;
/// Calls catalog.
pub type CatalogClient = proto::catalog::catalog_client::CatalogClient<Rpc>;
/// Calls orders.
pub type OrdersClient = proto::orders::orders_client::OrdersClient<Rpc>;
/// Calls payments.
pub type PaymentsClient = proto::payments::payments_client::PaymentsClient<Rpc>;

/// The way to a service in this process.
pub fn local<S, B>(service: S) -> Rpc
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let answered = tower::service_fn(move |request: Request<Body>| {
        let service = service.clone();
        async move {
            let call = Call::begin(request.uri());
            let answer = match tokio::time::timeout(DEADLINE, service.oneshot(request)).await {
                Ok(Ok(response)) => Ok(response.map(Body::new)),
                Ok(Err(never)) => match never {},
                Err(_) => Err(Status::deadline_exceeded("the service took too long")),
            };
            call.answered(answer)
        }
    });
    BoxCloneSyncService::new(answered)
}

/// The way to a service at an address (`http://host:port`, or `https://` with the web's roots).
/// It connects when first needed, and again whenever the connection is lost.
pub fn remote(address: &str, role_token: &str) -> anyhow::Result<Rpc> {
    let mut endpoint = Endpoint::from_shared(address.to_owned())?
        .connect_timeout(Duration::from_secs(2))
        .timeout(DEADLINE)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true);
    if address.starts_with("https://") {
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_webpki_roots())?;
    }
    let token: HeaderValue = role_token.parse()?;
    let channel: Channel = endpoint.connect_lazy();
    let called = tower::service_fn(move |mut request: Request<Body>| {
        let channel = channel.clone();
        request.headers_mut().insert(ROLE_TOKEN, token.clone());
        async move {
            let call = Call::begin(request.uri());
            let answer = channel.oneshot(request).await;
            call.answered(answer.map_err(|error| Status::from_error(Box::new(error))))
        }
    });
    Ok(BoxCloneSyncService::new(called))
}

/// A fault of the machine: logged here, once, with its causes; the caller learns only that there
/// was one.
pub fn fault(error: impl Display + Debug) -> Status {
    tracing::error!(error = %format_args!("{error:#}"), "fault");
    Status::new(Code::Internal, "internal fault")
}

/// A fault of a database: like [`fault`], but a busy or unreachable one is said to be unavailable,
/// so that callers try again.
pub fn database_fault(error: &sea_orm::DbErr) -> Status {
    if crate::database::is_transient(error) {
        tracing::warn!(%error, "the database cannot be reached");
        return Status::unavailable("the database is busy");
    }
    fault(error)
}
