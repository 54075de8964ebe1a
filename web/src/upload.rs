//! Files that forms send.

use axum::extract::Multipart;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::graphql_client::UserError;
use crate::{AppState, PageError, PageResult, Visitor};

/// Runs a mutation with the file of a form; that there is none is a refusal like others.
pub async fn send_file<T: DeserializeOwned>(
    state: &AppState,
    visitor: &Visitor,
    mutation: &str,
    variables: Value,
    mut parts: Multipart,
) -> PageResult<Result<T, Vec<UserError>>> {
    let (mut file, mut name) = (Vec::new(), String::new());
    while let Some(part) = parts.next_field().await.map_err(PageError::fault)? {
        if part.name() == Some("file") {
            part.file_name().unwrap_or_default().clone_into(&mut name);
            file = part.bytes().await.map_err(PageError::fault)?.to_vec();
        }
    }
    if file.is_empty() {
        return Ok(Err(vec![no_file(visitor)]));
    }
    state.graphql.upload(visitor, mutation, variables, (&name, &file)).await
}

/// The refusal of a form without its file.
pub fn no_file(visitor: &Visitor) -> UserError {
    let message = visitor.texts().say("import.no_file").to_owned();
    UserError { code: "REQUIRED".to_owned(), message, path: None }
}
