//! Files that forms send.

use std::future::Future;

use axum::extract::Multipart;
use axum::http::{HeaderMap, header};
use platform::large_bodies::Busy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::SemaphorePermit;

use crate::graphql_client::UserError;
use crate::{AppState, PageError, PageResult, Visitor};

/// The largest form with a file that is no photo: product files.
pub const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;

/// A form with a file, as it comes: nothing of it is read yet.
pub struct FileForm {
    /// What its head says.
    pub headers: HeaderMap,
    /// Its parts.
    pub parts: Multipart,
}

#[derive(Deserialize)]
struct Anybody {
    me: Option<Value>,
}

/// Lets nobody but somebody go on. That a cookie is there says nothing: it is asked whose it is.
pub async fn must_be_somebody(state: &AppState, visitor: &Visitor) -> PageResult<()> {
    visitor.must_be_signed_in()?;
    let answer: Anybody = state.graphql.query(visitor, "{ me { name } }", json!({})).await?;
    if answer.me.is_some() { Ok(()) } else { Err(PageError::SignInFirst) }
}

/// The turn of a form, taken before it is read and held as long as its file is.
pub async fn turn<'a>(
    state: &'a AppState,
    headers: &HeaderMap,
) -> PageResult<Option<SemaphorePermit<'a>>> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|text| text.parse().ok());
    state.large_bodies.turn(length).await.map_err(|Busy| PageError::Unavailable)
}

/// Reads a form in its turn, unless it comes too slowly.
pub async fn in_time<T>(
    state: &AppState,
    reading: impl Future<Output = PageResult<T>>,
) -> PageResult<T> {
    state.large_bodies.read(reading).await.map_err(|Busy| PageError::Unavailable)?
}

/// Runs a mutation with the file of somebody's form; that there is none is a refusal like others.
pub async fn send_file<T: DeserializeOwned>(
    state: &AppState,
    visitor: &Visitor,
    mutation: &str,
    variables: Value,
    FileForm { headers, parts }: FileForm,
) -> PageResult<Result<T, Vec<UserError>>> {
    must_be_somebody(state, visitor).await?;
    let _turn = turn(state, &headers).await?;
    let (name, file) = in_time(state, named_file(parts)).await?;
    if file.is_empty() {
        return Ok(Err(vec![no_file(visitor)]));
    }
    state.graphql.upload(visitor, mutation, variables, (&name, &file)).await
}

async fn named_file(mut parts: Multipart) -> PageResult<(String, Vec<u8>)> {
    let (mut file, mut name) = (Vec::new(), String::new());
    while let Some(part) = parts.next_field().await.map_err(PageError::fault)? {
        if part.name() == Some("file") {
            part.file_name().unwrap_or_default().clone_into(&mut name);
            file = part.bytes().await.map_err(PageError::fault)?.to_vec();
        }
    }
    Ok((name, file))
}

/// The refusal of a form without its file.
pub fn no_file(visitor: &Visitor) -> UserError {
    let message = visitor.texts().say("import.no_file").to_owned();
    UserError { code: "REQUIRED".to_owned(), message, path: None }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::http::{Request, StatusCode};
    use axum::response::{Json, Response};
    use axum::routing::post;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use super::*;
    use crate::{Pages, PagesParts};

    /// More than a form without a file may have, and less than a file.
    const LARGE: usize = 3 * 512 * 1024;
    const IMPORT: &str = "/my-shops/shop_1/import";

    /// The pages over a gateway that knows one person, or nobody.
    fn pages(me: Value) -> Router {
        let answer = move |body: Bytes| async move {
            let started = json!({ "import": { "id": "imp_1" }, "userErrors": [] });
            let changes = String::from_utf8_lossy(&body).contains("mutation");
            let data =
                if changes { json!({ "importProducts": started }) } else { json!({ "me": me }) };
            Json(json!({ "data": data }))
        };
        let pages = Pages::new(PagesParts {
            graphql: upstream::local(Router::new().route("/graphql", post(answer))),
            public_url: "http://cho.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        });
        pages.routes()
    }

    async fn send(routes: Router, path: &str, content_type: &str, body: Body) -> Response {
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, "session=abc")
            .header(header::CONTENT_TYPE, content_type)
            .body(body);
        routes.oneshot(request.unwrap()).await.unwrap()
    }

    fn led_to(response: &Response) -> &str {
        response.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// A form with a product file, which tells whether anybody reads it.
    fn product_file() -> (Body, Arc<AtomicBool>) {
        let read = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&read);
        let all = futures_util::stream::once(async move {
            told.store(true, Ordering::SeqCst);
            let head =
                "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
            Ok::<_, Infallible>(format!("{head}{}\r\n--X--\r\n", "x".repeat(LARGE)))
        });
        (Body::from_stream(all), read)
    }

    const MULTIPART: &str = "multipart/form-data; boundary=X";

    #[tokio::test]
    async fn a_file_is_read_of_somebody_and_a_cookie_alone_is_nobody() {
        let (body, read) = product_file();
        let taken = send(pages(json!({ "name": "An" })), IMPORT, MULTIPART, body).await;
        assert_eq!(taken.status(), StatusCode::SEE_OTHER);
        assert_eq!(led_to(&taken), "/my-shops/shop_1/import/imp_1");
        assert!(read.load(Ordering::SeqCst), "nobody's file is read");
        for path in [IMPORT, "/my-shops/shop_1/direct/statements", "/operations/money/statements"] {
            let (body, read) = product_file();
            let refused = send(pages(Value::Null), path, MULTIPART, body).await;
            assert_eq!(led_to(&refused), "/sign-in", "{path}");
            assert!(!read.load(Ordering::SeqCst), "{path}: it was read");
        }
    }

    #[tokio::test]
    async fn a_form_without_a_file_is_never_as_large_as_one() {
        let form = format!("login={}&password=x", "x".repeat(LARGE));
        let content_type = "application/x-www-form-urlencoded";
        let refused = send(pages(Value::Null), "/sign-in", content_type, form.into()).await;
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
