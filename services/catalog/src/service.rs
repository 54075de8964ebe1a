//! Catalog as a service: what it is made of and what it offers.

use std::sync::Arc;
use std::time::Duration;

use kernel::Clock;
use platform::batching::Batcher;
use platform::consumer::Consumer;
use platform::database::Database;
use platform::workers::Periodic;
use proto::catalog::catalog_server::CatalogServer;
use tokio::sync::Notify;

use crate::consumers::{CheckoutsHeard, FulfilmentsHeard, IndexKept, PeopleForgotten, ShopsHeard};
use crate::darkroom::Darkroom;
use crate::domain::hold::Hold;
use crate::grpc::Grpc;
use crate::reading_room::ReadingRoom;
use crate::search::SearchEngine;
use crate::usecases::expire_holds::expire_holds;
use crate::usecases::forget_old::forget_old;
use crate::usecases::hold_stock::{HoldStockError, Holding};
use crate::usecases::import_products::run_imports;
use crate::usecases::index_products::fill_empty_index;
use crate::usecases::pass_cut_offs::pass_cut_offs;

/// The least pause between two runs of the worker on imports.
const LEAST_PAUSE: Duration = Duration::from_millis(10);
/// Photos of eight megabytes are the largest message that catalog takes.
const MAX_MESSAGE_BYTES: usize = 9 * 1024 * 1024;

/// What catalog is made of.
pub struct CatalogParts {
    /// Its database.
    pub database: Database,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its search engine.
    pub search: Arc<dyn SearchEngine>,
}

/// The service.
#[derive(Clone)]
pub struct Catalog(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub database: Database,
    pub clock: Arc<dyn Clock>,
    pub search: Arc<dyn SearchEngine>,
    /// What is to be held at the same time shares a transaction.
    pub holdings: Batcher<Holding, Result<Hold, HoldStockError>>,
    /// Wakes the worker on imports.
    pub imported: Arc<Notify>,
    /// Where pictures are made.
    pub darkroom: Darkroom,
    /// Where product files are read.
    pub reading_room: ReadingRoom,
}

impl Catalog {
    /// Builds the service; nothing runs yet.
    pub fn new(parts: CatalogParts) -> Self {
        Self(Arc::new(Inner {
            database: parts.database,
            clock: parts.clock,
            search: parts.search,
            holdings: Batcher::default(),
            imported: Arc::default(),
            darkroom: Darkroom::default(),
            reading_room: ReadingRoom::default(),
        }))
    }

    /// Lets go of the search index, so that the next process can have it.
    pub async fn close(&self) {
        self.0.search.close().await;
    }

    /// The gRPC service.
    pub fn server(&self) -> CatalogServer<Grpc> {
        CatalogServer::new(Grpc(self.clone()))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// What catalog does when others tell of events.
    pub fn consumers(&self) -> Vec<Arc<dyn Consumer>> {
        vec![
            Arc::new(ShopsHeard(self.clone())),
            Arc::new(CheckoutsHeard(self.clone())),
            Arc::new(FulfilmentsHeard(self.clone())),
            Arc::new(PeopleForgotten(self.clone())),
            Arc::new(IndexKept(self.clone())),
        ]
    }

    /// The sweepers of holds and of cut-offs, the worker on imports, the look at an empty index.
    pub fn periodics(&self) -> Vec<Periodic> {
        let (sweeper, importer, indexer) = (self.clone(), self.clone(), self.clone());
        let (passing, forgetter) = (self.clone(), self.clone());
        let imported = (Arc::clone(&self.0.imported), Duration::from_secs(2));
        vec![
            Periodic::new("catalog.holds", Duration::from_secs(5), move || {
                let catalog = sweeper.clone();
                async move { expire_holds(&catalog).await }
            }),
            Periodic::new("catalog.cut_offs", Duration::from_secs(30), move || {
                let catalog = passing.clone();
                async move { pass_cut_offs(&catalog).await }
            }),
            Periodic::new("catalog.old", Duration::from_hours(1), move || {
                let catalog = forgetter.clone();
                async move { forget_old(&catalog).await }
            }),
            Periodic::on_call("catalog.imports", LEAST_PAUSE, imported, move |_| {
                let catalog = importer.clone();
                async move { run_imports(&catalog).await }
            }),
            Periodic::new("catalog.index", Duration::from_secs(10), move || {
                let catalog = indexer.clone();
                // Always anew: a search server may be emptied, or come up, at any time.
                async move { fill_empty_index(&catalog).await }
            }),
        ]
    }
}
