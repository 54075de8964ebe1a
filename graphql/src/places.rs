//! Places for operations that stay open: so many in this process, and so many of them for one address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use platform::limits::network;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::{Failure, Limit};
use crate::limits::{MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS_OF_ADDRESS};

type Counts = Arc<Mutex<HashMap<String, usize>>>;

/// The places of a process.
pub struct Places {
    all: Arc<Semaphore>,
    of_address: Counts,
}

impl Default for Places {
    fn default() -> Self {
        let all = Arc::new(Semaphore::new(MAX_SUBSCRIPTIONS));
        Self { all, of_address: Arc::default() }
    }
}

impl Places {
    /// A place for a client, free again when it is dropped.
    pub fn take(&self, address: &str) -> Result<Place, Failure> {
        let full = |allowed| {
            let limit = Limit::Subscriptions;
            Failure::LimitExceeded { limit, allowed, found: allowed + 1 }
        };
        let Ok(permit) = Arc::clone(&self.all).try_acquire_owned() else {
            return Err(full(MAX_SUBSCRIPTIONS));
        };
        let address = network(address);
        let mut counts = self.of_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address.clone()).or_default();
        if *count >= MAX_SUBSCRIPTIONS_OF_ADDRESS {
            return Err(full(MAX_SUBSCRIPTIONS_OF_ADDRESS));
        }
        *count += 1;
        Ok(Place { _permit: permit, address, counts: Arc::clone(&self.of_address) })
    }
}

/// A place that is taken.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    address: String,
    counts: Counts,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places() {
        let places = Places::default();
        let taken: Vec<Place> = (0..MAX_SUBSCRIPTIONS_OF_ADDRESS)
            .map(|number| places.take(&format!("2001:db8::{number:x}")).ok().unwrap())
            .collect();
        assert!(places.take("2001:db8::ffff").is_err());
        let other = places.take("192.0.2.1").ok().unwrap();
        drop(taken);
        assert!(places.take("2001:db8::ffff").is_ok());
        drop(other);
        assert!(places.of_address.lock().unwrap().is_empty(), "nobody is remembered who left");
        assert_eq!(places.all.available_permits(), MAX_SUBSCRIPTIONS);
    }
}
