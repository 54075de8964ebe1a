//! The bound on requests per address.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use platform::limits::{Quota, network};

use super::answers;
use super::negotiation::Form;
use crate::caller::Caller;
use crate::failure::{Failure, seconds};
use crate::gateway::Inner;

/// Photos for each request that an address may send: a page shows dozens, and many people share an address.
const PHOTOS_OF_REQUEST: u32 = 10;

/// Refuses an address that asks too often, and tells handlers who calls.
pub async fn limit(
    State(gateway): State<Arc<Inner>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = caller_of(&gateway, &request);
    if let Err(failure) = count(&gateway, &caller).await {
        let form = Form::of(request.headers()).unwrap_or(Form::Json);
        return answers::refused(StatusCode::TOO_MANY_REQUESTS, failure, form, caller.locale);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Refuses an address that asks for photos too often.
pub async fn limit_photos(
    State(gateway): State<Arc<Inner>>,
    request: Request,
    next: Next,
) -> Response {
    let caller = caller_of(&gateway, &request);
    let counted = use_up(&gateway, &caller, "media", PHOTOS_OF_REQUEST).await;
    answered(counted, request, next).await
}

/// Refuses an address that asks for maps too often.
pub async fn limit_maps(
    State(gateway): State<Arc<Inner>>,
    request: Request,
    next: Next,
) -> Response {
    let caller = caller_of(&gateway, &request);
    let counted = use_up(&gateway, &caller, "sitemap", 1).await;
    answered(counted, request, next).await
}

/// The answer to what is no GraphQL, or when it may be asked for again.
async fn answered(counted: Result<(), Duration>, request: Request, next: Next) -> Response {
    match counted {
        Ok(()) => next.run(request).await,
        Err(retry_after) => {
            let headers = [(header::RETRY_AFTER, seconds(retry_after).to_string())];
            (StatusCode::TOO_MANY_REQUESTS, headers).into_response()
        }
    }
}

fn caller_of(gateway: &Inner, request: &Request) -> Caller {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    Caller::of(request.headers(), peer, gateway.settings.trust_forwarded)
}

/// Counts a request, or an operation of a socket, of an address.
pub async fn count(gateway: &Inner, caller: &Caller) -> Result<(), Failure> {
    let counted = use_up(gateway, caller, "graphql", 1).await;
    counted.map_err(|retry_after| Failure::RateLimited { retry_after })
}

/// Counts one use of something, of which an address has so many for each request that it may send; the error is how
/// long to wait.
async fn use_up(
    gateway: &Inner,
    caller: &Caller,
    what: &str,
    of_request: u32,
) -> Result<(), Duration> {
    let burst = gateway.settings.requests_per_minute.saturating_mul(of_request);
    if burst == 0 || caller.in_process {
        return Ok(());
    }
    let quota = Quota { burst, per: Duration::from_mins(1) };
    gateway.limiter.check(&format!("{what}:{}", network(&caller.address)), quota).await
}
