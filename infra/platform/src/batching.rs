//! Batching: those who ask for the same work at the same time are served together.
//!
//! While one batch is worked on, whoever comes makes up the next one; who comes alone waits for
//! nobody. Under load a transaction thus serves many callers, with the statements and the wait for
//! the disk of one. Who was answered together comes together to what is next: a batch begins only when
//! what can run has run, and after one that served several it waits a moment for more. It decides
//! nothing: each caller gets an answer of its own.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;
use tokio::sync::oneshot;

use crate::database::concerns_all;

/// The most callers that are served together.
const MOST_AT_ONCE: usize = 64;
/// The most callers that wait; more are turned away at once.
const MOST_WAITING: usize = 4_096;

/// From so many callers in the batch before on a batch waits for company.
const COMPANY: usize = 2;
/// The longest that it waits. Of 32 shoppers at once more share a batch then, and more sales are made; each may take
/// somewhat longer (`docs/benchmarks.md`).
const LONGEST_WAIT: Duration = Duration::from_millis(5);

/// Why a caller got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Too many wait already.
    #[error("{MOST_WAITING} callers wait already")]
    Overfull,
    /// The work broke off; whether it was done is unknown.
    #[error("the work broke off")]
    BrokeOff,
}

impl From<Unanswered> for tonic::Status {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Overfull => Self::resource_exhausted("too many requests wait"),
            Unanswered::BrokeOff => Self::internal("internal fault"),
        }
    }
}

/// Serves callers together. Clones serve the same callers.
pub struct Batcher<Q, A> {
    callers: Arc<Mutex<Callers<Q, A>>>,
    at_once: usize,
}

struct Callers<Q, A> {
    waiting: VecDeque<(Q, oneshot::Sender<A>)>,
    working: bool,
    /// How many the batch before served, and how long that took.
    before: (usize, Duration),
}

impl<Q, A> Clone for Batcher<Q, A> {
    fn clone(&self) -> Self {
        Self { callers: Arc::clone(&self.callers), at_once: self.at_once }
    }
}

impl<Q, A> fmt::Debug for Batcher<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").field("at_once", &self.at_once).finish_non_exhaustive()
    }
}

impl<Q, A> Default for Batcher<Q, A> {
    fn default() -> Self {
        let callers =
            Callers { waiting: VecDeque::new(), working: false, before: (0, Duration::ZERO) };
        Self { callers: Arc::new(Mutex::new(callers)), at_once: MOST_AT_ONCE }
    }
}

impl<Q: Send + 'static, A: Send + 'static> Batcher<Q, A> {
    /// Asks, and waits for the answer. `work` answers a batch, question by question in its order;
    /// every caller must bring the same. Once begun it goes on to its end, even when all callers have left.
    pub async fn ask<W, F>(&self, question: Q, work: W) -> Result<A, Unanswered>
    where
        W: Fn(Vec<Q>) -> F + Send + 'static,
        F: Future<Output = Vec<A>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let starts = {
            let mut callers = self.lock();
            if callers.waiting.len() >= MOST_WAITING {
                return Err(Unanswered::Overfull);
            }
            callers.waiting.push_back((question, answer));
            !std::mem::replace(&mut callers.working, true)
        };
        if starts {
            tokio::spawn(self.clone().serve(work));
        }
        answered.await.map_err(|_| Unanswered::BrokeOff)
    }

    /// Serves batch after batch until nobody waits.
    async fn serve<W, F>(self, work: W)
    where
        W: Fn(Vec<Q>) -> F,
        F: Future<Output = Vec<A>> + Send + 'static,
    {
        loop {
            // Those who were woken together with the first one ask before the batch is closed. Else each
            // step would split one from the others, and each of both would pay for a whole batch.
            tokio::task::yield_now().await;
            let wait = self.wait();
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let (questions, callers): (Vec<Q>, Vec<oneshot::Sender<A>>) = {
                let mut callers = self.lock();
                // Who has left before the work began is not served: nothing was promised yet.
                callers.waiting.retain(|(_, caller)| !caller.is_closed());
                if callers.waiting.is_empty() {
                    callers.working = false;
                    return;
                }
                let count = callers.waiting.len().min(self.at_once);
                callers.waiting.drain(..count).unzip()
            };
            let (count, begun) = (questions.len(), Instant::now());
            // A task of its own: a panic harms this batch, and not those who come after it.
            if let Ok(answers) = tokio::spawn(work(questions)).await {
                for (caller, answer) in callers.into_iter().zip(answers) {
                    // A caller that has left hears nothing.
                    let _ = caller.send(answer);
                }
            }
            self.lock().before = (count, begun.elapsed());
        }
    }

    /// How long a batch waits for company: as long as it saves, if there is any, which the batch before says.
    fn wait(&self) -> Duration {
        let callers = self.lock();
        let (count, took) = callers.before;
        // A full batch has nothing to wait for.
        let alone = count < COMPANY || callers.waiting.len() >= self.at_once;
        if alone { Duration::ZERO } else { took.min(LONGEST_WAIT) }
    }

    fn lock(&self) -> MutexGuard<'_, Callers<Q, A>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers questions by one transaction for all of them; one by one, if that fails by what may be the fault
