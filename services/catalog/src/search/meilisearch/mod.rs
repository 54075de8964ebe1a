//! The search engine that speaks to a Meilisearch server.
//!
//! Meilisearch does the finding; ours is the folding (the same as everywhere), the preference for
//! the very marks a person typed, and the waiting: writes to Meilisearch are tasks, and most of them
//! fail only after they were accepted.

mod calls;
mod documents;
mod index_settings;
mod requests;
mod searching;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kernel::ProductId;
use meilisearch_sdk::client::{Client, SwapIndexes};
use meilisearch_sdk::indexes::Index;
use tokio::sync::OnceCell;

use self::calls::{attempt, finished, is_missing_index, once};
use self::documents::{Document, PRIMARY_KEY};
use super::engine::{IndexedProduct, SearchEngine, SearchFault, SearchOutcome, SearchQuery};

/// Products in one request.
const MAX_DOCUMENTS_PER_REQUEST: usize = 1_000;

/// Where the server is.
#[derive(Clone)]
pub struct MeilisearchSettings {
    /// Its address, like `http://127.0.0.1:7700`.
    pub url: String,
    /// A key that may search, write documents, and make, set up, swap and delete indexes.
    pub api_key: Option<String>,
    /// Name of the index. The name with `_next` behind it is used too, to build a new one.
    pub index: String,
}

/// The search engine on a Meilisearch server.
pub struct MeilisearchSearch {
    client: Client,
    live: Index,
    next: Index,
    prepared: OnceCell<()>,
    /// One replacement at a time.
    replacing: tokio::sync::Mutex<()>,
    /// What changed since a replacement began: the new index must not miss it.
    missed: Mutex<Option<Changes>>,
}

/// The last state of products that changed; `None` is gone.
type Changes = HashMap<ProductId, Option<Document>>;

impl MeilisearchSearch {
    /// An engine for a server, which is not asked anything yet: it may come up later.
    ///
    /// # Errors
    /// When the address or the key cannot be used in a request.
    pub fn new(settings: &MeilisearchSettings) -> Result<Self, SearchFault> {
        let url = settings.url.trim_end_matches('/');
        let client = Client::new(url, settings.api_key.as_deref())?;
        Ok(Self {
            live: client.index(&settings.index),
            next: client.index(format!("{}_next", settings.index)),
            client,
            prepared: OnceCell::new(),
            replacing: tokio::sync::Mutex::new(()),
            missed: Mutex::new(None),
        })
    }

    /// Makes and sets up the index before its first use.
    async fn prepare(&self) -> Result<(), SearchFault> {
        let prepare = || self.make(&self.live);
        self.prepared.get_or_try_init(prepare).await.copied()
    }

    /// Makes an index if there is none, and sets it up.
    async fn make(&self, index: &Index) -> Result<(), SearchFault> {
        if let Err(fault) = attempt(|| self.client.get_raw_index(&index.uid)).await {
            if !is_missing_index(&fault) {
                return Err(fault);
            }
            let task = once(self.client.create_index(&index.uid, Some(PRIMARY_KEY))).await?;
            finished(&self.client, &task).await?;
        }
        let settings = index_settings::settings();
        let task = attempt(|| index.set_settings(&settings)).await?;
        finished(&self.client, &task).await
    }

    async fn write(&self, index: &Index, documents: &[Document]) -> Result<(), SearchFault> {
        for chunk in documents.chunks(MAX_DOCUMENTS_PER_REQUEST) {
            let task = attempt(|| index.add_or_replace(chunk, Some(PRIMARY_KEY))).await?;
            finished(&self.client, &task).await?;
        }
        Ok(())
    }

