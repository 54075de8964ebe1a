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