/// of one. `together` gives an answer a question, in their order.
pub async fn together_or_alone<Q, A, E, T, O>(
    questions: Vec<Q>,
    together: impl Fn(Arc<[Q]>) -> T,
    alone: impl Fn(Q) -> O,
) -> Vec<Result<A, E>>
where
    Q: Clone,
    E: From<DbErr>,
    T: Future<Output = Result<Vec<Result<A, E>>, DbErr>>,
    O: Future<Output = Result<A, E>>,
{
    let questions: Arc<[Q]> = questions.into();
    if questions.len() > 1 {
        match together(Arc::clone(&questions)).await {
            Ok(answers) => return answers,
            Err(error) if concerns_all(&error) => {
                return questions.iter().map(|_| Err(error.clone().into())).collect();
            }
            Err(error) => tracing::debug!(%error, "what was asked together is done one by one"),
        }
    }
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions.iter() {
        answers.push(alone(question.clone()).await);
    }
    answers
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn who_comes_while_work_is_done_is_served_together_with_the_others() {
        let batcher: Batcher<usize, usize> = Batcher::default();
        let batches = Arc::new(AtomicUsize::new(0));
        let calls = (0..100).map(|question| {
            let batches = Arc::clone(&batches);
            batcher.ask(question, move |questions: Vec<usize>| {
                batches.fetch_add(1, Ordering::Relaxed);
                async move {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    questions.into_iter().map(|question| question * 2).collect()
                }
            })
        });
        let answers = join_all(calls).await;
        let wanted: Vec<_> = (0..100).map(|question| Ok(question * 2)).collect();
        assert_eq!(answers, wanted);
        let batches = batches.load(Ordering::Relaxed);
        assert!((2..=3).contains(&batches), "{batches} batches for 100 callers");
    }

    #[tokio::test]
    async fn after_company_a_batch_waits_a_moment_for_more_and_alone_for_nobody() {
        let batcher: Batcher<(), usize> = Batcher::default();
        let ask = || {
            batcher.ask((), |questions: Vec<()>| async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                vec![questions.len(); questions.len()]
            })
        };
        // Comes when a batch that waits for nobody has begun.
        let late = || async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            ask().await
        };
        assert_eq!(tokio::join!(ask(), late()), (Ok(1), Ok(1)));
        assert_eq!(tokio::join!(ask(), ask()), (Ok(2), Ok(2)));
        assert_eq!(tokio::join!(ask(), late()), (Ok(2), Ok(2)));
        // Who waited in vain waits once.
        assert_eq!(ask().await, Ok(1));
        assert_eq!(tokio::join!(ask(), late()), (Ok(1), Ok(1)));
    }

    // With several threads a spawned task runs before those that were woken earlier.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn who_is_woken_together_is_served_together() {
        let batcher: Batcher<(), ()> = Batcher::default();
        let (start, batches) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let ready = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..10)
            .map(|_| {
                let (batcher, start, ready) =
                    (batcher.clone(), Arc::clone(&start), Arc::clone(&ready));
                let batches = Arc::clone(&batches);
                tokio::spawn(async move {
                    let mut started = pin!(start.notified());
                    started.as_mut().enable();
                    ready.fetch_add(1, Ordering::Relaxed);
                    started.await;
                    let work = move |questions: Vec<()>| {
                        batches.fetch_add(1, Ordering::Relaxed);
                        async move { questions }
                    };
                    batcher.ask((), work).await
                })
            })
            .collect();
        while ready.load(Ordering::Relaxed) < 10 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::spawn(async move { start.notify_waiters() }).await.unwrap();
        for caller in join_all(callers).await {
            assert_eq!(caller.unwrap(), Ok(()));
        }
        assert_eq!(batches.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_batch_that_panics_harms_no_later_one() {
        let batcher: Batcher<bool, bool> = Batcher::default();
        let work = |questions: Vec<bool>| async move {
            assert!(!questions.contains(&true), "as the test wants");
            questions
        };
        assert_eq!(batcher.ask(true, work).await, Err(Unanswered::BrokeOff));
        assert_eq!(batcher.ask(false, work).await, Ok(false));
    }

    /// Even questions are answered; an odd one spoils a transaction.
    async fn halves(questions: &[usize], fault: fn() -> DbErr) -> Result<Vec<usize>, DbErr> {
        let half = |one: &usize| if one.is_multiple_of(2) { Ok(one / 2) } else { Err(fault()) };
        questions.iter().map(half).collect()
    }

    async fn all_halves(
        questions: Vec<usize>,
        fault: fn() -> DbErr,
    ) -> (Vec<Result<usize, DbErr>>, usize) {
        let tries = AtomicUsize::new(0);
        let answers = together_or_alone(
            questions,
            |all| async move { Ok(halves(&all, fault).await?.into_iter().map(Ok).collect()) },
            |one| {
                tries.fetch_add(1, Ordering::Relaxed);
                async move { halves(&[one], fault).await.map(|answers| answers[0]) }
            },
        )
        .await;
        (answers, tries.into_inner())
    }

    #[tokio::test]
    async fn a_question_that_spoils_the_others_transaction_spoils_its_own_alone() {
        let own = || DbErr::Custom("odd".to_owned());
        assert_eq!(all_halves(vec![2, 4], own).await, (vec![Ok(1), Ok(2)], 0));
        assert_eq!(all_halves(vec![2, 3, 4], own).await, (vec![Ok(1), Err(own()), Ok(2)], 3));
    }

    #[tokio::test]
    async fn what_is_nobodys_fault_is_not_tried_again_for_each() {
        let away = || DbErr::Conn(sea_orm::RuntimeErr::Internal("away".to_owned()));
        let (answers, tries) = all_halves(vec![2, 3, 4], away).await;
        assert_eq!((answers, tries), (vec![Err(away()), Err(away()), Err(away())], 0));
    }

    #[tokio::test]
    async fn the_work_of_a_caller_who_left_is_done() {
        let batcher: Batcher<(), ()> = Batcher::default();
        let (done, begun) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (count, begins) = (Arc::clone(&done), Arc::clone(&begun));
        let work = move |questions: Vec<()>| {
            let (count, begins) = (Arc::clone(&count), Arc::clone(&begins));
            async move {
                begins.notify_one();
                tokio::time::sleep(Duration::from_millis(5)).await;
                count.fetch_add(questions.len(), Ordering::Relaxed);
                questions
            }
        };
        tokio::select! {
            answer = batcher.ask((), work) => panic!("{answer:?}"),
            () = begun.notified() => {}
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }
}
