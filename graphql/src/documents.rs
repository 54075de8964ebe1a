//! Queries that were seen before: their texts by hash (automatic persisted queries, for clients
//! that save bytes), and what the parser made of them (so that nothing is parsed twice).
//!
//! The library's own extension for persisted queries would make every field of every request go
//! through an extension; here the lookup happens before.

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Value};
use platform::cache::Cache;
use platform::secrets;

use crate::failure::Failure;
use crate::limits;

/// Bytes of texts whose parsed form is kept.
const MAX_PARSED_BYTES: u64 = 1024 * 1024;
/// Longer texts are sent and parsed each time.
const MAX_KEPT_TEXT: usize = 16 * 1024;
/// The only version of the protocol of persisted queries.
const PERSISTED_VERSION: i64 = 1;

/// The queries that were seen.
pub struct Documents {
    texts: Cache,
    parsed: moka::future::Cache<String, Arc<ExecutableDocument>>,
}

impl Documents {
    /// Keeps texts in a cache that all gateways may share.
    pub fn new(texts: Cache) -> Self {
        let parsed = moka::future::Cache::builder()
            .max_capacity(MAX_PARSED_BYTES)
            .weigher(|text: &String, _| u32::try_from(text.len() + 64).unwrap_or(u32::MAX))
            .build();
        Self { texts, parsed }
    }

    /// What a request asks, read. A persisted query is looked up, or kept when its text is sent.
    pub async fn read(&self, request: &mut Request) -> Result<Arc<ExecutableDocument>, Failure> {
        if let Some(persisted) = request.extensions.remove("persistedQuery") {
            let hash = hash_of(&persisted)?;
            if request.query.is_empty() {
                request.query = self.recall(&hash).await?;
                return self.parse(&request.query).await;
            }
            let own = hex(&secrets::digest(&request.query));
            if hash != own {
                return Err(Failure::BadInput("sha256Hash is not the query's".to_owned()));
            }
            let document = self.parse(&request.query).await?;
            // Only what can be read is kept, and nothing that is long: a client sends that each time.
            if request.query.len() <= MAX_KEPT_TEXT {
                self.texts.put(&key(&hash), request.query.clone().into_bytes()).await;
            }
            return Ok(document);
        }
        if request.query.is_empty() {
            return Err(Failure::BadInput("there is no query".to_owned()));
        }
        self.parse(&request.query).await
    }

    async fn recall(&self, hash: &str) -> Result<String, Failure> {
        let text = self.texts.get(&key(hash)).await.and_then(|bytes| String::from_utf8(bytes).ok());
        text.ok_or(Failure::PersistedQueryNotFound)
    }

    async fn parse(&self, query: &str) -> Result<Arc<ExecutableDocument>, Failure> {
        if let Some(document) = self.parsed.get(query).await {
            return Ok(document);
        }
        limits::check_text(query)?;
        let document =
            parse_query(query).map_err(|error| Failure::Unreadable(error.to_string()))?;
        let document = Arc::new(document);
        if query.len() <= MAX_KEPT_TEXT {
            self.parsed.insert(query.to_owned(), Arc::clone(&document)).await;
        }
        Ok(document)
    }
}

fn key(hash: &str) -> String {
    format!("graphql:{hash}")
}

/// The hash in the extension `persistedQuery {version sha256Hash}`.
fn hash_of(persisted: &Value) -> Result<String, Failure> {
    let wrong = |text: &str| Failure::BadInput(format!("extensions.persistedQuery: {text}"));
    let Value::Object(fields) = persisted else { return Err(wrong("is not an object")) };
    let version = match fields.get("version") {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    if version != Some(PERSISTED_VERSION) {
        return Err(wrong("version is not 1"));
    }
    match fields.get("sha256Hash") {
        Some(Value::String(hash)) if hash.len() == 64 => Ok(hash.to_ascii_lowercase()),
        _ => Err(wrong("sha256Hash is not a SHA-256 in hexadecimal digits")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
