//! Background work of a process: started by name, stopped together.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type Run = Box<dyn Fn() -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// Work that is done again and again: sweepers, pollers.
pub struct Periodic {
    name: &'static str,
    every: Duration,
    run: Run,
}

impl Periodic {
    /// Work to be done every so often; runs of one work never overlap.
    pub fn new<F, Fut>(name: &'static str, every: Duration, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self { name, every, run: Box::new(move || Box::pin(run())) }
    }

    /// The name in the log.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Does the work once, now.
    pub async fn run_once(&self) -> anyhow::Result<()> {
        (self.run)().await
    }

    async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = (self.run)().await {
                tracing::warn!(worker = self.name, error = format!("{error:#}"), "worker failed");
            }
        }
    }
}

impl fmt::Debug for Periodic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Periodic").field("name", &self.name).field("every", &self.every).finish()
    }
}

/// The background tasks of a process.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
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
        self.start(|stop| work.run(stop));
    }

    /// Tells all tasks to end and waits for them, at most so long; says whether all ended.
    pub async fn stop(&self, at_most: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(at_most, self.tracker.wait()).await.is_ok()
    }
}