    async fn erase(&self, index: &Index, ids: &[ProductId]) -> Result<(), SearchFault> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        for chunk in ids.chunks(MAX_DOCUMENTS_PER_REQUEST) {
            let task = attempt(|| index.delete_documents(chunk)).await?;
            finished(&self.client, &task).await?;
        }
        Ok(())
    }

    /// Notes changes for the replacement that is under way, if any. Always before they are written:
    /// whatever reaches only the old index has then been noted.
    fn note(&self, changes: impl Iterator<Item = (ProductId, Option<Document>)>) {
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(missed) = missed.as_mut() {
            missed.extend(changes);
        }
    }

    fn set_missed(&self, missed: Option<Changes>) -> Option<Changes> {
        std::mem::replace(&mut *self.missed.lock().unwrap_or_else(PoisonError::into_inner), missed)
    }

    async fn catch_up(&self, index: &Index, missed: Option<Changes>) -> Result<(), SearchFault> {
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for (id, document) in missed.unwrap_or_default() {
            match document {
                Some(document) => put.push(document),
                None => gone.push(id),
            }
        }
        self.write(index, &put).await?;
        self.erase(index, &gone).await
    }

    async fn build_and_swap(
        &self,
        mut products: BoxStream<'_, Vec<IndexedProduct>>,
    ) -> Result<u64, SearchFault> {
        self.drop_next().await?;
        self.make(&self.next).await?;
        let mut count = 0;
        while let Some(batch) = products.next().await {
            let documents: Vec<Document> = batch.iter().map(Document::of).collect();
            self.write(&self.next, &documents).await?;
            count += documents.len() as u64;
        }
        let missed = self.set_missed(Some(Changes::new()));
        self.catch_up(&self.next, missed).await?;
        let indexes = (self.live.uid.clone(), self.next.uid.clone());
        // Never sent twice: two swaps are none.
        let task = once(self.client.swap_indexes([&SwapIndexes { indexes, rename: None }])).await?;
        finished(&self.client, &task).await?;
        // What was noted since reached only the old index; what comes from now on, the new one.
        let missed = self.set_missed(None);
        self.catch_up(&self.live, missed).await?;
        self.drop_next().await?;
        Ok(count)
    }

    /// Deletes the index beside the live one: what a replacement left that was cut off, or the old
    /// index after a swap.
    async fn drop_next(&self) -> Result<(), SearchFault> {
        let task = attempt(|| self.client.delete_index(&self.next.uid)).await?;
        match finished(&self.client, &task).await {
            Err(fault) if is_missing_index(&fault) => Ok(()),
            outcome => outcome,
        }
    }
}

#[async_trait]
impl SearchEngine for MeilisearchSearch {
    async fn put(&self, products: &[IndexedProduct]) -> Result<(), SearchFault> {
        if products.is_empty() {
            return Ok(());
        }
        self.prepare().await?;
        let documents: Vec<Document> = products.iter().map(Document::of).collect();
        let ids = products.iter().map(|product| product.id);
        self.note(ids.zip(documents.iter().cloned().map(Some)));
        self.write(&self.live, &documents).await
    }

    async fn remove(&self, ids: &[ProductId]) -> Result<(), SearchFault> {
        if ids.is_empty() {
            return Ok(());
        }
        self.prepare().await?;
        self.note(ids.iter().map(|id| (*id, None)));
        self.erase(&self.live, ids).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<SearchOutcome, SearchFault> {
        searching::search(&self.client, &self.live, query).await
    }

    /// Changes that this process makes meanwhile are carried over. Other processes that write to
    /// the same index should rest until this is done: what they change may be missing until they
    /// change it again.
    async fn replace_all(
        &self,
        products: BoxStream<'_, Vec<IndexedProduct>>,
    ) -> Result<u64, SearchFault> {
        let _turn = self.replacing.lock().await;
        // A swap needs both.
        self.make(&self.live).await?;
        // If it was prepared before, nothing is lost.
        let _ = self.prepared.set(());
        self.set_missed(Some(Changes::new()));
        let outcome = self.build_and_swap(products).await;
        self.set_missed(None);
        outcome
    }

    async fn healthy(&self) -> bool {
        once(self.client.health()).await.is_ok_and(|health| health.status == "available")
    }

    async fn is_empty(&self) -> Result<bool, SearchFault> {
        match attempt(|| self.live.get_stats()).await {
            Ok(stats) => Ok(stats.number_of_documents == 0),
            Err(fault) if is_missing_index(&fault) => Ok(true),
            Err(fault) => Err(fault),
        }
    }
}
