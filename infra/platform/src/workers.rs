//! Background work of a process: started by name, stopped together.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type Run = Box<dyn Fn(bool) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// Work that is done again and again: sweepers, pollers.
pub struct Periodic {
    name: &'static str,
    every: Duration,
    call: Option<Call>,
    run: Run,
}

/// What work waits for.
struct Call {
    notify: Arc<Notify>,
    patience: Duration,
}

impl Periodic {
    /// Work to be done every so often; runs of one work never overlap.
    pub fn new<F, Fut>(name: &'static str, every: Duration, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { name, every, call: None, run: Box::new(move |_| Box::pin(run())) }
    }

    /// Work to be done whenever somebody calls for it, but no more often than every so often. It is done at the
    /// start, too, and when nobody called for as long as its patience: a call is forgotten when the process dies. The
    /// work hears whether it was called.
    pub fn on_call<F, Fut>(
        name: &'static str,
        every: Duration,
        (notify, patience): (Arc<Notify>, Duration),
        run: F,
    ) -> Self
    where
        F: Fn(bool) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let call = Some(Call { notify, patience });
        Self { name, every, call, run: Box::new(move |called| Box::pin(run(called))) }
    }

    /// The name in the log.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Does the work once, now.
    pub async fn run_once(&self) -> anyhow::Result<()> {
        (self.run)(false).await
    }

    async fn run(self, stop: CancellationToken, failures: Failures) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut called = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = (self.run)(called).await {
                if stop.is_cancelled() {
                    // What it asks of this process, or of others that stop with it, may be gone.
                    tracing::info!(
                        worker = self.name,
                        error = format!("{error:#}"),
                        "ended half-way"
                    );
                    return;
                }
                metrics::counter!("worker_failures_total", "worker" => self.name).increment(1);
                let error = format!("{error:#}");
                tracing::warn!(worker = self.name, error, "worker failed");
                failures.0.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name, error);
            }
            if let Some(call) = &self.call {
                called = tokio::select! {
                    () = stop.cancelled() => return,
                    () = call.notify.notified() => true,
                    () = tokio::time::sleep(call.patience) => false,
                };
            }
        }
    }
}

impl fmt::Debug for Periodic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Periodic").field("name", &self.name).field("every", &self.every).finish()
    }
}

/// How periodic work failed last, by its name.
#[derive(Clone, Debug, Default)]
struct Failures(Arc<Mutex<BTreeMap<&'static str, String>>>);

/// The background tasks of a process.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    failures: Failures,
}

impl Tasks {
    /// The signal on which tasks end.
    pub fn stop_signal(&self) -> CancellationToken {
        self.stop.child_token()
    }

    /// Starts a task that ends when it is told to.
    pub fn start<F, Fut>(&self, task: F)
    where
        F: FnOnce(CancellationToken) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn(task(self.stop_signal()));
    }

    /// Starts periodic work.
    pub fn start_periodic(&self, work: Periodic) {
        let failures = self.failures.clone();
        self.start(|stop| work.run(stop, failures));
    }

    /// The names of periodic work that failed since the start, each with its last error.
    pub fn failures(&self) -> BTreeMap<&'static str, String> {
        self.failures.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells all tasks to end and waits for them, at most so long; says whether all ended.
    pub async fn stop(&self, at_most: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(at_most, self.tracker.wait()).await.is_ok()
    }
}
