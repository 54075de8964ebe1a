//! Large bodies of requests: each is held in memory as a whole, so only so many are read at once, and each takes
//! its turn before it is read.

use std::future::Future;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of a body that needs no turn.
pub const SMALL: u64 = 1024 * 1024;
/// Large bodies that are held at the same time. Of the largest, photos, these are 128 MiB.
const AT_ONCE: usize = 16;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a body may take to come: a photo of 8 MiB at 0.6 Mbit/s.
const READ_WITHIN: Duration = Duration::from_mins(2);

/// Others send much at the same time, or this body came too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many large bodies are read, or this one comes too slowly")]
pub struct Busy;

/// The turns of large bodies in a process.
pub struct LargeBodies {
    free: Semaphore,
    patience: Duration,
    read_within: Duration,
}

impl Default for LargeBodies {
    fn default() -> Self {
        Self::of(AT_ONCE, PATIENCE, READ_WITHIN)
    }
}

impl LargeBodies {
    fn of(at_once: usize, patience: Duration, read_within: Duration) -> Self {
        Self { free: Semaphore::new(at_once), patience, read_within }
    }

    /// Waits for the turn of a body of so many bytes; it ends when it is dropped, which is when nothing of the
    /// body is held any more. A small body needs none. One whose length nobody said may be large.
    pub async fn turn(&self, length: Option<u64>) -> Result<Option<SemaphorePermit<'_>>, Busy> {
        if length.is_some_and(|length| length <= SMALL) {
            return Ok(None);
        }
        match tokio::time::timeout(self.patience, self.free.acquire()).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }

    /// What is read of a body in its turn, unless it takes too long: others wait.
    pub async fn read<T>(&self, reading: impl Future<Output = T>) -> Result<T, Busy> {
        tokio::time::timeout(self.read_within, reading).await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn so_many_large_bodies_are_read_at_once_and_small_ones_do_not_wait() {
        let bodies = LargeBodies::of(2, SOON, SOON);
        let said = bodies.turn(Some(SMALL + 1)).await.unwrap();
        let unsaid = bodies.turn(None).await.unwrap();
        assert!(said.is_some() && unsaid.is_some());
        assert_eq!(bodies.turn(None).await.err(), Some(Busy));
        assert!(bodies.turn(Some(SMALL)).await.unwrap().is_none());
        drop(said);
        assert!(bodies.turn(Some(SMALL + 1)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_body_that_comes_too_slowly_ends_its_turn() {
        let bodies = LargeBodies::of(1, SOON, SOON);
        assert_eq!(bodies.read(std::future::ready(7)).await, Ok(7));
        assert_eq!(bodies.read(std::future::pending::<()>()).await, Err(Busy));
    }
}
