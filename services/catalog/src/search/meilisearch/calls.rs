//! Calling Meilisearch: bounded in time, tried again where that is safe, and tasks waited for.

use std::time::Duration;

use meilisearch_sdk::client::Client;
use meilisearch_sdk::errors::{Error, ErrorCode};
use meilisearch_sdk::task_info::TaskInfo;
use meilisearch_sdk::tasks::Task;
use tokio::time::{Instant, sleep, timeout};

use super::super::engine::SearchFault;

/// Time for one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a task, with those that wait before it.
const TASK_TIMEOUT: Duration = Duration::from_mins(5);
/// Time between two questions whether a task is done: first and longest.
const POLL_FIRST: Duration = Duration::from_millis(5);
const POLL_LONGEST: Duration = Duration::from_millis(250);

/// Makes a call that may be repeated. If the connection breaks it is made once more: Meilisearch
/// may close a connection after it refused something, and the next request on it finds it dead.
pub(super) async fn attempt<T, F>(call: impl Fn() -> F) -> Result<T, SearchFault>
where
    F: Future<Output = Result<T, Error>>,
{
    match once(call()).await {
        Err(SearchFault::Server(error)) if matches!(*error, Error::HttpError(_)) => {
            once(call()).await
        }
        outcome => outcome,
    }
}

/// Makes a call once.
pub(super) async fn once<T>(
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, SearchFault> {
    match timeout(REQUEST_TIMEOUT, call).await {
        Ok(outcome) => outcome.map_err(SearchFault::from),
        Err(_) => Err(SearchFault::TimedOut { seconds: REQUEST_TIMEOUT.as_secs() }),
    }
}

/// Waits until a task is done; a failed task is a fault.
pub(super) async fn finished(client: &Client, task: &TaskInfo) -> Result<(), SearchFault> {
    let number = task.get_task_uid();
    let deadline = Instant::now() + TASK_TIMEOUT;
    let mut pause = POLL_FIRST;
    loop {
        match attempt(|| client.get_task(task)).await? {
            Task::Succeeded { .. } => return Ok(()),
            Task::Failed { content } => {
                return Err(SearchFault::TaskFailed {
                    task: number,
                    source: Box::new(content.error),
                });
            }
            Task::Enqueued { .. } | Task::Processing { .. } if Instant::now() >= deadline => {
                return Err(SearchFault::TimedOut { seconds: TASK_TIMEOUT.as_secs() });
            }
            Task::Enqueued { .. } | Task::Processing { .. } => {
                sleep(pause).await;
                pause = (pause * 2).min(POLL_LONGEST);
            }
        }
    }
}

/// Whether the fault is that there is no such index.
pub(super) fn is_missing_index(fault: &SearchFault) -> bool {
    match fault {
        SearchFault::Server(error) => {
            matches!(&**error, Error::Meilisearch(error) if error.error_code == ErrorCode::IndexNotFound)
        }
        SearchFault::TaskFailed { source, .. } => source.error_code == ErrorCode::IndexNotFound,
        _ => false,
    }
}
