//! Who waits for seats of a departure.

use async_graphql::{Context, Error, ID, Object};

use super::departure::Departure;
use super::moment::Moment;
use super::text::given;
use super::tour_enums::WaitingStatus;
use crate::scope::Scope;

/// Who waits for seats.
pub struct WaitingListEntry(proto::tours::WaitingListEntry);

impl WaitingListEntry {
    /// An entry of catalog. Made only for the shop, and for who has just entered.
    pub const fn of(entry: proto::tours::WaitingListEntry) -> Self {
        Self(entry)
    }
}

/// Who waits for seats of a departure. Seen by who has just entered, and by the shop.
#[Object]
impl WaitingListEntry {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The departure.
    async fn departure_id(&self) -> ID {
        ID(self.0.departure_id.clone())
    }

    /// The departure itself; nothing if it is gone.
    async fn departure(&self, ctx: &Context<'_>) -> Result<Option<Departure>, Error> {
        let scope = Scope::of(ctx);
        let found = scope.loaders.departures.get(&self.0.departure_id).await;
        let found = found.map_err(|status| scope.failed(&status))?;
        Ok(found.map(|departure| Departure::of(departure, scope.locale)))
    }

    /// Where they stand.
    async fn status(&self) -> Result<WaitingStatus, Error> {
        WaitingStatus::of(self.0.status)
    }

    /// How many seats.
    async fn seats(&self) -> u32 {
        self.0.seats
    }

    /// Name of who waits.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Their telephone number (E.164).
    async fn phone(&self) -> Option<&str> {
        given(&self.0.phone)
    }

    /// Their email.
    async fn email(&self) -> Option<&str> {
        given(&self.0.email)
    }

    /// When they entered.
    async fn created_at(&self) -> Moment {
        Moment::of(self.0.created_at)
    }

    /// When seats became free for them.
    async fn offered_at(&self) -> Option<Moment> {
        Moment::maybe(self.0.offered_at)
    }

    /// Until when those seats are theirs.
    async fn offer_expires_at(&self) -> Option<Moment> {
        Moment::maybe(self.0.offer_expires_at)
    }

    /// Their place, from 1; nothing once seats were offered.
    async fn position(&self) -> Option<u32> {
        (self.0.position > 0).then_some(self.0.position)
    }

    /// Proves that the place is theirs: `waitingListEntry` shows it, and `addCartLine` takes the seats
    /// that are offered. Told only in the answer of `joinWaitingList`.
    async fn claim_token(&self) -> Option<&str> {
        given(&self.0.claim_token)
    }
}
