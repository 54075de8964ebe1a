//! Who waits for seats of a departure, and who gets them when some are free.

use std::time::Duration;

use kernel::{DepartureId, HoldId, Locale, Timestamp, WaitingListEntryId};

/// How long offered seats are kept for who waited.
pub const OFFER_FOR: Duration = Duration::from_secs(15 * 60);
/// The most that wait for one departure.
pub const MAX_WAITING: u64 = 500;
/// The most seats that one waits for.
pub const MAX_SEATS: u32 = 50;
/// The longest name, telephone number or address.
pub const MAX_CONTACT: usize = 200;

/// SHA-256 of the token that claims an offer: only its owner has the token itself.
pub type ClaimDigest = [u8; 32];

/// Where somebody who waits stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingStatus {
    /// Waits.
    Waiting,
    /// Seats are kept for them for a while.
    Offered,
    /// They took the seats.
    Claimed,
    /// They did not in time, or the departure was cancelled.
    Lapsed,
}

impl WaitingStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Offered, Self::Claimed, Self::Lapsed];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Claimed => "claimed",
            Self::Lapsed => "lapsed",
        }
    }
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingEntry {
    /// Its id; who came earlier has a smaller one. The hold of the offer has it as its reference.
    pub id: WaitingListEntryId,
    /// For which departure.
    pub departure: DepartureId,
    /// How many seats.
    pub seats: i64,
    /// Who.
    pub name: String,
    /// Telephone number, or nothing.
    pub phone: String,
    /// E-mail address, or nothing.
    pub email: String,
    /// Their language.
    pub locale: Locale,
    /// Where they stand.
    pub status: WaitingStatus,
    /// Since when.
    pub created_at: Timestamp,
    /// When seats became free for them, and until when these are kept.
    pub offer: Option<SeatOffer>,
}

/// Seats that are kept for who waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatOffer {
    /// The hold that keeps them.
    pub hold: HoldId,
    /// Since when.
    pub offered_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The places of those who get seats now: in their order, each who still fits. Who wants more than is
/// left waits on, and does not keep smaller parties behind from going.
pub fn who_fits(free: i64, wanted: impl IntoIterator<Item = i64>) -> Vec<usize> {
    let mut left = free;
    let mut chosen = Vec::new();
    for (place, seats) in wanted.into_iter().enumerate() {
        if seats <= left {
            left -= seats;
            chosen.push(place);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_who_fit_get_the_seats() {
        assert_eq!(who_fits(4, [2, 3, 2, 1]), [0, 2]);
        assert_eq!(who_fits(1, [2, 3]), Vec::<usize>::new());
        assert_eq!(who_fits(0, [1]), Vec::<usize>::new());
        assert_eq!(who_fits(3, [1, 1, 1, 1]), [0, 1, 2]);
    }
}
