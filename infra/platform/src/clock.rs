//! The clock of this machine.

use kernel::{Clock, Timestamp};
use time::OffsetDateTime;

/// The present moment by the machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        OffsetDateTime::now_utc().into()
    }
}
