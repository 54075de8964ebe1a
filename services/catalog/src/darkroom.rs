//! Where pictures are made: beside everything else, one after another.
//!
//! Decoding a photo takes a core for a while, and up to four hundred megabytes. However many shops send
//! photos at once, one is worked on, so that sales go on beside it; some wait, and the next are asked to
//! come again. No shop takes up the queue alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::ShopId;
use tokio::sync::Semaphore;

use crate::domain::picture::{self, Made, PictureRefused};

/// Pictures that are made at the same time.
const TABLES: usize = 1;
/// Pictures that are made or wait for it, each with the sent file: as many as are made while their shops
/// wait for the answer.
const QUEUE: usize = 12;
/// Those of one shop: one that is made, one that comes next.
const QUEUE_OF_SHOP: usize = 2;

/// Makes pictures.
pub struct Darkroom {
    tables: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    shops: Arc<Shops>,
}

/// How many places of the queue each shop has; who has none is not in it.
#[derive(Default)]
struct Shops(Mutex<HashMap<ShopId, usize>>);

impl Shops {
    fn places<T>(&self, with: impl FnOnce(&mut HashMap<ShopId, usize>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a place for a shop; `None` if it has as many as it may.
    fn enter(self: &Arc<Self>, shop: ShopId) -> Option<PlaceOfShop> {
        let entered = self.places(|places| {
            let taken = places.entry(shop).or_default();
            let has_room = *taken < QUEUE_OF_SHOP;
            *taken += usize::from(has_room);
            has_room
        });
        entered.then(|| PlaceOfShop { shops: Arc::clone(self), shop })
    }
}

/// A place that a shop has until it is dropped.
struct PlaceOfShop {
    shops: Arc<Shops>,
    shop: ShopId,
}

impl Drop for PlaceOfShop {
    fn drop(&mut self) {
        self.shops.places(|places| match places.get_mut(&self.shop) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => {
                places.remove(&self.shop);
            }
        });
    }
}

/// Why no picture was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DevelopError {
    /// Nothing can be made of the file.
    #[error(transparent)]
    Refused(#[from] PictureRefused),
    /// Too many others wait, or too many of the shop's own.
    #[error("too many pictures are being made")]
    Busy,
}

impl Default for Darkroom {
    fn default() -> Self {
        Self {
            tables: Arc::new(Semaphore::new(TABLES)),
            queue: Arc::new(Semaphore::new(QUEUE)),
            shops: Arc::default(),
        }
    }
}

impl Darkroom {
    /// Makes a picture of a shop's file. Who goes away meanwhile keeps the table until the work is done.
    pub async fn develop(&self, shop: ShopId, sent: Vec<u8>) -> Result<Made, DevelopError> {
        let own = self.shops.enter(shop).ok_or(DevelopError::Busy)?;
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| DevelopError::Busy)?;
        let tables = Arc::clone(&self.tables);
        let table = tables.acquire_owned().await.map_err(|_| DevelopError::Busy)?;
        let making = tokio::task::spawn_blocking(move || {
            let made = picture::make(&sent);
            drop((table, place, own));
            made
        });
        // A decoder that panics has met a file that is no picture.
        Ok(making.await.unwrap_or(Err(PictureRefused::Unreadable))?)
    }
}

#[cfg(test)]
mod tests {
    use platform::ids;

    use super::*;

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_asked_to_come_again() {
        let darkroom = Darkroom::default();
        let waiting = Arc::clone(&darkroom.queue).try_acquire_many_owned(QUEUE as u32).unwrap();
        let shop = ids::new();
        assert_eq!(darkroom.develop(shop, Vec::new()).await.unwrap_err(), DevelopError::Busy);
        drop(waiting);
        let refused = darkroom.develop(shop, Vec::new()).await.unwrap_err();
        assert_eq!(refused, DevelopError::Refused(PictureRefused::Unreadable));
        // The work that was done gave its places back.
        assert_eq!(darkroom.queue.available_permits(), QUEUE);
        assert_eq!(darkroom.tables.available_permits(), TABLES);
        assert_eq!(darkroom.shops.places(|places| places.len()), 0);
    }

    #[tokio::test]
    async fn a_shop_has_two_places_and_the_others_stay_for_other_shops() {
        let darkroom = Darkroom::default();
        let (shop, other) = (ids::new(), ids::new());
        let (one, two) = (darkroom.shops.enter(shop), darkroom.shops.enter(shop));
        assert!(one.is_some() && two.is_some());
        assert_eq!(darkroom.develop(shop, Vec::new()).await.unwrap_err(), DevelopError::Busy);
        let unreadable = DevelopError::Refused(PictureRefused::Unreadable);
        assert_eq!(darkroom.develop(other, Vec::new()).await.unwrap_err(), unreadable);
        drop(one);
        assert_eq!(darkroom.develop(shop, Vec::new()).await.unwrap_err(), unreadable);
        assert_eq!(darkroom.queue.available_permits(), QUEUE);
    }
}
