//! `/graphql/sse`: graphql-sse in distinct connections mode, one operation a stream.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{BatchRequest, Request, Response as GraphqlResponse};
use async_stream::stream;
use axum::Extension;
use axum::body::{Body as HttpBody, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};

use super::answers::Body;
use super::get::{self, Parameters};
use super::negotiation::{Form, accepts, asks_for};
use super::{answers, body};
use crate::caller::Caller;
use crate::execution::{Way, execute_stream, was_executed};
use crate::failure::Failure;
use crate::gateway::Inner;

/// Proxies close what is quiet for longer.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// `GET /graphql/sse`: for `EventSource`, which can send no body.
pub async fn by_get(
    State(gateway): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Response {
    let request = get::read(parameters);
    let request = request.map_err(|text| (StatusCode::BAD_REQUEST, Failure::BadInput(text)));
    answer(&gateway, &caller, &headers, request, Way::StreamByGet).await
}

/// `POST /graphql/sse`
pub async fn by_post(
    State(gateway): State<Arc<Inner>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: HttpBody,
) -> Response {
    let request = match body::read(&gateway, &caller, &headers, body).await {
        Ok((BatchRequest::Single(request), _)) if request.uploads.is_empty() => Ok(request),
        Ok((BatchRequest::Single(_), _)) => {
            // A stream would hold the file for as long as it lasts.
            let text = "a file is sent to /graphql".to_owned();
            Err((StatusCode::BAD_REQUEST, Failure::BadInput(text)))
        }
        Ok((BatchRequest::Batch(_), _)) => {
            let text = "a stream is of one operation".to_owned();
            Err((StatusCode::BAD_REQUEST, Failure::BadInput(text)))
        }
        Err(refused) => Err(refused),
    };
    answer(&gateway, &caller, &headers, request, Way::Stream).await
}

async fn answer(
    gateway: &Arc<Inner>,
    caller: &Caller,
    headers: &HeaderMap,
    request: Result<Request, body::Refused>,
    way: Way,
) -> Response {
    let refused = |status, failure| answers::refused(status, failure, Form::Json, caller.locale);
    // By its name: what a page of another site makes a browser load, it loads as anything.
    let media_type = "text/event-stream";
    if !(asks_for(headers, media_type) && accepts(headers, media_type)) {
        let failure = Failure::BadInput("the answer would be text/event-stream".to_owned());
        return refused(StatusCode::NOT_ACCEPTABLE, failure);
    }
    let request = match request {
        Ok(request) => request,
        Err((status, failure)) => return refused(status, failure),
    };
    match execute_stream(gateway, caller, request, way).await {
        Ok(responses) => streamed(responses),
        // What cannot be run is told before a stream begins.
        Err(answer) => answers::one(&answer, Form::GraphqlResponse),
    }
}

fn streamed(responses: impl Stream<Item = GraphqlResponse> + Send + 'static) -> Response {
    let lines = stream! {
        let mut responses = pin!(responses);
        let mut keep_alive = tokio::time::interval(KEEP_ALIVE);
        loop {
            tokio::select! {
                biased;
                response = responses.next() => match response {
                    Some(response) => yield next(&response),
                    None => break,
                },
                _ = keep_alive.tick() => yield Bytes::from_static(b":\n\n"),
            }
        }
        yield Bytes::from_static(b"event: complete\ndata:\n\n");
    };
    let body = HttpBody::from_stream(lines.map(Ok::<_, Infallible>));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that gather answers would hold back what is to be seen at once.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

/// The event of one answer. JSON on one line holds no line break.
fn next(response: &GraphqlResponse) -> Bytes {
    let mut event = b"event: next\ndata: ".to_vec();
    event.extend(Body::of(response, was_executed(response)).to_json());
    event.extend_from_slice(b"\n\n");
    event.into()
}
