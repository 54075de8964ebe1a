//! The bound on requests per address.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use platform::limits::{Quota, network};

use super::answers;
use super::negotiation::Form;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::gateway::Inner;

/// Refuses an address that asks too often, and tells handlers who calls.
pub async fn limit(
    State(gateway): State<Arc<Inner>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let caller = Caller::of(request.headers(), peer, gateway.settings.trust_forwarded);
    if let Err(failure) = count(&gateway, &caller).await {
        let form = Form::of(request.headers()).unwrap_or(Form::Json);
        return answers::refused(StatusCode::TOO_MANY_REQUESTS, failure, form, caller.locale);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Counts a request, or an operation of a socket, of an address.
pub async fn count(gateway: &Inner, caller: &Caller) -> Result<(), Failure> {
    let burst = gateway.settings.requests_per_minute;
    if burst == 0 || caller.in_process {
        return Ok(());
    }
    let quota = Quota { burst, per: Duration::from_mins(1) };
    let key = format!("graphql:{}", network(&caller.address));
    let allowed = gateway.limiter.check(&key, quota).await;
    allowed.map_err(|retry_after| Failure::RateLimited { retry_after })
}
