//! Where pictures are made: beside everything else, one after another.
//!
//! Decoding a photo takes a core for a while, and up to four hundred megabytes. However many shops send
//! photos at once, one is worked on, so that sales go on beside it; some wait, and the next are asked to
//! come again.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::domain::picture::{self, Made, PictureRefused};

/// Pictures that are made at the same time.
const TABLES: usize = 1;
/// Pictures that are made or wait for it, each with the sent file: as many as are made while their shops
/// wait for the answer.
const QUEUE: usize = 12;

/// Makes pictures.
pub struct Darkroom {
    tables: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// Why no picture was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DevelopError {
    /// Nothing can be made of the file.
    #[error(transparent)]
    Refused(#[from] PictureRefused),
    /// Too many others wait.
    #[error("too many pictures are being made")]
    Busy,
}

impl Default for Darkroom {
    fn default() -> Self {
        Self { tables: Arc::new(Semaphore::new(TABLES)), queue: Arc::new(Semaphore::new(QUEUE)) }
    }
}

impl Darkroom {
    /// Makes a picture of a file. Who goes away meanwhile keeps the table until the work is done.
    pub async fn develop(&self, sent: Vec<u8>) -> Result<Made, DevelopError> {
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| DevelopError::Busy)?;
        let tables = Arc::clone(&self.tables);
        let table = tables.acquire_owned().await.map_err(|_| DevelopError::Busy)?;
        let making = tokio::task::spawn_blocking(move || {
            let made = picture::make(&sent);
            drop((table, place));
            made
        });
        // A decoder that panics has met a file that is no picture.
        Ok(making.await.unwrap_or(Err(PictureRefused::Unreadable))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_asked_to_come_again() {
        let darkroom = Darkroom::default();
        let waiting = Arc::clone(&darkroom.queue).try_acquire_many_owned(QUEUE as u32).unwrap();
        assert_eq!(darkroom.develop(Vec::new()).await.unwrap_err(), DevelopError::Busy);
        drop(waiting);
        let refused = darkroom.develop(Vec::new()).await.unwrap_err();
        assert_eq!(refused, DevelopError::Refused(PictureRefused::Unreadable));
        // The work that was done gave its places back.
        assert_eq!(darkroom.queue.available_permits(), QUEUE);
        assert_eq!(darkroom.tables.available_permits(), TABLES);
    }
}
