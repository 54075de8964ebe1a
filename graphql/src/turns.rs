//! Turns: so many operations run at once in this process. Who would wait too long for theirs is told that
//! the market is busy while it can still be told soon, and what was begun goes on at full speed: a market that
//! takes in more than it can do ends up doing nothing in time.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::failure::Failure;
use crate::limits::{MAX_RUNNING, TURN_WITHIN};

/// The turns of a process.
pub struct Turns {
    free: Semaphore,
    within: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self::of(MAX_RUNNING, TURN_WITHIN)
    }
}

impl Turns {
    fn of(at_once: usize, within: Duration) -> Self {
        Self { free: Semaphore::new(at_once), within }
    }

    /// Waits for a turn, which ends when it is dropped. First come, first served.
    pub async fn take(&self) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(turn) = self.free.try_acquire() {
            return Ok(turn);
        }
        if let Ok(Ok(turn)) = tokio::time::timeout(self.within, self.free.acquire()).await {
            return Ok(turn);
        }
        metrics::counter!("graphql_operations_shed_total").increment(1);
        Err(Failure::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_too_long_is_told_so_and_who_does_not_gets_a_turn() {
        let hasty = Turns::of(1, Duration::from_millis(50));
        let turn = hasty.take().await.unwrap();
        assert_eq!(hasty.take().await.err(), Some(Failure::Unavailable));
        drop(turn);
        assert!(hasty.take().await.is_ok());

        let patient = Turns::of(2, Duration::from_secs(60));
        let (first, second) = (patient.take().await.unwrap(), patient.take().await.unwrap());
        let ends = async {
            // By now the third waits.
            tokio::task::yield_now().await;
            drop(first);
        };
        let (third, ()) = tokio::join!(patient.take(), ends);
        assert!(third.is_ok());
        drop(second);
    }
}
