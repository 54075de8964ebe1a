//! The one thread that writes the index.
//!
//! Changes that come while a commit is being made wait for it and then share the next one, so a
//! busy moment costs few commits and a quiet one waits for nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use kernel::ProductId;
use tantivy::query::AllQuery;
use tantivy::{IndexReader, IndexWriter, TantivyDocument, TantivyError};
use tokio::sync::{mpsc, oneshot};

use super::super::engine::SearchFault;
use super::schema::{Fields, id_term};

/// Requests that wait for the writer; whoever comes then waits to be let in.
const MAX_WAITING: usize = 64;
/// Changes in one commit, unless one request alone brings more.
const MAX_CHANGES_PER_COMMIT: usize = 5_000;
/// Batches of a replacement that wait to be written.
const MAX_WAITING_BATCHES: usize = 2;

/// What happens to a product in the index.
#[derive(Debug)]
pub(super) enum Change {
    /// It is there, like this.
    Put(TantivyDocument),
    /// It is gone.
    Remove,
}

/// Changes of products, applied in order.
pub(super) type Changes = Vec<(ProductId, Change)>;

type Outcome<T> = Result<T, TantivyError>;

#[derive(Debug)]
enum Request {
    Change { changes: Changes, done: oneshot::Sender<Outcome<()>> },
    Replace { batches: mpsc::Receiver<Batch>, done: oneshot::Sender<Outcome<u64>> },
}

#[derive(Debug)]
enum Batch {
    Changes(Changes),
    /// Nothing more comes. A replacement that ends without this word was given up.
    Complete,
}

/// The way to the writing thread. Dropping it waits until what was asked for is written.
#[derive(Debug)]
pub(super) struct Writer(Mutex<Ends>);

/// Both are there until the writer is closed.
#[derive(Debug)]
struct Ends {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(
        index: IndexWriter,
        reader: IndexReader,
        fields: Fields,
    ) -> Result<Self, SearchFault> {
        let (requests, received) = mpsc::channel(MAX_WAITING);
        let writing = Writing { index, reader, fields };
        let thread = std::thread::Builder::new()
            .name("search-writer".to_owned())
            .spawn(move || writing.run(received))
            .map_err(|source| SearchFault::Directory { path: "a thread".to_owned(), source })?;
        Ok(Self(Mutex::new(Ends { requests: Some(requests), thread: Some(thread) })))
    }

    /// Whether the thread still takes requests.
    pub fn is_running(&self) -> bool {
        self.ends().requests.as_ref().is_some_and(|requests| !requests.is_closed())
    }

    /// Waits until what was asked for is written and the index is let go of.
    pub async fn close(&self) {
        let thread = self.hang_up();
        // It fails only while the runtime shuts down.
        let _ = tokio::task::spawn_blocking(move || join(thread)).await;
    }

    fn hang_up(&self) -> Option<JoinHandle<()>> {
        let mut ends = self.ends();
        ends.requests = None;
        ends.thread.take()
    }

    fn ends(&self) -> MutexGuard<'_, Ends> {
        // Nothing in here can be left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies changes; returns when they are durable and visible.
    pub async fn change(&self, changes: Changes) -> Result<(), SearchFault> {
        if changes.is_empty() {
            return Ok(());
        }
        let (done, outcome) = oneshot::channel();
        self.send(Request::Change { changes, done }).await?;
        outcome.await.map_err(|_| SearchFault::Stopped)?.map_err(SearchFault::from)
    }

    /// Begins to replace the whole index. Other changes wait until that is finished or given up, and
    /// are applied on top: they are newer.
    pub async fn replace(&self) -> Result<Replacement, SearchFault> {
        let (batches, received) = mpsc::channel(MAX_WAITING_BATCHES);
        let (done, outcome) = oneshot::channel();
        self.send(Request::Replace { batches: received, done }).await?;
        Ok(Replacement { batches, outcome })
    }

    async fn send(&self, request: Request) -> Result<(), SearchFault> {
        let requests = self.ends().requests.clone().ok_or(SearchFault::Stopped)?;
        requests.send(request).await.map_err(|_| SearchFault::Stopped)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        join(self.hang_up());
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("the thread that writes the search index panicked");
    }
}

