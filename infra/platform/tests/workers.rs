//! Work that is done again and again: when it is called for, and when it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use platform::workers::{Periodic, Tasks};
use tokio::sync::{Notify, mpsc};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn work_is_done_at_the_start_and_for_each_call_and_hears_which() {
    let (tasks, notify) = (Tasks::default(), Arc::new(Notify::new()));
    let (done, mut heard) = mpsc::unbounded_channel();
    let call = (Arc::clone(&notify), Duration::from_hours(1));
    tasks.start_periodic(Periodic::on_call(
        "work",
        Duration::from_millis(1),
        call,
        move |called| {
            let done = done.clone();
            async move { Ok(done.send(called)?) }
        },
    ));
    assert_eq!(heard.recv().await, Some(false));
    notify.notify_one();
    assert_eq!(heard.recv().await, Some(true));
    assert!(tasks.stop(SOON).await);
    assert_eq!(heard.recv().await, None);
}

#[tokio::test]
async fn work_that_nobody_calls_for_is_done_when_its_patience_ends() {
    let tasks = Tasks::default();
    let (done, mut heard) = mpsc::unbounded_channel();
    let call = (Arc::default(), Duration::from_millis(5));
    tasks.start_periodic(Periodic::on_call(
        "work",
        Duration::from_millis(1),
        call,
        move |called| {
            let done = done.clone();
            async move { Ok(done.send(called)?) }
        },
    ));
    for _ in 0..3 {
        assert_eq!(heard.recv().await, Some(false));
    }
    assert!(tasks.stop(SOON).await);
}

// A worker that went on waiting for its call held up every stop for seconds.
#[tokio::test]
async fn work_that_waits_for_a_call_ends_at_once_and_work_under_way_is_waited_for() {
    let tasks = Tasks::default();
    let call = (Arc::default(), Duration::from_hours(1));
    let work = Periodic::on_call("waits", Duration::from_millis(1), call, |_| async { Ok(()) });
    tasks.start_periodic(work);
    let (begun, ended) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&ended));
    tasks.start_periodic(Periodic::new("works", Duration::from_hours(1), move || {
        let (begins, ends) = (Arc::clone(&begins), Arc::clone(&ends));
        async move {
            begins.notify_one();
            tokio::time::sleep(Duration::from_millis(50)).await;
            ends.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }));
    begun.notified().await;
    let told = Instant::now();
    assert!(tasks.stop(SOON).await);
    assert!(told.elapsed() < SOON, "{:?}", told.elapsed());
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}
