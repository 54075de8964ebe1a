//! Where product files are read: beside everything else, one after another.
//!
//! Unpacking a workbook and understanding its rows takes a core for a while, and some hundred megabytes.
//! However many shops send files at once, one is read, so that sales go on beside it; some wait, and the
//! next are asked to come again.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::import::FileRefused;

/// Files that are read at the same time.
const DESKS: usize = 1;
/// Files of shops that are read or wait for it while their shops wait for the answer.
const QUEUE: usize = 12;

/// Reads product files.
pub struct ReadingRoom {
    desks: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// Why a file was not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileRefused),
    /// Too many others wait, or the process ends.
    #[error("too many files are being read")]
    Busy,
}

impl Default for ReadingRoom {
    fn default() -> Self {
        Self { desks: Arc::new(Semaphore::new(DESKS)), queue: Arc::new(Semaphore::new(QUEUE)) }
    }
}

impl ReadingRoom {
    /// Reads a file whose shop waits. Who goes away meanwhile keeps the desk until the work is done.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, FileRefused> + Send + 'static,
    ) -> Result<T, ReadError> {
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| ReadError::Busy)?;
        self.at_a_desk(Some(place), work).await
    }

    /// Reads a file that was taken before: it waits as long as it must.
    pub async fn read_again<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, FileRefused> + Send + 'static,
    ) -> Result<T, ReadError> {
        self.at_a_desk(None, work).await
    }

    async fn at_a_desk<T: Send + 'static>(
        &self,
        place: Option<OwnedSemaphorePermit>,
        work: impl FnOnce() -> Result<T, FileRefused> + Send + 'static,
    ) -> Result<T, ReadError> {
        let desks = Arc::clone(&self.desks);
        let desk = desks.acquire_owned().await.map_err(|_| ReadError::Busy)?;
        let reading = tokio::task::spawn_blocking(move || {
            let read = work();
            drop((desk, place));
            read
        });
        match reading.await {
            Ok(read) => Ok(read?),
            // A reader that panics has met a file that it does not understand.
            Err(error) if error.is_panic() => {
                Err(FileRefused::Workbook("its reader gave up".to_owned()).into())
            }
            Err(_) => Err(ReadError::Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn others_go_on_while_a_file_is_read() {
        let (told, heard) = mpsc::channel();
        let room = ReadingRoom::default();
        // On the one thread of this test nothing could be told while the file is waited for on it.
        let reading = room.read(move || Ok(heard.recv_timeout(Duration::from_secs(10)).ok()));
        let (read, ()) = tokio::join!(reading, async { told.send(7).unwrap() });
        assert_eq!(read, Ok(Some(7)));
    }

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_asked_to_come_again_and_what_was_taken_is_read() {
        let room = ReadingRoom::default();
        let waiting = Arc::clone(&room.queue).try_acquire_many_owned(QUEUE as u32).unwrap();
        assert_eq!(room.read(|| Ok(())).await, Err(ReadError::Busy));
        assert_eq!(room.read_again(|| Ok(())).await, Ok(()));
        drop(waiting);
        assert_eq!(room.read(|| Ok(())).await, Ok(()));
        assert_eq!(room.queue.available_permits(), QUEUE);
        assert_eq!(room.desks.available_permits(), DESKS);
    }

    #[tokio::test]
    async fn a_file_that_its_reader_does_not_survive_is_refused_and_the_next_is_read() {
        let room = ReadingRoom::default();
        let broken = || -> Result<(), FileRefused> { panic!("no such cell") };
        let refused = room.read(broken).await.unwrap_err();
        assert!(matches!(refused, ReadError::File(FileRefused::Workbook(_))), "{refused:?}");
        assert_eq!(room.read(|| Ok(())).await, Ok(()));
        assert_eq!(room.queue.available_permits(), QUEUE);
    }
}
