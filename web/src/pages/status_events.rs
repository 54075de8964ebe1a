//! What the gateway's stream says of a status, forwarded to a page as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use serde_json::Value;

/// An event `status` whenever the subscription's field tells one.
pub fn forwarded(answer: Response, field: &'static str) -> impl IntoResponse {
    let statuses = statuses_of(answer, field);
    let events =
        statuses.map(|status| Ok::<_, Infallible>(Event::default().event("status").data(status)));
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// The statuses in the gateway's stream of server-sent events.
fn statuses_of(answer: Response, field: &'static str) -> impl Stream<Item = String> + Send {
    let mut rest = Vec::new();
    answer.into_body().into_data_stream().flat_map(move |chunk| {
        let mut found = Vec::new();
        if let Ok(bytes) = chunk {
            rest.extend_from_slice(&bytes);
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                found.extend(status_of(&line, field));
            }
        }
        futures_util::stream::iter(found)
    })
}

fn status_of(line: &[u8], field: &str) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let next: Value = serde_json::from_str(line.trim_end().strip_prefix("data:")?.trim()).ok()?;
    next.get("data")?.get(field)?.get("status")?.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn statuses_are_found_however_the_stream_is_cut() {
        let text = "event: next\ndata: {\"data\":{\"a\":{\"status\":\"PENDING\"}}}\n\n:\n\nevent: next\n\
                    data: {\"data\":{\"a\":{\"status\":\"SUCCEEDED\"}}}\n\nevent: complete\ndata:\n\n";
        for size in [1, 7, 1_000] {
            let chunks: Vec<_> = text
                .as_bytes()
                .chunks(size)
                .map(|part| Ok::<_, Infallible>(part.to_vec()))
                .collect();
            let body = Body::from_stream(futures_util::stream::iter(chunks));
            let found: Vec<_> = statuses_of(Response::new(body), "a").collect().await;
            assert_eq!(found, ["PENDING", "SUCCEEDED"]);
        }
    }
}
