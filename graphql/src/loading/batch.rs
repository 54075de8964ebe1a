//! One loader: gathers the ids that a request's resolvers want, and asks once for all of them.
//!
//! All resolvers of a request run in one task. The first that wants something leads: it lets the
//! task yield once; by the time it goes on, every resolver that could run has said what it wants. No
//! timer, no task of its own, and the number of calls is always the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::{coop, yield_now};
use tonic::Status;

/// At most so many ids in one call.
const MAX_IDS: usize = 100;

type Ask<T> =
    dyn Fn(Vec<String>) -> BoxFuture<'static, Result<Vec<(String, T)>, Status>> + Send + Sync;
/// How a call ended; nothing while it goes on.
type Ended = Option<Result<(), Status>>;

/// A loader of things by id, for one request.
pub struct Batch<T> {
    ask: Box<Ask<T>>,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// What was read; `None` for what is not there.
    known: HashMap<String, Option<Arc<T>>>,
    /// What is wanted and not yet asked for.
    wanted: Vec<String>,
    /// The end of the call that will ask for what is wanted, if somebody leads.
    gathering: Option<watch::Receiver<Ended>>,
}

/// Who sees to it that what is wanted is asked for.
enum Part {
    /// This resolver, which tells the others.
    Leads(watch::Sender<Ended>),
    /// Another one.
    Follows(watch::Receiver<Ended>),
}

impl<T: Send + Sync + 'static> Batch<T> {
    /// A loader that asks with a function; what it leaves out is not there.
    pub fn new<F>(ask: F) -> Self
    where
        F: Fn(Vec<String>) -> BoxFuture<'static, Result<Vec<(String, T)>, Status>>
            + Send
            + Sync
            + 'static,
    {
        let state = State { known: HashMap::new(), wanted: Vec::new(), gathering: None };
        Self { ask: Box::new(ask), state: Mutex::new(state) }
    }

    /// One thing.
    pub async fn get(&self, id: &str) -> Result<Option<Arc<T>>, Status> {
        let ids = [id.to_owned()];
        Ok(self.get_many(&ids).await?.pop())
    }

    /// Many things, in the order of the ids, without those that are not there.
    pub async fn get_many(&self, ids: &[String]) -> Result<Vec<Arc<T>>, Status> {
        while let Some(part) = self.want(ids) {
            match part {
                Part::Leads(sender) => {
                    yield_now().await;
                    let ended = self.ask_for_wanted().await;
                    // Nobody may be listening.
                    let _ = sender.send(Some(ended.clone()));
                    ended?;
                }
                Part::Follows(mut receiver) => {
                    // Waiting is not counted as work: who is not polled now would come too late.
                    let told = coop::unconstrained(receiver.wait_for(Option::is_some)).await;
                    // Who led may be gone before it ended: then it is led anew.
                    if let Ok(Some(ended)) = told.as_deref() {
                        ended.clone()?;
                    }
                }
            }
        }
        let state = self.lock();
        Ok(ids.iter().filter_map(|id| state.known.get(id).cloned().flatten()).collect())
    }

    /// Forgets everything, so that it is read afresh.
    pub fn forget(&self) {
        self.lock().known.clear();
    }

    /// Says what is wanted; nothing where all of it is known.
    fn want(&self, ids: &[String]) -> Option<Part> {
        let mut state = self.lock();
        let missing: Vec<_> =
            ids.iter().filter(|id| !state.known.contains_key(*id)).cloned().collect();
        if missing.is_empty() {
            return None;
        }
        state.wanted.extend(missing);
        let led = state.gathering.clone().filter(|receiver| receiver.has_changed().is_ok());
        Some(led.map_or_else(
            || {
                let (sender, receiver) = watch::channel(None);
                state.gathering = Some(receiver);
                Part::Leads(sender)
            },
            Part::Follows,
        ))
    }

    async fn ask_for_wanted(&self) -> Result<(), Status> {
        let mut wanted = {
            let mut state = self.lock();
            state.gathering = None;
            std::mem::take(&mut state.wanted)
        };
        wanted.sort_unstable();
        wanted.dedup();
        for ids in wanted.chunks(MAX_IDS) {
            let found = (self.ask)(ids.to_vec()).await?;
            let mut state = self.lock();
            for id in ids {
                state.known.insert(id.clone(), None);
            }
            for (id, thing) in found {
                state.known.insert(id, Some(Arc::new(thing)));
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::*;

    fn counting() -> (Batch<String>, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let batch = Batch::new(move |ids: Vec<String>| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move {
                yield_now().await;
                let there = ids.into_iter().filter(|id| id != "gone");
                Ok(there.map(|id| (id.clone(), format!("thing {id}"))).collect())
            }
            .boxed()
        });
        (batch, calls)
    }

    #[tokio::test]
    async fn what_is_wanted_at_once_is_asked_for_once() {
        let (batch, calls) = counting();
        let ids: Vec<String> = (0..50).map(|number| (number % 20).to_string()).collect();
        let found = join_all(ids.iter().map(|id| batch.get(id))).await;
        for (id, thing) in ids.iter().zip(found) {
            assert_eq!(*thing.unwrap().unwrap(), format!("thing {id}"));
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert!(batch.get("3").await.unwrap().is_some());
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_once_and_left_out() {
        let (batch, calls) = counting();
        assert_eq!(batch.get("gone").await.unwrap(), None);
        let found = batch.get_many(&["gone".to_owned(), "a".to_owned()]).await.unwrap();
        assert_eq!(found.iter().map(|thing| thing.as_str()).collect::<Vec<_>>(), ["thing a"]);
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        batch.forget();
        batch.get("a").await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_failed_call_fails_for_all_and_may_be_tried_again() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let batch: Batch<u8> = Batch::new(move |ids: Vec<String>| {
            let first = counter.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                if first {
                    return Err(Status::unavailable("away"));
                }
                Ok(ids.into_iter().map(|id| (id, 1)).collect())
            }
            .boxed()
        });
        let (one, two) = tokio::join!(batch.get("a"), batch.get("b"));
        assert!(one.is_err() && two.is_err());
        assert!(batch.get("a").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn long_lists_are_asked_for_in_parts() {
        let (batch, calls) = counting();
        let ids: Vec<String> = (0..1_000).map(|number| (number % 250).to_string()).collect();
        let found = join_all(ids.iter().map(|id| batch.get(id))).await;
        assert!(found.into_iter().all(|thing| thing.unwrap().is_some()));
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn who_leads_may_leave() {
        let (batch, calls) = counting();
        {
            let mut leader = Box::pin(batch.get("a"));
            assert!(futures_util::poll!(&mut leader).is_pending());
        }
        assert!(batch.get("b").await.unwrap().is_some());
        let mut leader = Box::pin(batch.get("c"));
        assert!(futures_util::poll!(&mut leader).is_pending());
        let mut follower = Box::pin(batch.get("d"));
        assert!(futures_util::poll!(&mut follower).is_pending());
        drop(leader);
        assert!(follower.await.unwrap().is_some());
        // "a" and "c" were still wanted when somebody led again.
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }
}