/// A replacement of the whole index that is under way. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Replacement {
    batches: mpsc::Sender<Batch>,
    outcome: oneshot::Receiver<Outcome<u64>>,
}

impl Replacement {
    /// Adds products to the new index.
    pub async fn put(&mut self, changes: Changes) -> Result<(), SearchFault> {
        if self.batches.send(Batch::Changes(changes)).await.is_ok() {
            return Ok(());
        }
        // The writer hung up, so it has said why.
        match (&mut self.outcome).await {
            Ok(Err(error)) => Err(error.into()),
            Ok(Ok(_)) | Err(_) => Err(SearchFault::Stopped),
        }
    }

    /// Shows the new index instead of the old one; gives the number of products put.
    pub async fn finish(self) -> Result<u64, SearchFault> {
        // If the writer hung up, the outcome tells why.
        let _ = self.batches.send(Batch::Complete).await;
        self.outcome.await.map_err(|_| SearchFault::Stopped)?.map_err(SearchFault::from)
    }
}

/// What the thread works on.
struct Writing {
    index: IndexWriter,
    reader: IndexReader,
    fields: Fields,
}

impl Writing {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut next = requests.blocking_recv();
        while let Some(request) = next.take() {
            let is_sound = match request {
                Request::Change { changes, done } => {
                    self.change_together(changes, done, &mut requests, &mut next)
                }
                Request::Replace { batches, done } => {
                    let outcome = self.replace(batches);
                    self.tell(&outcome, vec![done])
                }
            };
            if !is_sound {
                return;
            }
            next = next.or_else(|| requests.blocking_recv());
        }
    }

    /// Makes one commit of a change and of those that wait behind it.
    fn change_together(
        &mut self,
        changes: Changes,
        done: oneshot::Sender<Outcome<()>>,
        requests: &mut mpsc::Receiver<Request>,
        next: &mut Option<Request>,
    ) -> bool {
        let mut count = changes.len();
        let mut waiting = vec![done];
        let mut outcome = self.apply(changes);
        while outcome.is_ok() && count < MAX_CHANGES_PER_COMMIT {
            match requests.try_recv() {
                Ok(Request::Change { changes, done }) => {
                    count += changes.len();
                    waiting.push(done);
                    outcome = self.apply(changes);
                }
                Ok(other) => {
                    *next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        let outcome = outcome.and_then(|()| self.commit());
        self.tell(&outcome, waiting)
    }

    fn replace(&mut self, mut batches: mpsc::Receiver<Batch>) -> Outcome<u64> {
        let mut count = 0;
        self.index.delete_query(Box::new(AllQuery))?;
        loop {
            match batches.blocking_recv() {
                Some(Batch::Changes(changes)) => {
                    count += changes.len() as u64;
                    self.apply(changes)?;
                }
                Some(Batch::Complete) => return self.commit().map(|()| count),
                None => {
                    let given_up = "the replacement of the index was given up";
                    return Err(TantivyError::SystemError(given_up.to_owned()));
                }
            }
        }
    }

    fn apply(&self, changes: Changes) -> Outcome<()> {
        for (id, change) in changes {
            self.index.delete_term(id_term(&self.fields, id));
            if let Change::Put(document) = change {
                self.index.add_document(document)?;
            }
        }
        Ok(())
    }

    fn commit(&mut self) -> Outcome<()> {
        self.index.commit()?;
        self.reader.reload()
    }

    /// Tells everybody how it went, after what failed is taken back. `false`: it cannot be taken
    /// back, so nothing more may be written.
    fn tell<T: Clone>(
        &mut self,
        outcome: &Outcome<T>,
        waiting: Vec<oneshot::Sender<Outcome<T>>>,
    ) -> bool {
        let is_sound = outcome.is_ok() || self.roll_back();
        for done in waiting {
            // Whoever asked may have gone away.
            let _ = done.send(outcome.clone());
        }
        is_sound
    }

    fn roll_back(&mut self) -> bool {
        match self.index.rollback() {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%error, "the search index stops: a failed write cannot be taken back");
                false
            }
        }
    }
}
