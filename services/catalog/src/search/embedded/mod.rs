//! The search engine inside the process: a tantivy index of its own, in a directory or in memory.
//!
//! One thread writes ([`writer`]); searches read the last commit. The index is a copy of the
//! catalog: an index of another version, or a damaged one, is thrown away and starts empty.

mod collecting;
mod columns;
mod counting;
mod filtering;
mod opening;
mod planning;
mod schema;
mod searching;
mod terms;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kernel::ProductId;
use tantivy::IndexReader;
use tokio::sync::Semaphore;

use self::schema::Fields;
use self::writer::{Change, Changes, Writer};
use super::engine::{IndexedProduct, SearchEngine, SearchFault, SearchOutcome, SearchQuery};

/// Searches that run at once; the others wait for their turn.
const MAX_CONCURRENT_SEARCHES: usize = 8;

/// The embedded search engine.
pub struct EmbeddedSearch {
    reader: IndexReader,
    fields: Fields,
    writer: Writer,
    turns: Arc<Semaphore>,
}

impl EmbeddedSearch {
    /// Opens the index in a directory that belongs to it alone (made if missing), or one in memory.
    /// Blocks for as long as reading the index once takes: its checksums are verified.
    ///
    /// # Errors
    /// When the directory cannot be used, or another process has the index open.
    pub fn open(directory: Option<&Path>) -> Result<Self, SearchFault> {
        let (fields, schema) = schema::build();
        let opened = opening::open(directory, schema)?;
        let writer = Writer::start(opened.writer, opened.reader.clone(), fields)?;
        let turns = Arc::new(Semaphore::new(MAX_CONCURRENT_SEARCHES));
        Ok(Self { reader: opened.reader, fields, writer, turns })
    }

    fn puts(&self, products: &[IndexedProduct]) -> Changes {
        let put = |product| Change::Put(schema::document(&self.fields, product));
        products.iter().map(|product| (product.id, put(product))).collect()
    }
}

#[async_trait]
impl SearchEngine for EmbeddedSearch {
    async fn put(&self, products: &[IndexedProduct]) -> Result<(), SearchFault> {
        self.writer.change(self.puts(products)).await
    }

    async fn remove(&self, ids: &[ProductId]) -> Result<(), SearchFault> {
        self.writer.change(ids.iter().map(|id| (*id, Change::Remove)).collect()).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<SearchOutcome, SearchFault> {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await.map_err(|_| SearchFault::Stopped)?;
        let (searcher, fields, query) = (self.reader.searcher(), self.fields, query.clone());
        let search = move || searching::search(&searcher, &fields, &query);
        Ok(tokio::task::spawn_blocking(search).await??)
    }

    async fn replace_all(
        &self,
        mut products: BoxStream<'_, Vec<IndexedProduct>>,
    ) -> Result<u64, SearchFault> {
        let mut replacement = self.writer.replace().await?;
        while let Some(batch) = products.next().await {
            replacement.put(self.puts(&batch)).await?;
        }
        replacement.finish().await
    }

    async fn healthy(&self) -> bool {
        self.writer.is_running()
    }

    async fn is_empty(&self) -> Result<bool, SearchFault> {
        Ok(self.reader.searcher().num_docs() == 0)
    }

    async fn close(&self) {
        self.writer.close().await;
    }
}
